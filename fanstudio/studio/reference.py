"""Listens to a reference record, which anybody may have made: in a child process, with limits."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Final

import numpy as np

from fanstudio.audio.decode import open_audio
from fanstudio.audio.reader import AudioReader
from fanstudio.audio.samples import Samples
from fanstudio.inference.production_features import Features
from fanstudio.inference.production_measure import measure_blocks, stretches
from fanstudio.jobs import Limits, Work, run_child

_LIMITS: Final = Limits(memory_mb=1_536, seconds=600)
#: Where a file does not tell its length, its beginning is heard.
_BEGINNING_S: Final = 120
_PIECE_S: Final = 6


def hear_reference(work: Work, path: Path) -> Features:
    """Return the production of an audio file; nothing of its sound is kept.

    Raises:
        AudioFileError: it is not usable audio.
        InputError: it is silent, or shorter than a second.
        ChildError: it made its decoder crash or run over its limits.
        Cancelled: within a second.

    """
    return run_child(work, _hear, path, limits=_LIMITS)


def _hear(work: Work, path: Path) -> Features:
    with open_audio(path, downmix=True) as reader:
        return measure_blocks(_pieces(work, reader), reader.sample_rate)


def _pieces(work: Work, reader: AudioReader) -> Iterator[Samples]:
    """Yield what is heard of a file: evenly spread stretches of it, or its beginning."""
    if reader.frames is None:
        yield from islice(reader.blocks(_PIECE_S * reader.sample_rate), _BEGINNING_S // _PIECE_S)
        return
    places = iter(stretches(reader.frames, reader.sample_rate))
    start, stop = next(places)
    held: list[Samples] = []
    at = 0
    for block in reader.blocks():
        work.report(at / reader.frames, "Listening to the reference")
        end = at + block.shape[1]
        while start < end:
            held.append(block[:, max(0, start - at) : stop - at])
            if stop > end:
                break
            yield np.concatenate(held, axis=1)
            held = []
            start, stop = next(places, (reader.frames + 1, reader.frames + 1))
        at = end
