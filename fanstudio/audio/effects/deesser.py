"""A de-esser: turns the treble down where a voice hisses, and nothing else."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from fanstudio.audio.effects import biquads
from fanstudio.audio.effects.dynamics import Envelope, factors, linked_level_db, over_db
from fanstudio.audio.effects.effect import Effect, Parameter, Preset
from fanstudio.audio.filters import Sections, Values
from fanstudio.audio.samples import Samples

_KNEE_DB = 6.0
_RELEASE_MS = 40.0
_ATTACK_MS = 0.5


class DeEsser(Effect):
    """A high shelf of 6 dB an octave that moves: what is above the frequency, times a gain, plus the rest.

    It listens through a steeper high pass, so that the body of a loud voice does not set it off.
    """

    kind: ClassVar[str] = "deesser"
    title: ClassVar[str] = "De-esser"
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter("frequency_hz", "Hz", 2_000, 12_000, 5_500, "Hiss is what is above."),
        Parameter("threshold_db", "dB", -60, 0, -30, "The level of hiss above which it works."),
        Parameter("range_db", "dB", 0, 24, 10, "How far it turns down at most."),
    )
    presets: ClassVar[tuple[Preset, ...]] = (
        Preset("Gentle", {"range_db": 6}),
        Preset("Strong", {"threshold_db": -36, "range_db": 16}),
    )

    def reset(self, frame: int = 0) -> None:
        """Forget the past."""
        self._band = Sections(self._above(), self.channels)
        self._listen = Sections(self._steep(), self.channels)
        self._envelope = Envelope(self.sample_rate, _ATTACK_MS, _RELEASE_MS)

    def process(self, chunk: Samples) -> Samples:
        """Return the chunk with its hiss turned down."""
        level = linked_level_db(self._listen.process(chunk))
        over = over_db(level, self.values["threshold_db"], _KNEE_DB)
        reduction = self._envelope.process(np.minimum(over, self.values["range_db"]))
        band = self._band.process(chunk).astype(np.float32)
        return chunk + band * (factors(reduction) - 1)

    def _retune(self) -> None:
        self._band.retune(self._above())
        self._listen.retune(self._steep())

    def _above(self) -> Values:
        """Return a high pass of the first order: together with the rest it is the sound as it was."""
        angle = np.tan(np.pi * self._corner_hz() / self.sample_rate)
        scale = 1 / (1 + angle)
        return np.array([[scale, -scale, 0.0, 1.0, (angle - 1) * scale, 0.0]])

    def _steep(self) -> Values:
        one = biquads.high_pass(self.sample_rate, self._corner_hz())
        return biquads.sections(one, one)

    def _corner_hz(self) -> float:
        return min(self.values["frequency_hz"], 0.35 * self.sample_rate)
