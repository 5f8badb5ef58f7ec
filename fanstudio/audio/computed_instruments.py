"""Instruments that are formulas: the pulses, triangle and noise of old game consoles, and synthesizers.

A zone is a loop of whole cycles made in the spectrum, so that it holds no harmonic that could fold.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache, partial

import numpy as np
from numpy.typing import NDArray

from fanstudio.audio.instrument import Instrument, Recorded, Zone

Floats = NDArray[np.float64]
#: What harmonics `numbers` of a note at a frequency in Hz are: their complex amplitudes.
Harmonics = Callable[[NDArray[np.int64], float], NDArray[np.complex128]]
#: How many cycles a zone's loop has → its sound.
Shape = Callable[[int], Recorded]

_RATE = 44_100
_HIGHEST_HZ = 19_000.0
#: A zone covers so many semitones, its root the highest of them.
_SPAN = 3
_LEVEL = 0.1
#: Frames of a loop, of a pad's, and before it; and by how much a pad's voices are out of tune.
_FRAMES, _PAD_FRAMES = 1 << 14, 1 << 17
_LEAD = 1 << 12
_DETUNED = (-0.0045, -0.0017, 0.0, 0.0023, 0.005)
_PAD_HZ, _BASS_HZ, _BRIGHT_HZ, _PLUCK_HZ = 1500.0, 500.0, 3500.0, 5000.0
#: How fast the brightness of a struck synthesizer falls, how fast a pluck dies away, and when it is over.
_DULLS_S, _DIES_S = 0.12, 0.3
#: Loops that they take until they go on unchanged, or are over.
_TURNS = 4
#: The console's shift register: its length, and the pitch at which a bit is held for so many frames.
_REGISTER_BITS, _NOISE_ROOT_HZ, _HELD = 15, 523.25, 4


def computed_instruments() -> tuple[Instrument, ...]:
    """Return the instruments that need no files."""
    pulse_25, pulse_50 = (partial(_steady, partial(_pulse, duty)) for duty in (0.25, 0.5))
    return (
        _instrument("pulse-25", "8-bit lead (25 % pulse)", "8-bit", pulse_25, (36, 100), 0.03),
        _instrument("pulse-50", "8-bit chords (square)", "8-bit", pulse_50, (36, 100), 0.03),
        _instrument("chip-bass", "8-bit bass (triangle)", "8-bit", partial(_steady, _stairs), (24, 84), 0.03),
        _instrument("chip-noise", "8-bit noise", "8-bit", _register, (36, 96), 0.03),
        _instrument(
            "synth-pad", "Synth pad", "synth", _pad, (33, 96), 0.7, attack_s=0.12, frames=_PAD_FRAMES
        ),
        _instrument("synth-bass", "Synth bass", "synth", _bass, (24, 60), 0.08),
        _instrument("synth-pluck", "Synth pluck", "synth", _pluck, (40, 100), 0.25, sustained=False),
    )


def _instrument(
    name: str,
    title: str,
    family: str,
    shape: Shape,
    notes: tuple[int, int],
    release_s: float,
    *,
    attack_s: float = 0.002,
    sustained: bool = True,
    frames: int = _FRAMES,
) -> Instrument:
    lowest, highest = notes
    tops = range(min(lowest + _SPAN - 1, highest), highest + _SPAN, _SPAN)
    zones = tuple(_zone(shape, top - _SPAN + 1, top, frames) for top in tops)
    return Instrument(
        name, title, family, zones, lowest, highest, attack_s, release_s, True, sustained, computed=True
    )


def _zone(shape: Shape, lowest: int, highest: int, frames: int) -> Zone:
    """Return a zone whose loop of `frames` has whole cycles, and whose root says which pitch that is."""
    cycles = max(1, round(440 * 2 ** ((highest - 69) / 12) * frames / _RATE))
    root = 69 + 12 * math.log2(cycles * _RATE / frames / 440)
    return Zone(partial(shape, cycles), root, lowest, highest)


def _steady(harmonics: Harmonics, cycles: int) -> Recorded:
    """Return a loop of one wave."""
    return _loop(_wave(harmonics, cycles, _FRAMES)[None])


def _loop(samples: Floats, rate: int = _RATE) -> Recorded:
    """Return a loop at its level; some of its end comes before it, so that filters find no edge there."""
    led = np.concatenate((samples[:, -_LEAD:], samples), axis=1) * _levelled(samples)
    return Recorded(led.astype(np.float32), rate, (_LEAD, led.shape[1]))


def _levelled(samples: Floats) -> float:
    return float(_LEVEL / np.sqrt(np.square(samples).mean()))


def _wave(harmonics: Harmonics, cycles: int, frames: int) -> Floats:
    """Return so many cycles in so many frames."""
    highest = int(min(_HIGHEST_HZ * frames / _RATE, frames // 2 - 1) / cycles)
    numbers = np.arange(1, highest + 1)
    spectrum = np.zeros(frames // 2 + 1, np.complex128)
    spectrum[numbers * cycles] = harmonics(numbers, cycles * _RATE / frames) * frames / 2
    wave: Floats = np.fft.irfft(spectrum, frames)
    return wave


def _pulse(duty: float, numbers: NDArray[np.int64], _frequency: float) -> NDArray[np.complex128]:
    amplitudes: NDArray[np.complex128] = np.sin(np.pi * duty * numbers) / numbers * (1 + 0j)
    return amplitudes


def _stairs(numbers: NDArray[np.int64], _frequency: float) -> NDArray[np.complex128]:
    """Return the harmonics of a triangle in steps of four bits, 32 of them in a cycle."""
    steps = np.concatenate((np.arange(16), np.arange(15, -1, -1))) - 7.5
    held = np.sinc(numbers / 32) * np.exp(-1j * np.pi * numbers / 32)
    return np.asarray(np.fft.fft(steps)[numbers % 32] * held, np.complex128)


def _saw(cutoff_hz: float, numbers: NDArray[np.int64], frequency: float) -> NDArray[np.complex128]:
    """Return the harmonics of a sawtooth through a low-pass of 24 dB an octave, open two octaves at least."""
    corner = max(cutoff_hz, 3 * frequency)
    return np.asarray(-1j / numbers / (1 + (numbers * frequency / corner) ** 4), np.complex128)


def _pad(cycles: int) -> Recorded:
    """Return detuned saws, each begun elsewhere on either side."""
    rng = np.random.default_rng(cycles)
    saw = partial(_saw, _PAD_HZ)
    waves = [_wave(saw, cycles + round(cycles * detuned), _PAD_FRAMES) for detuned in _DETUNED]
    sides = [sum(np.roll(wave, rng.integers(_PAD_FRAMES)) for wave in waves) for _ in range(2)]
    return _loop(np.stack(sides))


def _bass(cycles: int) -> Recorded:
    """Return a saw whose filter closes after the stroke, and which then goes on."""
    bright, dull = _open_and_closed(_BRIGHT_HZ, cycles)
    time = np.arange(len(dull)) / _RATE
    closing = np.exp(-time / _DULLS_S) * np.clip((time[-_FRAMES] - time) / _DULLS_S, 0, 1)
    wave = (dull + closing * (bright - dull)) * _levelled(dull)
    return Recorded(wave[None].astype(np.float32), _RATE, (len(wave) - _FRAMES, len(wave)))


def _pluck(cycles: int) -> Recorded:
    """Return a saw that grows dull and dies away after the stroke."""
    bright, dull = _open_and_closed(_PLUCK_HZ, cycles)
    time = np.arange(len(dull)) / _RATE
    wave = (dull + np.exp(-time / _DULLS_S) * (bright - dull)) * np.exp(-time / _DIES_S)
    wave *= 3 * _levelled(bright) * np.clip((time[-1] - time) / _DULLS_S, 0, 1)
    return Recorded(wave[None].astype(np.float32), _RATE)


def _open_and_closed(open_hz: float, cycles: int) -> tuple[Floats, Floats]:
    """Return a saw through a filter that is open, and through one that is closed, for some loops."""
    waves = (_wave(partial(_saw, cutoff_hz), cycles, _FRAMES) for cutoff_hz in (open_hz, _BASS_HZ))
    opened, closed = (np.tile(wave, _TURNS) for wave in waves)
    return opened, closed


def _register(cycles: int) -> Recorded:
    """Return the console's noise, whose register runs faster for higher notes; each bit is held."""
    rate = round(_RATE * (cycles * _RATE / _FRAMES) / _NOISE_ROOT_HZ)
    return _loop(np.repeat(shift_register_noise(), _HELD)[None], rate)


@cache
def shift_register_noise() -> Floats:
    """Return all bits, −1 or 1, of a shift register of fifteen that feeds back its last two."""
    register, bits = 1, []
    for _ in range((1 << _REGISTER_BITS) - 1):
        bits.append(register & 1)
        fed_back = (register ^ register >> 1) & 1
        register = register >> 1 | fed_back << _REGISTER_BITS - 1
    return np.array(bits) * 2.0 - 1.0
