"""Hears a style before it is applied: a window of the song as it is and as it would be, equally loud."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

from fanstudio.errors import InputError
from fanstudio.jobs import Work
from fanstudio.model import edits
from fanstudio.model.audibility import audible_clips, audible_end
from fanstudio.model.lanes import map_tracks
from fanstudio.model.recipe import Recipe
from fanstudio.model.recipe_edits import lay_recipe, take_others_away
from fanstudio.model.session import Clip, Session, Source, Track, new_id
from fanstudio.model.warp import Warp
from fanstudio.studio.project import Project
from fanstudio.studio.style.choice import PreviewPair, StyleChoice, Styled
from fanstudio.studio.style.groove import with_groove
from fanstudio.studio.style.level import loudness_of
from fanstudio.studio.style.plan import Heard, begin, level, listen, missing_stems
from fanstudio.studio.style.steps import steps_of
from fanstudio.studio.style.voices import play_windows
from fanstudio.studio.style.windows import Placed, Window, WindowSamples, source_windows, warp_key


def preview_recipe(
    work: Work, project: Project, choice: StyleChoice, recipe: Recipe, start_frame: int, seconds: float
) -> PreviewPair:
    """Return a window of the song before and after a recipe; see `styles.preview`."""
    session = project.document.session
    laying = begin(session, choice, recipe)
    base = take_others_away(session, laying.styling)
    window = window_at(base, start_frame, seconds)
    laying, beatless = with_groove(work.part(0.0, 0.1), project, base, laying)
    voices = play_windows(work.part(0.1, 0.4), project, base, laying, window)
    laying = replace(laying, playing=voices.playing)
    read = project.pool.samples_at(session.sample_rate)
    laying, heard = level(work.part(0.4, 1.0), session, laying, read, voices.lent, (window,))
    work.check()
    notes = (*missing_stems(session, laying.recipe), *beatless, *voices.notes)
    pair = PreviewPair(
        base,
        base,
        window.start,
        window.start,
        window.length,
        window.length,
        0.0,
        tuple(voices.lent),
        (),
        notes,
    )
    if choice.amount > 0:
        later = window.scaled(1 / laying.recipe.song.speed)
        steps = steps_of(session, laying)
        pair = replace(
            pair,
            after=lay_recipe(session, laying),
            after_start=later.start,
            after_length=later.length,
            steps=steps,
        )
    return made_equal(project, pair, heard, voices.lent)


def preview_change(
    work: Work, project: Project, base: Session, styled: Styled, start_frame: int, seconds: float
) -> PreviewPair:
    """Return a window of the song before and after a change that keeps its time."""
    window = window_at(base, start_frame, seconds)
    after = styled.change(project.document.session)
    heard = listen(work, base, after, project.pool.samples_at(base.sample_rate), {}, ((window,), (window,)))
    pair = PreviewPair(
        base,
        after,
        window.start,
        window.start,
        window.length,
        window.length,
        0.0,
        (),
        styled.steps,
        styled.notes,
    )
    return made_equal(project, pair, heard, {})


def made_equal(project: Project, pair: PreviewPair, heard: Heard, lent: Mapping[str, Placed]) -> PreviewPair:
    """Return a pair that plays at once and equally loud, each window round and round."""
    made = dict(lent)
    later = Window(pair.after_start, pair.after_start + pair.after_length)
    after = _baked(pair.after, later, heard.samples, made)
    rate = heard.sample_rate
    gain_db = 0.0
    if pair.after is not pair.before:
        gain_db = _finite(loudness_of(heard.after, rate) - loudness_of(heard.before, rate))
    for source_id, samples in made.items():
        project.pool.lend(source_id, samples)
    window = Window(pair.before_start, pair.before_start + pair.before_length)
    return replace(
        pair,
        before=_looped(_quieter(pair.before, -gain_db), window),
        after=_looped(_quieter(after, gain_db), later),
        gain_db=gain_db,
        lent=tuple(made),
    )


def _finite(louder_db: float) -> float:
    """Return a difference of loudness, or none where a window is silent."""
    return louder_db if math.isfinite(louder_db) else 0.0


def window_at(session: Session, start_frame: int, seconds: float) -> Window:
    """Return the window of a song from a frame on, earlier where it would end after the song.

    Raises:
        InputError: nothing sounds in the song.

    """
    first = min((clip.position for _, clip in audible_clips(session)), default=0)
    end = audible_end(session)
    if end <= first:
        raise InputError("There is nothing to hear yet.", hint="Import a song first.")
    length = min(end - first, round(seconds * session.sample_rate))
    start = min(max(first, start_frame), end - length)
    return Window(start, start + length)


def _baked(session: Session, window: Window, samples: WindowSamples, lent: dict[str, Placed]) -> Session:
    """Return a session that plays a window at once: what is warped is put into `lent`, as it was heard."""
    for source_id, warp in source_windows(session, [window]):
        if warp is None or warp.idle:
            continue
        source, placed = session.source(source_id), samples.windows[warp_key(source_id, warp)]
        stand_in = replace(source, id=new_id(), length=placed.shape[1], lineage=None)
        lent[stand_in.id] = placed
        session = _instead(edits.add_source(session, stand_in), source_id, stand_in, warp)
    return session


def _instead(session: Session, source_id: str, stand_in: Source, warp: Warp) -> Session:
    def swap(clip: Clip) -> Clip:
        same = clip.source == source_id and clip.warp == warp
        return replace(clip, source=stand_in.id, warp=None) if same else clip

    def each(track: Track) -> Track:
        return replace(track, clips=tuple(swap(clip) for clip in track.clips))

    return map_tracks(session, each)


def _quieter(session: Session, gain_db: float) -> Session:
    """Return a session less loud by a gain; one that is none leaves it as it is."""
    return session if gain_db <= 0 else edits.set_master_gain(session, session.master_gain_db - gain_db)


def _looped(session: Session, window: Window) -> Session:
    return edits.set_loop(session, window.start, window.end)
