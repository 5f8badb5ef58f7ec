"""A reverb: a room of any size, from a booth to a cathedral."""

from __future__ import annotations

import math
from typing import ClassVar, Final

import numpy as np

from fanstudio.audio.effects import biquads
from fanstudio.audio.effects.effect import Effect, Parameter, Preset
from fanstudio.audio.effects.ramp import Ramp
from fanstudio.audio.filters import Line, OnePole, Sections, Values, rise
from fanstudio.audio.samples import Samples, silence

_LINES: Final = 16
_SHORTEST_S: Final = 0.023
_LONGEST_S: Final = 0.067
_LONGEST_PREDELAY_MS: Final = 200.0
#: Early echoes before the lines, a side, spread over so long.
_ECHOES: Final = 24
_SPREAD_S: Final = 0.03
_SEED: Final = 20
_EARLY_GAIN: Final = 0.5


class Reverb(Effect):
    """A feedback delay network: sixteen lines mixed by a Hadamard matrix, fed by a burst of early echoes.

    Each line loses what makes the whole fall by 60 dB in the decay time (J.-M. Jot and A. Chaigne,
    "Digital Delay Networks for Designing Artificial Reverberators", AES 1991); a low pass in the loop
    lets the treble fade sooner. The echoes are velvet noise: single samples of either sign.
    """

    kind: ClassVar[str] = "reverb"
    title: ClassVar[str] = "Reverb"
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter("decay_s", "s", 0.2, 12, 1.6, "How long it takes to fall by 60 dB."),
        Parameter("size", "", 0.4, 1.5, 1, "How far the walls are apart."),
        Parameter("damping_hz", "Hz", 1_000, 20_000, 7_000, "What is above fades sooner."),
        Parameter("predelay_ms", "ms", 0, _LONGEST_PREDELAY_MS, 15, "From the sound to the first echo."),
        Parameter("low_cut_hz", "Hz", 20, 1_000, 120, "Keeps bass out of the room."),
        Parameter("mix", "", 0, 1, 0.25, "How much of what is heard is the room."),
    )
    presets: ClassVar[tuple[Preset, ...]] = (
        Preset("Room", {"decay_s": 0.5, "size": 0.5, "predelay_ms": 3, "mix": 0.2}),
        Preset("Hall", {"decay_s": 2.2, "size": 1.2, "predelay_ms": 25}),
        Preset("Plate", {"decay_s": 1.4, "size": 0.6, "predelay_ms": 0, "damping_hz": 12_000}),
        Preset("Cathedral", {"decay_s": 6, "size": 1.5, "predelay_ms": 40, "damping_hz": 4_500, "mix": 0.35}),
    )

    @property
    def tail_s(self) -> float:
        """Return when the room is 60 dB down."""
        return self.values["decay_s"] + self.values["predelay_ms"] / 1000 + _LONGEST_S * 1.5 + _SPREAD_S

    def reset(self, frame: int = 0) -> None:
        """Forget the past."""
        biggest = next(row.high for row in self.parameters if row.name == "size")
        self._lines = Line(_prime_from(self._frames(_LONGEST_S * biggest)), _LINES)
        self._before = Line(round(self._frames(_LONGEST_PREDELAY_MS / 1000 + _SPREAD_S)) + 1, self.channels)
        self._cut = Sections(self._sections(), self.channels)
        self._damping = OnePole(self._damping_frames(), _LINES)
        self._echoes = [_velvet(self._frames(_SPREAD_S), side) for side in range(2)]
        self._delays = self._next_delays = self._delay_frames()
        self._predelay = self._next_predelay = self._predelay_frames()
        self._losses = self._next_losses = self._loss_gains()
        self._drive = Ramp(self._level())
        self._mix = Ramp(self.values["mix"])

    def process(self, chunk: Samples) -> Samples:
        """Return the chunk with its room."""
        frames = chunk.shape[1]
        fade = rise(frames).astype(np.float32)
        early = self._early(self._cut.process(chunk).astype(np.float32), fade)
        step = min(*self._delays, *self._next_delays)
        spans = [slice(at, at + step) for at in range(0, frames, step)]
        fed = early * self._drive.over(frames)
        late = np.concatenate([self._late(fed[:, span], fade[span]) for span in spans], axis=1)
        self._delays, self._predelay, self._losses = self._next_delays, self._next_predelay, self._next_losses
        wet = late + np.float32(_EARLY_GAIN) * early
        return self._mix.blend(chunk, wet[: self.channels])

    def _early(self, sound: Samples, fade: Samples) -> Samples:
        """Return the early echoes of left and right, after the predelay."""
        self._before.write(sound)
        early = self._burst(self._predelay, len(fade))
        if self._next_predelay != self._predelay:
            early += fade * (self._burst(self._next_predelay, len(fade)) - early)
        return early

    def _burst(self, predelay: int, frames: int) -> Samples:
        burst = silence(2, frames)
        for side, echoes in enumerate(self._echoes):
            for place, gain in echoes:
                burst[side] += (
                    gain * self._before.read(predelay + place + frames, frames)[side % self.channels]
                )
        return burst

    def _late(self, fed: Samples, fade: Samples) -> Samples:
        """Feed the lines; return what left and right hear of them."""
        heard = self._heard(self._delays, len(fade))
        losses = self._losses
        if self._next_delays != self._delays:
            heard += fade * (self._heard(self._next_delays, len(fade)) - heard)
        if self._next_losses is not self._losses:
            losses = losses + fade * (self._next_losses - losses)
        mixed = _hadamard(self._damping.process(heard).astype(np.float32) * losses)
        mixed[0::2] += fed[0]
        mixed[1::2] += fed[1]
        self._lines.write(mixed)
        return np.stack([heard[side::4].sum(axis=0) - heard[side + 2 :: 4].sum(axis=0) for side in range(2)])

    def _heard(self, delays: tuple[int, ...], frames: int) -> Samples:
        return np.stack([self._lines.read(delay, frames)[line] for line, delay in enumerate(delays)])

    def _retune(self) -> None:
        self._cut.retune(self._sections())
        self._damping.retime(self._damping_frames())
        self._next_delays = self._delay_frames()
        self._next_predelay = self._predelay_frames()
        self._next_losses = self._loss_gains()
        self._drive.target = self._level()
        self._mix.target = self.values["mix"]

    def _sections(self) -> Values:
        cut = biquads.high_pass(self.sample_rate, self._below_nyquist(self.values["low_cut_hz"]))
        return biquads.sections(cut)

    def _damping_frames(self) -> float:
        return self.sample_rate / (2 * math.pi * self.values["damping_hz"])

    def _predelay_frames(self) -> int:
        return round(self._frames(self.values["predelay_ms"] / 1000))

    def _delay_frames(self) -> tuple[int, ...]:
        """Return the lines' lengths, from short to long at equal ratios, all prime."""
        seconds = np.geomspace(_SHORTEST_S, _LONGEST_S, _LINES) * self.values["size"]
        return tuple(_prime_from(self._frames(length)) for length in seconds)

    def _loss_gains(self) -> Samples:
        """Return each line's factor, `(lines, 1)`."""
        lengths = np.array(self._next_delays)[:, None]
        gains = 10 ** (-3 * lengths / self._frames(self.values["decay_s"]))
        return gains.astype(np.float32)

    def _level(self) -> float:
        """Return the factor with which long decays are as loud as short ones."""
        return math.sqrt(1 - float(self._loss_gains().mean()) ** 2)


