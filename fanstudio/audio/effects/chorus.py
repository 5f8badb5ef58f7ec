"""A chorus: copies that drift in time and pitch, so that one voice sounds like several."""

from __future__ import annotations

import math
from typing import ClassVar, Final

import numpy as np

from fanstudio.audio.effects.delayed import read_delayed
from fanstudio.audio.effects.effect import Effect, Parameter, Preset
from fanstudio.audio.effects.ramp import Ramp
from fanstudio.audio.samples import Samples, silence

_VOICES: Final = 3
_CENTRE_S: Final = 0.016
_DEEPEST_S: Final = 0.008


class Chorus(Effect):
    """Three delayed copies, each read at a place that a sine moves; the sides move against each other.

    Between the samples the sound is read by cubic (Catmull-Rom) interpolation. The sines stand by
    timeline frame, so a passage sounds the same wherever playback started.
    """

    kind: ClassVar[str] = "chorus"
    title: ClassVar[str] = "Chorus"
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter("rate_hz", "Hz", 0.05, 8, 0.8, "How often the copies come and go."),
        Parameter("depth_ms", "ms", 0, 1000 * _DEEPEST_S, 2, "How far they move."),
        Parameter("width", "", 0, 1, 1, "How differently both sides move."),
        Parameter("mix", "", 0, 1, 0.5, "How much of what is heard are copies."),
    )
    presets: ClassVar[tuple[Preset, ...]] = (
        Preset("Doubled", {"rate_hz": 0.5, "depth_ms": 1.5, "mix": 0.35}),
        Preset("Ensemble", {"rate_hz": 0.9, "depth_ms": 3, "mix": 0.6}),
        Preset("Vibrato", {"rate_hz": 5, "depth_ms": 0.6, "width": 0, "mix": 1}),
    )

    @property
    def tail_s(self) -> float:
        """Return the longest delay of a copy."""
        return _CENTRE_S + _DEEPEST_S

    def reset(self, frame: int = 0) -> None:
        """Forget the past; the sines stand as they do at `frame`."""
        self._line = silence(self.channels, math.ceil(self._frames(self.tail_s)) + 3)
        self._turn = self.values["rate_hz"] * frame / self.sample_rate
        self._depth = Ramp(self.values["depth_ms"])
        self._width = Ramp(self.values["width"])
        self._mix = Ramp(self.values["mix"])

    def process(self, chunk: Samples) -> Samples:
        """Return the chunk with its copies."""
        frames = chunk.shape[1]
        joined = np.concatenate((self._line, chunk), axis=1)
        steps = np.arange(1, frames + 1) * (self.values["rate_hz"] / self.sample_rate)
        turns = self._turn + steps
        self._turn = float(turns[-1]) % 1.0
        depth = self._frames(1e-3) * np.float64(self._depth.over(frames))
        width = self._width.over(frames)
        wet = np.zeros_like(chunk)
        for channel, row in enumerate(joined.astype(np.float64)):
            for voice in range(_VOICES):
                sine = np.sin(2 * np.pi * (turns + voice / _VOICES + channel * width / (2 * _VOICES)))
                wet[channel] += read_delayed(row, self._frames(_CENTRE_S) + depth * sine, frames)
        self._line = joined[:, frames:]
        return self._mix.blend(chunk, wet / np.float32(math.sqrt(_VOICES)))

    def _retune(self) -> None:
        self._depth.target = self.values["depth_ms"]
        self._width.target = self.values["width"]
        self._mix.target = self.values["mix"]
