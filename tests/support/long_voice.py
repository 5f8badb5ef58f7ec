"""A voice of any length that is made as it is read."""

from __future__ import annotations

import numpy as np

from tests.support.voices import hz_of, melody, sing


class LongVoice:
    """A phrase of a few seconds, again and again."""

    def __init__(
        self, seconds: float, rate: int = 48_000, notes: tuple[float, ...] = (57, 60, 64, 62)
    ) -> None:
        self.shape = (1, round(seconds * rate))
        self._phrase = sing(melody(list(notes), 0.5, rate, vibrato_cents=25), rate, seed=1)

    def __getitem__(self, key):
        _, frames = key
        start, stop, _ = frames.indices(self.shape[1])
        return self._phrase[:, np.arange(start, stop) % self._phrase.shape[1]]


def chord(notes: list[float], seconds: float, rate: int, peak: float = 0.5):
    """Several voices at once, each on its note; `(1, frames)`."""
    frames = round(seconds * rate)
    together = sum(sing(np.full(frames, float(hz_of(note))), rate, seed=round(note)) for note in notes)
    return (together * (peak / np.abs(together).max())).astype(np.float32)
