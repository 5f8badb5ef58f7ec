"""The numpy rasteriser: peaks or samples of a source to columns, columns to a coverage mask."""

from __future__ import annotations

import contextlib
import math
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from fanstudio.audio.samples import Readable
from fanstudio.errors import AudioFileError

Floats = NDArray[np.float32]
Mask = NDArray[np.uint8]
Pixels = NDArray[np.uint32]

#: Below this many frames a pixel, columns are computed from the samples themselves.
FINE_FRAMES_PER_PIXEL = 256.0
#: Beyond it, reading samples in place of missing peaks would take too long.
MAX_SAMPLED_FRAMES_PER_PIXEL = 4096.0
#: Seen from afar, amplitude is drawn to this power: music peaks far below full scale, and what is
#: quiet would be a thin line. Seen sample by sample, it is drawn as it is.
_FAR_EXPONENT = 0.65
_FAR_FRAMES_PER_PIXEL = 64.0
#: A column is at least this high, so that silence shows as a line.
_MIN_THICKNESS = 1.0


class PeakPyramid(Protocol):
    """What the timeline asks of a source's peak file (`audio.peaks.Peaks`)."""

    def window(self, start_frame: int, frames_per_pixel: float, pixels: int) -> tuple[Floats, Floats]:
        """Return the lowest and highest sample of each pixel, all channels together."""
        ...


def columns(
    pyramid: PeakPyramid | None,
    samples: Readable | None,
    start_frame: float,
    frames_per_pixel: float,
    pixels: int,
) -> tuple[Floats, Floats]:
    """Return the lowest and highest value of each pixel column from `start_frame` on.

    Zoomed in, the samples (channels, frames) decide; else, or where they cannot be read, the peaks. Silent
    where neither is known.
    """
    finest = FINE_FRAMES_PER_PIXEL if pyramid is not None else MAX_SAMPLED_FRAMES_PER_PIXEL
    if samples is not None and frames_per_pixel < finest:
        with contextlib.suppress(AudioFileError):
            return sample_columns(samples, start_frame, frames_per_pixel, pixels)
    if pyramid is None:
        return np.zeros(pixels, np.float32), np.zeros(pixels, np.float32)
    return pyramid.window(round(start_frame), frames_per_pixel, pixels)


def sample_columns(
    samples: Readable, start_frame: float, frames_per_pixel: float, pixels: int
) -> tuple[Floats, Floats]:
    """Return lowest and highest of the samples (channels, frames) in each column.

    Columns share the value at their border, so that the drawn line never breaks. Closer than a frame
    a pixel, the line is that of the channels' mean.
    """
    edges = start_frame + np.arange(pixels + 1, dtype=np.float64) * frames_per_pixel
    first = max(0, int(edges[0]) - 1)
    last = min(samples.shape[1], int(np.ceil(edges[-1])) + 2)
    if last <= first:
        return np.zeros(pixels, np.float32), np.zeros(pixels, np.float32)
    part = np.asarray(samples[:, first:last], dtype=np.float32)
    if frames_per_pixel < 1.0:
        mean = part.mean(axis=0, dtype=np.float32)
        return _between(mean, mean, edges - first)
    low, high = part.min(axis=0), part.max(axis=0)
    lows, highs = _between(low, high, edges - first)
    _widen(low, high, edges - first, lows, highs)
    return lows, highs


def _between(low: Floats, high: Floats, positions: NDArray[np.float64]) -> tuple[Floats, Floats]:
    """Return the lowest and highest value at both borders of each column, 0 outside the source."""
    frames = np.arange(low.size)
    lows = np.interp(positions, frames, low, left=0.0, right=0.0).astype(np.float32)
    highs = np.interp(positions, frames, high, left=0.0, right=0.0).astype(np.float32)
    return np.minimum(lows[:-1], lows[1:]), np.maximum(highs[:-1], highs[1:])


def _widen(low: Floats, high: Floats, positions: NDArray[np.float64], lows: Floats, highs: Floats) -> None:
    """Extend each column to the samples inside it."""
    starts = np.ceil(positions[:-1]).astype(np.int64)
    inside = (starts >= 0) & (starts < low.size)
    at = starts[inside]
    if at.size == 0:
        return
    stop = min(low.size, max(int(np.ceil(positions[-1])), int(at[-1]) + 1))
    lows[inside] = np.minimum(lows[inside], np.minimum.reduceat(low[:stop], at))
    highs[inside] = np.maximum(highs[inside], np.maximum.reduceat(high[:stop], at))


def exponent(frames_per_pixel: float) -> float:
    """Return the power to which amplitude is drawn at a zoom: 1 close up, less from afar."""
    octaves = math.log(max(1.0, frames_per_pixel)) / math.log(_FAR_FRAMES_PER_PIXEL)
    return 1.0 - (1.0 - _FAR_EXPONENT) * min(1.0, octaves)


def bend(values: Floats, frames_per_pixel: float) -> Floats:
    """Return amplitudes as they are drawn at a zoom; 0 and ±1 stay where they are."""
    return np.sign(values) * np.abs(values) ** np.float32(exponent(frames_per_pixel))


def coverage(lows: Floats, highs: Floats, height: int) -> Mask:
    """Return how much of each pixel the waveform covers, 0–255, shape (height, columns).

    Full scale, ±1, fills the height; the ends of a column are antialiased.
    """
    half = height / 2.0
    top = np.clip(half - highs * half, 0.0, height)
    bottom = np.clip(half - lows * half, 0.0, height)
    thin = np.maximum(_MIN_THICKNESS - (bottom - top), 0.0) / 2
    top, bottom = top - thin, bottom + thin
    rows = np.arange(height, dtype=np.float32)[:, np.newaxis]
    covered = np.minimum(rows + 1.0, bottom) - np.maximum(rows, top)
    return np.asarray(np.clip(covered, 0.0, 1.0) * 255.0 + 0.5, dtype=np.uint8)


def tint(mask: Mask, red: int, green: int, blue: int) -> Pixels:
    """Return a mask in a colour as premultiplied 0xAARRGGBB pixels, same shape."""
    alpha = mask.astype(np.uint32)
    pixels = np.left_shift(alpha, 24)
    for channel, shift in ((red, 16), (green, 8), (blue, 0)):
        pixels |= np.left_shift((alpha * np.uint32(channel) + np.uint32(127)) // np.uint32(255), shift)
    return pixels
