"""Words for effects and their parameters, made from the effects' own tables."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from fanstudio.audio.effects import EFFECTS
from fanstudio.audio.effects.effect import Effect, Parameter

#: Every effect by its kind in the session.
BY_KIND: Final[Mapping[str, type[Effect]]] = MappingProxyType({effect.kind: effect for effect in EFFECTS})

#: What tells two parameters of one name apart.
_UNIT_WORDS: Final = MappingProxyType({"dB": "gain", "ms": "time", "s": "time"})
_ENDINGS: Final = ("_db", "_hz", "_ms", "_s")


def effect_title(kind: str) -> str:
    """Return what an effect is called; an unknown kind by its own name."""
    effect = BY_KIND.get(kind)
    return effect.title if effect else kind


def parameter_title(effect: type[Effect], row: Parameter) -> str:
    """Return a parameter's name in words: `low_cut_hz` is `Low cut`, or `Low gain` beside `low_hz`."""
    stem = _without_unit(row.name)
    shared = sum(_without_unit(other.name) == stem for other in effect.parameters) > 1
    words = f"{stem} {_UNIT_WORDS.get(row.unit, '')}" if shared else stem
    words = words.replace("_", " ").strip().removesuffix(" q")
    words = words + " Q" if row.name.endswith("_q") else words
    return words[:1].upper() + words[1:]


def _without_unit(name: str) -> str:
    return next((name.removesuffix(end) for end in _ENDINGS if name.endswith(end)), name)
