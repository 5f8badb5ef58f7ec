"""A plain estimate of what can be heard of a small change: noise to mask, and mark to host by band."""

from __future__ import annotations

import numpy as np
import scipy.fft

RATE = 44100
_WINDOW = 2048
_HALF_BARKS = 50
_QUIET = 1e-9 * _WINDOW**2 / 8


def noise_to_mask_db(song: np.ndarray, changed: np.ndarray) -> float:
    """Return the mean noise-to-mask ratio of two aligned songs at 44.1 kHz.

    Power in half-Bark bands, spread upwards by 12 dB and downwards by 27 dB a Bark, lowered by 12 dB
    and more at high frequencies, never below -90 dB full scale. No listener was asked: compare figures
    of this measure with each other only.
    """
    host, noise = _bark_power(song), _bark_power(changed - song)
    distance = (np.arange(_HALF_BARKS)[:, None] - np.arange(_HALF_BARKS)) / 2
    spreading = 10 ** (np.where(distance >= 0, -12 * distance, 27 * distance) / 10)
    lowered = 10 ** (-(12 + np.maximum(0, 0.25 * np.arange(_HALF_BARKS) / 2 - 3)) / 10)
    mask = np.maximum(host @ spreading.T * lowered, _QUIET)
    heard = host.sum(axis=1) > 1e-6 * host.sum(axis=1).max()
    return float(10 * np.log10((noise / mask)[heard].mean()))


def mark_to_host_db(song: np.ndarray, changed: np.ndarray) -> dict[str, float]:
    """Return the power of the change against the music's, in four bands, at 44.1 kHz."""
    frequency = scipy.fft.rfftfreq(_WINDOW, 1 / RATE)
    host, noise = _power(song).sum(axis=0), _power(changed - song).sum(axis=0)
    bands = [(300, 600), (600, 1500), (1500, 3500), (3500, 7000)]
    inside = {f"{low}-{high} Hz": (frequency >= low) & (frequency < high) for low, high in bands}
    return {name: float(10 * np.log10(noise[bins].sum() / host[bins].sum())) for name, bins in inside.items()}


def align(song: np.ndarray, late: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Cut two songs so that a codec's delay (under 8192 frames) is gone."""
    reach, length = 8192, 1 << 17
    start = song.shape[1] // 2
    here = song.mean(axis=0)[start : start + length]
    there = late.mean(axis=0)[start - reach : start + length + reach]
    size = scipy.fft.next_fast_len(len(here) + len(there))
    product = scipy.fft.rfft(there, size) * np.conj(scipy.fft.rfft(here, size))
    delay = int(np.argmax(scipy.fft.irfft(product, size)[: 2 * reach])) - reach
    song, late = song[:, max(0, -delay) :], late[:, max(0, delay) :]
    frames = min(song.shape[1], late.shape[1])
    return song[:, :frames], late[:, :frames]


def _power(song: np.ndarray) -> np.ndarray:
    frames = np.lib.stride_tricks.sliding_window_view(song.mean(axis=0), _WINDOW)[:: _WINDOW // 2]
    return np.abs(scipy.fft.rfft(frames * np.hanning(_WINDOW), axis=-1)) ** 2


def _bark_power(song: np.ndarray) -> np.ndarray:
    frequency = scipy.fft.rfftfreq(_WINDOW, 1 / RATE)
    bark = 13 * np.arctan(0.00076 * frequency) + 3.5 * np.arctan((frequency / 7500) ** 2)
    band = np.minimum((2 * bark).astype(int), _HALF_BARKS - 1)
    return _power(song) @ np.eye(_HALF_BARKS)[band]
