"""Music that is on this machine, perhaps: the demo song, the team's excerpt, songs of Debian packages."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from fanstudio import paths
from tests.conftest import SHARED

_GAMES = Path("/usr/share/games")
_WESNOTH = _GAMES / "wesnoth/1.16/data/core/music"
_SECTOID = _GAMES / "fretsonfire/data/songs/sectoid"

SONGS = {
    "demo song": paths.demo_dir() / "song.flac",
    "CC0 excerpt": SHARED / "audio/excerpt/francium_mix.flac",
    "Debian: sectoid, Feelings": _SECTOID / "Feelings/song.ogg",
    "Debian: wesnoth, battle-epic": _WESNOTH / "battle-epic.ogg",
}
MORE_SONGS = {
    "Debian: sectoid, Metal madness": _SECTOID / "Metal madness/song.ogg",
    "Debian: wesnoth, love_theme": _WESNOTH / "love_theme.ogg",
    "Debian: wesnoth, knolls": _WESNOTH / "knolls.ogg",
    "Debian: wesnoth, traveling_minstrels": _WESNOTH / "traveling_minstrels.ogg",
}


def load(name: str, seconds: float = 50.0) -> tuple[np.ndarray, int]:
    """Read the first seconds of a song, or skip and say how to get it."""
    path = {**SONGS, **MORE_SONGS}[name]
    if not path.is_file():
        pytest.skip(f"{name} is not here (apt-get install fretsonfire-songs-sectoid wesnoth-1.16-music)")
    return read(path, seconds)


def read(path: Path, seconds: float) -> tuple[np.ndarray, int]:
    """Read the first seconds of a file as float32 (channels, frames)."""
    rate = soundfile.info(path).samplerate
    audio, _ = soundfile.read(path, frames=round(seconds * rate), dtype="float32", always_2d=True)
    return np.ascontiguousarray(audio.T), rate


def package_songs() -> list[Path]:
    """Return every song of the Debian packages that is here."""
    return sorted([*_SECTOID.glob("*/song.ogg"), *_WESNOTH.glob("*.ogg")])


def shared_stems() -> list[Path]:
    """Return every stem and mix of the team's folder of real music that is here."""
    folder = SHARED / "audio"
    return sorted(path for suffix in ("opus", "flac") for path in folder.glob(f"**/*.{suffix}"))
