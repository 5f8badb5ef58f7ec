"""A chain of ordinary effects with their values, how much of it is laid, and how it sounds."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from fanstudio.audio.effects import EFFECTS
from fanstudio.audio.effects.effect import Effect
from fanstudio.audio.effects.slot import Chain, Slot
from fanstudio.audio.effects.stream import EffectStream
from fanstudio.audio.samples import Samples

Values = Mapping[str, float]

_KINDS: Final[Mapping[str, type[Effect]]] = {effect.kind: effect for effect in EFFECTS}
#: The value at which a parameter does nothing; on the way there it runs straight, frequencies by octaves.
_NEUTRAL: Final[Mapping[str, Mapping[str, float]]] = {
    "equaliser": {
        "low_cut_hz": 20.0,
        "low_db": 0.0,
        "body_db": 0.0,
        "presence_db": 0.0,
        "high_db": 0.0,
        "high_cut_hz": 20_000.0,
    },
    "compressor": {"ratio": 1.0, "makeup_db": 0.0},
    "saturation": {"mix": 0.0, "output_db": 0.0},
    "width": {"width": 1.0, "bass_hz": 20.0},
    "reverb": {"mix": 0.0},
    "limiter": {"drive_db": 0.0, "ceiling_db": -1.0},
}
#: Frames in a chunk where a chain is run to be measured: nothing changes in between.
_CHUNK_FRAMES: Final = 1 << 15
#: No more than this is told apart.
_ROUNDED: Final = 3


@dataclass(frozen=True, slots=True)
class Setting:
    """An effect's kind and the values that differ from its defaults."""

    kind: str
    values: tuple[tuple[str, float], ...]

    def value(self, name: str) -> float:
        """Return one value, which may be the default."""
        default = next(row.default for row in _KINDS[self.kind].parameters if row.name == name)
        return dict(self.values).get(name, default)


@dataclass(frozen=True, slots=True)
class ChainSettings:
    """Effects one after the other, as they are laid into a strip; `gain_db` tells how much louder it gets."""

    effects: tuple[Setting, ...] = ()
    gain_db: float = 0.0

    def find(self, kind: str) -> Setting | None:
        """Return the first effect of a kind."""
        return next((effect for effect in self.effects if effect.kind == kind), None)


def setting(kind: str, values: Values) -> Setting:
    """Return an effect's setting, each value held within its range and rounded."""
    known = {row.name: row for row in _KINDS[kind].parameters}
    held = {
        name: round(min(known[name].high, max(known[name].low, value)), _ROUNDED)
        for name, value in values.items()
    }
    return Setting(kind, tuple(sorted(held.items())))


def changed(chain: ChainSettings, kind: str, **values: float) -> ChainSettings:
    """Return a chain with values of the first effect of a kind replaced; it must be there."""
    first = chain.find(kind)
    assert first is not None
    other = setting(kind, {**dict(first.values), **values})
    return replace(chain, effects=tuple(other if effect is first else effect for effect in chain.effects))


def scaled(chain: ChainSettings, amount: float) -> ChainSettings:
    """Return so much of a chain, 0 (no effect is left) to 1 (as it is).

    What an effect does is drawn towards doing nothing, a ceiling towards −1 dB; thresholds and times stay.
    Kinds that this does not know are drawn by their `mix`.
    """
    if amount <= 0:
        return ChainSettings()
    effects = tuple(_drawn(effect, min(1.0, amount)) for effect in chain.effects)
    return ChainSettings(effects, chain.gain_db * min(1.0, amount))


def process(chain: ChainSettings, sound: Samples, rate: int) -> Samples:
    """Return what a chain makes of samples `(channels, frames)`, as long as they are."""
    if not chain.effects:
        return sound
    effects = Chain([Slot(_KINDS[effect.kind](**dict(effect.values))) for effect in chain.effects])
    effects.prepare(rate, len(sound))
    stream = EffectStream(effects, len(sound), 0, _CHUNK_FRAMES)
    return np.concatenate((stream.push(sound), stream.finish()), axis=1)


def _drawn(effect: Setting, amount: float) -> Setting:
    neutral = _NEUTRAL.get(effect.kind, {"mix": 0.0})
    known = {row.name for row in _KINDS[effect.kind].parameters}
    drawn = {
        name: _between(name, nothing, effect.value(name), amount)
        for name, nothing in neutral.items()
        if name in known and effect.value(name) != nothing
    }
    return setting(effect.kind, {**dict(effect.values), **drawn})


def _between(name: str, nothing: float, value: float, amount: float) -> float:
    if name.endswith("_hz"):
        return nothing * math.exp(amount * math.log(value / nothing))
    return nothing + (value - nothing) * amount