def _hadamard(rows: Samples) -> Samples:
    """Return the rows mixed by the orthogonal Hadamard matrix of their number, a power of two."""
    count, frames = rows.shape
    size = 1
    while size < count:
        pairs = rows.reshape(-1, 2, size, frames)
        rows = np.stack((pairs[:, 0] + pairs[:, 1], pairs[:, 0] - pairs[:, 1]), axis=1).reshape(count, frames)
        size *= 2
    return rows * np.float32(1 / math.sqrt(count))


def _velvet(spread_frames: float, side: int) -> list[tuple[int, np.float32]]:
    """Return places and gains of early echoes: one at random in each of equal spans, falling by 12 dB."""
    random = np.random.default_rng((_SEED, side))
    places = (np.arange(_ECHOES) + random.random(_ECHOES)) * spread_frames / _ECHOES
    gains = random.choice((-1.0, 1.0), _ECHOES) * np.geomspace(1, 0.25, _ECHOES)
    gains /= np.sqrt(np.square(gains).sum())
    return [(int(place), np.float32(gain)) for place, gain in zip(places, gains, strict=True)]


def _prime_from(number: float) -> int:
    """Return the first prime from a number on."""
    prime = max(2, math.ceil(number))
    while any(prime % factor == 0 for factor in range(2, math.isqrt(prime) + 1)):
        prime += 1
    return prime
