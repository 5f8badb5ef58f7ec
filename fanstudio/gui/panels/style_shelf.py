"""What the style panel can offer on this machine, and the choice that a tile with its options stands for."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from fanstudio.errors import FanstudioError
from fanstudio.gui.panels.style_offers import (
    AI,
    DSP,
    Offer,
    instrument_offer,
    preset_offer,
    record_offer,
    surprise_offer,
    tags_of,
)
from fanstudio.gui.panels.style_options import Shown, StyleOptions
from fanstudio.gui.panels.style_tiles import Group
from fanstudio.model.recipe import Recipe, Voice
from fanstudio.model.session import Session, Stem
from fanstudio.model.styling import StyleKind, Styling
from fanstudio.studio import styles
from fanstudio.studio.styles import StyleChoice, TimbreOffer
from fanstudio.text import name_of


class StyleShelf:
    """Presets, the fan's own among them, instruments, a record that was chosen, and a surprise."""

    def __init__(self) -> None:
        """Hold nothing before `read`."""
        self._presets: tuple[Recipe, ...] = ()
        self._own: tuple[Recipe, ...] = ()
        self._timbres: tuple[TimbreOffer, ...] = ()
        #: The file of the song to sound like.
        self.record: Path | None = None
        #: A style that was mixed by chance, and by which number.
        self.surprise: tuple[int, Recipe] | None = None

    def read(self) -> str:
        """Read what there is; return in words what could not be read, or nothing."""
        problems: list[str] = []
        for read in (self._read_presets, self._read_own, self._read_timbres):
            try:
                read()
            except FanstudioError as error:
                problems.append(f"{error.message} {error.hint}".strip())
        return " ".join(problems)

    # ── what is offered ──────────────────────────────────────────────────────────────────────

    @property
    def record_offer(self) -> Offer:
        """Return the tile of the song to sound like."""
        return record_offer(name_of(self.record) if self.record else "")

    @property
    def surprise_offer(self) -> Offer | None:
        """Return the tile of the surprise, if there is one."""
        return surprise_offer(*self.surprise) if self.surprise else None

    def groups(self, stem: Stem | None) -> tuple[Group, ...]:
        """Return the tiles for a track that is a stem, or for the whole song where there is none."""
        if stem is Stem.DRUMS:
            kits = [offer for offer in self._timbres if offer.drums]
            return (Group("Drum kits", (*map(instrument_offer, kits), self.record_offer)),)
        if stem is not None:
            nets = [offer for offer in self._timbres if offer.voice is Voice.NET]
            others = [offer for offer in self._timbres if offer.voice is not Voice.NET and not offer.drums]
            return (
                Group("Instruments", (*map(instrument_offer, nets), self.record_offer)),
                Group("Instruments that play its notes", tuple(map(instrument_offer, others)), folded=True),
            )
        chance = (self.surprise_offer,) if self.surprise_offer else ()
        own = tuple(preset_offer(recipe, own=True) for recipe in self._own)
        return (
            Group("", (*map(preset_offer, self._presets), self.record_offer, *chance)),
            Group("Your presets", own),
        )

    def asks_for_record(self, offer: Offer) -> bool:
        """Tell whether a song has to be chosen before an offer means anything."""
        return offer.kind is StyleKind.PRODUCTION and self.record is None

    def recipe(self, offer: Offer | None) -> Recipe | None:
        """Return the recipe of a preset's tile."""
        if offer is None or offer.kind is not StyleKind.PRESET:
            return None
        known = {recipe.id: recipe for recipe in (*self._presets, *self._own)}
        if self.surprise is not None and offer == self.surprise_offer:
            return self.surprise[1]
        return known.get(offer.id)

    def tags_of(self, styling: Styling) -> tuple[str, ...]:
        """Return who made a style that the song has."""
        known = {recipe.id: recipe for recipe in (*self._presets, *self._own)}
        if styling.kind is StyleKind.TIMBRE:
            played = {offer.id: instrument_offer(offer).tags for offer in self._timbres}
            return played.get(styling.recipe_id, (AI,))
        if styling.ai:
            return (AI,)
        recipe = known.get(styling.recipe_id)
        return tags_of(recipe) if recipe is not None else (DSP,)

    # ── what is chosen ───────────────────────────────────────────────────────────────────────

    def options_for(self, offer: Offer | None, target: str, session: Session) -> Shown:
        """Return which options make sense for an offer."""
        if offer is not None and offer.kind is StyleKind.TIMBRE:
            voice = self._voice(offer.id)
            others = [one for one in self._timbres if one.voice is Voice.NET and one.id != offer.id]
            blends = tuple((one.id, one.title) for one in others) if voice is Voice.NET else ()
            return Shown((), voice, blends, offer.title.lower())
        stems = {track.stem for track in session.tracks if track.clips} - {Stem.MIX}
        dosed = offer is not None and offer.kind is StyleKind.PRESET and not target
        return Shown(tuple(stem for stem in Stem if stem in stems) if dosed else ())

    def choice(self, offer: Offer, target: str, options: StyleOptions) -> StyleChoice:
        """Return what an offer with its options stands for."""
        choice = StyleChoice(
            kind=offer.kind,
            id=offer.id,
            target=target,
            amount=options.amount.share,
            amounts=options.amounts,
        )
        if offer.kind is StyleKind.TIMBRE:
            return replace(choice, timbre=options.timbre(offer.id))
        if offer.kind is StyleKind.PRODUCTION:
            return replace(choice, reference=self.record)
        seed = self.surprise[0] if self.surprise and offer == self.surprise_offer else 0
        return replace(choice, recipe=self.recipe(offer), seed=seed)

    def again(self, styling: Styling, amount: float) -> StyleChoice | None:
        """Return the choice behind a likeness to the record that is at hand still; None for all else."""
        if styling.kind is not StyleKind.PRODUCTION or self.record is None:
            return None
        if name_of(self.record) != styling.reference:
            return None
        return StyleChoice(kind=styling.kind, target=styling.target, amount=amount, reference=self.record)

    # ── parts ────────────────────────────────────────────────────────────────────────────────

    def _read_presets(self) -> None:
        self._presets = self._presets or styles.list_presets()

    def _read_own(self) -> None:
        self._own = styles.own_presets()

    def _read_timbres(self) -> None:
        self._timbres = self._timbres or styles.list_timbres()

    def _voice(self, instrument: str) -> Voice:
        voices = {offer.id: offer.voice for offer in self._timbres}
        return voices.get(instrument, Voice.NET)
