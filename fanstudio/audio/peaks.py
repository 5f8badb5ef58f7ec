"""Peak files: the smallest and largest sample per bin, at several zooms."""

from __future__ import annotations

import itertools
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fanstudio.audio.samples import Readable, Samples
from fanstudio.jobs import Work

BASE_FRAMES = 256
_FACTOR = 4
_TOP_BINS = 64
_SCALE = 32_767
_CHUNK_BINS = 1 << 13
_HEADER = struct.Struct("<4sIIQ")
_MAGIC = b"fpk1"

#: Smallest and largest sample of each pixel, 1.0 being full scale.
Window = tuple[NDArray[np.float32], NDArray[np.float32]]


@dataclass(frozen=True, slots=True)
class Peaks:
    """A pyramid over `frames` frames; level k has bins of 256·4ᵏ frames.

    Each level is int16 `(2, channels, bins)`: minima, then maxima; beyond full scale they clip.
    """

    frames: int
    levels: tuple[NDArray[np.int16], ...]

    @property
    def channels(self) -> int:
        """Return how many channels the audio has."""
        return int(self.levels[0].shape[1])

    def window(
        self, start_frame: float, frames_per_pixel: float, pixels: int, *, channel_mix: bool = True
    ) -> Window:
        """Return minima and maxima, float32 `[pixels]`, or `[channels, pixels]` without `channel_mix`.

        Pixel i covers the frames from start + i·fpp up to start + (i+1)·fpp; pixels outside the
        audio are 0. Below 256 frames a pixel the samples themselves say more.
        """
        level, bin_frames = self._level(frames_per_pixel)
        spans = _spans(start_frame, frames_per_pixel, pixels, bin_frames, level.shape[2])
        minima = _reduce(np.minimum, level[0], *spans)
        maxima = _reduce(np.maximum, level[1], *spans)
        return (minima.min(axis=0), maxima.max(axis=0)) if channel_mix else (minima, maxima)

    def _level(self, frames_per_pixel: float) -> tuple[NDArray[np.int16], int]:
        bin_frames, index = BASE_FRAMES, 0
        while bin_frames * _FACTOR <= frames_per_pixel and index + 1 < len(self.levels):
            bin_frames *= _FACTOR
            index += 1
        return self.levels[index], bin_frames


