"""How far each moment of a sung line is to be moved so that it is in tune, and stays a voice."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fanstudio.audio.voice_shift import PitchMove
from fanstudio.inference.notes import Aim, read_notes, voiced_runs
from fanstudio.inference.pitch import Floats, PitchTrack

#: More than this was not a slip.
_MOST_CENTS = 250.0
#: How far a moment may be from its note to tell how the note was sung; what is further off by the second
#: counts a third.
_SUNG_SEMITONES, _SLIDE_SEMITONES = 0.9, 0.3
#: The move itself changes no faster than this.
_SMOOTH_S = 0.03
_LEAST_S, _SLOWEST_S = 0.02, 2.0


@dataclass(frozen=True, slots=True)
class Gentleness:
    """How a voice is tuned: `strength` from 0 (not at all) to 1 (onto the note), and over what time.

    `retune_s` is how long the mean is that is brought onto the note: what is faster, such as vibrato (about
    0.2 s a turn), stays as it is sung.
    """

    strength: float = 0.7
    retune_s: float = 0.25

    def held(self) -> Gentleness:
        """Return the same within what makes sense."""
        strength = min(1.0, max(0.0, self.strength))
        return Gentleness(strength, min(_SLOWEST_S, max(_LEAST_S, self.retune_s)))


def plan_tuning(track: PitchTrack, aim: Aim, gentleness: Gentleness | None = None) -> PitchMove:
    """Return how far a voice is to be moved at each entry of its pitch; 0 where nothing is sung."""
    gentle = (gentleness or Gentleness()).held()
    cents = np.zeros(len(track), np.float32)
    if gentle.strength > 0:
        off = drift(track, read_notes(track, aim), gentle.retune_s)
        wanted = np.clip(-100 * gentle.strength * off, -_MOST_CENTS, _MOST_CENTS)
        for start, end in voiced_runs(track):
            cents[start:end] = _smooth(wanted[start:end], _SMOOTH_S / track.hop_s)
    return PitchMove(track.hop_s, track.f0_hz, cents)


def drift(track: PitchTrack, notes: Floats, over_s: float) -> Floats:
    """Return how far the voice is from its notes in semitones, as a mean over about `over_s`; 0 in silence.

    The mean is taken within one note, and moments count less the further they are off: slides between
    notes say little of how a note was sung.
    """
    off = track.semitones - notes
    found = np.zeros(len(track), np.float32)
    for start, end in _single_notes(notes):
        here = off[start:end]
        slid = np.maximum(0, np.abs(here) - _SUNG_SEMITONES) / _SLIDE_SEMITONES
        weights = track.confidence[start:end] * np.exp(-np.square(slid)) + 1e-6
        window = _bell(over_s / track.hop_s, end - start)
        found[start:end] = _mean(here * weights, window) / _mean(weights, window)
    return found


def _single_notes(notes: Floats) -> list[tuple[int, int]]:
    """Return the stretches of entries with one and the same note."""
    changes = np.flatnonzero(~np.isclose(notes[1:], notes[:-1])) + 1
    borders = [0, *changes.tolist(), len(notes)]
    pairs = itertools.pairwise(borders)
    return [(a, b) for a, b in pairs if a < b and not np.isnan(notes[a])]


def _bell(entries: float, longest: int) -> NDArray[np.float64]:
    """Return a Hann window about `entries` wide at half height, no longer than is of use."""
    half = min(max(1, round(entries)), longest)
    return np.hanning(2 * half + 1)


def _mean(values: Floats, window: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the sum of values under a window around each of them."""
    padded = np.pad(values.astype(np.float64), len(window) // 2)
    return np.convolve(padded, window, "valid")


def _smooth(values: Floats, entries: float) -> Floats:
    """Return values without their steps; at the ends the last value holds."""
    window = np.hanning(2 * max(1, round(entries)) + 1)
    padded = np.pad(values.astype(np.float64), len(window) // 2, mode="edge")
    return np.convolve(padded, window / window.sum(), "valid").astype(np.float32)
