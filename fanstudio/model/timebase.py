"""Frames, seconds, bars and beats."""

from __future__ import annotations

from fractions import Fraction

from fanstudio.model.session import Session, TempoChange

DEFAULT_TEMPO = TempoChange(frame=0, bpm=120.0)


def rescale(frames: int, from_rate: int, to_rate: int) -> int:
    """Return the nearest frame at `to_rate` for a frame at `from_rate`."""
    return round(Fraction(frames * to_rate, from_rate))


def frames_of(seconds: float, sample_rate: int) -> int:
    """Return the frame nearest to a time in seconds."""
    return round(seconds * sample_rate)


def clock(frames: int, sample_rate: int) -> str:
    """Write a position as minutes, seconds and milliseconds: `0:42.318`."""
    milliseconds = frames * 1000 // sample_rate
    minutes, rest = divmod(milliseconds, 60_000)
    hours, minutes_of_hour = divmod(minutes, 60)
    tail = f"{rest // 1000:02d}.{rest % 1000:03d}"
    return f"{hours}:{minutes_of_hour:02d}:{tail}" if hours else f"{minutes}:{tail}"


def tempo_at(session: Session, frame: int) -> TempoChange:
    """Return the tempo that rules at a frame; 120 bpm in 4/4 where none is set."""
    current = DEFAULT_TEMPO
    for change in session.tempo:
        if change.frame > frame:
            break
        current = change
    return current


def beat_length(session: Session, frame: int) -> float:
    """Return the length of a beat in frames at a place on the timeline."""
    return session.sample_rate * 60 / tempo_at(session, frame).bpm


def bar_and_beat(session: Session, frame: int) -> tuple[int, int]:
    """Return bar and beat, both counted from 1, at a frame (tempo changes restart on their bar)."""
    bars_before = 0
    changes = session.tempo or (DEFAULT_TEMPO,)
    for index, change in enumerate(changes):
        start = 0 if index == 0 else change.frame
        last = index + 1 == len(changes) or changes[index + 1].frame > frame
        end = frame if last else changes[index + 1].frame
        beats = (end - start) * change.bpm / (session.sample_rate * 60)
        if last:
            whole = int(beats + 1e-6)
            return bars_before + whole // change.beats_per_bar + 1, whole % change.beats_per_bar + 1
        bars_before += -(-round(beats * 1000) // (1000 * change.beats_per_bar))
    return 1, 1


def snap_to_beat(session: Session, frame: int) -> int:
    """Return the frame of the beat nearest to a place on the timeline."""
    change = tempo_at(session, frame)
    start = change.frame if session.tempo else 0
    beat = beat_length(session, frame)
    return max(0, round(start + round((frame - start) / beat) * beat))


def snap_to_bar(session: Session, frame: int) -> int:
    """Return the frame of the bar line nearest to a place on the timeline."""
    change = tempo_at(session, frame)
    start = change.frame if session.tempo else 0
    bar = beat_length(session, frame) * change.beats_per_bar
    return max(0, round(start + round((frame - start) / bar) * bar))
