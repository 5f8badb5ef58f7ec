"""Reads `assets/loops/shelf.toml`: what lies on the shelf, on what terms, and where."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from fanstudio.errors import EditError, InputError
from fanstudio.model.pattern import Pattern, PatternRow
from fanstudio.model.pattern_edits import check_pattern
from fanstudio.model.rights import Basis, Origin
from fanstudio.model.session import Stem
from fanstudio.paths import shipped

TABLE = "shelf.toml"
_HARDEST = 9


class Kind(StrEnum):
    """What an item of the shelf is for."""

    DRUMS = "drums"
    BASS = "bass"
    CHORDS = "chords"
    MELODY = "melody"
    TEXTURE = "texture"
    TRANSITION = "transition"
    HIT = "hit"
    DRUM_HIT = "drum hit"


@dataclass(frozen=True, slots=True)
class Credit:
    """Who made a sound, and on what terms it may be used."""

    author: str
    licence: str
    licence_url: str
    origin: str


@dataclass(frozen=True, slots=True)
class Recording:
    """A file of the shelf, its length in frames and its hash."""

    path: Path
    frames: int
    sha256: str


@dataclass(frozen=True, slots=True)
class KitSound:
    """A sound of a kit; sounds of one `choke` group cut each other off."""

    id: str
    name: str
    recording: Recording
    choke: str = ""


@dataclass(frozen=True, slots=True)
class Kit:
    """A drum kit, for the drum grid."""

    id: str
    name: str
    about: str
    credit: Credit
    sounds: tuple[KitSound, ...]


@dataclass(frozen=True, slots=True)
class ShelfItem:
    """Something to add: a recording, or a drum pattern; a loop has a tempo and counts bars."""

    id: str
    name: str
    kind: Kind
    stem: Stem
    credit: Credit
    recording: Recording | None = None
    pattern: Pattern | None = None
    bpm: float | None = None
    key: str = ""
    bars: int = 0

    @property
    def origin(self) -> Origin:
        """Return the rights side of a source that is made from it."""
        return Origin(Basis.OPEN, self.name, self.credit.author, licence_url=self.credit.licence_url)


@dataclass(frozen=True, slots=True)
class Shelf:
    """Everything that can be added."""

    kits: tuple[Kit, ...]
    items: tuple[ShelfItem, ...]

    def kit(self, kit_id: str) -> Kit:
        """Return the kit with this id, or raise InputError."""
        for kit in self.kits:
            if kit.id == kit_id:
                return kit
        raise InputError(
            f"The shelf has no drum kit “{kit_id}”.", hint="Choose another kit in the drum grid."
        )


def read_shelf(folder: Path | None = None) -> Shelf:
    """Return the shelf that is shipped; no sound is read yet.

    Raises:
        InputError: its table is missing or damaged.

    """
    folder = folder or shipped("assets") / "loops"
    try:
        return _shelf(folder, tomllib.loads((folder / TABLE).read_text("utf-8")))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, EditError) as error:
        raise InputError(
            "The loops and drum kits of this installation are missing or damaged.",
            hint="Install fanstudio again. Your own audio can be imported as before.",
        ) from error


def _shelf(folder: Path, told: Mapping[str, Any]) -> Shelf:
    makers = {name: Credit(**row) for name, row in told["credits"].items()}
    kits = tuple(_kit(folder, row, makers) for row in told["kit"])
    by_id = {kit.id: kit for kit in kits}
    items = (
        *(_pattern_item(row, by_id[row["kit"]]) for row in told["pattern"]),
        *(_recorded_item(folder, row, makers) for row in (*told["loop"], *told["one_shot"])),
        *(_hit(kit, sound) for kit in kits for sound in kit.sounds),
    )
    ids = [item.id for item in items]
    if len(ids) != len(set(ids)):
        raise ValueError("two items have one id")
    return Shelf(kits, items)


def _kit(folder: Path, row: Mapping[str, Any], makers: Mapping[str, Credit]) -> Kit:
    sounds = tuple(
        KitSound(sound["id"], sound["name"], _recording(folder, sound), sound.get("choke", ""))
        for sound in row["sound"]
    )
    return Kit(row["id"], row["name"], row["about"], makers[row["credit"]], sounds)


def _recorded_item(folder: Path, row: Mapping[str, Any], makers: Mapping[str, Credit]) -> ShelfItem:
    return ShelfItem(
        row["id"],
        row["name"],
        Kind(row["kind"]),
        Stem(row["stem"]),
        makers[row["credit"]],
        recording=_recording(folder, row),
        bpm=float(row["bpm"]) if "bpm" in row else None,
        key=row.get("key", ""),
        bars=int(row.get("bars", 0)),
    )


def _pattern_item(row: Mapping[str, Any], kit: Kit) -> ShelfItem:
    rows = tuple(PatternRow(sound, _steps(text)) for sound, text in row["rows"].items())
    pattern = Pattern(kit.id, float(row["bpm"]), rows, int(row["bars"]), float(row["swing"]))
    check_pattern(pattern)
    unknown = {steps.sound for steps in rows} - {sound.id for sound in kit.sounds}
    if unknown:
        raise ValueError(f"the kit {kit.id} has no {sorted(unknown)[0]}")
    return ShelfItem(
        row["id"], row["name"], Kind.DRUMS, Stem.DRUMS, kit.credit,
        pattern=pattern, bpm=pattern.bpm, bars=pattern.bars,
    )  # fmt: skip


def _hit(kit: Kit, sound: KitSound) -> ShelfItem:
    name = f"{sound.name} ({kit.name})"
    return ShelfItem(
        f"{kit.id}/{sound.id}", name, Kind.DRUM_HIT, Stem.DRUMS, kit.credit, recording=sound.recording
    )


def _steps(text: str) -> tuple[float, ...]:
    return tuple(0.0 if mark == "." else int(mark) / _HARDEST for mark in text)


def _recording(folder: Path, row: Mapping[str, Any]) -> Recording:
    path = folder / row["file"]
    if not path.resolve().is_relative_to(folder.resolve()):
        raise ValueError("a file lies outside the shelf")
    return Recording(path, int(row["frames"]), str(row["sha256"]))
