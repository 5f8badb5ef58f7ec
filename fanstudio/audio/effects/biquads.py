"""Second-order filters, by R. Bristow-Johnson's "Audio EQ Cookbook"."""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from fanstudio.audio.filters import Values

#: A section that passes everything.
PASS: Final = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
BUTTERWORTH_Q: Final = math.sqrt(0.5)

Section = tuple[float, float, float, float, float, float]


def low_pass(sample_rate: int, hertz: float, q: float = BUTTERWORTH_Q) -> Section:
    """Return a low pass of 12 dB an octave."""
    cosine, alpha = _turn(sample_rate, hertz, q)
    return _section((1 - cosine) / 2, 1 - cosine, (1 - cosine) / 2, 1 + alpha, -2 * cosine, 1 - alpha)


def high_pass(sample_rate: int, hertz: float, q: float = BUTTERWORTH_Q) -> Section:
    """Return a high pass of 12 dB an octave."""
    cosine, alpha = _turn(sample_rate, hertz, q)
    return _section((1 + cosine) / 2, -1 - cosine, (1 + cosine) / 2, 1 + alpha, -2 * cosine, 1 - alpha)


def bell(sample_rate: int, hertz: float, gain_db: float, q: float) -> Section:
    """Return a boost or cut around a frequency."""
    cosine, alpha = _turn(sample_rate, hertz, q)
    a = 10 ** (gain_db / 40)
    return _section(1 + alpha * a, -2 * cosine, 1 - alpha * a, 1 + alpha / a, -2 * cosine, 1 - alpha / a)


def low_shelf(sample_rate: int, hertz: float, gain_db: float) -> Section:
    """Return a boost or cut of all below a frequency, where half of it (in dB) is reached."""
    cosine, alpha = _turn(sample_rate, hertz, BUTTERWORTH_Q)
    a = 10 ** (gain_db / 40)
    root = 2 * math.sqrt(a) * alpha
    return _section(
        a * (a + 1 - (a - 1) * cosine + root),
        2 * a * (a - 1 - (a + 1) * cosine),
        a * (a + 1 - (a - 1) * cosine - root),
        a + 1 + (a - 1) * cosine + root,
        -2 * (a - 1 + (a + 1) * cosine),
        a + 1 + (a - 1) * cosine - root,
    )


def high_shelf(sample_rate: int, hertz: float, gain_db: float) -> Section:
    """Return a boost or cut of all above a frequency, where half of it (in dB) is reached."""
    cosine, alpha = _turn(sample_rate, hertz, BUTTERWORTH_Q)
    a = 10 ** (gain_db / 40)
    root = 2 * math.sqrt(a) * alpha
    return _section(
        a * (a + 1 + (a - 1) * cosine + root),
        -2 * a * (a - 1 + (a + 1) * cosine),
        a * (a + 1 + (a - 1) * cosine - root),
        a + 1 - (a - 1) * cosine + root,
        2 * (a - 1 - (a + 1) * cosine),
        a + 1 - (a - 1) * cosine - root,
    )


def sections(*rows: Section) -> Values:
    """Return sections as scipy takes them, `(n, 6)`."""
    return np.array(rows)


def response_db(filters: Values, sample_rate: int, hertz: Values) -> Values:
    """Return the gain in dB of sections in a row at some frequencies."""
    delay = np.exp(-2j * np.pi * hertz / sample_rate)
    powers = np.stack((np.ones_like(delay), delay, delay * delay))
    gains = np.abs(filters[:, :3] @ powers) / np.abs(filters[:, 3:] @ powers)
    decibels: Values = 20 * np.log10(np.maximum(gains.prod(axis=0), 1e-9))
    return decibels


def _turn(sample_rate: int, hertz: float, q: float) -> tuple[float, float]:
    angle = 2 * math.pi * hertz / sample_rate
    return math.cos(angle), math.sin(angle) / (2 * q)


def _section(b0: float, b1: float, b2: float, a0: float, a1: float, a2: float) -> Section:
    return b0 / a0, b1 / a0, b2 / a0, 1.0, a1 / a0, a2 / a0
