"""Turns a voice into a line that an instrument plays: its octave, its dynamics, its vibrato and glide."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fanstudio.audio.controls import CONTROL_HZ
from fanstudio.inference.timbre_net import Instrument, Line
from fanstudio.inference.timbre_voice import Done, Voice, runs
from fanstudio.inference.voice_features import FLOOR_DB, gate_voiced, hold_notes

Floats = NDArray[np.float32]

#: Levels are compared at as many quantiles as an instrument gives, between these.
_LOWEST_QUANTILE, _HIGHEST_QUANTILE = 0.05, 0.95
#: An instrument's dynamics are at most this many times the voice's.
_MOST_STRETCH = 2.0
#: No voice slides by so many semitones in 10 ms, and no instrument need follow faster than this.
_LEAP, _LEAP_REACH = 2.0, 2
#: A period and a half of vibrato, in controls; what moves further than this, in semitones, is a new note.
_VIBRATO, _STEP = 27, 0.3


@dataclass(frozen=True, slots=True)
class Range:
    """Between which notes, and how loud, a line is played; a mix of two instruments lies between both."""

    lowest: float
    highest: float
    loudness_db: tuple[float, ...]


def range_of(first: Instrument, second: Instrument | None = None, share: float = 0.0) -> Range:
    """Return the range of an instrument, or of a mix with `share` 0..1 of a second one."""
    second = second or first
    quantiles = np.linspace(0, 1, len(first.loudness_db))
    other = np.interp(quantiles, np.linspace(0, 1, len(second.loudness_db)), second.loudness_db)
    mixed = (1 - share) * np.array(first.loudness_db) + share * other
    return Range(
        (1 - share) * first.lowest + share * second.lowest,
        (1 - share) * first.highest + share * second.highest,
        tuple(mixed.tolist()),
    )


def make_line(voice: Voice, played: Range, octave: int, vibrato: float, glide_s: float) -> Line:
    """Return what is to be played where a voice sings, `octave` octaves away."""
    sung = soften_leaps(hold_notes(voice.f0_hz))
    notes = shape_notes(sung, voice, vibrato, glide_s) + np.float32(12 * octave)
    level_db = map_loudness(voice, played.loudness_db)
    return Line(notes, gate_voiced(voice.f0_hz, _held_sureness(voice)), level_db)


def _held_sureness(voice: Voice) -> Floats:
    """Return the confidence of the pitch, which does not fall where a note is held."""
    known = np.flatnonzero(~voice.within(Done.HELD))
    if not len(known):
        return voice.pitch_sure
    held = np.interp(np.arange(len(voice)), known, voice.pitch_sure[known])
    return np.asarray(held, np.float32)


def map_loudness(voice: Voice, wanted_db: Sequence[float]) -> Floats:
    """Return a voice's levels in dB with the dynamics of an instrument, `wanted_db` at even quantiles.

    The middle goes to the middle, and from there each part of the voice's range becomes the instrument's
    own, but no more than twice as wide. What is not sung is no louder than the loudest that is.
    """
    quantiles = np.linspace(_LOWEST_QUANTILE, _HIGHEST_QUANTILE, len(wanted_db))
    own = np.quantile(voice.level_db[voice.sung], quantiles)
    steps = np.diff(own)
    played = np.minimum(np.diff(wanted_db), _MOST_STRETCH * steps)
    reached = np.concatenate(([0.0], np.cumsum(played)))
    middle = len(own) // 2
    reached += wanted_db[middle] - reached[middle]
    # Equal levels would leave the map without a slope.
    own = own + 1e-4 * np.arange(len(own))
    level = np.where(voice.sung, voice.level_db, np.minimum(voice.level_db, own[-1]))
    mapped = np.interp(level, own, reached)
    mapped += np.minimum(level - own[0], 0) + np.maximum(level - own[-1], 0)
    return np.maximum(mapped, FLOOR_DB).astype(np.float32)


def soften_leaps(notes: Floats) -> Floats:
    """Return notes that take some 20 ms for a leap from one control to the next, which would click."""
    leaps = np.flatnonzero(np.abs(np.diff(notes)) > _LEAP)
    near = np.zeros(len(notes), np.bool_)
    for offset in range(1 - _LEAP_REACH, _LEAP_REACH + 1):
        near[np.clip(leaps + offset, 0, len(notes) - 1)] = True
    return np.where(near, _smooth(notes, _LEAP_REACH), notes) if len(leaps) else notes


def shape_notes(notes: Floats, voice: Voice, vibrato: float, glide_s: float) -> Floats:
    """Return held notes with `vibrato` times the voice's own, 0 for none, and slides of `glide_s` seconds.

    With 1 and 0 they are as sung.
    """
    if (vibrato == 1.0 and glide_s <= 0) or not len(notes):
        return notes
    steady = _without_vibrato(notes, voice)
    moved = steady if glide_s <= 0 else _smooth(steady, round(glide_s * CONTROL_HZ))
    shaped: Floats = moved + np.float32(vibrato) * (notes - steady)
    return shaped


def _without_vibrato(notes: Floats, voice: Voice) -> Floats:
    """Return notes whose sung runs have their vibrato taken out; a step from note to note stays one."""
    from scipy.ndimage import median_filter

    steady = notes.copy()
    for start, end in runs(voice.sung):
        middle = median_filter(notes[start:end], min(_VIBRATO, end - start), mode="nearest")
        even = _smooth(middle, _VIBRATO)
        off = (np.abs(even - middle) - _STEP) / _STEP
        steady[start:end] = even + np.clip(off, 0, 1).astype(np.float32) * (middle - even)
    return steady


def _smooth(values: Floats, reach: int) -> Floats:
    """Return values under a bell of about `reach` controls; the ends are held."""
    bell = np.hanning(2 * (reach // 2 + 1) + 1)
    bell /= bell.sum()
    framed = np.pad(values, len(bell) // 2, mode="edge")
    return np.convolve(framed, bell, "valid").astype(np.float32)
