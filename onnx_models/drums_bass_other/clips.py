"""Draws what the net is trained on: stems out of different songs, mixed anew each time."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from net import BINS, GROUPED, GROUPS, STEMS
from numpy.typing import NDArray
from torch import Tensor

FRAMES = 192
_USUAL_DB = {"drums": 0.0, "bass": -2.0, "other": 1.0}
_LEVEL_SPREAD_DB = 4.5
#: A stem is left out this often.
_ABSENT = 0.06
#: Stems are of one clip, or each of another, this often.
_TOGETHER = 0.5
#: Where there are real songs, one stem of a made-up mix is theirs this often.
_SWAPPED = 0.5
_MIX_RMS = 0.15
#: A signal's root mean square over that of its grouped magnitudes.
_RMS_OF_MAGNITUDE = float(np.sqrt(2 * GROUPED / 4096 / (0.375 * 4096)))

#: Spectra as two planes, real and imaginary: `(…, 2, frames, bins)`.
Planes = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Drawn:
    """A mix, its three stems, and whether its bass is known apart from the rest."""

    mix: Planes
    stems: Planes
    bass_known: bool


class Clips:
    """The spectra of made-up clips, and of whole songs with the accompaniment made of their mix."""

    def __init__(self, made: Path, songs: Path, left_out: str, real: float) -> None:
        """Take the share `real` of all draws from the songs whose names do not hold one of `left_out`."""
        self._made_folder = made
        self._made = sorted({path.name.split(".")[0] for path in made.glob("*.other.npy")})
        names = sorted(path.name.removesuffix(".other.npy") for path in songs.glob("*.other.npy"))
        barred = left_out.split(",") if left_out else []
        self._songs = (
            [songs / name for name in names if not any(word in name for word in barred)] if real else []
        )
        self._real = real if self._songs else 0.0

    def draw(self, rng: np.random.Generator) -> Drawn:
        """Draw a clip of `FRAMES` spectra of one channel."""
        return self._draw_song(rng) if rng.random() < self._real else self._draw_made_up(rng)

    def _draw_made_up(self, rng: np.random.Generator) -> Drawn:
        together = rng.random() < _TOGETHER
        name, start = self._made[rng.integers(len(self._made))], rng.random()
        stems = []
        for stem in STEMS:
            if not together:
                name, start = self._made[rng.integers(len(self._made))], rng.random()
            gain = 0.0 if rng.random() < _ABSENT else _decibels(rng.normal(_USUAL_DB[stem], _LEVEL_SPREAD_DB))
            stems.append(
                _read(self._made_folder / f"{name}.{stem}.npy", start, rng) * (gain * _draw_tilt(rng))
            )
        if self._songs and rng.random() < _SWAPPED:
            self._swap(rng, stems)
        total = np.stack(stems)
        return Drawn(total.sum(axis=0), total, bass_known=True)

    def _swap(self, rng: np.random.Generator, stems: list[Planes]) -> None:
        """Put a real stem in the place of a made-up one, at its level."""
        song = self._songs[rng.integers(len(self._songs))]
        stem = int(rng.integers(0, 3)) if _file(song, "bass").exists() else 0
        real = _read(_file(song, STEMS[stem]), rng.random(), rng)
        level = np.linalg.norm(real)
        if level > 1:
            stems[stem] = real * (np.linalg.norm(stems[stem]) / level)

    def _draw_song(self, rng: np.random.Generator) -> Drawn:
        song = self._songs[rng.integers(len(self._songs))]
        start, channel = rng.random(), int(rng.integers(2))
        mix = _read(_file(song, "accompaniment"), start, rng, channel)
        files = [_file(song, stem) for stem in STEMS]
        stems = [_read(file, start, rng, channel) if file.exists() else np.zeros_like(mix) for file in files]
        tilt = _draw_tilt(rng)
        return Drawn(mix * tilt, np.stack(stems) * tilt, _file(song, "bass").exists())


def draw_batch(clips: Clips, rng: np.random.Generator, size: int) -> tuple[Tensor, Tensor, Tensor]:
    """Return grouped magnitudes `(size, frames, groups)`, the stems' parts of them, and whose bass is known.

    A stem's part is its projection on the mix, bin by bin: the square of a mask's error
    against it is, but for a constant, that of the complex spectrum.
    """
    drawn = [clips.draw(rng) for _ in range(size)]
    levels, parts = [], []
    for clip in drawn:
        magnitude = np.sqrt(_group(clip.mix * clip.mix)) + np.float32(1e-6)
        along = _group(clip.stems * clip.mix) / magnitude
        rms = np.sqrt(np.mean(magnitude**2)) * _RMS_OF_MAGNITUDE
        gain = _MIX_RMS * _decibels(rng.normal(0, 3)) / max(rms, 1e-4)
        levels.append(magnitude * gain)
        parts.append(along * gain)
    known = torch.tensor([clip.bass_known for clip in drawn])
    return _to_tensor(levels), _to_tensor(parts), known


def _to_tensor(values: list[NDArray[np.float32]]) -> Tensor:
    return torch.from_numpy(np.stack(values).astype(np.float32))


def _decibels(value: float) -> np.float32:
    return np.float32(10 ** (value / 20))


def _file(song: Path, stem: str) -> Path:
    return song.with_name(f"{song.name}.{stem}.npy")


def _read(path: Path, start: float, rng: np.random.Generator, channel: int | None = None) -> Planes:
    spectra = np.load(path, mmap_mode="r")
    chosen = int(rng.integers(len(spectra))) if channel is None else channel
    first = int(start * (spectra.shape[1] - FRAMES))
    return np.moveaxis(spectra[chosen, first : first + FRAMES], -1, 0).astype(np.float32, order="C")


def _draw_tilt(rng: np.random.Generator) -> NDArray[np.float32]:
    """Return a gentle equaliser's gain for each bin."""
    octaves = np.log2(np.arange(BINS) + 4) - 2
    gains_db = np.interp(octaves, np.linspace(0, 9, 6), rng.normal(0, 2.5, 6))
    return (10 ** (gains_db / 20)).astype(np.float32)


def _group(products: Planes) -> NDArray[np.float32]:
    """Sum `(…, 2, frames, bins)` over both planes and over groups of bins."""
    values = products[..., 0, :, :] + products[..., 1, :, :]
    parts = [np.add.reduceat(values[..., a:b], np.arange(0, b - a, size), axis=-1) for a, b, size in GROUPS]
    return np.concatenate(parts, axis=-1)
