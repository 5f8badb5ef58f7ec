"""A voice as an instrument is to follow it: its line, how sure that is, and where it is no single line."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from fanstudio.audio.controls import CONTROL_HZ, count_controls
from fanstudio.audio.samples import Readable
from fanstudio.inference.pitch import PitchTrack
from fanstudio.inference.timbre_edges import settle_edges
from fanstudio.inference.timbre_single import STEP, single_share
from fanstudio.inference.voice_features import loudness_db, to_controls
from fanstudio.jobs import Work

Floats = NDArray[np.float32]
Flags = NDArray[np.bool_]

#: What is further below the voice's loud places asks for nothing to be done.
_LOUD_DB = 25.0
#: Pitch that is lost for no longer than this, and comes back where it was, went on.
_BRIDGED, _SAME_SEMITONES, _SAME_DB = 6, 1.5, 12.0
#: A note between two places without pitch that is shorter is none.
_SHORTEST_NOTE = 8
#: Where a note begins or ends, the pitch comes and goes a little later or sooner than the sound.
_SHORTEST_SPAN = 5
#: From this length on it is no consonant.
_LONG = 40
#: Noise has no more confidence than the first; what has the second had a pitch.
_NOISE_SURE, _PITCH_SURE = 0.08, 0.5
#: Several notes are heard as one that is less sure than a voice, or has less of the sound, for so long.
_ROUGH_SURE, _MIXED_SINGLE, _LASTING = 0.65, 0.55, 31
#: For no longer than this, in controls, one of several notes is followed.
_FOLLOWED = 150
#: A line lasts so long in all, and is no shorter than so much of what is several notes at once.
_LEAST_SUNG, _MOST_SEVERAL = 10, 2
_AT_ONCE = 2048


class Done(StrEnum):
    """What an instrument does where the voice is no single line."""

    #: The pitch was lost for a moment: the note is held.
    HELD = "held"
    #: A consonant or noise: the instrument rests.
    RESTED = "rested"
    #: Several notes at once, for a moment, one of them clear: that one is played.
    FOLLOWED = "followed"
    #: Several notes at once: the voice is left as it is.
    PASSED = "passed"


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch that is loud and no single line, in seconds, and what was done there.

    A moment at which the pitch is lost may lie within several notes that are followed.
    """

    start_s: float
    end_s: float
    done: Done


@dataclass(frozen=True, slots=True, eq=False)
class Voice:
    """A voice, 100 times a second: `f0_hz` is 0 where no line is sung, `level_db` A-weighted.

    `pitch_sure`, 0..1, is the pitch net's own confidence, and `single`, 0..1, how much of the sound belongs
    to that pitch. `spans` are in order.
    """

    f0_hz: Floats
    pitch_sure: Floats
    single: Floats
    level_db: Floats
    spans: tuple[Span, ...]

    def __len__(self) -> int:
        """Return how many controls there are."""
        return len(self.f0_hz)

    @property
    def confidence(self) -> Floats:
        """Return how sure it is, 0..1, that there is one line and that it is this one."""
        sure: Floats = self.pitch_sure * self.single
        return sure

    @property
    def sung(self) -> Flags:
        """Tell where a line is sung."""
        return self.f0_hz > 0

    def within(self, done: Done) -> Flags:
        """Tell where something was done."""
        flags = np.zeros(len(self), np.bool_)
        for span in self.spans:
            if span.done is done:
                flags[round(span.start_s * CONTROL_HZ) : round(span.end_s * CONTROL_HZ)] = True
        return flags


def hear_voice(work: Work, sound: Readable, sample_rate: int, track: PitchTrack) -> Voice:
    """Return the voice in `sound` `(channels, frames)`, whose pitch is `track`.

    Raises:
        Cancelled: within a second.

    """
    count = count_controls(sound.shape[1], sample_rate)
    f0_hz, sure = to_controls(track.f0_hz, track.confidence, track.hop_s, count)
    levels, shares = [np.zeros(0, np.float32)], [np.zeros(0, np.float32)]
    for start in range(0, count, _AT_ONCE):
        work.report(start / count, "Listening")
        stop = min(count, start + _AT_ONCE)
        levels.append(loudness_db(sound, sample_rate, start, stop))
        shares.append(single_share(sound, sample_rate, f0_hz, start, stop))
    single = np.repeat(np.concatenate(shares), STEP)[:count]
    return find_line(f0_hz, sure, single, np.concatenate(levels))


