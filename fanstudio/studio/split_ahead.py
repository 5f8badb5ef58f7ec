"""Splitting ahead of the playhead, in a child process: stems go into files, wherever they are wanted first.

This is all that the child imports before the first sound: no decoder, no project.
"""

from __future__ import annotations

import time
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path

from fanstudio.audio.prepared import open_prepared
from fanstudio.audio.samples import Samples
from fanstudio.audio.wav import PlacedWav
from fanstudio.files import storage_error
from fanstudio.inference.ahead import AheadSplit
from fanstudio.inference.report import SplitReport
from fanstudio.inference.separation import measure_rms
from fanstudio.inference.splitters import open_splitter
from fanstudio.jobs import Dial, Work
from fanstudio.studio.split_options import KeptStem, SplitOptions

#: As long as the blocks of a decoder, so that the level comes out as it does for the song's file.
_BLOCK_FRAMES = 1 << 16


@dataclass(frozen=True, slots=True)
class SongOnDisk:
    """A song where the pool prepared it (`Pool.rendition`), and float32 WAV files for its stems, by name."""

    mix: Path
    channels: int
    frames: int
    sample_rate: int
    stems: dict[str, Path]


def split_ahead(work: Work, song: SongOnDisk, options: SplitOptions, wanted: Dial) -> SplitReport:
    """Split a song, what follows frame `wanted.value` first; `work.tell((start, end))` says what is there.

    Raises:
        ModelError, DeviceError: the model is damaged, the device cannot be used.
        StorageError: a file cannot be written.

    """
    started = time.monotonic()
    splitter = open_splitter(options.count, options.quality, options.model_id, options.device)
    kept = options.keep(splitter.stems)
    with ExitStack() as stack:
        mix = stack.enter_context(closing(open_prepared(song.mix, song.channels, song.frames)))
        blocks = (mix[:, at : at + _BLOCK_FRAMES] for at in range(0, song.frames, _BLOCK_FRAMES))
        rms = measure_rms(work, blocks)
        files = {stem.name: stack.enter_context(closing(_open(song, stem))) for stem in kept}
        split = AheadSplit(splitter, mix, song.sample_rate, rms)
        for at, stems in split.pieces(work, lambda: wanted.value):
            for stem in kept:
                _write(files[stem.name], song.stems[stem.name], at, stem.mix(stems))
            work.tell((at, at + stems[kept[0].parts[0]].shape[1]))
    seconds = time.monotonic() - started
    return splitter.report(seconds=seconds, audio_seconds=song.frames / song.sample_rate)


def _open(song: SongOnDisk, stem: KeptStem) -> PlacedWav:
    path = song.stems[stem.name]
    try:
        return PlacedWav(path, song.sample_rate, song.channels, song.frames)
    except OSError as error:
        raise storage_error(error, path) from error


def _write(file: PlacedWav, path: Path, at: int, samples: Samples) -> None:
    try:
        file.write(at, samples)
    except OSError as error:
        raise storage_error(error, path) from error
