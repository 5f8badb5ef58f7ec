"""A style of the session as it stands now, with all that the fan has changed of it, as a recipe again."""

from __future__ import annotations

from dataclasses import replace

from fanstudio.model.mixer import EffectSlot, Send
from fanstudio.model.recipe import BusRecipe, Recipe, RecipeEffect, SongRecipe, StemRecipe
from fanstudio.model.session import Session, Stem, Track
from fanstudio.model.styling import Styling
from fanstudio.text import one_line

_LIMITER = "limiter"


def present_recipe(session: Session, styling: Styling, origin: Recipe | None) -> Recipe:
    """Return what a styling laid, with the values of now; what plays anew and the groove come from `origin`.

    Effects that the fan switched off are left out.
    """
    moves = dict(styling.moves)
    buses = _buses(session, styling)
    stems: dict[Stem, StemRecipe] = {}
    for track in session.tracks:
        told = _stem(track, styling, moves, buses, origin)
        if told != StemRecipe():
            stems.setdefault(track.stem, told)
    master = _kept(session.master_effects, styling)
    if master and master[-1].kind == _LIMITER:
        master = master[:-1]
    base = origin or Recipe(styling.recipe_id or "style", styling.name)
    return replace(
        base,
        title=one_line(styling.name, 60),
        song=_song(base, moves),
        stems=tuple(stems.items()),
        buses=tuple(buses.values()),
        master=master,
    )


def _buses(session: Session, styling: Styling) -> dict[str, BusRecipe]:
    """Return the buses that the styling made, by their ids."""
    made = {name.partition(".")[2] for name, _ in styling.moves if name.startswith("bus.")}
    found: dict[str, BusRecipe] = {}
    for bus in session.buses:
        if bus.id in made:
            name = _plain(bus.name, {other.name for other in found.values()})
            found[bus.id] = BusRecipe(name, bus.gain_db, _kept(bus.effects, styling))
    return found


def _stem(
    track: Track,
    styling: Styling,
    moves: dict[str, float],
    buses: dict[str, BusRecipe],
    origin: Recipe | None,
) -> StemRecipe:
    told = origin.stem(track.stem) if origin is not None else None
    return StemRecipe(
        gain_db=told.gain_db if told and told.timbre else moves.get(f"gain_db.{track.id}", 0.0),
        pan=moves.get(f"pan.{track.id}", 0.0),
        muted=bool(told and told.muted),
        timbre=told.timbre if told else None,
        effects=_kept(track.effects, styling),
        sends=tuple((buses[send.bus].name, send.gain_db) for send in _sent(track, buses)),
    )


def _sent(track: Track, buses: dict[str, BusRecipe]) -> tuple[Send, ...]:
    return tuple(send for send in track.sends if send.bus in buses)


def _kept(slots: tuple[EffectSlot, ...], styling: Styling) -> tuple[RecipeEffect, ...]:
    laid = (slot for slot in slots if slot.styling == styling.id and slot.enabled)
    return tuple(RecipeEffect(slot.kind, slot.values) for slot in laid)


def _song(base: Recipe, moves: dict[str, float]) -> SongRecipe:
    speed, semitones = moves.get("speed", 1.0), moves.get("semitones", 0.0)
    if base.song.pitch_follows:
        return SongRecipe(speed, 0.0, True)
    return SongRecipe(speed, semitones)


def _plain(name: str, taken: set[str]) -> str:
    """Return the name that a recipe's bus had, or a plain one that is free."""
    told = name.rpartition(": ")[2].lower()
    plain = "".join(letter for letter in told if letter.isascii() and (letter.isalnum() or letter in "_-"))
    plain = plain.strip("_-")[:40] or "bus"
    return plain if plain not in taken else f"{plain}-{len(taken) + 1}"
