"""The ruler's ticks: bars and beats where a tempo is set, otherwise minutes and seconds."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple

from fanstudio.gui.timeline.geometry import Geometry
from fanstudio.model.session import Session
from fanstudio.model.timebase import bar_and_beat, beat_length, tempo_at

_MIN_TICK_PIXELS = 20
#: Parts of a beat are shown from twice this width on.
_WIDE_TICK_PIXELS = 80
#: From this width of a beat on, its parts are written as times: no beat may be in sight.
_VERY_WIDE_BEAT_PIXELS = 700
_MIN_LABEL_PIXELS = 64
_MOST_DIGITS = 5
_SECONDS = (
    0.001,
    0.002,
    0.005,
    0.01,
    0.02,
    0.05,
    0.1,
    0.2,
    0.5,
    1,
    2,
    5,
    10,
    15,
    30,
    60,
    120,
    300,
    600,
    1800,
    3600,
)


class Tick(NamedTuple):
    """A line at a frame: strong ones stand for whole groups, labels are written beside them."""

    frame: float
    strong: bool
    label: str


def ticks(session: Session, geometry: Geometry, *, bars: bool) -> Iterator[Tick]:
    """Yield the ticks from the left edge (one before it) to the right, left to right."""
    return _bar_ticks(session, geometry) if bars else _second_ticks(session, geometry)


def _bar_ticks(session: Session, geometry: Geometry) -> Iterator[Tick]:
    changes = [change.frame for change in session.tempo] or [0]
    changes[0] = 0
    for start, end in zip(changes, (*changes[1:], float("inf")), strict=True):
        if start < geometry.right_frame and end > geometry.left_frame:
            yield from _section_ticks(session, geometry, start, min(end, geometry.right_frame))


def _section_ticks(session: Session, geometry: Geometry, start: int, end: float) -> Iterator[Tick]:
    beat = beat_length(session, start)
    per_bar = tempo_at(session, start).beats_per_bar
    pixels = beat / geometry.frames_per_pixel
    step = _step_in_beats(pixels, per_bar, _MIN_TICK_PIXELS) * _part_of_beat(pixels)
    label_step = max(step, _step_in_beats(pixels, per_bar, _MIN_LABEL_PIXELS))
    part_seconds = step * beat / session.sample_rate if pixels >= _VERY_WIDE_BEAT_PIXELS else 0.0
    first_bar, _ = bar_and_beat(session, start)
    index = max(0, int((geometry.left_frame - start) / (beat * step)))
    while (frame := start + index * step * beat) < end:
        beats = index * step
        strong = beats % (4 * per_bar if step >= per_bar else per_bar if step >= 1 else 1) == 0
        label = _beat_label(first_bar, beats, per_bar) if beats % label_step == 0 else ""
        if not label and part_seconds:
            label = _time_label(frame / session.sample_rate, part_seconds / 10)
        yield Tick(frame, strong, label)
        index += 1


def _beat_label(first_bar: int, beats: float, per_bar: int) -> str:
    bar, beat = divmod(int(beats), per_bar)
    return f"{first_bar + bar}.{beat + 1}" if beat else f"{first_bar + bar}"


def _step_in_beats(beat_pixels: float, per_bar: int, least_pixels: float) -> float:
    """Return a beat, a bar, or 2, 4, 8… bars: the first that is wide enough."""
    if beat_pixels >= least_pixels:
        return 1
    step = per_bar
    while step * beat_pixels < least_pixels:
        step *= 2
    return step


def _part_of_beat(beat_pixels: float) -> float:
    """Return a beat, or the half, quarter, eighth… of it that is still wide enough."""
    step = 1.0
    while step * beat_pixels >= 2 * _WIDE_TICK_PIXELS:
        step /= 2
    return step


def _second_ticks(session: Session, geometry: Geometry) -> Iterator[Tick]:
    per_second = session.sample_rate / geometry.frames_per_pixel
    label_step = next((step for step in _SECONDS if step * per_second >= _MIN_LABEL_PIXELS), _SECONDS[-1])
    parts = 5 if label_step * per_second >= 5 * _MIN_TICK_PIXELS else 1
    step = label_step * session.sample_rate / parts
    index = max(0, int(geometry.left_frame / step))
    while (frame := index * step) < geometry.right_frame:
        whole = index % parts == 0
        label = _time_label(index // parts * label_step, label_step) if whole else ""
        yield Tick(frame, whole, label)
        index += 1


def _time_label(seconds: float, step: float) -> str:
    digits = min(_MOST_DIGITS, max(0, math.ceil(-math.log10(step) - 1e-9)))
    minutes, rest = divmod(round(seconds * 10**digits), 60 * 10**digits)
    figures = f"{rest / 10**digits:0{3 + digits if digits else 2}.{digits}f}"
    return f"{minutes}:{figures}"
