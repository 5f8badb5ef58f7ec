"""A place for an effect: bypass without clicks, and no sound that is not a number."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

import numpy as np

from fanstudio.audio.effects.effect import CHUNK_FRAMES, Effect
from fanstudio.audio.effects.ramp import Ramp
from fanstudio.audio.filters import Delay, rise
from fanstudio.audio.samples import Samples


class Slot:
    """Runs an effect that can be switched off and on, in one chunk and at the same latency.

    An effect whose output is not finite is silenced until the next reset; `fault` then says so.
    """

    def __init__(self, effect: Effect, *, enabled: bool = True) -> None:
        """Take an effect, which is not prepared yet."""
        self.effect = effect
        self.enabled = enabled
        self.fault = ""

    @property
    def channels(self) -> int:
        """Return how many channels the effect is prepared for."""
        return self.effect.channels

    @property
    def latency_frames(self) -> int:
        """Return how many frames late sounds come out, switched off as well."""
        return self.effect.latency_frames

    @property
    def tail_s(self) -> float:
        """Return for how many seconds the effect sounds on."""
        return self.effect.tail_s if self.enabled else 0.0

    def prepare(self, sample_rate: int, channels: int) -> None:
        """Get ready for a rate and a number of channels, and reset."""
        self.effect.prepare(sample_rate, channels)
        self._clear(0)

    def reset(self, frame: int = 0) -> None:
        """Forget the past, faults too: the next chunk begins at timeline frame `frame`."""
        self.effect.reset(frame)
        self._clear(frame)

    def _clear(self, frame: int) -> None:
        self.fault = ""
        self._dry = Delay(self.latency_frames, self.channels)
        self._wet = Ramp(float(self.enabled))
        self._frame = frame
        self._recent: deque[Samples] = deque(maxlen=self.latency_frames // CHUNK_FRAMES + 2)

    @property
    def recent(self) -> tuple[Samples, ...]:
        """Return the last chunks that went in, as many as fill the latency and one more."""
        return tuple(self._recent)

    def warm_up(self, chunks: Sequence[Samples], frame: int) -> None:
        """Begin anew as if these chunks, the first of them softly, had gone in before a timeline frame."""
        self.reset(frame - sum(chunk.shape[1] for chunk in chunks))
        for number, chunk in enumerate(chunks):
            self.process(chunk if number else softly(chunk))

    def process(self, chunk: Samples) -> Samples:
        """Return the chunk with the effect, or as it was where that is switched off."""
        dry = self._dry.process(chunk)
        self._wet.target = float(self.enabled)
        if self._wet.leaving_zero:
            self._fill()
        sounding = self._wet.moving or self._wet.target
        wet = self._guarded(chunk) if sounding else dry
        self._recent.append(chunk)
        self._frame += chunk.shape[1]
        return self._wet.blend(dry, wet)

    def _fill(self) -> None:
        """Begin the effect a little earlier, so that its latency is filled when it is heard."""
        self.effect.reset(self._frame - sum(chunk.shape[1] for chunk in self._recent))
        for number, chunk in enumerate(self._recent):
            self._guarded(chunk if number else softly(chunk))

    def _guarded(self, chunk: Samples) -> Samples:
        if not self.fault:
            with np.errstate(invalid="ignore", over="ignore"):
                wet = self.effect.process(chunk)
            if np.isfinite(np.abs(wet).max()):
                return wet
            self.fault = f"{self.effect.title} gave something that is not sound; it is silenced."
        return np.zeros_like(chunk)


class Chain:
    """Slots one after another."""

    def __init__(self, slots: Sequence[Slot]) -> None:
        """Take slots, which are not prepared yet."""
        self.slots = tuple(slots)
        self.channels = 0

    @property
    def latency_frames(self) -> int:
        """Return how many frames late sounds come out at the end."""
        return sum(slot.latency_frames for slot in self.slots)

    @property
    def tail_s(self) -> float:
        """Return for how many seconds the chain sounds on."""
        return sum(slot.tail_s for slot in self.slots)

    @property
    def faults(self) -> tuple[str, ...]:
        """Return what is wrong, a line for each slot that is silenced."""
        return tuple(slot.fault for slot in self.slots if slot.fault)

    def prepare(self, sample_rate: int, channels: int) -> None:
        """Get ready for a rate and a number of channels, and reset."""
        self.channels = channels
        for slot in self.slots:
            slot.prepare(sample_rate, channels)

    def reset(self, frame: int = 0) -> None:
        """Forget the past: the next chunk begins at timeline frame `frame`."""
        for slot in self.slots:
            slot.reset(frame)

    def process(self, chunk: Samples) -> Samples:
        """Return what all slots make of a chunk."""
        for slot in self.slots:
            chunk = slot.process(chunk)
        return chunk


def softly(chunk: Samples) -> Samples:
    """Return a chunk that rises out of silence."""
    risen: Samples = chunk * rise(chunk.shape[1]).astype(np.float32)
    return risen
