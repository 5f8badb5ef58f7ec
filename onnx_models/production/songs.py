"""Where the music comes from that pairs are made of: songs, their excerpts, and who is kept for judging."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile

from fanstudio.audio.loudness import Loudness
from fanstudio.audio.resample import Resampler
from fanstudio.audio.samples import Samples

RATE = 44_100
EXCERPT_S = 6.0
#: Every excerpt is brought to this loudness before a chain runs over it.
LUFS = -18.0
_SUFFIXES = (".ogg", ".oga", ".flac", ".opus", ".wav")
_SHORTEST_S = 30.0
#: These are never trained on: judged are songs of which no stem was heard either.
_KEPT = ("2.Lithium", "Feelings", "stems")
_SHARE_KEPT = 0.12
#: Files of these names are parts of the song that their folder is called after.
_PARTS = ("song", "guitar", "vocals", "drums", "bass", "other", "chords")


@dataclass(frozen=True)
class Song:
    """A song, or a stem of one, as a file."""

    path: Path
    name: str
    kept: bool


def find_songs(folders: list[Path]) -> list[Song]:
    """Return the songs in folders, in the order of their names; some are kept for judging."""
    files = sorted(file for folder in folders for file in folder.rglob("*") if file.suffix in _SUFFIXES)
    songs: dict[str, Song] = {}
    for file in files:
        name = f"{file.parent.name}/{file.stem}"
        if name not in songs and soundfile.info(file).duration >= _SHORTEST_S:
            songs[name] = Song(file, name, _is_kept(file))
    return list(songs.values())


def excerpts(song: Song, count: int, seconds: float = EXCERPT_S) -> Iterator[Samples]:
    """Yield stereo excerpts of a song at `RATE` and `LUFS`, evenly spread; silent ones are left out."""
    with soundfile.SoundFile(song.path) as file:
        length = round(seconds * file.samplerate)
        for start in np.linspace(0, file.frames - length, count + 2).astype(int)[1:-1]:
            file.seek(int(start))
            block = np.ascontiguousarray(file.read(length, dtype="float32", always_2d=True).T[:2])
            sound = _leveled(_at_rate(block, file.samplerate))
            if sound is not None:
                yield sound


def _leveled(sound: Samples) -> Samples | None:
    meter = Loudness(RATE, len(sound))
    meter.add(sound)
    if not np.isfinite(meter.integrated_lufs) or meter.integrated_lufs < -50:
        return None
    stereo = sound if len(sound) == 2 else np.repeat(sound, 2, axis=0) * np.float32(np.sqrt(0.5))
    return stereo * np.float32(10 ** ((LUFS - meter.integrated_lufs) / 20))


def _at_rate(block: Samples, rate: int) -> Samples:
    stream = Resampler(rate, RATE, len(block))
    return np.concatenate((stream.push(block), stream.finish()), axis=1)


def _is_kept(path: Path) -> bool:
    whole = path.parent.name if path.stem in _PARTS else path.stem
    return whole in _KEPT or hashlib.sha256(whole.encode()).digest()[0] / 256 < _SHARE_KEPT
