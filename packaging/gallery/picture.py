"""Draws spectrograms: what was above, what became of it below, both in the same colours."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from fanstudio.audio.samples import Samples, padded

_WIDTH, _HEIGHT, _GAP, _MARGIN = 1200, 300, 8, 44
_LOWEST_HZ, _HIGHEST_HZ = 40.0, 20_000.0
_WINDOW = 4096
_QUIETEST_DB, _LOUDEST_DB = -100.0, -15.0
_MARKS_HZ = {100: "100", 1_000: "1k", 10_000: "10k"}
_COLOURS = 48
_INK = (150, 150, 150)

Levels = NDArray[np.float64]


def draw_pair(
    before: Samples, after: Samples, rate: int, span_s: tuple[float, float], stretch: float = 1.0
) -> Image.Image:
    """Return both spectrograms, one above the other: a span of the sound after, and what it was made of.

    `stretch` is how much longer the sound after plays.
    """
    picture = Image.new("RGB", (_MARGIN + _WIDTH, 2 * _HEIGHT + _GAP))
    for number, (sound, scale) in enumerate(((before, 1 / stretch), (after, 1.0))):
        start, end = (round(at * scale * rate) for at in span_s)
        span = padded(sound, start, end)
        top = number * (_HEIGHT + _GAP)
        picture.paste(_coloured(levels_db(span, rate)), (_MARGIN, top))
        _mark(ImageDraw.Draw(picture), top)
    return picture.quantize(_COLOURS)


def levels_db(sound: Samples, rate: int) -> Levels:
    """Return levels in dB `(rows, columns)`: rows by the logarithm of frequency, the highest first.

    The mean of the channels' power is drawn; a row that covers several bins shows the strongest.
    """
    size = sound.shape[1]
    framed = np.pad(sound, ((0, 0), (_WINDOW // 2, _WINDOW)))
    starts = np.linspace(0, size, _WIDTH).astype(int)
    frames = np.lib.stride_tricks.sliding_window_view(framed, _WINDOW, axis=1)[:, starts]
    shape = np.hanning(_WINDOW) * 4 / _WINDOW
    power = np.square(np.abs(np.fft.rfft(frames * shape, axis=2))).mean(axis=0)
    edges = np.geomspace(_LOWEST_HZ, _HIGHEST_HZ, _HEIGHT + 1) * _WINDOW / rate
    rows = [_row(power, low, high) for low, high in pairwise(edges)]
    levels: Levels = 10 * np.log10(np.maximum(np.array(rows[::-1]), 1e-12))
    return levels


def _row(power: Levels, low: float, high: float) -> Levels:
    last = power.shape[1] - 1
    first, end = min(last, int(np.ceil(low))), min(last, int(high))
    if first <= end:
        strongest: Levels = power[:, first : end + 1].max(axis=1)
        return strongest
    share = (low + high) / 2 - end
    between: Levels = power[:, end] * (1 - share) + power[:, min(last, end + 1)] * share
    return between


def _coloured(levels: Levels) -> Image.Image:
    shade = np.clip((levels - _QUIETEST_DB) / (_LOUDEST_DB - _QUIETEST_DB), 0, 1)
    red, green = np.clip(1.8 * shade - 0.45, 0, 1), np.clip(1.9 * shade - 0.9, 0, 1)
    blue = np.clip(1.5 * shade, 0, 0.55) * (1 - green) + green * np.clip(4 * shade - 3, 0, 1)
    return Image.fromarray((255 * np.stack((red, green, blue), axis=-1)).astype(np.uint8))


def _mark(pen: ImageDraw.ImageDraw, top: int) -> None:
    for hz, text in _MARKS_HZ.items():
        share = np.log(hz / _LOWEST_HZ) / np.log(_HIGHEST_HZ / _LOWEST_HZ)
        line = top + round((1 - share) * _HEIGHT)
        pen.line((_MARGIN - 8, line, _MARGIN - 1, line), fill=_INK)
        pen.text((6, line - 6), text, fill=_INK)
