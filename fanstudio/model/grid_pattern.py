"""A drum pattern that plays along with a song: repeated on a track of its own, bar line by bar line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from fanstudio.errors import EditError
from fanstudio.model import edits
from fanstudio.model.beat_grid import BeatGrid
from fanstudio.model.lanes import with_track
from fanstudio.model.pattern import STEPS_PER_BAR, Pattern
from fanstudio.model.pattern_edits import check_pattern
from fanstudio.model.session import Clip, Session, Source, Stem, new_id
from fanstudio.model.tempo import is_tempo
from fanstudio.model.warp import MAX_STRETCH, MIN_STRETCH, Warp

_STEPS_PER_BEAT: Final = 4
#: Bars whose length differs less from the pattern's are not stretched; others to the nearest of such steps.
_TEMPO_STEP: Final = 0.005
_FADE_S: Final = 0.0015


def pattern_bpm(grid: BeatGrid) -> float:
    """Return the tempo in which a pattern is rendered to fit a grid, in tenths of a beat a minute.

    Raises:
        EditError: there are no beats, or their tempo is none that can be set.

    """
    bpm = round(grid.tempo_bpm, 1)
    if not grid or not is_tempo(bpm):
        raise EditError("No beats were found in this song.", hint="Analyse it first, or set its tempo.")
    return bpm


def lay_pattern(
    session: Session, name: str, pattern: Pattern, source: Source, grid: BeatGrid, start: int, end: int
) -> Session:
    """Play a pattern on a new track from the first bar line from `start` on, up to `end`.

    `source` is one pass of it at `pattern_bpm`. Each pass begins on its bar line, so that a tempo that
    drifts carries it along; within a pass the tempo is taken as constant, and a pass whose bars are
    longer or shorter is stretched. A bar is four beats: in other metres passes still follow one another.

    Raises:
        EditError: the pattern contradicts itself, or no pass fits.

    """
    check_pattern(pattern)
    passes = tuple(_passes(grid, session.sample_rate, pattern, start, end))
    if not passes:
        raise EditError("There is no room for a drum pattern on this song's bars.")
    session = edits.add_track(edits.add_source(session, source), name, Stem.DRUMS)
    clips = tuple(
        _clip(session, name, pattern, source, position, min(after, end) - position, after - position)
        for position, after in passes
    )
    return with_track(session, replace(session.tracks[-1], clips=clips))


def _passes(
    grid: BeatGrid, sample_rate: int, pattern: Pattern, start: int, end: int
) -> Iterator[tuple[int, int]]:
    """Yield where each pass begins and where the next one would."""
    beats = pattern.bars * STEPS_PER_BAR // _STEPS_PER_BEAT
    beat = grid.first_downbeat
    while (position := grid.frame_of(beat, sample_rate)) < end and beat < len(grid.beats_s):
        if position >= start:
            yield position, grid.frame_of(beat + beats, sample_rate)
        beat += beats


def _clip(
    session: Session, name: str, pattern: Pattern, source: Source, position: int, length: int, room: int
) -> Clip:
    """Return a pass in its room, of which `length` frames are heard."""
    ratio = round(room / source.length / _TEMPO_STEP) * _TEMPO_STEP
    stretch = min(MAX_STRETCH, max(MIN_STRETCH, round(ratio, 3)))
    warp = None if stretch == 1.0 else Warp(stretch=stretch)
    clip = Clip(new_id(), source.id, name, position, 0, 1, warp=warp, pattern=pattern)
    length = min(length, session.material_length(clip))
    fade = 0 if warp is None and length == source.length else round(_FADE_S * session.sample_rate)
    fade = min(fade, length // 2)
    return replace(clip, length=length, fade_in=fade if warp else 0, fade_out=fade)