def find_line(f0_hz: Floats, pitch_sure: Floats, single: Floats, level_db: Floats) -> Voice:
    """Return the voice with its pitch bridged where it went on, and taken away where it is none."""
    sung = f0_hz > 0
    if not sung.any():
        return Voice(f0_hz, pitch_sure, single, level_db, ())
    loud = level_db > np.percentile(level_db[sung], 95) - _LOUD_DB
    line, sure, held = _bridge(f0_hz, pitch_sure, level_db)
    line = np.where(_is_clear(line, sure, loud), line, np.float32(0))
    mixed = runs(_long_low(single, _MIXED_SINGLE, line > 0))
    for start, end in mixed:
        if end - start > _FOLLOWED:
            line[start:end] = 0
    line = settle_edges(line, runs(line > 0))
    spans = [Span(*_seconds(start, end), Done.HELD) for start, end in held if (line[start:end] > 0).all()]
    spans += [Span(*_seconds(*run), Done.FOLLOWED) for run in mixed if (line[slice(*run)] > 0).all()]
    spans += [
        Span(*_seconds(start, end), _choose(pitch_sure[start:end]))
        for start, end in runs(loud & (line == 0))
        if end - start >= _SHORTEST_SPAN
    ]
    return Voice(
        line, pitch_sure, single, level_db, tuple(sorted(spans, key=lambda span: (span.start_s, span.end_s)))
    )


def is_line(voice: Voice) -> bool:
    """Tell whether a voice is a single line for the most part of what is not mere noise."""
    followed = voice.within(Done.FOLLOWED)
    line, several = (voice.sung & ~followed).sum(), (followed | voice.within(Done.PASSED)).sum()
    return bool(line >= _LEAST_SUNG and several <= _MOST_SEVERAL * line)


def runs(flags: Flags) -> list[tuple[int, int]]:
    """Return where flags are set: the first and the one after the last of each run."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], flags, [False])).astype(np.int8)))
    return [(int(start), int(end)) for start, end in zip(edges[::2], edges[1::2], strict=True)]


def _seconds(start: int, end: int) -> tuple[float, float]:
    return start / CONTROL_HZ, end / CONTROL_HZ


def _choose(pitch_sure: Floats) -> Done:
    typical = float(np.median(pitch_sure))
    shortest = _LONG if typical < _PITCH_SURE else _LASTING
    return Done.PASSED if typical > _NOISE_SURE and len(pitch_sure) >= shortest else Done.RESTED


def _bridge(
    f0_hz: Floats, pitch_sure: Floats, level_db: Floats
) -> tuple[Floats, Floats, list[tuple[int, int]]]:
    """Return pitch and confidence, led through the gaps in which a note went on, and these gaps."""
    line, sure = f0_hz.copy(), pitch_sure.copy()
    held = []
    for start, end in runs(f0_hz == 0):
        if start == 0 or end == len(f0_hz) or end - start > _BRIDGED:
            continue
        before, after = f0_hz[start - 1], f0_hz[end]
        ends_db = min(level_db[start - 1], level_db[end])
        same = abs(12 * np.log2(after / before)) < _SAME_SEMITONES
        if same and level_db[start:end].min() > ends_db - _SAME_DB:
            way = np.arange(1, end - start + 1) / (end - start + 1)
            line[start:end] = before * (after / before) ** way
            sure[start:end] = min(sure[start - 1], sure[end])
            held.append((start, end))
    return line, sure, held


def _is_clear(f0_hz: Floats, pitch_sure: Floats, loud: Flags) -> Flags:
    """Tell where a pitch is to be trusted: neither torn out of noise nor long unsure."""
    line = f0_hz > 0
    torn = loud & ~line
    for start, end in runs(line):
        alone = end - start < _SHORTEST_NOTE
        among = start > 0 and end < len(torn) and torn[start - 1] and torn[end]
        if alone and among:
            line[start:end] = False
    return line & ~_long_low(pitch_sure, _ROUGH_SURE, line)


def _long_low(values: Floats, least: float, sung: Flags) -> Flags:
    """Tell where values are low for long in what is sung."""
    from scipy.ndimage import median_filter

    low = np.zeros(len(sung), np.bool_)
    for start, end in runs(sung):
        if end - start >= _LASTING:
            low[start:end] = median_filter(values[start:end], _LASTING, mode="nearest") < least
    return low
