"""A gate: closes between the notes, where only noise and bleed are left."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from fanstudio.audio.effects.dynamics import Envelope, factors, linked_level_db
from fanstudio.audio.effects.effect import Effect, Parameter, Preset
from fanstudio.audio.filters import SlidingMaximum, Values
from fanstudio.audio.samples import Samples


class Gate(Effect):
    """Opens above a threshold, holds, and closes once it is 4 dB below; both channels together."""

    kind: ClassVar[str] = "gate"
    title: ClassVar[str] = "Gate"
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter("threshold_db", "dB", -80, 0, -40, "The level that opens it."),
        Parameter("range_db", "dB", 0, 80, 40, "How far it closes."),
        Parameter("attack_ms", "ms", 0, 50, 1, "How soon it is open."),
        Parameter("hold_ms", "ms", 0, 500, 40, "How long it stays open at least."),
        Parameter("release_ms", "ms", 5, 2_000, 120, "How soon it closes."),
    )
    presets: ClassVar[tuple[Preset, ...]] = (
        Preset("Breaths", {"threshold_db": -45, "range_db": 12, "release_ms": 200}),
        Preset("Tight drums", {"threshold_db": -30, "range_db": 60, "hold_ms": 30, "release_ms": 60}),
    )
    _HYSTERESIS_DB: ClassVar[float] = 4.0

    def reset(self, frame: int = 0) -> None:
        """Forget the past; the gate is closed."""
        values = self.values
        self._open = False
        self._hold = SlidingMaximum(round(self._frames(values["hold_ms"] / 1000)), 1)
        self._envelope = Envelope(self.sample_rate, values["attack_ms"], values["release_ms"])

    def process(self, chunk: Samples) -> Samples:
        """Return the gated chunk."""
        opened = self._hold.process(self._states(linked_level_db(chunk)))
        closed = 1 - self._envelope.process(opened)
        return chunk * factors(closed * self.values["range_db"])

    def _states(self, level_db: Values) -> Values:
        """Return 1 where the gate is open and 0 where not: what the last crossing of a threshold made it."""
        threshold = self.values["threshold_db"]
        opens, closes = level_db[0] > threshold, level_db[0] < threshold - self._HYSTERESIS_DB
        last = np.maximum.accumulate(np.where(opens | closes, np.arange(level_db.shape[1]), -1))
        states = np.where(last < 0, self._open, opens[last])
        self._open = bool(states[-1])
        return states[None].astype(np.float64)

    def _retune(self) -> None:
        self._envelope.retime(self.values["attack_ms"], self.values["release_ms"])
        self._hold = self._hold.resized(round(self._frames(self.values["hold_ms"] / 1000)))
