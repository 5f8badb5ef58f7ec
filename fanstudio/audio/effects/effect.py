"""What an effect is: prepare, process, reset, latency, and a table of its parameters."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Final

from fanstudio.audio.samples import Samples
from fanstudio.errors import InputError

#: Effects run in chunks of so many frames, counted from timeline frame 0; parameters change between them.
CHUNK_FRAMES: Final = 512


@dataclass(frozen=True, slots=True)
class Parameter:
    """A row of the table that a panel is built from: `low`..`high` in `unit`, and what it does."""

    name: str
    unit: str
    low: float
    high: float
    default: float
    text: str


@dataclass(frozen=True, slots=True)
class Preset:
    """A named setting; parameters that it leaves out are at their defaults."""

    title: str
    values: Mapping[str, float]


class Effect(ABC):
    """A piece of sound processing with state; one object a place where it sounds.

    `prepare` comes first and again where rate or channels change. Sounds come out `latency_frames` late.
    """

    kind: ClassVar[str]
    title: ClassVar[str]
    parameters: ClassVar[tuple[Parameter, ...]]
    presets: ClassVar[tuple[Preset, ...]] = ()

    def __init__(self, **values: float) -> None:
        """Set parameters; those that are left out are at their defaults.

        Raises:
            InputError: there is no such parameter, or a value is out of its range.

        """
        self.values = {row.name: row.default for row in self.parameters}
        self.values |= self._checked(values)
        self.sample_rate = 0
        self.channels = 0

    def prepare(self, sample_rate: int, channels: int) -> None:
        """Get ready for a rate (8–192 kHz) and a number of channels (1 or 2), and reset."""
        self.sample_rate, self.channels = sample_rate, channels
        self.reset()

    def configure(self, **values: float) -> None:
        """Change parameters from the next chunk on, without a click.

        Raises:
            InputError: there is no such parameter, or a value is out of its range.

        """
        self.values |= self._checked(values)
        if self.sample_rate:
            self._retune()

    @property
    def latency_frames(self) -> int:
        """Return how many frames late sounds come out; known once prepared, the same for all values."""
        return 0

    @property
    def tail_s(self) -> float:
        """Return for how many seconds the effect sounds on after its input has ended."""
        return 0.0

    @abstractmethod
    def process(self, chunk: Samples) -> Samples:
        """Return the effect of a chunk `(channels, frames)`, which is never changed itself.

        All chunks between two resets are equally long; see `EffectStream` for blocks of any length.
        """

    @abstractmethod
    def reset(self, frame: int = 0) -> None:
        """Forget the past: the next chunk begins at timeline frame `frame`."""

    @abstractmethod
    def _retune(self) -> None:
        """Take over changed parameters, keeping the past."""

    def _frames(self, seconds: float) -> float:
        return seconds * self.sample_rate

    def _below_nyquist(self, hertz: float) -> float:
        """Return a frequency, or the highest that this rate can well hold."""
        return min(hertz, 0.47 * self.sample_rate)

    def _checked(self, values: Mapping[str, float]) -> Mapping[str, float]:
        known = {row.name: row for row in self.parameters}
        for name, value in values.items():
            row = known.get(name)
            if row is None:
                raise InputError(f"{self.title} has no “{name}”.", hint=f"It has {', '.join(known)}.")
            if not math.isfinite(value) or not row.low <= value <= row.high:
                raise InputError(
                    f"{name} of {self.title} runs from {row.low:g} to {row.high:g}, not {value:g}."
                )
        return values


def db_to_gain(decibels: float) -> float:
    """Return the factor of a level in dB."""
    return float(10 ** (decibels / 20))
