"""A recording under way without a sound device: a voice that sings at the pace of a clock."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np

from fanstudio.audio.capture import Input
from fanstudio.audio.recorder import Recorder
from tests.support.voices import melody, sing


class Singer(Input):
    """An input that hears notes, half a second each, at the pace of a clock."""

    def __init__(self, notes: list[float], rate: int) -> None:
        super().__init__("Singer", rate, 1, shares_clock=True, round_trip_s=0.0)
        self._sound = np.pad(sing(melody(notes, 0.5, rate), rate), ((0, 0), (0, 30 * rate)))
        self._taken = 0
        self._since = 0.0

    def start(self) -> None:
        self._since = time.monotonic()

    def captured(self) -> int:
        return int((time.monotonic() - self._since) * self.sample_rate)

    def read(self):
        start, self._taken = self._taken, self.captured()
        return self._sound[:, start : self._taken]

    def close(self) -> None:
        pass


class Booth:
    """What a `LiveRecording` tells: its file, and its passes; the song began at a frame of the timeline."""

    def __init__(self, path: Path, notes: list[float], rate: int, song_at: int) -> None:
        source = Singer(notes, rate)
        self.recorder = Recorder(source)
        self.recording = self.recorder.begin(path, rate, lambda: source.captured() + song_at)

    @property
    def passes(self):
        return self.recording.placement.passes(self.recording.frames, 0, 0, None)
