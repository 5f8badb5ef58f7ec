"""The metronome: clicks on the session's beats, before the song begins as well; heard, never exported."""

from __future__ import annotations

import math

import numpy as np

from fanstudio.audio.samples import Samples, silence
from fanstudio.model.session import Session, TempoChange
from fanstudio.model.timebase import DEFAULT_TEMPO

_CLICK_S = 0.04
_FALL_S = 0.008
_BEAT_HZ, _BAR_HZ = 1_200.0, 1_800.0
_GAIN = 0.4


class Metronome:
    """Renders the clicks of one session's tempo; the same wherever blocks begin."""

    def __init__(self, session: Session) -> None:
        """Read the session's tempo."""
        self._rate = session.sample_rate
        self._changes = session.tempo or (DEFAULT_TEMPO,)
        self._beat, self._bar = (_click(self._rate, pitch) for pitch in (_BEAT_HZ, _BAR_HZ))

    def render(self, position: int, frames: int) -> Samples:
        """Return stereo frames `(2, frames)` from timeline frame `position` on, which may lie before 0."""
        block = silence(2, frames)
        reach = position - self._beat.size
        for index in range(len(self._changes)):
            for start, is_bar in self._clicks(index, reach, position + frames):
                _lay(block, self._bar if is_bar else self._beat, start - position)
        return block

    def bar_frames(self, position: int) -> int:
        """Return the length of the bar that rules at a timeline frame."""
        change = self._changes[0]
        for later in self._changes[1:]:
            change = later if later.frame <= position else change
        return round(self._beat_frames(change) * change.beats_per_bar)

    def _clicks(self, index: int, start: int, end: int) -> list[tuple[int, bool]]:
        """Return (frame, whether a bar begins) of the clicks of one tempo within a stretch."""
        change = self._changes[index]
        first = 0 if index == 0 else change.frame
        length = self._beat_frames(change)
        if index:
            start = max(start, first)
        if index + 1 < len(self._changes):
            end = min(end, self._changes[index + 1].frame)
        beats = range(math.ceil((start - first) / length), math.ceil((end - first) / length))
        return [(round(first + beat * length), beat % change.beats_per_bar == 0) for beat in beats]

    def _beat_frames(self, change: TempoChange) -> float:
        return self._rate * 60 / change.bpm


def _click(sample_rate: int, pitch_hz: float) -> Samples:
    time = np.arange(round(_CLICK_S * sample_rate)) / sample_rate
    tone = np.sin(2 * np.pi * pitch_hz * time)
    click: Samples = (_GAIN * np.exp(-time / _FALL_S) * tone).astype(np.float32)
    return click


def _lay(block: Samples, click: Samples, at: int) -> None:
    start, end = max(0, at), min(block.shape[1], at + click.size)
    if start < end:
        block[:, start:end] += click[start - at : end - at]
