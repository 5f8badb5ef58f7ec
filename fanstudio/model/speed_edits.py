"""The whole song faster or slower, higher or lower: every clip by a warp, and all that lies in time along."""

from __future__ import annotations

from dataclasses import replace

from fanstudio.errors import EditError
from fanstudio.model.lanes import check_frame, map_tracks
from fanstudio.model.mixer import Automation
from fanstudio.model.session import LoopRange, Marker, Session, TempoChange, Track
from fanstudio.model.tempo import is_tempo
from fanstudio.model.warp import Warp
from fanstudio.model.warp_edits import warp_clips

#: Nearer than this to a number of so many digits is meant to be it: rates that were multiplied and divided.
_NEARLY, _DIGITS = 1e-9, 6


def set_speed(
    session: Session, speed: float, semitones: float = 0.0, *, keep_formants: bool = True
) -> Session:
    """Play the song `speed` times as fast and moved by semitones, on top of how it is played now.

    Markers, tempo, loop and automation move along. With `keep_formants` voices keep their character where
    their clips were not warped before.

    Raises:
        EditError: a clip would be stretched or moved too far, or lie off the timeline.

    """
    if not 0 < speed < 100:
        raise EditError("A song cannot be played at that speed.")

    def change(warp: Warp) -> Warp:
        fresh = warp.idle and not keep_formants
        return replace(
            warp,
            stretch=_snapped(warp.stretch / speed),
            semitones=_snapped(warp.semitones + semitones),
            keep_formants=warp.keep_formants and not fresh,
        )

    first = min((clip.position for clip in session.clips()), default=0)
    session = warp_clips(session, [clip.id for clip in session.clips()], change)
    late = round(first / speed) - first
    session = map_tracks(session, lambda track: _moved(track, late))
    return session if speed == 1 else _in_time(session, speed)


def _snapped(number: float) -> float:
    plain = round(number, _DIGITS)
    return plain if abs(number - plain) < _NEARLY else number


def _moved(track: Track, frames: int) -> Track:
    for clip in track.clips:
        check_frame(clip.position + frames, clip.length)
    return replace(track, clips=tuple(replace(clip, position=clip.position + frames) for clip in track.clips))


def _in_time(session: Session, speed: float) -> Session:
    """Return the session with everything but clips at its new place."""

    def at(frame: int) -> int:
        return round(frame / speed)

    def curves(before: tuple[Automation, ...]) -> tuple[Automation, ...]:
        return tuple(_curve_in_time(curve, speed) for curve in before)

    loop = session.loop
    return replace(
        session,
        tracks=tuple(replace(track, automation=curves(track.automation)) for track in session.tracks),
        buses=tuple(replace(bus, automation=curves(bus.automation)) for bus in session.buses),
        master_automation=curves(session.master_automation),
        markers=tuple(Marker(at(marker.position), marker.name) for marker in session.markers),
        tempo=tuple(_tempo(change, speed) for change in session.tempo),
        loop=loop and LoopRange(at(loop.start), max(at(loop.start) + 1, at(loop.end)), loop.enabled),
    )


def _curve_in_time(curve: Automation, speed: float) -> Automation:
    points = {round(point.frame / speed): point for point in curve.points}
    return replace(curve, points=tuple(replace(point, frame=frame) for frame, point in points.items()))


def _tempo(change: TempoChange, speed: float) -> TempoChange:
    bpm = _snapped(change.bpm * speed)
    if not is_tempo(bpm):
        raise EditError("At that speed the song's tempo is none that can be set.")
    return replace(change, frame=round(change.frame / speed), bpm=bpm)
