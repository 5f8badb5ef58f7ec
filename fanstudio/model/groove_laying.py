"""Lays the groove of a recipe: drums that play otherwise on a copy of their track, and a drum pattern."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from fanstudio.model.beat_grid import BeatGrid
from fanstudio.model.grid_pattern import lay_pattern
from fanstudio.model.groove_edits import half_time, play_beside, swing
from fanstudio.model.pattern import Pattern
from fanstudio.model.recipe import GrooveRecipe
from fanstudio.model.session import Session, Source, Stem
from fanstudio.model.slices import Attacks


@dataclass(frozen=True, slots=True)
class HeardGroove:
    """What a groove is laid by: the song's beats, where its drums' sounds begin, and a rendered pattern.

    The grid counts seconds of the timeline as it is before the style, its speed included.
    """

    grid: BeatGrid
    attacks: Attacks = field(default_factory=dict)
    pattern: Pattern | None = None
    source: Source | None = None


def lay_groove(
    session: Session, groove: GrooveRecipe, heard: HeardGroove, *, target: str = ""
) -> tuple[Session, Mapping[str, str]]:
    """Return the session with a groove, and the ids of the tracks that took a track's place, by its own.

    Only drums move: the rest of a song is held together by what rings over its beats. `target` is the
    one track that it is for; empty for all. Drums that are muted stay as they are. The tracks that gave
    way are muted, so that a groove is taken back by removing what was added.

    Raises:
        EditError: there are no beats, or too few bars.

    """
    taken: dict[str, str] = {}
    for track in session.tracks if groove.half_time or groove.swing else ():
        if track.stem is Stem.DRUMS and track.clips and not track.muted and target in ("", track.id):
            name = "half-time" if groove.half_time else "swung"
            session, taken[track.id] = play_beside(session, track.id, f"{track.name}, {name}")
    moved = tuple(taken.values())
    if groove.half_time and moved:
        session = half_time(session, moved, heard.grid, attacks=heard.attacks)
    if moved:
        session = swing(session, moved, heard.grid, groove.swing, groove.subdivision, attacks=heard.attacks)
    if heard.pattern is not None and heard.source is not None and not target:
        start = min((clip.position for clip in session.clips()), default=0)
        name = heard.source.name
        session = lay_pattern(session, name, heard.pattern, heard.source, heard.grid, start, session.length)
    return session, taken
