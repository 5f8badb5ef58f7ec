"""A style that was applied: what it was, which net took part, and how much of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

#: More in one session is damage, not music.
MAX_STYLINGS: Final = 256


class StyleKind(StrEnum):
    """What a style changes: an instrument's timbre, how a record is produced, or a whole song."""

    TIMBRE = "timbre"
    PRODUCTION = "production"
    PRESET = "preset"


@dataclass(frozen=True, slots=True)
class Styling:
    """One application of a style; what it laid refers to it by its id.

    `target` is the strip it was applied to, empty for the whole song. `recipe_id` and `recipe_sha256`
    name the recipe's file, if there is one, and `reference` the record that was to be sounded like.
    `ai` tells whether a net, `model_id` with the hash `model_sha256`, chose the values of its effects;
    sounds that a net made tell it in their own lineage. `amount` runs from 0 to 1.
    """

    id: str
    kind: StyleKind
    name: str
    target: str = ""
    amount: float = 1.0
    amounts: tuple[tuple[str, float], ...] = ()
    seed: int = 0
    recipe_id: str = ""
    recipe_sha256: str = ""
    reference: str = ""
    model_id: str = ""
    model_sha256: str = ""
    ai: bool = False
    #: What it changed besides laying effects, and by how much, to be taken back by: see `style_moves`.
    moves: tuple[tuple[str, float], ...] = ()
