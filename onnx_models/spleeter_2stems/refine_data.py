"""Mixes of known voices and accompaniments, to train the refinement net on: all invented from free parts."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soxr
from numpy.typing import NDArray
from scipy.signal import fftconvolve

RATE = 44100
Samples = NDArray[np.float32]
#: Takes so many frames from somewhere in a recording, `(channels, frames)`.
Take = Callable[[int], Samples]


@dataclass(frozen=True, slots=True)
class Song:
    """A song of which the voices and the rest are known, both `(2, frames)`."""

    name: str
    vocals: Samples
    rest: Samples


@dataclass(frozen=True, slots=True)
class Example:
    """A window of a mix and of its voices, `(2, frames)`, and the songs that either came from."""

    mix: Samples
    vocals: Samples
    songs: tuple[str, ...]


def read(path: Path) -> Samples:
    """Return a file as float32 `(2, frames)` at 44.1 kHz, decoded by ffmpeg."""
    command = ["ffmpeg", "-nostdin", "-v", "error", "-i", str(path), "-ac", "2", "-ar", str(RATE)]
    data = subprocess.run([*command, "-f", "f32le", "-"], check=True, capture_output=True).stdout
    return np.frombuffer(data, np.float32).reshape(-1, 2).T.copy()


def read_song(name: str, folder: Path) -> Song:
    """Add up the stems of a folder: `vocals`, `VOX` and `BGVOX` are voices, all others the rest."""
    voices, others = [], []
    for path in sorted(folder.iterdir()):
        sung = path.stem.startswith("vocals") or "VOX" in path.stem
        (voices if sung else others).append(read(path))
    length = max(stem.shape[1] for stem in (*voices, *others))
    return Song(name, _add(voices, length), _add(others, length))


def _add(stems: Sequence[Samples], length: int) -> Samples:
    total = np.zeros((2, length), np.float32)
    for stem in stems:
        total[:, : stem.shape[1]] += stem
    return total


class Mixer:
    """Makes examples out of songs and instrumental music; each song has a partner to exchange parts with."""

    def __init__(self, songs: Sequence[Song], music: Sequence[Path], length: int) -> None:
        """Take the songs in pairs of partners, and the files of music without voices."""
        self._songs = songs
        self._music = music
        self._length = length

    def make(self, number: int, rng: np.random.Generator) -> Example:
        """Make a window with the voices of song `number` modulo their count.

        Four in ten keep their own accompaniment, three are sung over other music, three over the
        partner song's.
        """
        number %= len(self._songs)
        song, partner = self._songs[number], self._songs[number ^ 1]
        way = rng.random()
        if way < 0.4:
            vocals, rest = self._cut_song(song, rng)
            vocals = vocals * _gain(rng, -3, 4)
            names: tuple[str, ...] = (song.name,)
        else:
            vocals = self._cut_voices(song, rng)
            if way < 0.7:
                rest, names = self._warp(_from(read(self._pick(rng)), rng), rng, 2.5), (song.name,)
            else:
                rest, names = self._warp(_from(partner.rest, rng), rng, 2.5), (song.name, partner.name)
            vocals = _colour(vocals, rng)
            vocals = vocals * (_rms(rest) / _rms(vocals) * _gain(rng, -13, 3))
        return _finish(vocals, rest, names, rng)

    def _pick(self, rng: np.random.Generator) -> Path:
        return self._music[int(rng.integers(len(self._music)))]

    def _cut_song(self, song: Song, rng: np.random.Generator) -> tuple[Samples, Samples]:
        both = np.concatenate([song.vocals, song.rest])
        for _ in range(12):
            window = self._warp(_from(both, rng), rng, 1.5 * int(rng.integers(2)))
            if _rms(window[:2]) > 0.15 * _rms(song.vocals):
                break
        return window[:2], window[2:]

    def _cut_voices(self, song: Song, rng: np.random.Generator) -> Samples:
        for _ in range(12):
            window = self._warp(_from(song.vocals, rng), rng, 2.5)
            if _rms(window) > 0.15 * _rms(song.vocals):
                break
        return window

    def _warp(self, take: Take, rng: np.random.Generator, semitones: float) -> Samples:
        """Return a window played faster or slower by up to so many semitones."""
        ratio = 2 ** (rng.uniform(-semitones, semitones) / 12)
        source = take(int(self._length * ratio) + 64)
        window = soxr.resample(np.ascontiguousarray(source.T), int(RATE * ratio), RATE, quality="MQ").T
        return _fit(window, self._length)


def _from(samples: Samples, rng: np.random.Generator) -> Take:
    def take(frames: int) -> Samples:
        start = int(rng.integers(0, max(1, samples.shape[1] - frames)))
        return _fit(samples[:, start : start + frames], frames)

    return take


def _fit(samples: Samples, frames: int) -> Samples:
    return np.pad(samples[:, :frames], ((0, 0), (0, max(0, frames - samples.shape[1]))))


def _colour(voices: Samples, rng: np.random.Generator) -> Samples:
    """Equalise and reverberate, sometimes."""
    if rng.random() < 0.7:
        voices = _filter(voices, _wavy(rng, 5))
    if rng.random() < 0.4:
        voices = _reverberate(voices, rng)
    return voices


def _finish(vocals: Samples, rest: Samples, songs: tuple[str, ...], rng: np.random.Generator) -> Example:
    """Swap channels, take away the highs as codecs do, and set the level about the net's."""
    if rng.random() < 0.06:
        vocals = 1e-3 * vocals
    if rng.random() < 0.5:
        vocals, rest = vocals[::-1], rest[::-1]
    mix = vocals + rest
    if rng.random() < 0.12:
        low_pass = _low_pass(rng.uniform(11e3, 18e3))
        vocals, mix = _filter(vocals, low_pass), _filter(mix, low_pass)
    gain = 0.2 / _rms(mix) * _gain(rng, -5, 3)
    return Example((gain * mix).astype(np.float32), (gain * vocals).astype(np.float32), songs)


