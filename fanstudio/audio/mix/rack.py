"""A strip's effects at work: made from the session's slots and tuned along the timeline."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from copy import deepcopy
from typing import Final

import numpy as np

from fanstudio.audio.effects.slot import Chain, Slot
from fanstudio.audio.filters import rise
from fanstudio.audio.mix.faults import Faults
from fanstudio.audio.mix.tuning import (
    Curves,
    Slots,
    configure,
    held,
    in_range,
    known_effects,
    make_effect,
    parameter_curves,
    unknown_effects,
)
from fanstudio.audio.samples import Samples
from fanstudio.model.mixer import EffectSlot

#: So many chunks that came out are kept, to warm up an effect that is put behind.
_KEPT_CHUNKS: Final = 3


class Rack:
    """A chain of effects that follows the session's slots; unknown kinds let everything pass."""

    def __init__(
        self,
        slots: Slots,
        curves: Curves,
        sample_rate: int,
        position: int,
        past: Rack | None = None,
    ) -> None:
        """Make the effects as they are set at a timeline frame.

        Those that `past` has as well go on from where they are, in copies, over whose first chunk what
        they hear there turns into what they hear here; the others are warmed up with what they would have
        heard last. `past` takes each chunk first, as long as it does.
        """
        self._take(slots, curves)
        self._heard: deque[Samples] = deque(maxlen=_KEPT_CHUNKS)
        known = {} if past is None else {_key(row): slot for row, slot in past._pairs()}
        twins = [known.get(_key(row)) for row in self._rows]
        self._chain = Chain(
            [
                self._fresh(row, sample_rate, position) if twin is None else deepcopy(twin)
                for row, twin in zip(self._rows, twins, strict=True)
            ]
        )
        self._twins = twins if past is not None else []
        if past is not None:
            self._warm_up(past, position)
        self.set(slots, curves)

    @property
    def empty(self) -> bool:
        """Tell whether there is no effect."""
        return not self._rows

    def matches(self, slots: Slots) -> bool:
        """Tell whether the same effects follow one another."""
        return [_key(row) for row in self._rows] == [_key(row) for row in known_effects(slots)]

    @property
    def latency_frames(self) -> int:
        """Return how many frames late sounds come out."""
        return self._chain.latency_frames

    @property
    def tail_s(self) -> float:
        """Return for how many seconds the effects sound on."""
        return self._chain.tail_s

    @property
    def faults(self) -> Faults:
        """Return what is wrong with which effects."""
        return self._unknown | {row.id: slot.fault for row, slot in self._pairs() if slot.fault}

    @property
    def reductions(self) -> Iterator[tuple[str, float]]:
        """Yield by how many dB effects turn the sound down now, by slot id."""
        for row, slot in self._pairs():
            reduction = getattr(slot.effect, "reduction_db", None)
            if row.enabled and reduction is not None:
                yield row.id, reduction

    def set(self, slots: Slots, curves: Curves) -> None:
        """Take over switches, values and curves; the structure must be the same."""
        self._take(slots, curves)
        for row, slot in self._pairs():
            slot.enabled = row.enabled
            still = {name: value for name, value in held(row).items() if name not in self._curves[row.id]}
            configure(slot.effect, still)

    def reset(self, position: int) -> None:
        """Forget the past: the next chunk begins at a timeline frame."""
        self._tune(position)
        self._heard.clear()
        self._twins = []
        self._chain.reset(position)

    def process(self, chunk: Samples, position: int) -> Samples:
        """Return what the effects make of the chunk at a timeline frame."""
        self._tune(position)
        processed = self._taken_over(chunk) if self._twins else self._chain.process(chunk)
        self._heard.append(processed)
        return processed

    def _taken_over(self, chunk: Samples) -> Samples:
        share = rise(chunk.shape[1]).astype(np.float32)
        for slot, twin in zip(self._chain.slots, self._twins, strict=True):
            if twin is not None and twin.recent:
                chunk = twin.recent[-1] * (1 - share) + chunk * share
            chunk = slot.process(chunk)
        self._twins = []
        return chunk

    def _take(self, slots: Slots, curves: Curves) -> None:
        self._rows = known_effects(slots)
        self._unknown = {
            slot.id: f"The effect “{slot.kind}” is not known here and does nothing."
            for slot in unknown_effects(slots)
        }
        self._curves = {row.id: parameter_curves(row, curves) for row in self._rows}

    def _tune(self, position: int) -> None:
        for row, slot in self._pairs():
            values = {name: curve.at(position) for name, curve in self._curves[row.id].items()}
            if values:
                configure(slot.effect, in_range(row.kind, values))

    def _pairs(self) -> Iterator[tuple[EffectSlot, Slot]]:
        return zip(self._rows, self._chain.slots, strict=True)

    def _warm_up(self, past: Rack, position: int) -> None:
        """Let new slots hear what came last out of what is before them."""
        slots = past._chain.slots
        between = [slot.recent for slot in slots] + [tuple(past._heard)]
        behind = dict(zip(slots, between[1:], strict=True))
        heard = between[0]
        for slot, twin in zip(self._chain.slots, self._twins, strict=True):
            if twin is None:
                slot.warm_up(heard, position)
            else:
                heard = behind[twin]

    def _fresh(self, row: EffectSlot, sample_rate: int, position: int) -> Slot:
        slot = Slot(make_effect(row, self._curves[row.id], position), enabled=row.enabled)
        slot.prepare(sample_rate, 2)
        return slot


def _key(row: EffectSlot) -> tuple[str, str]:
    return row.id, row.kind
