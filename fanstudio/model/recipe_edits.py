"""Lays a recipe on a session: effects, buses, gains and made stems, each an ordinary, editable thing."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace

from fanstudio.errors import EditError
from fanstudio.model import edits
from fanstudio.model.beat_grid import BeatGrid
from fanstudio.model.groove_edits import half_time, play_beside, swing
from fanstudio.model.lanes import held_gain, with_track
from fanstudio.model.mixer import GAIN, MASTER, MAX_BUSES, MAX_EFFECTS, Automation, is_of_strip
from fanstudio.model.mixer_edits import add_bus, effects_of, set_bus_gain, set_send
from fanstudio.model.recipe import Recipe, RecipeEffect, StemRecipe
from fanstudio.model.session import Session, Source, Stem, Track, new_id
from fanstudio.model.slices import Attacks
from fanstudio.model.speed_edits import set_speed
from fanstudio.model.style_edits import add_styling, find_styling, lay_effect, remove_styling
from fanstudio.model.style_moves import moves_between
from fanstudio.model.styling import StyleKind, Styling

_LIMITER = "limiter"


@dataclass(frozen=True, slots=True)
class Playing:
    """A stem played anew: what was made of each source, by its id, and how loud both are heard.

    `under_db` is the change of the stem's own gain; None mutes it.
    """

    name: str
    made: Mapping[str, Source]
    gain_db: float = 0.0
    under_db: float | None = None


@dataclass(frozen=True, slots=True)
class Laying:
    """A recipe, scaled to its amount, with all that laying it needs.

    `playing` is by track id. `drive_db` goes into the limiter at the end, `level_db` behind it; without a
    drive there is no limiter, so that the sound before it can be measured.
    """

    recipe: Recipe
    styling: Styling
    playing: Mapping[str, Playing] = field(default_factory=dict)
    #: The beats on the timeline as it is, and where in the sources of drums sounds begin.
    grid: BeatGrid | None = None
    attacks: Attacks = field(default_factory=dict)
    drive_db: float | None = None
    level_db: float = 0.0
    ceiling_db: float = -1.0


def lay_recipe(session: Session, laying: Laying) -> Session:
    """Put a style in place of the one of its kind that was there; what is gone from the session is left out.

    Raises:
        EditError: the song cannot be played at that speed, or holds too many styles.

    """
    session = take_others_away(session, laying.styling)
    styling, recipe = laying.styling, laying.recipe
    before = session
    session = add_styling(session, replace(styling, moves=()))
    session, stand_ins = _grooved(session, laying)
    song = recipe.song
    if song.speed != 1 or song.moved_semitones:
        session = set_speed(session, song.speed, song.moved_semitones, keep_formants=not song.pitch_follows)
    session, buses = _buses(session, laying)
    for track in before.tracks:
        stem = recipe.stem(track.stem)
        if stem is not None and styling.target in ("", track.id):
            playing, strip_id = laying.playing.get(track.id), stand_ins.get(track.id, track.id)
            session = _stem(session, strip_id, stem, playing, styling.id, buses)
    session = _master(session, laying)
    moves = moves_between(before, session, song.speed, song.moved_semitones)
    return _with_moves(session, replace(styling, moves=moves))


def take_others_away(session: Session, styling: Styling) -> Session:
    """Return the session without the styles that one of this kind and target takes the place of."""
    for old in session.stylings:
        if old.kind is styling.kind and old.target == styling.target:
            session = remove_styling(session, old.id)
    return session


def _grooved(session: Session, laying: Laying) -> tuple[Session, dict[str, str]]:
    """Let drums play in another groove on tracks of their own; returns what plays in whose stead, by id."""
    groove, grid = laying.recipe.groove, laying.grid
    stand_ins: dict[str, str] = {}
    if grid is None or not (groove.half_time or groove.swing):
        return session, stand_ins
    word = "half-time" if groove.half_time else "swing"
    for track in session.tracks:
        if track.stem is not Stem.DRUMS or track.muted or not track.clips:
            continue
        with suppress(EditError):
            changed, copy = play_beside(session, track.id, f"{track.name} ({word})")
            if groove.half_time:
                changed = half_time(changed, (copy,), grid, attacks=laying.attacks)
            if groove.swing:
                changed = swing(
                    changed, (copy,), grid, groove.swing, groove.subdivision, attacks=laying.attacks
                )
            session, stand_ins[track.id] = changed, copy
    return session, stand_ins


def _buses(session: Session, laying: Laying) -> tuple[Session, dict[str, str]]:
    """Return the session with the recipe's buses, and their ids by name."""
    ids: dict[str, str] = {}
    wanted = {name for _, stem in laying.recipe.stems for name, _gain in stem.sends}
    for bus in laying.recipe.buses:
        if bus.name not in wanted or len(session.buses) >= MAX_BUSES:
            continue
        session = add_bus(session, f"{laying.styling.name}: {bus.name}")
        ids[bus.name] = session.buses[-1].id
        session = set_bus_gain(session, ids[bus.name], bus.gain_db)
        session = _chain(session, ids[bus.name], bus.effects, laying.styling.id)
    return session, ids


