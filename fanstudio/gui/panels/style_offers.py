"""What the style panel offers: presets, instruments and the song to be sounded like, each as one tile."""

from __future__ import annotations

from dataclasses import dataclass

from fanstudio.model.recipe import GrooveRecipe, Recipe, SongRecipe, Voice
from fanstudio.model.styling import StyleKind
from fanstudio.studio.sampled_drums import is_kit
from fanstudio.studio.styles import TimbreOffer

AI, DSP = "AI", "DSP"
#: The id of the tile that asks for a record.
ANY_RECORD = ""
#: A change of speed that is worth a word.
_TELLING = 0.1
#: A longer word has no room beside two tags.
_SHORT = 7


@dataclass(frozen=True, slots=True)
class Offer:
    """A style that can be chosen: `tags` say what makes it, `word` in a word what it does."""

    kind: StyleKind
    id: str
    title: str
    about: str
    tags: tuple[str, ...] = ()
    word: str = ""
    #: Nothing yet: a file has to be chosen first.
    empty: bool = False


def preset_offer(recipe: Recipe, *, own: bool = False) -> Offer:
    """Return the tile of a preset."""
    word = "yours" if own else _word(recipe)
    return Offer(StyleKind.PRESET, recipe.id, recipe.title, recipe.summary, tags_of(recipe), word)


def record_offer(name: str = "") -> Offer:
    """Return the tile of a record to sound like; `name` is that of the file that was chosen."""
    if name:
        about = f"A net sets ordinary effects to sound like “{name}”; press again for another song"
        return Offer(StyleKind.PRODUCTION, ANY_RECORD, "Like a song…", about, (AI, DSP), name)
    about = "Choose a song to sound like, or drop its file on this panel"
    return Offer(
        StyleKind.PRODUCTION, ANY_RECORD, "Like a song…", about, (), "or drop a file here", empty=True
    )


def instrument_offer(offer: TimbreOffer) -> Offer:
    """Return the tile of an instrument."""
    net = offer.voice is Voice.NET
    tags = (AI,) if net else (DSP,) if offer.drums else (AI, DSP)
    word = offer.family if net or len(offer.family) <= _SHORT else ""
    # What stands in brackets has no room on a tile; `about` has all of it.
    title = offer.title.partition(" (")[0]
    return Offer(StyleKind.TIMBRE, offer.id, title, _about(offer), tags, word)


def _about(offer: TimbreOffer) -> str:
    name = offer.title.lower()
    if offer.drums:
        return f"The {name} are struck where the stem's are, as hard as they are; no AI takes part"
    if offer.voice is Voice.NET:
        return f"A net hears the line and plays it as a {name} would: the sound itself is AI"
    return f"A net hears the notes, and a {name} of recorded or computed tones plays them"


def surprise_offer(seed: int, recipe: Recipe) -> Offer:
    """Return the tile of a style that was mixed by chance."""
    about = recipe.summary or f"Mixed by chance, from the number {seed}"
    return Offer(StyleKind.PRESET, recipe.id, recipe.title, about, tags_of(recipe), f"no. {seed}")


def tags_of(recipe: Recipe) -> tuple[str, ...]:
    """Return who makes a preset: nets, where one plays, hears beats or chooses values, and plain effects."""
    stems = [stem for _, stem in recipe.stems]
    on_beats = recipe.groove.half_time or recipe.groove.swing > 0
    timbres = [stem.timbre for stem in stems if stem.timbre is not None]
    nets = on_beats or bool(recipe.production) or not all(is_kit(timbre.instrument) for timbre in timbres)
    moved = recipe.song != SongRecipe() or recipe.groove != GrooveRecipe()
    effects = bool(recipe.master or recipe.buses) or any(stem.effects for stem in stems)
    plain = moved or effects or any(timbre.voice is Voice.SAMPLED for timbre in timbres)
    return tuple(tag for tag, there in ((AI, nets), (DSP, plain)) if there)


def _word(recipe: Recipe) -> str:
    """Say the most telling thing about a preset in a word."""
    if abs(recipe.song.speed - 1) >= _TELLING:
        return "slower" if recipe.song.speed < 1 else "faster"
    return "swing" if recipe.groove.swing else ""
