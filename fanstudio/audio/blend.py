"""A made sound beside the one that it was made of: as loud, and as much of either as is wanted."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from fanstudio.audio.gains import amplitude
from fanstudio.audio.loudness import Loudness
from fanstudio.audio.samples import Readable, Samples, padded

#: No sound is made louder or quieter than it came by more than this.
_MOST_DB = 24.0
_HIGHEST_PEAK = 1.0


def as_channels(block: Samples, channels: int) -> Samples:
    """Return a stereo block with one channel or two."""
    return block if channels == 2 else block.mean(axis=0, keepdims=True, dtype=np.float32)


def busiest_start(starts: Sequence[float], span: float) -> float:
    """Return the one of `starts` after which most of them lie within `span`."""
    ordered = np.sort(np.asarray(starts, np.float64))
    inside = np.searchsorted(ordered, ordered + span) - np.arange(len(ordered))
    return float(ordered[int(inside.argmax())])


def matching_gain(made: Iterable[Samples], sound: Readable, sample_rate: int) -> float:
    """Return the factor that makes blocks `(channels, frames)` as loud as `sound`, from its first frame on.

    Its peaks stay below full scale, or below the sound's own; silence is left as it is.
    """
    channels = sound.shape[0]
    ours, theirs = Loudness(sample_rate, channels), Loudness(sample_rate, channels)
    at, our_peak, their_peak = 0, 0.0, 0.0
    for block in made:
        original = padded(sound, at, at + block.shape[1])
        ours.add(block)
        theirs.add(original)
        our_peak = max(our_peak, float(np.abs(block).max(initial=0)))
        their_peak = max(their_peak, float(np.abs(original).max(initial=0)))
        at += block.shape[1]
    apart_db = theirs.integrated_lufs - ours.integrated_lufs
    gain = amplitude(min(_MOST_DB, max(-_MOST_DB, apart_db))) if math.isfinite(apart_db) else 1.0
    return min(gain, max(_HIGHEST_PEAK, their_peak) / our_peak) if our_peak > 0 else 1.0


def blend(made: Iterable[Samples], sound: Readable, wet: float, dry: float) -> Iterator[Samples]:
    """Yield `wet` times the blocks plus `dry` times the sound that they go along with."""
    at = 0
    for block in made:
        mixed = block * np.float32(wet)
        if dry:
            mixed += padded(sound, at, at + block.shape[1]) * np.float32(dry)
        at += block.shape[1]
        yield mixed
