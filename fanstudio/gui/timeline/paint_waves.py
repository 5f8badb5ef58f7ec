"""Painting waveforms from tiles, scaled by gain and fades, with stand-ins for what is not made yet."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QRect, QRectF
from PySide6.QtGui import QPainter, QPixmap

from fanstudio.gui.timeline.fades import fade_gain
from fanstudio.gui.timeline.geometry import Box, Geometry
from fanstudio.gui.timeline.tile_jobs import TILE, Job, Material, SourceImage, TileKey, source_tile
from fanstudio.gui.timeline.tiles import StandIn, TileStore
from fanstudio.gui.timeline.waveform import exponent
from fanstudio.model.session import Clip

#: Fades are drawn in at most so many steps of height.
_FADE_STEPS = 64
#: A fade narrower than this, in pixels, is heard but not drawn.
MIN_FADE_WIDTH = 4

Stretch = tuple[int, int, float]


@dataclass(frozen=True, slots=True)
class Wave:
    """A clip's waveform on the screen, in device pixels: columns `left`…`right`, rows from `top`.

    `origin` is the column of the source's first frame.
    """

    clip: Clip
    colour: str
    left: int
    right: int
    top: int
    height: int
    origin: int
    frames_per_column: float
    ratio: float

    @property
    def source_scale(self) -> float:
        """Return how many frames of the source a column shows."""
        return self.frames_per_column / self.clip.stretch


def wave_of(
    clip: Clip, box: Box, body: Box, colour: str, geometry: Geometry, ratio: float, area: Box
) -> Wave:
    """Return where a clip's waveform falls on the device's pixels within an area."""
    scale = geometry.frames_per_pixel / ratio
    inner = geometry.wave_box(box)
    left = max(round(body.x * ratio) + 1, round(area.x * ratio))
    right = min(round(body.right * ratio) - 1, round(area.right * ratio))
    origin = round((clip.position - clip.offset - geometry.left_frame) / scale)
    top, height = round(inner.y * ratio), max(2, round(inner.height * ratio))
    return Wave(clip, colour, left, right, top, height, origin, scale, ratio)


def paint_wave(painter: QPainter, wave: Wave, store: TileStore, material: Callable[[], Material]) -> bool:
    """Draw a waveform; the painter counts device pixels.

    Returns False where tiles are missing or stale: they have been asked of the store; stand-ins, or the
    old ones, are drawn.
    """
    complete = True
    subject = SourceImage(wave.clip.source, wave.colour)
    first, last = (wave.left - wave.origin) // TILE, (wave.right - 1 - wave.origin) // TILE
    for index in range(first, last + 1):
        key = TileKey(subject, wave.source_scale, wave.height, wave.ratio, index)
        pixmap = store.find(key, partial(_job, key, material, wave.colour))
        complete &= pixmap is not None and not store.is_stale(key)
        left = max(wave.left, wave.origin + index * TILE)
        right = min(wave.right, wave.origin + (index + 1) * TILE)
        stand_ins = store.stand_ins(key) if pixmap is None else ()
        for start, end, gain in _stretches(wave, left, right):
            if pixmap is not None:
                _draw_tile(painter, wave, pixmap, start - wave.origin - index * TILE, start, end, gain)
            else:
                _draw_stand_ins(painter, wave, stand_ins, start, end, gain)
    return complete


def _job(key: TileKey, material: Callable[[], Material], colour: str) -> Job | None:
    known = material()
    return partial(source_tile, key, known, colour) if known.serves(key.frames_per_column) else None


def _stretches(wave: Wave, left: int, right: int) -> Iterator[Stretch]:
    """Yield stretches of columns with the gain to draw them at: one for the plain part, steps in fades."""
    clip, scale = wave.clip, wave.frames_per_column
    power = exponent(wave.source_scale)
    gain = 10.0 ** (clip.gain_db / 20.0 * power)
    start = wave.origin + clip.offset / scale
    narrow = MIN_FADE_WIDTH * scale * wave.ratio
    fade_in = clip.fade_in_shown if clip.fade_in_shown >= narrow else 0
    fade_out = clip.fade_out_shown if clip.fade_out_shown >= narrow else 0
    if not fade_in and not fade_out:
        yield left, right, gain
        return
    plain_from = round(start + fade_in / scale)
    plain_to = round(start + (clip.length - fade_out) / scale)
    for first, last, fade in (
        (left, min(right, plain_from), fade_in),
        (max(left, plain_from), min(right, plain_to), 0),
        (max(left, plain_to), right, fade_out),
    ):
        step = max(2, round(fade / scale / _FADE_STEPS)) if fade else max(1, last - first)
        for column in range(first, last, step):
            end = min(last, column + step)
            middle = ((column + end) / 2 - start) * scale
            yield column, end, gain * (fade_gain(clip, middle) ** power if fade else 1.0)


def _draw_tile(
    painter: QPainter, wave: Wave, pixmap: QPixmap, source_x: int, left: int, right: int, gain: float
) -> None:
    target_height, crop = _scaled(wave.height, gain)
    top = wave.top + (wave.height - target_height) // 2
    source = QRect(source_x, crop, right - left, wave.height - 2 * crop)
    painter.drawPixmap(QRect(left, top, right - left, target_height), pixmap, source)


def _scaled(height: int, gain: float) -> tuple[int, int]:
    """Return the height to draw at, and how many rows to crop from either side of the tile."""
    if gain <= 1.0:
        return max(1, round(height * gain)), 0
    return height, min(height // 2 - 1, round(height * (1 - 1 / gain) / 2))


def _draw_stand_ins(
    painter: QPainter, wave: Wave, stand_ins: Iterable[StandIn], left: int, right: int, gain: float
) -> None:
    target_height, crop = _scaled(wave.height, gain)
    top = wave.top + (wave.height - target_height) // 2
    for other in stand_ins:
        columns = wave.source_scale / other.frames_per_column
        shift = wave.origin + other.start_frame / wave.source_scale
        first, last = max(float(left), shift), min(float(right), shift + TILE / columns)
        if last > first:
            source = QRectF((first - shift) * columns, crop, (last - first) * columns, wave.height - 2 * crop)
            painter.drawPixmap(QRectF(first, top, last - first, target_height), other.pixmap, source)
