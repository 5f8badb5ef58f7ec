"""How one sound differs from another in speed and pitch, heard from both."""

from __future__ import annotations

from typing import Final

import numpy as np

from fanstudio.studio.style.figures import Sound, Spectra

#: Lags of the beat that are compared, in seconds, and steps of an octave.
_SHORTEST_S, _LONGEST_S = 0.12, 2.4
_STEPS: Final = 96
#: Frequencies that are compared.
_LOWEST_HZ, _HIGHEST_HZ = 150.0, 2_400.0
_PITCH_STEPS: Final = 96
_FARTHEST_OCTAVES: Final = 0.7
_SIZE: Final = 8192
_TINY: Final = 1e-12
#: Onsets are compared with those of so many steps around; shorter sounds have no beat.
_AROUND: Final = 64
_LEAST_FRAMES: Final = 1024 + 256 * 2 * _AROUND


def speed_against(sound: Sound, other: Sound) -> float:
    """Return how many times as fast as another a sound is, by the spacing of its beats; 1 for equals."""
    lag = _best_shift(_beat_lags(other), _beat_lags(sound), _STEPS)
    return float(2.0 ** (-lag / _STEPS))


def semitones_against(sound: Sound, other: Sound) -> float:
    """Return by how many semitones a sound lies above another, by its partials; 0 for equals."""
    return 12 * _best_shift(_partials(other), _partials(sound), _PITCH_STEPS) / _PITCH_STEPS


def _beat_lags(sound: Sound) -> Spectra:
    """Return how alike the onsets are to themselves at lags on a logarithmic axis."""
    lags = np.geomspace(_SHORTEST_S, _LONGEST_S, round(_STEPS * np.log2(_LONGEST_S / _SHORTEST_S)))
    alike = np.zeros(len(lags))
    hop_s = 256 / sound.sample_rate
    for window in sound.windows:
        line = window.mean(axis=0).astype(np.float64)
        if len(line) < _LEAST_FRAMES:
            continue
        frames = np.lib.stride_tricks.sliding_window_view(line, 1024)[::256]
        level = np.log1p(100 * np.abs(np.fft.rfft(frames * np.hanning(1024), axis=1)))
        rise = np.maximum(np.diff(level, axis=0), 0).sum(axis=1)
        rise = rise - np.convolve(rise, np.ones(_AROUND) / _AROUND, mode="same")
        spectrum = np.abs(np.fft.rfft(rise, 2 * len(rise))) ** 2
        self_likeness = np.fft.irfft(spectrum)[: len(rise)]
        alike += np.interp(lags / hop_s, np.arange(len(rise)), self_likeness / max(self_likeness[0], _TINY))
    centred: Spectra = alike - alike.mean()
    return centred


def _partials(sound: Sound) -> Spectra:
    """Return the mean spectrum on a logarithmic axis, less its own smooth course."""
    octaves = np.log2(_HIGHEST_HZ / _LOWEST_HZ)
    places = np.geomspace(_LOWEST_HZ, _HIGHEST_HZ, round(_PITCH_STEPS * octaves))
    power = np.zeros(_SIZE // 2 + 1)
    for window in sound.windows:
        line = window.mean(axis=0).astype(np.float64)
        line = np.pad(line, (0, max(0, _SIZE - len(line))))
        frames = np.lib.stride_tricks.sliding_window_view(line, _SIZE)[:: _SIZE // 2]
        power += np.square(np.abs(np.fft.rfft(frames * np.hanning(_SIZE), axis=1))).sum(axis=0)
    level = 10 * np.log10(np.interp(places, np.fft.rfftfreq(_SIZE, 1 / sound.sample_rate), power) + _TINY)
    course = np.convolve(np.pad(level, 48, mode="edge"), np.ones(97) / 97, mode="valid")
    standing = np.maximum(level - course, 0)
    centred: Spectra = standing - standing.mean()
    return centred


def _best_shift(one: Spectra, other: Spectra, steps: int) -> float:
    """Return by how many steps `other` lies higher than `one`, where they agree best."""
    farthest = round(_FARTHEST_OCTAVES * steps)
    shifts = np.arange(-farthest, farthest + 1)
    scores = np.array([_agreement(one, other, int(shift)) for shift in shifts])
    best = int(scores.argmax())
    if not 0 < best < len(scores) - 1 or scores[best] <= 0:
        return 0.0
    before, here, after = scores[best - 1 : best + 2]
    bend = before - 2 * here + after
    return float(shifts[best] + (0.5 * (before - after) / bend if bend < 0 else 0.0))


def _agreement(one: Spectra, other: Spectra, shift: int) -> float:
    left = one[max(0, -shift) : len(one) - max(0, shift)]
    right = other[max(0, shift) : len(other) - max(0, -shift)]
    scale = float(np.sqrt((left @ left) * (right @ right)))
    return float(left @ right) / scale if scale > _TINY else 0.0
