"""Sounds whose stretched and moved versions are known, and how far a stretcher is from them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import signal

RATE = 48_000
CHORD_HZ = (110.0, 220.5, 277.0, 331.0, 554.0, 880.0, 1_320.0)
_FORMANTS_HZ = ((700, 90), (1_220, 110), (2_600, 160), (3_300, 250))
#: Third octaves that hold several partials of a voice each.
_BANDS_HZ = 100 * 2 ** np.arange(3, 6.1, 1 / 3)

Sound = NDArray[np.float32]
#: Takes (sound, speed, semitones) and returns it stretched and moved.
Stretcher = Callable[[Sound, float, float], Sound]


@dataclass(frozen=True)
class Attacks:
    """Where attacks come out: how far off at worst, how much comes before them, how narrow a click stays."""

    worst_ms: float
    pre_echo_db: float
    click_share: float


def tones(frequencies: tuple[float, ...], seconds: float, rate: int = RATE) -> NDArray[np.float64]:
    time = np.arange(round(seconds * rate)) / rate
    return np.sum([0.1 * np.sin(2 * np.pi * frequency * time) for frequency in frequencies], axis=0)


def as_sound(values: NDArray[np.float64]) -> Sound:
    return values.astype(np.float32)[None]


def snr_db(sound: Sound, frequencies: tuple[float, ...], rate: int = RATE) -> float:
    """Compare the middle half of a sound with the sines of these frequencies that fit it best."""
    middle = sound[len(sound) // 4 : -len(sound) // 4].astype(np.float64)
    angle = 2 * np.pi * np.arange(len(middle)) / rate
    waves = np.stack([wave(angle * each) for each in frequencies for wave in (np.sin, np.cos)], axis=1)
    rest = middle - waves @ np.linalg.lstsq(waves, middle, rcond=None)[0]
    return float(10 * np.log10((middle @ middle) / (rest @ rest)))


def chord_snr_db(stretcher: Stretcher, speed: float, semitones: float) -> float:
    """Return the chord's SNR in pieces of a quarter of a second: phases may drift from one to the next."""
    out = stretcher(as_sound(tones(CHORD_HZ, 4.0)), speed, semitones)[0]
    moved = tuple(each * 2 ** (semitones / 12) for each in CHORD_HZ)
    pieces = [out[start : start + RATE // 2] for start in range(RATE // 2, len(out) - RATE, RATE // 2)]
    return float(np.mean([snr_db(piece, moved) for piece in pieces]))


def attacks(stretcher: Stretcher, speed: float, semitones: float) -> Attacks:
    """Measure bursts of noise over a chord, and lone clicks."""
    places = np.round(np.arange(0.25, 5.6, 0.31) * RATE).astype(int)
    rng = np.random.default_rng(1)
    burst = 0.5 * rng.standard_normal(2_400) * np.exp(-np.arange(2_400) / 290)
    played, clicks = tones(CHORD_HZ, 6.0), np.zeros(6 * RATE)
    for place in places:
        played[place : place + len(burst)] += burst
        clicks[place] = 0.9
    drums = stretcher(as_sound(played), speed, semitones)[0].astype(np.float64)
    lone = stretcher(as_sound(clicks), speed, semitones)[0].astype(np.float64)
    echoes, errors, shares = [], [], []
    for place in np.round(places / speed).astype(int):
        bright = np.diff(drums[place - 1_200 : place + 483], n=3) ** 2
        echoes.append(10 * np.log10(bright[:1_104].sum() / bright[1_200:].sum()))
        around = lone[place - 2_400 : place + 2_400] ** 2
        peak = int(np.argmax(around))
        errors.append((peak - 2_400) / RATE * 1_000)
        shares.append(around[max(0, peak - 12) : peak + 13].sum() / max(1e-9, around.sum()))
    return Attacks(float(np.abs(errors).max()), float(np.mean(echoes)), float(np.mean(shares)))


def vowel(pitch_hz: float, rate: int = RATE, seconds: float = 1.0) -> NDArray[np.float64]:
    angle = 2 * np.pi * pitch_hz * np.arange(round(seconds * rate)) / rate
    sound = np.sum([np.sin(number * angle) / number for number in range(1, int(7_000 / pitch_hz))], axis=0)
    for centre, width in _FORMANTS_HZ:
        radius = np.exp(-np.pi * width / rate)
        poles = [1, -2 * radius * np.cos(2 * np.pi * centre / rate), radius**2]
        sound = signal.lfilter([sum(poles)], poles, sound)
    return sound


def colour_error_db(stretcher: Stretcher, pitch_hz: float, semitones: float, rate: int = RATE) -> float:
    """Return how far a moved vowel's partials are from those of the same vowel sung at the new pitch."""
    sung, aim = vowel(pitch_hz, rate), pitch_hz * 2 ** (semitones / 12)
    scale = 0.3 / np.abs(sung).max()
    moved = stretcher(as_sound(sung * scale), 1.0, semitones)[0]
    error = _partials_db(moved, aim, rate) - _partials_db(vowel(aim, rate) * scale, aim, rate)
    return float(np.abs(error - np.median(error)).mean())


def _partials_db(sound: NDArray[np.floating], pitch_hz: float, rate: int) -> NDArray[np.float64]:
    middle = sound[rate // 4 : -rate // 4]
    spectrum = np.abs(np.fft.rfft(middle * np.hanning(len(middle)), rate))
    places = [round(number * pitch_hz) for number in range(1, int(4_500 / pitch_hz))]
    return 20 * np.log10([spectrum[place - 4 : place + 5].max() for place in places])


def balance_error_db(before: Sound, after: Sound, rate: int) -> float:
    """Return how far third octaves are from what they were on average: a voice's colour over a song."""
    levels = []
    for sound in (before, after):
        frequencies, power = signal.welch(sound[0], rate, nperseg=4_096)
        edges = np.searchsorted(frequencies, _BANDS_HZ)
        bands = np.add.reduceat(power, edges)[:-1] / np.diff(edges)
        levels.append(10 * np.log10(bands))
    error = levels[1] - levels[0]
    return float(np.abs(error - np.median(error)).mean())