def _filter(samples: Samples, response: Callable[[NDArray[np.float64]], NDArray[np.float64]]) -> Samples:
    """Multiply the spectrum by a response to frequencies in Hz."""
    length = samples.shape[1]
    spectrum = np.fft.rfft(samples) * response(np.fft.rfftfreq(length, 1 / RATE))
    return np.fft.irfft(spectrum, length).astype(np.float32)


def _wavy(rng: np.random.Generator, most_db: float) -> Callable[[NDArray[np.float64]], NDArray[np.float64]]:
    points, gains_db = np.linspace(np.log2(20), np.log2(RATE / 2), 7), rng.uniform(-most_db, most_db, 7)
    return lambda hz: 10 ** (np.interp(np.log2(np.maximum(hz, 20)), points, gains_db) / 20)


def _low_pass(edge_hz: float) -> Callable[[NDArray[np.float64]], NDArray[np.float64]]:
    return lambda hz: np.clip((edge_hz * 1.05 - hz) / (edge_hz * 0.05), 0, 1)


def _reverberate(samples: Samples, rng: np.random.Generator) -> Samples:
    """Add a decaying noise as a room's answer, other in each channel."""
    decay_s = rng.uniform(0.3, 2.5)
    times_s = np.arange(int(min(decay_s, 1.5) * RATE)) / RATE
    room = rng.standard_normal((2, times_s.size)) * 10 ** (-3 * times_s / decay_s)
    room += 0.2 * np.cumsum(room, axis=1)
    room[:, : int(rng.uniform(0, 0.04) * RATE)] = 0
    room *= rng.uniform(0.05, 0.6) / np.sqrt((room**2).sum(axis=1, keepdims=True))
    wet = fftconvolve(samples, room, axes=1)[:, : samples.shape[1]]
    return (samples + wet).astype(np.float32)


def _gain(rng: np.random.Generator, low_db: float, high_db: float) -> float:
    return float(10 ** (rng.uniform(low_db, high_db) / 20))


def _rms(samples: Samples) -> float:
    return float(np.sqrt(np.mean(np.square(samples, dtype=np.float64)))) + 1e-9
