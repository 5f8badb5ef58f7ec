"""Edits of the groove: swing and half-time on a grid of beats, as ordinary clips on ordinary tracks.

Grids count seconds of the timeline. To swing, drums are cut where their sounds begin and the parts
are moved; other tracks are stretched step by step, so that nothing in them is heard twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import partial
from math import floor
from types import MappingProxyType
from typing import Final

from fanstudio.errors import EditError
from fanstudio.model.beat_grid import BeatGrid
from fanstudio.model.halved import EARLY_BEATS, halve
from fanstudio.model.lanes import check_frame, with_track
from fanstudio.model.mixer import Automation, EffectSlot, effect_target
from fanstudio.model.session import Clip, Session, Stem, Track, new_id
from fanstudio.model.slices import Attacks, cuts_of, lay_slices, slice_clips
from fanstudio.model.stretched_steps import stretch_steps
from fanstudio.model.swing_time import swung

_UNKNOWN: Final[Mapping[str, tuple[int, ...]]] = MappingProxyType({})


def swing(
    session: Session,
    track_ids: Iterable[str],
    grid: BeatGrid,
    amount: float,
    subdivision: int = 2,
    *,
    attacks: Attacks = _UNKNOWN,
) -> Session:
    """Lay the off-beats of tracks late: at 1 as the last note of a triplet, at 0 nothing changes.

    `subdivision` counts the steps of a beat: 2 swings eighths, 4 sixteenths. Tracks that are gone are
    left out. Drums are cut at `attacks` where their source's are known, else at every step.

    Raises:
        EditError: amount or subdivision make no sense, there are no beats, or a step would be stretched
            too far.

    """
    if not 0 <= amount <= 1 or subdivision not in (2, 4):
        raise EditError("Swing runs from 0 to 1, on eighths or sixteenths.")
    if not amount:
        return session
    _check(grid)
    rate = session.sample_rate
    later = swung(grid, rate, amount, subdivision)
    for track in _there(session, track_ids):
        if track.stem is Stem.DRUMS:
            cuts = partial(cuts_of, grid=grid, sample_rate=rate, steps=subdivision, attacks=attacks)
            clips = lay_slices(slice_clips(track.clips, cuts, later, rate), rate)
        else:
            clips = stretch_steps(session, track, grid, amount, subdivision)
        session = _with_clips(session, track, clips)
    return session


def half_time(
    session: Session, track_ids: Iterable[str], grid: BeatGrid, *, attacks: Attacks = _UNKNOWN
) -> Session:
    """Let drums play half as fast while the song keeps its tempo.

    Of every two bars, from the one on in which the drums enter, the first one is stretched over both, at its
    own pitch, and the second one goes. What lies before the first bar and behind the last pair stays. Tracks
    that are gone are left out.

    Raises:
        EditError: there are no beats, or not two bars of them, or a clip is stretched too far already.

    """
    _check(grid)
    tracks = _there(session, track_ids)
    bars = _pairs_of_bars(grid, _first_beat(tracks, grid, session.sample_rate, attacks))
    if not bars:
        raise EditError("The song has too few bars for half-time.")
    for track in tracks:
        clips = halve(session, track, grid, bars, attacks)
        session = _with_clips(session, track, clips)
    return session


def play_beside(session: Session, track_id: str, name: str) -> tuple[Session, str]:
    """Lay a copy of a track below it, called `name`, and mute the track; returns the copy's id as well.

    So its groove can be changed and taken back: by removing the copy.
    """
    track = session.track(track_id)
    ids = {slot.id: new_id() for slot in track.effects}
    copy = replace(
        track,
        id=new_id(),
        name=name,
        clips=tuple(replace(clip, id=new_id()) for clip in track.clips),
        effects=tuple(_renamed(slot, ids) for slot in track.effects),
        automation=tuple(_retargeted(curve, ids) for curve in track.automation),
        takes=(),
    )
    at = session.tracks.index(track) + 1
    session = with_track(session, replace(track, muted=True))
    return replace(session, tracks=(*session.tracks[:at], copy, *session.tracks[at:])), copy.id


def _renamed(slot: EffectSlot, ids: Mapping[str, str]) -> EffectSlot:
    return replace(slot, id=ids[slot.id])


def _retargeted(curve: Automation, ids: Mapping[str, str]) -> Automation:
    slot, dot, parameter = curve.target.partition(".")
    return replace(curve, target=effect_target(ids[slot], parameter)) if dot and slot in ids else curve


def _check(grid: BeatGrid) -> None:
    if not grid:
        raise EditError("No beats were found in this song.", hint="Analyse it first, or set its tempo.")


def _there(session: Session, track_ids: Iterable[str]) -> list[Track]:
    wanted = set(track_ids)
    return [track for track in session.tracks if track.id in wanted]


def _with_clips(session: Session, track: Track, clips: tuple[Clip, ...]) -> Session:
    for clip in clips:
        check_frame(clip.position, clip.length)
    return with_track(session, replace(track, clips=clips))


def _first_beat(tracks: Iterable[Track], grid: BeatGrid, sample_rate: int, attacks: Attacks) -> int:
    """Return the beat, from the first bar on, at which the first sound of tracks begins, early or in time."""
    begun = [
        attack
        for track in tracks
        for clip in track.clips
        for _, attack in cuts_of(clip, grid, sample_rate, 1, attacks)
        if attack >= clip.position
    ]
    beat = floor(grid.at_frame(min(begun), sample_rate) + EARLY_BEATS) if begun else 0
    return max(grid.first_downbeat, beat)


def _pairs_of_bars(grid: BeatGrid, first_beat: int) -> list[int]:
    """Return the beats with which pairs of bars begin that lie within the beats; a beat is in a first bar."""
    bar = grid.beats_per_bar
    skipped = (first_beat - grid.first_downbeat) // bar % 2
    start = grid.first_downbeat + skipped * bar
    return list(range(start, len(grid.beats_s) - 2 * bar + 1, 2 * bar))
