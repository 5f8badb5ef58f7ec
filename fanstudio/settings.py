"""Settings: one table; the dialog, the command line's help and the docs are made from it."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fanstudio.errors import SettingsError, StorageError
from fanstudio.files import write_whole
from fanstudio.paths import config_dir

Value = str | int | float | bool


@dataclass(frozen=True, slots=True)
class Setting:
    """One row: name, default (whose type is the setting's), choices if limited, and its text."""

    name: str
    default: Value
    text: str
    choices: tuple[Value, ...] = ()


SETTINGS: tuple[Setting, ...] = (
    Setting("theme", "system", "Colours of the window.", ("system", "dark", "light", "contrast")),
    Setting("platform_url", "", "Address of the platform; empty means the embedded demo platform."),
    Setting("compute_device", "auto", "What splits songs.", ("auto", "cpu", "cuda")),
    Setting("split_stems", 2, "Into how many stems a song is split.", (2, 4)),
    Setting("split_quality", "fast", "How well songs are split; best takes longer.", ("fast", "best")),
    Setting("split_model", "", "The model that splits, by its id; empty: what fanstudio chooses."),
    Setting(
        "export_format",
        "flac",
        "Format that the export dialog offers first.",
        ("flac", "wav", "wav16", "mp3", "m4a"),
    ),
    Setting("export_loudness_lufs", -14.0, "Loudness of an export in LUFS; 0 keeps it as mixed."),
    Setting("snap", "beat", "Where clips snap while they are moved.", ("off", "beat")),
    Setting("sound_output", "", "Where sound is played."),
    Setting("sound_input", "", "What sound is recorded from."),
    Setting("sound_input_channels", "1", "Which inputs of that device are recorded.", ("1", "2", "1+2")),
    Setting("count_in_bars", 1, "Bars of clicks before a recording begins.", (0, 1, 2)),
    Setting("record_metronome", False, "Clicks while you record; they are never exported."),
    Setting("round_trips", "", "How long sound takes out and back in, in frames, by devices and rate."),
    Setting(
        "models_mirror", "", "Where models are fetched from, an address or a folder; empty: their makers."
    ),
    Setting("mixer_shown", False, "Whether the mixer is open."),
    Setting("recent_projects", "", "Projects opened last, one a line, latest first."),
)


@dataclass
class Settings:
    """The values that differ from their defaults, and the file that keeps them."""

    path: Path
    values: dict[str, Value] = field(default_factory=dict)

    def get(self, name: str) -> Value:
        """Return a setting's value, or its default."""
        return self.values.get(name, find(name).default)

    def text(self, name: str) -> str:
        """Return the value of a setting that holds text."""
        return str(self.get(name))

    def set(self, name: str, value: Value) -> None:
        """Change a setting and save the file; raise SettingsError for a value it does not take."""
        self.values[name] = checked(find(name), value)
        write_whole(self.path, json.dumps(self.values, indent=2).encode())


def find(name: str) -> Setting:
    """Return the row of a setting."""
    for setting in SETTINGS:
        if setting.name == name:
            return setting
    raise SettingsError(f"There is no setting “{name}”.")


def checked(setting: Setting, value: Any) -> Value:
    """Return the value in the setting's type, or raise SettingsError."""
    wanted = type(setting.default)
    if wanted is float and type(value) is int and abs(value) < 2**53:
        value = float(value)
    taken = type(value) is wanted and not (isinstance(value, float) and not math.isfinite(value))
    if not taken or (setting.choices and value not in setting.choices):
        offered = ", ".join(map(str, setting.choices)) or wanted.__name__
        raise SettingsError(f"The setting “{setting.name}” takes {offered}.")
    accepted: Value = value
    return accepted


def load(path: Path | None = None) -> Settings:
    """Read the settings file; rows that it has wrong, or that are unknown, keep their defaults."""
    path = path or config_dir() / "settings.json"
    try:
        stored = json.loads(path.read_bytes())
    except FileNotFoundError:
        stored = {}
    except OSError as error:
        raise StorageError(f"{path} cannot be read: {error.strerror}.") from error
    except (ValueError, RecursionError):
        stored = {}
    return Settings(path, dict(_usable(stored if isinstance(stored, dict) else {})))


def _usable(stored: Mapping[str, Any]) -> list[tuple[str, Value]]:
    rows = []
    for setting in SETTINGS:
        if setting.name in stored:
            try:
                rows.append((setting.name, checked(setting, stored[setting.name])))
            except SettingsError:
                continue
    return rows
