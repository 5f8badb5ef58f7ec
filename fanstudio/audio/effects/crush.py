"""A bit crusher: the sound of old samplers and game consoles, by coarse steps in level and time."""

from __future__ import annotations

from typing import ClassVar, Final

import numpy as np

from fanstudio.audio.effects import biquads
from fanstudio.audio.effects.effect import Effect, Parameter, Preset
from fanstudio.audio.effects.ramp import Ramp
from fanstudio.audio.filters import Sections, Values, rise
from fanstudio.audio.samples import Samples, silence

_HIGHEST_HZ: Final = 48_000.0
_LOWEST_HZ: Final = 400.0
_MOST_BITS: Final = 16.0
#: Where the filters around a lower rate close, of that rate.
_CORNER: Final = 0.42


class Crush(Effect):
    """Keeps every so many frames one level and rounds it to steps, as a converter of few bits does.

    Levels are kept where the timeline says, wherever playback starts. Bits may lie between whole
    numbers. `smooth` puts filters before and behind the steps in time, as better converters had:
    without them what does not fit the lower rate folds down, which is most of the charm.
    Sixteen bits and 48 kHz are taken as the sound as it was.
    """

    kind: ClassVar[str] = "crush"
    title: ClassVar[str] = "Crush"
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter("bits", "", 1, _MOST_BITS, 8, "How many steps a level has, as powers of two."),
        Parameter("rate_hz", "Hz", _LOWEST_HZ, _HIGHEST_HZ, 16_000, "How often a new level is taken."),
        Parameter("smooth", "", 0, 1, 0, "Filters away what a lower rate would fold down."),
        Parameter("mix", "", 0, 1, 1, "How much of the crushed sound is heard."),
    )
    presets: ClassVar[tuple[Preset, ...]] = (
        Preset("8-bit console", {"bits": 6, "rate_hz": 11_025}),
        Preset("Old sampler", {"bits": 12, "rate_hz": 26_040, "smooth": 0.6}),
        Preset("Toy keyboard", {"bits": 8, "rate_hz": 8_000, "smooth": 0.3}),
        Preset("Broken robot", {"bits": 3, "rate_hz": 3_200}),
        Preset("Answering machine", {"bits": 8, "rate_hz": 6_500, "smooth": 1}),
    )

    def reset(self, frame: int = 0) -> None:
        """Forget the past; levels are kept where the timeline says."""
        self._frame = frame
        self._past = silence(self.channels, self._longest())
        self._rate = self._next_rate = self.values["rate_hz"]
        self._before = Sections(self._sections(), self.channels)
        self._behind = Sections(self._sections(), self.channels)
        self._bits = self._next_bits = self.values["bits"]
        self._smooth = Ramp(self.values["smooth"])
        self._mix = Ramp(self.values["mix"])

    def process(self, chunk: Samples) -> Samples:
        """Return the crushed chunk."""
        smooth = self._smooth.over(chunk.shape[1])
        soft = self._before.process(chunk).astype(np.float32)
        held = self._held(chunk + (soft - chunk) * smooth)
        crushed = self._rounded(held)
        soft = self._behind.process(crushed).astype(np.float32)
        return self._mix.blend(chunk, crushed + (soft - crushed) * smooth)

    def _held(self, sound: Samples) -> Samples:
        """Return sound of which every level lasts until the next one is taken."""
        frames = sound.shape[1]
        joined = np.concatenate((self._past, sound), axis=1)
        self._past = joined[:, -self._longest() :]
        held = joined[:, self._places(self._rate, frames)]
        if self._next_rate != self._rate:
            other = joined[:, self._places(self._next_rate, frames)]
            held = held + (other - held) * rise(frames).astype(np.float32)
            self._rate = self._next_rate
        self._frame += frames
        return held

    def _rounded(self, sound: Samples) -> Samples:
        rounded = _in_steps(sound, self._bits)
        if self._next_bits != self._bits:
            other = _in_steps(sound, self._next_bits)
            rounded = rounded + (other - rounded) * rise(sound.shape[1]).astype(np.float32)
            self._bits = self._next_bits
        return rounded

    def _places(self, rate_hz: float, frames: int) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
        """Return where in the past and a chunk the level of each of its frames was taken."""
        now = np.arange(self._frame, self._frame + frames)
        step = 1.0 if rate_hz >= _HIGHEST_HZ else max(1.0, self.sample_rate / rate_hz)
        taken = np.ceil(np.floor(now / step) * step).astype(np.int64)
        return np.clip(taken, now - self._longest(), now) - self._frame + self._longest()

    def _longest(self) -> int:
        return int(self.sample_rate / _LOWEST_HZ) + 1

    def _retune(self) -> None:
        self._next_rate = self.values["rate_hz"]
        self._before.retune(self._sections())
        self._behind.retune(self._sections())
        self._next_bits = self.values["bits"]
        self._smooth.target = self.values["smooth"]
        self._mix.target = self.values["mix"]

    def _sections(self) -> Values:
        """Return two low passes in a row below half the lower rate; none where the rate is not lower."""
        hertz = _CORNER * self.values["rate_hz"]
        if self.values["rate_hz"] >= min(_HIGHEST_HZ, self.sample_rate):
            return biquads.sections(biquads.PASS, biquads.PASS)
        return biquads.sections(
            *(biquads.low_pass(self.sample_rate, self._below_nyquist(hertz), q) for q in (0.541, 1.307))
        )


def _in_steps(sound: Samples, bits: float) -> Samples:
    """Return sound of which every level is rounded; the most bits round nothing."""
    if bits >= _MOST_BITS:
        return sound
    steps = np.float32(2 ** (bits - 1))
    rounded: Samples = np.round(sound * steps).astype(np.float32) / steps
    return rounded
