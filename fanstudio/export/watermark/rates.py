"""Streams of audio cut anew, and the rates that can carry a mark."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from fanstudio.errors import WatermarkError

Floats = NDArray[np.float32]

_RATES: Final = (8000, 192000)


def recut(blocks: Iterable[Floats], frames: int) -> Iterator[Floats]:
    """Yield the same audio in pieces of `frames` (the last one shorter), one or two channels.

    Raises:
        WatermarkError: more than two channels, a change of channels on the way, or NaN and infinity.

    """
    held: list[Floats] = []
    count = 0
    for block in blocks:
        _check(block, held)
        held.append(block.astype(np.float32, copy=False))
        count += block.shape[1]
        if count >= frames:
            whole = np.concatenate(held, axis=1)
            cut = count - count % frames
            for start in range(0, cut, frames):
                yield whole[:, start : start + frames]
            held, count = [whole[:, cut:]], count - cut
    if count:
        yield np.concatenate(held, axis=1)


def check_rate(sample_rate: int) -> None:
    """Raise WatermarkError for a rate outside 8 to 192 kHz."""
    if not _RATES[0] <= sample_rate <= _RATES[1]:
        raise WatermarkError(f"A watermark needs a sample rate from 8 to 192 kHz, not {sample_rate} Hz.")


def _check(block: Floats, held: list[Floats]) -> None:
    if block.ndim != 2 or block.shape[0] not in (1, 2):
        raise WatermarkError("A watermark needs mono or stereo audio.", hint="Mix down to stereo first.")
    if held and held[0].shape[0] != block.shape[0]:
        raise WatermarkError("The number of channels changes in mid-stream.")
    if not np.isfinite(block).all():
        raise WatermarkError("The audio holds values that are not numbers.")