def _stem(
    session: Session,
    track_id: str,
    stem: StemRecipe,
    playing: Playing | None,
    styling_id: str,
    buses: Mapping[str, str],
) -> Session:
    """Lay what a recipe says of a stem on its track, or on the track of what was made of it."""
    track = session.track(track_id)
    session = with_track(session, _faded(track, stem))
    strips = [track_id]
    if playing is not None:
        session, made = _played(session, track_id, playing)
        strips = [strip for strip in (made, track_id) if strip]
        strips = strips[:1] if made and playing.under_db is None else strips
    for strip_id in strips:
        session = _chain(session, strip_id, stem.effects, styling_id)
        for name, gain_db in stem.sends:
            if name in buses:
                session = set_send(session, strip_id, buses[name], gain_db)
    return session


def _faded(track: Track, stem: StemRecipe) -> Track:
    return replace(
        track,
        gain_db=held_gain(track.gain_db + stem.gain_db),
        pan=min(1.0, max(-1.0, track.pan + stem.pan)),
        muted=track.muted or stem.muted,
    )


def _played(session: Session, track_id: str, playing: Playing) -> tuple[Session, str]:
    """Add a track of what was made of a stem below it; returns its id, empty where nothing plays."""
    track = session.track(track_id)
    made = tuple(clip for clip in track.clips if clip.source in playing.made)
    if not made:
        return session, ""
    for source in playing.made.values():
        session = edits.add_source(session, source)
    clips = tuple(
        replace(clip, id=new_id(), source=playing.made[clip.source].id, name=playing.name) for clip in made
    )
    lane = Track(
        new_id(),
        playing.name,
        track.stem,
        clips,
        held_gain(track.gain_db + playing.gain_db),
        track.pan,
        track.muted,
        output=track.output,
        sends=track.sends,
        automation=_curves(track, playing.gain_db),
    )
    at = session.tracks.index(track) + 1
    own = replace(track, muted=True)
    if playing.under_db is not None:
        own = replace(track, gain_db=held_gain(track.gain_db + playing.under_db))
    session = with_track(session, own)
    return replace(session, tracks=(*session.tracks[:at], lane, *session.tracks[at:])), lane.id


def _curves(track: Track, gain_db: float) -> tuple[Automation, ...]:
    """Return what rules a track's own strip over time, its gain moved by `gain_db`."""
    own = (curve for curve in track.automation if is_of_strip(curve.target))
    return tuple(_louder(curve, gain_db) if curve.target == GAIN else curve for curve in own)


def _louder(curve: Automation, gain_db: float) -> Automation:
    points = (replace(point, value=held_gain(point.value + gain_db)) for point in curve.points)
    return replace(curve, points=tuple(points))


def _master(session: Session, laying: Laying) -> Session:
    session = _chain(session, MASTER, laying.recipe.master, laying.styling.id)
    if laying.drive_db is not None:
        values = (("ceiling_db", laying.ceiling_db), ("drive_db", laying.drive_db))
        session = _chain(session, MASTER, (RecipeEffect(_LIMITER, values),), laying.styling.id)
    if laying.level_db:
        session = edits.set_master_gain(session, session.master_gain_db + laying.level_db)
    return session


def _chain(session: Session, strip_id: str, effects: tuple[RecipeEffect, ...], styling_id: str) -> Session:
    """Lay effects at the end of a chain, as many as it still holds."""
    for effect in effects:
        if len(effects_of(session, strip_id)) < MAX_EFFECTS:
            session = lay_effect(session, strip_id, effect.kind, dict(effect.values), styling_id)
    return session


def _with_moves(session: Session, styling: Styling) -> Session:
    find_styling(session, styling.id)
    stylings = tuple(styling if old.id == styling.id else old for old in session.stylings)
    return replace(session, stylings=stylings)


def applied(session: Session, kind: StyleKind, target: str = "") -> Styling | None:
    """Return the style of this kind that is applied to a strip, or to the whole song."""
    found = (item for item in session.stylings if item.kind is kind and item.target == target)
    return next(found, None)
