"""How the session's slots set effects: kinds and values that are not known, and curves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from fanstudio.audio.effects import EFFECTS
from fanstudio.audio.effects.effect import Effect
from fanstudio.audio.mix.curve import Curve
from fanstudio.model.mixer import Automation, EffectSlot, effect_target

#: The curves that rule a strip, by their targets.
Curves = Mapping[str, Automation]
Slots = tuple[EffectSlot, ...]

_KINDS: Final = {kind.kind: kind for kind in EFFECTS}


def known_effects(slots: Slots) -> Slots:
    """Return the slots whose kinds there are."""
    return tuple(slot for slot in slots if slot.kind in _KINDS)


def unknown_effects(slots: Slots) -> Slots:
    """Return the slots whose kinds there are not."""
    return tuple(slot for slot in slots if slot.kind not in _KINDS)


def make_effect(row: EffectSlot, curves: Mapping[str, Curve], position: int) -> Effect:
    """Return the effect of a slot, set as it is at a timeline frame; its kind must be known."""
    automated = in_range(row.kind, {name: curve.at(position) for name, curve in curves.items()})
    return _KINDS[row.kind](**{**held(row), **automated})


def held(row: EffectSlot) -> dict[str, float]:
    """Return the values of all of an effect's parameters, held at the ends of their ranges."""
    defaults = {parameter.name: parameter.default for parameter in _KINDS[row.kind].parameters}
    return defaults | in_range(row.kind, dict(row.values))


def in_range(kind: str, values: Mapping[str, float]) -> dict[str, float]:
    """Return the values of parameters that there are, held at the ends of their ranges."""
    rows = {row.name: row for row in _KINDS[kind].parameters}
    known = {name: value for name, value in values.items() if name in rows}
    return {name: min(rows[name].high, max(rows[name].low, value)) for name, value in known.items()}


def parameter_curves(row: EffectSlot, curves: Curves) -> dict[str, Curve]:
    """Return the curves of an effect's parameters, by their names."""
    names = (parameter.name for parameter in _KINDS[row.kind].parameters)
    targets = {name: effect_target(row.id, name) for name in names}
    return {name: Curve(curves[target]) for name, target in targets.items() if target in curves}


def configure(effect: Effect, values: Mapping[str, float]) -> None:
    """Set what differs."""
    changed = {name: value for name, value in values.items() if effect.values[name] != value}
    if changed:
        effect.configure(**changed)
