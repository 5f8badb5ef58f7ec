"""Stretches a source in time and moves it in pitch: streaming, exact to the frame, the same on each run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import ceil

import numpy as np
import soxr

from fanstudio.audio.formants import FormantKeeper
from fanstudio.audio.onsets import find_onsets
from fanstudio.audio.phase_vocoder import PhaseVocoder, window_frames
from fanstudio.audio.samples import Readable, Samples, padded, silence
from fanstudio.audio.time_map import TimeMap
from fanstudio.jobs import Work
from fanstudio.model.warp import Warp

_LOOKING = 0.1
#: Nearer to each other than this, speed and pitch move together.
_TOGETHER = 1e-6
_BLOCK_FRAMES = 1 << 15
#: How much of a window about an attack is left unstretched, before and after it.
_BEFORE, _AFTER = 3, 4


def stretch(work: Work, source: Readable, sample_rate: int, warp: Warp) -> Iterator[Samples]:
    """Yield a source `(channels, frames)` warped, `warp.length(frames)` in all.

    Where speed and pitch move together, as on a record that turns slower, it is resampled and nothing else.
    An attack at frame n comes out at n · `warp.stretch`. Pitch is moved by stretching further and
    resampling. Memory holds less than a second of the source, whatever its length. What is not
    finite becomes silence.
    """
    length = warp.length(source.shape[1])
    pitch = 2.0 ** (warp.semitones / 12)
    if abs(warp.stretch * pitch - 1) < _TOGETHER and not warp.keep_formants:
        yield from _turned(work, source, length, pitch)
        return
    window = window_frames(sample_rate)
    attacks = find_onsets(work.part(0.0, _LOOKING), source, sample_rate)
    times = TimeMap(source.shape[1], warp.stretch * pitch, attacks, window // _BEFORE, window // _AFTER)
    keeper = FormantKeeper(window // 2 + 1, pitch, sample_rate) if warp.keep_formants and pitch != 1 else None
    vocoder = PhaseVocoder(source, sample_rate, times, keeper.gains if keeper else None)
    stretched = (
        vocoder.blocks(length) if pitch == 1 else _moved(vocoder.blocks, length, pitch, source.shape[0])
    )
    rest = work.part(_LOOKING, 1.0)
    done = 0
    for block in stretched:
        yield block
        done += block.shape[1]
        rest.report(done / length)


def _turned(work: Work, source: Readable, length: int, pitch: float) -> Iterator[Samples]:
    """Yield a source played `pitch` times as fast, `length` frames."""

    def blocks(frames: int) -> Iterator[Samples]:
        for start in range(0, frames, _BLOCK_FRAMES):
            work.report(start / frames)
            yield padded(source, start, min(frames, start + _BLOCK_FRAMES))

    yield from _moved(blocks, length, pitch, source.shape[0])


def _moved(
    blocks: Callable[[int], Iterator[Samples]], length: int, pitch: float, channels: int
) -> Iterator[Samples]:
    """Yield what gives blocks of so many frames in all played `pitch` times as fast."""
    stream = soxr.ResampleStream(pitch, 1.0, channels)
    left = length
    for block in blocks(ceil(length * pitch)):
        moved = stream.resample_chunk(np.ascontiguousarray(block.T)).T[:, :left]
        yield moved
        left -= moved.shape[1]
    rest = stream.resample_chunk(silence(0, channels), last=True).T[:, :left]
    yield np.concatenate((rest, silence(channels, left - rest.shape[1])), axis=1)
