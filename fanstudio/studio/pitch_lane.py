"""What the pitch lane shows: a voice's line and the original's on the timeline, and how well they agree."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fanstudio.inference.pitch import PitchTrack
from fanstudio.model.session import Clip, Session, Source, Stem, Track
from fanstudio.studio.pitch import (
    Agreement,
    as_heard,
    cents_off,
    compare,
    is_recorded,
    melody_along,
    original_voices,
)

PitchOf = Callable[[Source], PitchTrack | None]
Notes = NDArray[np.float32]

#: The least that a lane spans, and its margins, in semitones.
_LEAST_SPAN, _MARGIN = 12.0, 1.5


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """A clip's pitch: `frames` on the timeline, ascending, and MIDI notes, NaN where nothing is sung."""

    frames: NDArray[np.float64]
    notes: Notes

    def at(self, frame: float) -> float | None:
        """Return the note that is sung at a frame of the timeline, or None."""
        if not len(self.frames) or not self.frames[0] <= frame <= self.frames[-1]:
            return None
        note = float(self.notes[int(np.abs(self.frames - frame).argmin())])
        return None if np.isnan(note) else note


@dataclass(frozen=True, slots=True, eq=False)
class PitchLane:
    """A track's lines and those of the original voice, drawn so many `octaves` from where it is sung."""

    sung: tuple[Line, ...]
    original: tuple[Line, ...]
    octaves: int
    agreement: Agreement
    lowest: float
    highest: float

    def beside(self, line: Line) -> Line:
        """Return a line moved by octaves into what the lane shows, if it lies outside."""
        if np.isnan(line.notes).all():
            return line
        middle = float(np.nanmedian(line.notes))
        if self.lowest <= middle <= self.highest:
            return line
        octaves = round(((self.lowest + self.highest) / 2 - middle) / 12)
        return Line(line.frames, line.notes + np.float32(12 * octaves))

    def reading(self, frame: float) -> tuple[float | None, float | None]:
        """Return the note at a frame, and how many cents it is off the original; None where unknown."""
        note = _first_at(self.sung, frame)
        wanted = _first_at(self.original, frame)
        if note is None or wanted is None:
            return note, None
        off = cents_off(np.array([note], np.float32), np.array([wanted], np.float32))
        return note, float(off[0])


def lane_track(session: Session, selected: str | None) -> Track | None:
    """Return the track that the lane shows: the selected one if it sings, else the fan's, else the song's."""
    voices = [track for track in session.tracks if track.clips and _sings(session, track)]
    for track in voices:
        if track.id == selected:
            return track
    recorded = (track for track in voices if _is_fans(session, track))
    return next(recorded, next(iter(voices), None))


def lane_sources(session: Session, track: Track) -> tuple[Source, ...]:
    """Return the sources whose pitch the lane of a track needs, each once."""
    clips = (*track.clips, *original_voices(session, track))
    return tuple(session.source(source_id) for source_id in dict.fromkeys(clip.source for clip in clips))


def lay_out(session: Session, track: Track, pitch_of: PitchOf) -> PitchLane:
    """Return what is known of a track's lane; sources whose pitch was not heard yet are left out."""
    sung = tuple(_lines(session, track.clips, pitch_of))
    agreement, octaves = _agree(session, track, pitch_of)
    original = tuple(_lines(session, original_voices(session, track), pitch_of, -12 * octaves))
    lowest, highest = _span((*sung, *original))
    return PitchLane(sung, original, octaves, agreement, lowest, highest)


def _lines(session: Session, clips: Iterable[Clip], pitch_of: PitchOf, higher: float = 0.0) -> Iterable[Line]:
    for clip in clips:
        pitch = pitch_of(session.source(clip.source))
        if pitch is None:
            continue
        frames, heard = as_heard(clip, pitch, session.sample_rate)
        yield Line(frames, heard.semitones + np.float32(higher))


def _agree(session: Session, track: Track, pitch_of: PitchOf) -> tuple[Agreement, int]:
    """Return how well a track's clips agree with the original, and how many octaves they lie below it."""
    good = compared_s = 0.0
    apart: list[Notes] = []
    for clip in track.clips:
        pitch = pitch_of(session.source(clip.source))
        along = melody_along(session, clip, pitch, pitch_of) if pitch is not None else None
        if pitch is None or along is None:
            continue
        pitch, along = (as_heard(clip, line, session.sample_rate)[1] for line in (pitch, along))
        found = compare(pitch, along)
        good += found.in_tune * found.compared_s
        compared_s += found.compared_s
        apart.append((along.semitones - pitch.semitones)[pitch.voiced & along.voiced])
    below = np.concatenate(apart) if apart else np.zeros(0, np.float32)
    octaves = round(float(np.median(below)) / 12) if len(below) else 0
    return Agreement(good / compared_s if compared_s else 0.0, compared_s), octaves


def _span(lines: Iterable[Line]) -> tuple[float, float]:
    """Return the lowest and highest note of a lane that shows lines, but for rare outliers."""
    notes = np.concatenate([np.zeros(0, np.float32), *(line.notes[~np.isnan(line.notes)] for line in lines)])
    low, high = np.percentile(notes, (1, 99)) if len(notes) else (57.0, 69.0)
    middle, half = (low + high) / 2, max(_LEAST_SPAN, high - low) / 2 + _MARGIN
    return float(middle - half), float(middle + half)


def _first_at(lines: Iterable[Line], frame: float) -> float | None:
    notes = (line.at(frame) for line in lines)
    return next((note for note in notes if note is not None), None)


def _sings(session: Session, track: Track) -> bool:
    return track.stem is Stem.VOCALS or _is_fans(session, track)


def _is_fans(session: Session, track: Track) -> bool:
    return any(is_recorded(session, session.source(clip.source)) for clip in track.clips)
