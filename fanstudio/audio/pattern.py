"""Drum patterns as sound: strokes of a kit on a grid of sixteenths, wrapped so that repeats have no seam."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from fanstudio.audio.kit import Kit
from fanstudio.audio.samples import Samples, silence
from fanstudio.model.pattern import STEPS_PER_BAR, Pattern, PatternRow

#: At full swing every second sixteenth comes this much of a sixteenth late: a third of an eighth.
_LATEST = 2 / 3
#: Half the force is a good 8 dB down, about what a drummer's is.
_FORCE_LAW = 1.4
_CHOKE_S = 0.008
_STEPS_PER_BEAT = 4


@dataclass(frozen=True, slots=True)
class _Stroke:
    start: int
    sound: str
    force: float
    choke: str


def pattern_frames(pattern: Pattern, sample_rate: int) -> int:
    """Return how long one pass of a pattern is, in frames."""
    return round(pattern.bars * STEPS_PER_BAR * _step_frames(pattern, sample_rate))


def step_frame(pattern: Pattern, step: int, sample_rate: int) -> int:
    """Return the frame at which a step sounds, swing included."""
    late = pattern.swing * _LATEST if step % 2 else 0.0
    return round((step + late) * _step_frames(pattern, sample_rate))


def render_pattern(pattern: Pattern, kit: Kit, sample_rate: int) -> Samples:
    """Return one pass of a pattern, float32 `(2, frames)`.

    What rings on at its end sounds at its beginning, so that it repeats without a seam. Sounds that the
    kit lacks are silent.
    """
    frames = pattern_frames(pattern, sample_rate)
    mix = silence(2, frames)
    fade = np.linspace(1, 0, max(2, round(_CHOKE_S * sample_rate)), dtype=np.float32)
    strokes = sorted(_strokes(pattern, kit, sample_rate), key=lambda stroke: (stroke.start, stroke.sound))
    for number, stroke in enumerate(strokes):
        ring = _cut(kit[stroke.sound].samples, _free_frames(strokes, number, frames), fade)
        _add_around(mix, stroke.start, ring, np.float32(stroke.force**_FORCE_LAW))
    return mix


def _strokes(pattern: Pattern, kit: Kit, sample_rate: int) -> Iterator[_Stroke]:
    rows: list[PatternRow] = [row for row in pattern.rows if row.sound in kit]
    for row in rows:
        for step, force in enumerate(row.steps):
            if force > 0:
                start = step_frame(pattern, step, sample_rate)
                yield _Stroke(start, row.sound, force, kit[row.sound].choke)


def _free_frames(strokes: list[_Stroke], number: int, frames: int) -> int | None:
    """Return how long a stroke may ring before one of its choke group cuts it off; None for ever."""
    stroke = strokes[number]
    if not stroke.choke:
        return None
    others = (*strokes[number + 1 :], *strokes[: number + 1])
    later = (
        (other.start - stroke.start) % frames or frames for other in others if other.choke == stroke.choke
    )
    return min(later, default=None)


def _cut(ring: Samples, free: int | None, fade: Samples) -> Samples:
    if free is None or free + fade.size >= ring.shape[1]:
        return ring
    cut = ring[:, : free + fade.size].copy()
    cut[:, free:] *= fade
    return cut


def _add_around(mix: Samples, start: int, ring: Samples, gain: np.float32) -> None:
    """Add a sound at a frame; what passes the end goes on at the beginning."""
    frames = mix.shape[1]
    at, done = start % frames, 0
    while done < ring.shape[1]:
        count = min(frames - at, ring.shape[1] - done)
        mix[:, at : at + count] += gain * ring[:, done : done + count]
        at, done = 0, done + count


def _step_frames(pattern: Pattern, sample_rate: int) -> float:
    return sample_rate * 60 / pattern.bpm / _STEPS_PER_BEAT
