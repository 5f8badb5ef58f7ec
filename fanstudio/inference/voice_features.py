"""What the timbre net hears of a voice, 100 times a second; its training reads the voice by the same code."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fanstudio.audio.controls import CONTROL_HZ, count_controls
from fanstudio.audio.samples import Readable, padded

Floats = NDArray[np.float32]

#: Nothing is quieter.
FLOOR_DB = -120.0
_WINDOW_S = 0.04
_CONTROLS_AT_ONCE = 256
#: In a rest the pitch goes from one note to the next within so many controls, in its middle.
_STEP_CONTROLS = 4
#: Middle C, and two octaves: what the net takes for 0 and 1.
_MIDDLE_NOTE, _NOTE_RANGE = 60.0, 24.0
_QUIET_DB, _DB_RANGE = -60.0, 30.0


def loudness_db(sound: Readable, sample_rate: int, first: int = 0, last: int | None = None) -> Floats:
    """Return the A-weighted level of `sound` `(channels, frames)` at controls `first` up to `last`, in dB.

    A full-scale square wave at 1 kHz has 0 dB. The level is that of 40 ms around the control under a Hann
    window; channels count by their mean power, and samples that are not numbers as silence.
    Weighting: IEC 61672-1, annex E.
    """
    last = count_controls(sound.shape[1], sample_rate) if last is None else last
    pieces = [
        _loudness_at(sound, sample_rate, start, min(last, start + _CONTROLS_AT_ONCE))
        for start in range(first, last, _CONTROLS_AT_ONCE)
    ]
    return np.concatenate(pieces) if pieces else np.zeros(0, np.float32)


def _loudness_at(sound: Readable, sample_rate: int, first: int, last: int) -> Floats:
    size = 2 * max(1, round(_WINDOW_S * sample_rate / 2))
    centres = np.rint(np.arange(first, last) * sample_rate / CONTROL_HZ).astype(np.int64)
    start = int(centres[0]) - size // 2
    heard = padded(sound, start, int(centres[-1]) + size // 2)
    window = np.hanning(size + 1)[:-1].astype(np.float32)
    windows = np.lib.stride_tricks.sliding_window_view(heard, size, axis=1)[:, centres - centres[0]]
    power = np.square(np.abs(np.fft.rfft(windows * window, axis=2)), dtype=np.float64).mean(axis=0)
    weights = a_weighting(np.fft.rfftfreq(size, 1 / sample_rate)) * 2 / (size * np.square(window).sum())
    # BLAS would wake its threads for each of these small products.
    heard_power = np.maximum(np.einsum("cf,f->c", power, weights), 10 ** (FLOOR_DB / 10))
    level: Floats = (10 * np.log10(heard_power)).astype(np.float32)
    return level


def a_weighting(hz: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return by how much the ear's curve A scales the power of frequencies in Hz; 1 at 1 kHz."""
    squared = np.square(hz)
    gain = 12194.0**2 * squared**2 / ((squared + 20.6**2) * (squared + 12194.0**2))
    gain /= np.sqrt((squared + 107.7**2) * (squared + 737.9**2))
    weights: NDArray[np.float64] = np.square(gain) * 10 ** (2.0 / 10)
    return weights


def to_controls(f0_hz: Floats, confidence: Floats, hop_s: float, count: int) -> tuple[Floats, Floats]:
    """Bring f0 in Hz (0: nothing sung) and confidence from entries `hop_s` apart to `count` controls.

    Within what is sung, the pitch goes evenly from entry to entry on the scale of notes; where it begins
    and ends, the nearest entry decides.
    """
    if not len(f0_hz):
        return np.zeros(count, np.float32), np.zeros(count, np.float32)
    places = np.arange(count, dtype=np.float64) / (CONTROL_HZ * hop_s)
    known = np.arange(len(f0_hz))
    voiced = f0_hz > 0
    sure = np.interp(places, known, confidence).astype(np.float32)
    if not voiced.any():
        return np.zeros(count, np.float32), sure
    nearest = np.minimum(np.rint(places).astype(np.int64), len(f0_hz) - 1)
    notes = np.interp(places, known[voiced].astype(np.float64), np.log2(f0_hz[voiced].astype(np.float64)))
    # Between the last sung entry of one note and the first of another nothing is to be mixed.
    below = np.minimum(places.astype(np.int64), len(f0_hz) - 1)
    above = np.minimum(below + 1, len(f0_hz) - 1)
    at_edge = voiced[nearest] & ~(voiced[below] & voiced[above])
    notes[at_edge] = np.log2(f0_hz[nearest[at_edge]])
    return np.where(voiced[nearest], np.exp2(notes), 0.0).astype(np.float32), sure


def hold_notes(f0_hz: Floats) -> Floats:
    """Return MIDI notes with fractions, held through rests; 60 throughout where nothing is sung.

    In a rest the first half holds the note before it and the second half the one after it, with a step of
    40 ms between; a rest that is no longer than the step is bridged evenly.
    """
    sung = np.flatnonzero(f0_hz > 0)
    if not len(sung):
        return np.full(len(f0_hz), _MIDDLE_NOTE, np.float32)
    notes = 69 + 12 * np.log2(f0_hz[sung].astype(np.float64) / 440)
    long = np.flatnonzero(np.diff(sung) > _STEP_CONTROLS + 1)
    middles = (sung[long] + sung[long + 1]) / 2
    places: NDArray[np.float64] = np.concatenate(
        (sung.astype(np.float64), middles - _STEP_CONTROLS / 2, middles + _STEP_CONTROLS / 2)
    )
    values = np.concatenate((notes, notes[long], notes[long + 1]))
    order = np.argsort(places)
    held = np.interp(np.arange(len(f0_hz)), places[order], values[order])
    return np.asarray(held, np.float32)


def gate_voiced(f0_hz: Floats, confidence: Floats) -> Floats:
    """Return how much is sung at each control, 0..1: confidence where there is pitch, with edges of 20 ms."""
    gate = np.where(f0_hz > 0, np.clip(confidence, 0, 1), 0.0)
    framed = np.pad(gate, 1, mode="edge") if len(gate) else np.zeros(2)
    return (0.25 * framed[:-2] + 0.5 * framed[1:-1] + 0.25 * framed[2:]).astype(np.float32)


def notes_for_net(notes: Floats) -> Floats:
    """Return MIDI notes as the net takes them: 0 at middle C, 1 two octaves above."""
    return ((notes - _MIDDLE_NOTE) / _NOTE_RANGE).astype(np.float32)


def loudness_for_net(level_db: Floats) -> Floats:
    """Return A-weighted levels in dB as the net takes them: 0 at −60 dB, 1 at −30 dB."""
    return ((level_db - _QUIET_DB) / _DB_RANGE).astype(np.float32)


def to_hz(notes: Floats) -> Floats:
    """Return the frequencies of MIDI notes with fractions."""
    return (440.0 * np.exp2((np.asarray(notes, np.float64) - 69) / 12)).astype(np.float32)
