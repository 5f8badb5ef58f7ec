"""Painting the clips of one lane: tinted bodies, waveforms, fades, names and badges."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QPainter

from fanstudio.gui.timeline.badges import badge, colour, track_is_silent
from fanstudio.gui.timeline.fades import fade_gain
from fanstudio.gui.timeline.geometry import Box, Geometry
from fanstudio.gui.timeline.inks import CAP_WIDTH, Inks
from fanstudio.gui.timeline.inks import colour as ink
from fanstudio.gui.timeline.paint_waves import MIN_FADE_WIDTH, paint_wave, wave_of
from fanstudio.gui.timeline.tile_jobs import Material, body_opacity, wave_opacity
from fanstudio.gui.timeline.tiles import TileStore
from fanstudio.gui.tokens import Theme
from fanstudio.model.session import Clip, Session, Source, Track

#: A name starts right of the fade handle in the clip's corner.
NAME_LEFT = 13
MIN_WIDTH_FOR_WORDS = 30
_BORDER_OPACITY = 0.45
#: So far beyond the painted area a clip's ends are drawn at most: painting counts in 32 bits.
_BEYOND = 64.0
_PIXELS_PER_STEP = 3
_MAX_STEPS = 32


@dataclass(frozen=True, slots=True)
class Placed:
    """A clip with where it is: `box` spans its frames, `body` is what of it is drawn."""

    clip: Clip
    box: Box
    body: Box
    colour: str
    silent: bool
    source: Source | None


@dataclass(frozen=True, slots=True)
class Brush:
    """What painting clips needs besides the clips: `ratio` is the screen's device pixel ratio."""

    painter: QPainter
    inks: Inks
    geometry: Geometry
    ratio: float
    store: TileStore
    material: Callable[[Source], Material]


def place_clips(
    brush: Brush, session: Session, lane: int, clips: Sequence[Clip], sources: Mapping[str, Source]
) -> Iterator[Placed]:
    """Yield clips of a lane with where they are and what they look like."""
    track = session.tracks[lane]
    silent = track_is_silent(session, track)
    for clip in clips:
        yield _place(brush, track, lane, clip, sources.get(clip.source), silent)


def _place(brush: Brush, track: Track, lane: int, clip: Clip, source: Source | None, silent: bool) -> Placed:
    box = brush.geometry.clip_box(clip, lane)
    body = _on_pixels(box, brush.geometry.width, brush.ratio)
    return Placed(clip, box, body, colour(brush.inks.theme, track, source), silent or clip.muted, source)


def _on_pixels(box: Box, width: float, ratio: float) -> Box:
    """Return a clip's body: the box on whole device pixels, a pixel short of its right neighbour."""
    left = round(max(box.x, -_BEYOND) * ratio)
    right = round(min(box.right, width + _BEYOND) * ratio) - round(ratio)
    top, bottom = round(box.y * ratio), round(box.bottom * ratio)
    return Box(left / ratio, top / ratio, max(1, right - left) / ratio, (bottom - top) / ratio)


def lane_look(session: Session, theme: Theme, track: Track) -> str:
    """Return what changes a lane's look besides its clips."""
    return f"{theme.name} {track.stem.value} {track_is_silent(session, track)}"


def paint_lane(brush: Brush, placed: Sequence[Placed], area: Box) -> bool:
    """Draw clips of a lane within an area; False where waveforms are still being made."""
    complete = _paint_bodies_and_waves(brush, placed, area)
    for clip in placed:
        if clip.clip.fade_in or clip.clip.fade_out:
            _paint_fades(brush, clip)
        if clip.box.width >= MIN_WIDTH_FOR_WORDS:
            paint_words(brush.painter, brush.inks, clip)
    return complete


def _paint_bodies_and_waves(brush: Brush, placed: Sequence[Placed], area: Box) -> bool:
    painter, ratio = brush.painter, brush.ratio
    complete = True
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.scale(1 / ratio, 1 / ratio)
    for clip in placed:
        _paint_body(painter, brush.inks, clip, ratio)
    for clip in placed:
        if clip.source is not None:
            painter.setOpacity(wave_opacity(clip.silent))
            wave = wave_of(clip.clip, clip.box, clip.body, clip.colour, brush.geometry, ratio, area)
            complete &= paint_wave(painter, wave, brush.store, partial(brush.material, clip.source))
    painter.restore()
    return complete


def _paint_body(painter: QPainter, inks: Inks, clip: Placed, ratio: float) -> None:
    """Draw the body from two rounded ends and a plain middle; the painter counts device pixels."""
    fill, border = body_opacity(clip.silent), _BORDER_OPACITY
    body = QRect(*(round(value * ratio) for value in clip.body))
    cap = round(CAP_WIDTH * ratio)
    if body.width() <= 2 * cap:
        painter.fillRect(body, ink(clip.colour, fill))
        return
    ends = inks.clip_ends(clip.colour, fill, border, body.height(), ratio)
    left, top, right = body.left(), body.top(), body.left() + body.width()
    painter.drawPixmap(left, top, ends, 0, 0, cap, body.height())
    painter.drawPixmap(right - cap, top, ends, ends.width() - cap, 0, cap, body.height())
    line = max(1, round(ratio))
    middle = right - left - 2 * cap
    painter.fillRect(left + cap, top + line, middle, body.height() - 2 * line, ink(clip.colour, fill))
    edge = ink(clip.colour, border + fill * 0.5)
    painter.fillRect(left + cap, top, middle, line, edge)
    painter.fillRect(left + cap, top + body.height() - line, middle, line, edge)


def _paint_fades(brush: Brush, placed: Placed) -> None:
    clip, geometry, painter = placed.clip, brush.geometry, brush.painter
    wave = geometry.wave_box(placed.box)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(brush.inks.pen("text", 1.0, 0.7))
    for start, length in (
        (0, clip.fade_in_shown),
        (clip.length - clip.fade_out_shown, clip.fade_out_shown),
    ):
        pixels = length / geometry.frames_per_pixel
        if pixels < MIN_FADE_WIDTH:
            continue
        steps = min(_MAX_STEPS, max(2, int(pixels / _PIXELS_PER_STEP)))
        frames = [start + length * step / steps for step in range(steps + 1)]
        painter.drawPolyline(
            [
                QPointF(
                    placed.box.x + frame / geometry.frames_per_pixel,
                    wave.bottom - wave.height * fade_gain(clip, frame),
                )
                for frame in frames
            ]
        )


def paint_words(painter: QPainter, inks: Inks, placed: Placed) -> None:
    """Draw a clip's name at its top left and its badge, if any, at its top right."""
    left, right = placed.box.x + NAME_LEFT, placed.box.right - 7
    words = badge(placed.clip, placed.source)
    if words:
        right = _paint_badge(painter, inks, words, left, right, placed.box.y)
    if right - left >= 8:
        painter.setPen(inks.token("text_2" if placed.silent else "text"))
        inks.name.draw(painter, left, placed.box.y + 15, placed.clip.name, right - left)


def _paint_badge(painter: QPainter, inks: Inks, words: str, left: float, right: float, top: float) -> float:
    """Draw a badge if there is room; return how far the name may reach."""
    width = inks.badge.width(words) + 10
    if right - width < left + 24:
        return right
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(inks.token("canvas", 0.7))
    painter.drawRoundedRect(QRectF(right - width, top + 5, width, 16), 4, 4)
    painter.setPen(inks.token("text"))
    inks.badge.draw(painter, right - width + 5, top + 16.5, words)
    return right - width - 6
