"""Hears a style before it is applied: a window of the song as it is and as it would be, equally loud."""

from __future__ import annotations

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
from fanstudio.studio.style.choice import PreviewPair, StyleChoice
from fanstudio.studio.style.level import loudness_of
from fanstudio.studio.style.plan import begin, level, missing_stems
from fanstudio.studio.style.steps import describe
from fanstudio.studio.style.voices import play_windows
from fanstudio.studio.style.windows import Placed, Window, WindowSamples, source_windows, warp_key


def preview_preset(
    work: Work, project: Project, choice: StyleChoice, recipe: Recipe, start_frame: int, seconds: float
) -> PreviewPair:
    """Return a window of the song before and after a recipe; see `styles.preview`."""
    session = project.document.session
    laying = begin(session, choice, recipe)
    base = take_others_away(session, laying.styling)
    window = window_at(base, start_frame, seconds)
    voices = play_windows(work.part(0.0, 0.4), project, base, laying, window)
    laying = replace(laying, playing=voices.playing)
    read = project.pool.samples_at(session.sample_rate)
    laying, heard = level(work.part(0.4, 1.0), session, laying, read, voices.lent, (window,))
    after = base if choice.amount == 0 else lay_recipe(session, laying)
    later = window if choice.amount == 0 else window.scaled(1 / laying.recipe.song.speed)
    lent = dict(voices.lent)
    baked = _baked(after, later, heard.samples, lent)
    louder = loudness_of(heard.after, heard.sample_rate) - loudness_of(heard.before, heard.sample_rate)
    gain_db = louder if choice.amount and abs(louder) < 60 else 0.0
    for source_id, samples in lent.items():
        project.pool.lend(source_id, samples)
    return PreviewPair(
        _looped(_quieter(base, -gain_db), window),
        _looped(_quieter(baked, gain_db), later),
        window.start,
        later.start,
        window.length,
        later.length,
        gain_db,
        tuple(lent),
        describe(laying.recipe),
        (*missing_stems(session, recipe), *voices.notes),
    )


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
