"""Stretches a source in time and moves it in pitch: streaming, exact to the frame, the same on each run."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil

import numpy as np
import soxr

from fanstudio.audio.formants import FormantKeeper
from fanstudio.audio.onsets import find_onsets
from fanstudio.audio.phase_vocoder import PhaseVocoder, window_frames
from fanstudio.audio.samples import Readable, Samples, silence
from fanstudio.audio.time_map import TimeMap
from fanstudio.jobs import Work
from fanstudio.model.warp import Warp

_LOOKING = 0.1
#: How much of a window about an attack is left unstretched, before and after it.
_BEFORE, _AFTER = 3, 4


def stretch(work: Work, source: Readable, sample_rate: int, warp: Warp) -> Iterator[Samples]:
    """Yield a source `(channels, frames)` warped, `warp.length(frames)` in all.

    An attack at frame n comes out at n · `warp.stretch`. Pitch is moved by stretching further and
    resampling. Memory holds less than a second of the source, whatever its length. What is not
    finite becomes silence.
    """
    length = warp.length(source.shape[1])
    pitch = 2.0 ** (warp.semitones / 12)
    window = window_frames(sample_rate)
    attacks = find_onsets(work.part(0.0, _LOOKING), source, sample_rate)
    times = TimeMap(source.shape[1], warp.stretch * pitch, attacks, window // _BEFORE, window // _AFTER)
    keeper = FormantKeeper(window // 2 + 1, pitch, sample_rate) if warp.keep_formants and pitch != 1 else None
    vocoder = PhaseVocoder(source, sample_rate, times, keeper.gains if keeper else None)
    blocks = vocoder.blocks(length) if pitch == 1 else _moved(vocoder, length, pitch, source.shape[0])
    rest = work.part(_LOOKING, 1.0)
    done = 0
    for block in blocks:
        yield block
        done += block.shape[1]
        rest.report(done / length)


def _moved(vocoder: PhaseVocoder, length: int, pitch: float, channels: int) -> Iterator[Samples]:
    """Yield what the vocoder gives played `pitch` times as fast."""
    stream = soxr.ResampleStream(pitch, 1.0, channels)
    left = length
    for block in vocoder.blocks(ceil(length * pitch)):
        moved = stream.resample_chunk(np.ascontiguousarray(block.T)).T[:, :left]
        yield moved
        left -= moved.shape[1]
    rest = stream.resample_chunk(silence(0, channels), last=True).T[:, :left]
    yield np.concatenate((rest, silence(channels, left - rest.shape[1])), axis=1)
