"""The beats, bars and tempo of a song."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from fanstudio.audio.resample import Resampler
from fanstudio.audio.samples import Readable, Samples
from fanstudio.errors import InputError
from fanstudio.inference.bars import count_bars
from fanstudio.inference.beat_decoder import FPS, GAPS
from fanstudio.inference.beat_features import HOP_S, SAMPLE_RATE, FeatureStream
from fanstudio.inference.beat_net import BeatNet
from fanstudio.inference.harmony_change import harmony_changes, harmony_levels
from fanstudio.inference.steady_line import find_steady_line
from fanstudio.inference.tempo_level import Heard, confidence, settle_level
from fanstudio.inference.tempogram import STEP_S, tempo_fits
from fanstudio.jobs import Work
from fanstudio.model.beat_grid import BeatGrid, grid_of

Floats = NDArray[np.float32]
Values = NDArray[np.float64]

#: Goes up whenever the same sound and nets would give another grid, so that what was kept is heard again.
EDITION: Final = 1
_BLOCK_FRAMES = 1 << 17
#: The lowest of the bands: bass drums.
_LOW_BANDS = 8
#: The nets were trained on loud records; quieter sound is brought to this peak.
_WANTED_PEAK = 0.9
#: Below this there is nothing but noise to make louder.
_NOISE_PEAK = 1e-4
#: Beats that are less likely than this, or than so many times any other moment, were found in noise.
_LEAST_LIKELY, _LEAST_CONTRAST = 0.2, 1.8
_LEAST_BEATS = 4
#: By the nets alone, no beat is less or more likely a downbeat than this.
_LEAST_DOWNBEAT = 0.04
#: How much a harmony that changes by one deviation counts.
_CHANGE_WEIGHT = 1.2
#: Shorter than a second.
_LEAST_FRAMES = 50
_DIGITS = 4
#: A beat lies in the middle of what the nets tell within so many fine frames of it.
_AROUND = 4
#: Beats move by no more than this, in seconds, when they are smoothed over so many.
_MOST_MOVE_S, _SMOOTHED_BEATS = 0.015, 9


@dataclass(frozen=True, slots=True, eq=False)
class _Listening:
    """What the nets told at each frame, `HOP_S` apart, and how much begins there, in all and low.

    `levels` are those that tell harmony.
    """

    beats: Floats
    downbeats: Floats
    pulse: Floats
    lows: Floats
    levels: NDArray[np.float16]


def find_beats(work: Work, sound: Readable, sample_rate: int, net: BeatNet | None = None) -> BeatGrid:
    """Return the beats of `sound` `(channels, frames)`; an empty grid where nothing has a beat.

    Memory grows by some 15 kB for a second of sound, whatever its rate.

    Raises:
        InputError: samples that are not numbers.
        ModelError: the nets are missing, damaged or failed.
        Cancelled: within a second.

    """
    peak = _peak(work.part(0.0, 0.05, "Listening"), sound)
    if peak < _NOISE_PEAK:
        return BeatGrid()
    gain = np.float32(_WANTED_PEAK / peak)
    net = net or BeatNet()
    told = _listen(work.part(0.05, 0.7, "Hearing the beat"), sound, sample_rate, net, gain)
    return _decode(work.part(0.7, 1.0, "Counting the beats"), told)


def _decode(work: Work, told: _Listening) -> BeatGrid:
    both = told.beats + told.downbeats
    if len(both) < _LEAST_FRAMES:
        return BeatGrid()
    steps = round(HOP_S * FPS)
    fine = np.interp(np.arange(steps * len(both)) / steps, np.arange(len(both)), both)
    fits = tempo_fits(told.pulse, 1 / HOP_S, GAPS / FPS)
    fine = fine.astype(np.float32)
    line = find_steady_line(work, fine, fits, round(STEP_S * FPS))
    heard = Heard(1 / HOP_S, both, told.lows)
    beats_s = settle_level(_smooth(_centred(line, fine) / FPS), heard)
    needed = max(_LEAST_LIKELY, _LEAST_CONTRAST * float(both.mean()))
    if len(beats_s) < _LEAST_BEATS or heard.likely_at(beats_s).mean() < needed:
        return BeatGrid()
    bars = count_bars(_begins_bar(told, beats_s))
    grid = grid_of(beats_s.tolist(), int(bars.starts[0]), bars.beats_per_bar, confidence(beats_s, heard))
    return _with_bars(grid, beats_s, bars.starts)


def _listen(work: Work, sound: Readable, sample_rate: int, net: BeatNet, gain: np.float32) -> _Listening:
    frames = sound.shape[1]
    to_net = Resampler(sample_rate, SAMPLE_RATE, 1)
    stream = FeatureStream()
    net.begin()
    pieces = []
    for start in range(0, frames, _BLOCK_FRAMES):
        work.report(start / frames)
        mono = _mono(sound[:, start : start + _BLOCK_FRAMES]) * gain
        pieces.append(_hear(work, net, stream.push(to_net.push(mono)[0])))
    pieces.append(_hear(work, net, np.concatenate((stream.push(to_net.finish()[0]), stream.finish()))))
    told, pulse, lows, levels = (np.concatenate(rows) for rows in zip(*pieces, strict=True))
    return _Listening(told[:, 0], told[:, 1], pulse, lows, levels)


def _hear(work: Work, net: BeatNet, features: Floats) -> tuple[Floats, Floats, Floats, NDArray[np.float16]]:
    told = net.hear(work, features) if len(features) else np.zeros((0, 2), np.float32)
    grown = features[:, features.shape[1] // 2 :]
    return told, grown.mean(axis=1), grown[:, :_LOW_BANDS].mean(axis=1), harmony_levels(features)


def _begins_bar(told: _Listening, beats_s: Values) -> Values:
    """Return how likely each beat begins a bar, 0..1: by the nets, and by where harmony changes."""
    heard = np.clip(_told_downbeats(told, beats_s), _LEAST_DOWNBEAT, 1 - _LEAST_DOWNBEAT)
    changes = harmony_changes(told.levels, 1 / HOP_S, beats_s)
    return np.asarray(1 / (1 + (1 - heard) / heard * np.exp(-_CHANGE_WEIGHT * changes)))


def _told_downbeats(told: _Listening, beats_s: Values) -> Values:
    """Return how likely each beat is a downbeat, by the nets alone."""
    downbeats = Heard(1 / HOP_S, told.downbeats, told.lows).likely_at(beats_s)
    others = Heard(1 / HOP_S, told.beats, told.lows).likely_at(beats_s)
    return np.asarray(downbeats / np.maximum(downbeats + others, 1e-9))


def _with_bars(grid: BeatGrid, beats_s: Values, starts: NDArray[np.int64]) -> BeatGrid:
    return BeatGrid(
        grid.beats_s, tuple(beats_s[starts].tolist()), grid.tempo_bpm, grid.beats_per_bar, grid.confidence
    )


def _centred(line: NDArray[np.int64], likely: Floats) -> Values:
    """Return beats at the centre of what is likely around them, in fractions of frames."""
    offsets = np.arange(-_AROUND, _AROUND + 1)
    weights = likely[np.clip(line[:, None] + offsets, 0, len(likely) - 1)].astype(np.float64) ** 2 + 1e-6
    return np.asarray(line + (weights * offsets).sum(axis=1) / weights.sum(axis=1))


def _smooth(beats_s: Values) -> Values:
    """Return beats without the frames' jitter: on a parabola through their neighbours, if that is near."""
    from scipy.signal import savgol_filter

    if len(beats_s) < _SMOOTHED_BEATS:
        return beats_s
    smoothed = savgol_filter(beats_s, _SMOOTHED_BEATS, 2)
    near = np.clip(smoothed, beats_s - _MOST_MOVE_S, beats_s + _MOST_MOVE_S)
    return np.asarray(np.maximum(near, 0).round(_DIGITS))


def _mono(block: Samples) -> Samples:
    mono = block.mean(axis=0, keepdims=True, dtype=np.float32)
    if not np.isfinite(mono).all():
        raise InputError("The audio holds samples that are not numbers.")
    return np.asarray(mono, np.float32)


def _peak(work: Work, sound: Readable) -> float:
    frames = sound.shape[1]
    peak = 0.0
    for start in range(0, frames, _BLOCK_FRAMES):
        work.report(start / frames)
        peak = max(peak, float(np.abs(_mono(sound[:, start : start + _BLOCK_FRAMES])).max()))
    return peak
