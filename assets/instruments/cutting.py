"""Cuts a played note into a sample: from its attack until it has rung out, or looped where it is steady."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float64]

#: Before its attack a sample keeps this.
_BEFORE_S = 0.001
#: A sample begins where it first reaches this part of its peak, and ends where it falls below the next.
_BEGINS, _ENDS = 0.003, 0.0015
_FADE = 0.25
_LOOP_FADE_S = 0.35
_STEADY_S = (0.25, 1.2)
_LEAP_S, _SETTLED_S = 0.002, 0.012


@dataclass(frozen=True, slots=True)
class Cut:
    """A sample `(channels, frames)`, and between which frames it repeats, if it does."""

    samples: Samples
    loop: tuple[int, int] | None = None


def cut_ringing(played: Samples, rate: int, ring_s: float, *, second: bool = False) -> Cut:
    """Return a stroke from its attack on until it has rung out, `ring_s` at most, faded at its end.

    With `second` it begins with the leap after the first: what a mechanism does before it plucks is left out.
    """
    samples = _from_attack(_from_leap(played, rate) if second else played, rate)[:, : round(ring_s * rate)]
    level = np.abs(samples).max(axis=0)
    loud = np.flatnonzero(level > _ENDS * level.max())
    samples = samples[:, : min(samples.shape[1], loud[-1] + 1 + round(0.05 * rate))].copy()
    fade = round(_FADE * samples.shape[1])
    samples[:, -fade:] *= np.cos(np.linspace(0, np.pi / 2, fade)) ** 2
    return Cut(samples)


def cut_sustained(played: Samples, rate: int, loop_s: tuple[float, float]) -> Cut:
    """Return a held note whose end goes over into its middle, so that it repeats without a seam.

    The loop's end is moved to where it is most like its beginning; there the one is faded into the other
    so that their power, or where they are alike their amplitude, stays as it is.
    """
    samples = _from_attack(played, rate)
    fade = round(_LOOP_FADE_S * rate)
    start = round(loop_s[0] * rate)
    end = _alike(samples, start, round(loop_s[1] * rate), fade, rate)
    head, tail = samples[:, start - fade : start], samples[:, end - fade : end]
    alike = float(np.clip((head * tail).sum() / np.sqrt((head**2).sum() * (tail**2).sum()), 0, 1))
    into = np.linspace(0, 1, fade)
    rising, falling = np.sin(into * np.pi / 2), np.cos(into * np.pi / 2)
    scale = 1 / np.sqrt(rising**2 + falling**2 + 2 * alike * rising * falling)
    looped = samples[:, :end].copy()
    looped[:, end - fade :] = scale * (falling * tail + rising * head)
    return Cut(looped, (start, end))


def tuning_cents(cut: Cut, rate: int, key: int) -> float:
    """Return how far a sample lies above its key, in cents; 0 where that cannot be told within 30 cents.

    Where the lowest harmonics lie; of an ensemble, whose voices differ, their middle counts.
    """
    begin, end = cut.loop or (round(place * rate) for place in _STEADY_S)
    mono = cut.samples.mean(axis=0)[min(begin, cut.samples.shape[1] // 4) : end]
    base_hz = 440 * 2 ** ((key - 69) / 12)
    grid = np.linspace(-30, 30, 121)
    time = np.arange(len(mono)) / rate
    windowed = mono * np.hanning(len(mono))
    power = np.zeros(len(grid))
    for harmonic in (1, 2, 3):
        turns = np.exp(-2j * np.pi * np.outer(harmonic * base_hz * 2 ** (grid / 1200), time))
        power += np.abs(turns @ windowed)
    near = power > 0.5 * power.max()
    middle = float((grid * power**2)[near].sum() / (power**2)[near].sum())
    return middle if 0 < int(power.argmax()) < len(grid) - 1 else 0.0


def _from_leap(played: Samples, rate: int) -> Samples:
    """Return what follows the largest leap of the level in a tenth of a second, but for its first."""
    step = round(_LEAP_S * rate)
    begun = _from_attack(played, rate)
    frames = begun.shape[1] // step * step
    level = np.abs(begun[:, :frames]).max(axis=0).reshape(-1, step).max(axis=1)
    leaps = level[2:] - level[:-2]
    leaps[: round(_SETTLED_S / _LEAP_S)] = 0
    return begun[:, step * int(1 + leaps[: round(0.1 / _LEAP_S)].argmax()) :]


def _from_attack(played: Samples, rate: int) -> Samples:
    level = np.abs(played).max(axis=0)
    first = int(np.argmax(level > _BEGINS * level.max()))
    samples = played[:, max(0, first - round(_BEFORE_S * rate)) :].copy()
    rise = max(2, round(_BEFORE_S * rate))
    samples[:, :rise] *= np.linspace(0, 1, rise)
    return samples - samples.mean(axis=1, keepdims=True)


def _alike(samples: Samples, start: int, end: int, fade: int, rate: int) -> int:
    """Return the frame up to a tenth of a second before `end` whose past is most like that of `start`."""
    reach = round(0.1 * rate)
    end = min(end, samples.shape[1])
    head = samples[:, start - fade : start].mean(axis=0)
    heard = samples[:, end - fade - reach : end].mean(axis=0)
    size = 1 << (len(heard) + fade).bit_length()
    likeness = np.fft.irfft(np.fft.rfft(heard, size) * np.conj(np.fft.rfft(head, size)), size)[: reach + 1]
    power = np.concatenate(([0.0], np.cumsum(heard**2)))
    likeness /= np.sqrt(power[fade : fade + reach + 1] - power[: reach + 1] + 1e-12)
    return end - reach + int(likeness.argmax())