def build_peaks(work: Work, samples: Readable) -> Peaks:
    """Return the peaks of samples `(channels, frames)`."""
    channels, frames = samples.shape
    level = np.zeros((2, channels, -(-frames // BASE_FRAMES)), np.int16)
    done = 0
    for chunk in _chunks(samples):
        work.report(done * BASE_FRAMES / frames, "Drawing the waveform")
        bins = chunk.shape[1]
        level[0, :, done : done + bins] = _steps(chunk.min(axis=2), np.floor)
        level[1, :, done : done + bins] = _steps(chunk.max(axis=2), np.ceil)
        done += bins
    levels = [level]
    while levels[-1].shape[2] > _TOP_BINS:
        levels.append(_coarser(levels[-1]))
    return Peaks(frames, tuple(levels))


def blank_peaks(channels: int, frames: int) -> Peaks:
    """Return the peaks of silence, for `redraw` to fill as the sound comes."""
    levels = [np.zeros((2, channels, -(-frames // BASE_FRAMES)), np.int16)]
    while levels[-1].shape[2] > _TOP_BINS:
        levels.append(_coarser(levels[-1]))
    return Peaks(frames, tuple(levels))


def redraw(peaks: Peaks, start_frame: int, samples: Samples) -> None:
    """Draw samples `(channels, frames)` from a frame on into peaks; the frame begins a bin (256 frames)."""
    drawn = build_peaks(Work(), samples).levels[0]
    first = start_frame // BASE_FRAMES
    peaks.levels[0][:, :, first : first + drawn.shape[2]] = drawn
    for fine, coarse in itertools.pairwise(peaks.levels):
        last = -(-(first + drawn.shape[2]) // _FACTOR)
        first //= _FACTOR
        drawn = _coarser(fine[:, :, first * _FACTOR : last * _FACTOR])
        coarse[:, :, first:last] = drawn


def _chunks(samples: Readable) -> Iterator[Samples]:
    """Yield `(channels, bins, 256)`; the last bin is filled up with the last frame."""
    channels, frames = samples.shape
    whole = frames // BASE_FRAMES
    for start in range(0, whole, _CHUNK_BINS):
        stop = min(whole, start + _CHUNK_BINS)
        yield samples[:, start * BASE_FRAMES : stop * BASE_FRAMES].reshape(channels, -1, BASE_FRAMES)
    rest = samples[:, whole * BASE_FRAMES :]
    if rest.shape[1]:
        filled = np.pad(rest, ((0, 0), (0, BASE_FRAMES - rest.shape[1])), mode="edge")
        yield filled.reshape(channels, 1, BASE_FRAMES)


def _steps(values: Samples, rounding: np.ufunc) -> NDArray[np.int16]:
    steps: NDArray[np.int16] = np.clip(rounding(values * _SCALE), -_SCALE, _SCALE).astype(np.int16)
    return steps


def _coarser(level: NDArray[np.int16]) -> NDArray[np.int16]:
    missing = -level.shape[2] % _FACTOR
    filled = np.pad(level, ((0, 0), (0, 0), (0, missing)), mode="edge")
    grouped = filled.reshape(2, level.shape[1], -1, _FACTOR)
    return np.stack((grouped[0].min(axis=2), grouped[1].max(axis=2)))


def _spans(
    start: float, frames_per_pixel: float, pixels: int, bin_frames: int, bins: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.bool_]]:
    """Return each pixel's first bin, the bin after its last, and whether it lies in the audio."""
    edges = start + np.arange(pixels + 1) * frames_per_pixel
    first = np.floor(edges[:-1] / bin_frames).astype(np.int64)
    last = np.maximum(np.ceil(edges[1:] / bin_frames).astype(np.int64), first + 1)
    inside = (last > 0) & (first < bins)
    first = np.clip(first, 0, bins - 1)
    return first, np.clip(last, first + 1, bins), inside


def _reduce(
    function: np.ufunc,
    bins: NDArray[np.int16],
    first: NDArray[np.int64],
    last: NDArray[np.int64],
    inside: NDArray[np.bool_],
) -> NDArray[np.float32]:
    if not len(first):
        return np.zeros((bins.shape[0], 0), np.float32)
    low, high = int(first.min()), int(last.max())
    piece = np.concatenate((bins[:, low:high], bins[:, high - 1 : high]), axis=1)
    borders = np.stack((first, last), axis=1).ravel() - low
    reduced = function.reduceat(piece, borders, axis=1)[:, ::2].astype(np.float32)
    reduced[:, ~inside] = 0
    return reduced / np.float32(_SCALE)


def pack_peaks(peaks: Peaks) -> bytes:
    """Return the peaks as the bytes of a peak file."""
    header = _HEADER.pack(_MAGIC, peaks.channels, len(peaks.levels), peaks.frames)
    return header + b"".join(np.ascontiguousarray(level, "<i2").tobytes() for level in peaks.levels)


def load_peaks(path: Path, channels: int, frames: int) -> Peaks | None:
    """Read a peak file; None where it is missing or not of this audio."""
    try:
        data = path.read_bytes()
    except OSError:
        return None
    levels, at = [], _HEADER.size
    bins = -(-frames // BASE_FRAMES)
    while at + 4 * channels * bins <= len(data):
        level = np.frombuffer(data, "<i2", 2 * channels * bins, at).reshape(2, channels, bins)
        levels.append(level)
        at += level.nbytes
        if bins <= _TOP_BINS:
            break
        bins = -(-bins // _FACTOR)
    if at != len(data) or data[: _HEADER.size] != _HEADER.pack(_MAGIC, channels, len(levels), frames):
        return None
    return Peaks(frames, tuple(levels)) if levels else None
