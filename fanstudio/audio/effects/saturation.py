"""Saturation: the warmth of tape and valves, or an overdriven amplifier."""

from __future__ import annotations

import math
from typing import ClassVar, Final

import numpy as np

from fanstudio.audio.effects import biquads
from fanstudio.audio.effects.effect import Effect, Parameter, Preset, db_to_gain
from fanstudio.audio.effects.oversampling import Oversampling
from fanstudio.audio.effects.ramp import Ramp
from fanstudio.audio.filters import Delay, Sections
from fanstudio.audio.samples import Samples

_MOST_BIAS: Final = 0.5
_DC_HZ: Final = 8.0


class Saturation(Effect):
    """A hyperbolic tangent at four times the rate, so that what it adds above the limit does not fold down.

    Quiet sounds keep their level, loud ones come down; bias bends one half of the wave more, which
    adds even harmonics.
    """

    kind: ClassVar[str] = "saturation"
    title: ClassVar[str] = "Saturation"
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter("drive_db", "dB", 0, 36, 6, "How hard the sound is driven."),
        Parameter("bias", "", 0, 1, 0.2, "How unequal both halves of the wave are bent."),
        Parameter("tone_hz", "Hz", 1_000, 20_000, 20_000, "Takes away what is above, behind the drive."),
        Parameter("output_db", "dB", -24, 12, 0, "Gain behind it."),
        Parameter("mix", "", 0, 1, 1, "How much of the driven sound is heard."),
    )
    presets: ClassVar[tuple[Preset, ...]] = (
        Preset("Tape", {"drive_db": 4, "bias": 0.05, "tone_hz": 14_000}),
        Preset("Valve", {"drive_db": 8, "bias": 0.5}),
        Preset("Fuzz", {"drive_db": 30, "bias": 0.1, "tone_hz": 6_000, "output_db": -6}),
    )

    @property
    def latency_frames(self) -> int:
        """Return what going up and down in rate takes."""
        return self._oversampling.latency_frames

    def reset(self, frame: int = 0) -> None:
        """Forget the past."""
        self._oversampling = Oversampling(self.channels)
        self._dry = Delay(self.latency_frames, self.channels)
        self._rest = Sections(self._sections(), self.channels)
        self._drive = Ramp(self.values["drive_db"])
        self._bias = Ramp(self.values["bias"])
        self._output = Ramp(db_to_gain(self.values["output_db"]))
        self._mix = Ramp(self.values["mix"])

    def process(self, chunk: Samples) -> Samples:
        """Return the saturated chunk, `latency_frames` late."""
        frames = chunk.shape[1]
        up = self._oversampling.up(chunk)
        drive = 10 ** (np.float32(1 / 20) * self._drive.over(up.shape[1]))
        bias = np.float32(_MOST_BIAS) * self._bias.over(up.shape[1])
        bent = (np.tanh(up * drive + bias) - np.tanh(bias)) / (drive * (1 - np.tanh(bias) ** 2))
        wet = self._rest.process(self._oversampling.down(bent)).astype(np.float32)
        return self._mix.blend(self._dry.process(chunk), wet * self._output.over(frames))

    def _retune(self) -> None:
        self._rest.retune(self._sections())
        self._drive.target = self.values["drive_db"]
        self._bias.target = self.values["bias"]
        self._output.target = db_to_gain(self.values["output_db"])
        self._mix.target = self.values["mix"]

    def _sections(self) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
        """Return a high pass against the offset that bias leaves, and the tone."""
        tone = self.values["tone_hz"]
        high = biquads.PASS
        if tone < 20_000:
            high = biquads.low_pass(self.sample_rate, self._below_nyquist(tone))
        return biquads.sections(biquads.high_pass(self.sample_rate, _DC_HZ, math.sqrt(0.5)), high)
