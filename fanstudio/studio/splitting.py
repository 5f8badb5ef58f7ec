"""Splitting itself: a song to files of stems, in a child process that gives its memory back."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

from fanstudio.audio.decode import open_audio
from fanstudio.audio.pool import open_stem_file
from fanstudio.errors import ModelError, UnusableModel
from fanstudio.inference.cascade import Splitter
from fanstudio.inference.report import SplitReport
from fanstudio.inference.separation import measure_rms
from fanstudio.inference.splitters import VOCALS, open_splitter, stem_names
from fanstudio.jobs import Limits, Work, run_child
from fanstudio.studio.split_options import KeptStem, SplitOptions
from fanstudio.studio.split_speed import remember_speed

#: The model that is built in.
MODEL = VOCALS
_CHILD_LIMITS = Limits(memory_mb=None, seconds=24 * 3600)


def kept_stems(options: SplitOptions) -> tuple[KeptStem, ...]:
    """Return what a split with these options keeps.

    Raises:
        InputError: a stem is wanted that the model does not have.
        ModelError: there is no such model, or its manifest is not in order.

    """
    return options.keep(stem_names(options.count, options.model_id))


def split_to_files(
    work: Work, song: Path, parts: Mapping[str, Path], options: SplitOptions, *, downmix: bool
) -> SplitReport:
    """Split `song` into float32 WAV files at its own rate, by the name of each kept stem.

    Raises:
        AudioFileError: the song is not usable audio.
        UnusableModel, DeviceError: the model cannot be loaded, the device cannot be used.
        ModelError: the model failed on this song.
        StorageError: a file cannot be written.
        Cancelled: within a second; the files are then unfinished.

    """
    report = run_child(work, _split, song, dict(parts), options, downmix, limits=_CHILD_LIMITS)
    remember_speed(options, report)
    return report


def _open(options: SplitOptions) -> Splitter:
    """Load what splits; UnusableModel where no song can be split by it."""
    try:
        return open_splitter(options.count, options.quality, options.model_id, options.device)
    except ModelError as error:
        raise UnusableModel(error.message, hint=error.hint) from error


def _split(
    work: Work, song: Path, parts: dict[str, Path], options: SplitOptions, downmix: bool
) -> SplitReport:
    import time

    started = time.monotonic()
    with open_audio(song, downmix=downmix) as reader:
        splitter = _open(options)
        rms = measure_rms(work.part(0.0, 0.03, "Listening"), reader.blocks())
        rate, channels = reader.sample_rate, reader.channels
    kept = options.keep(splitter.stems)
    with open_audio(song, downmix=downmix) as reader, ExitStack() as stack:
        writers = {
            stem.name: stack.enter_context(open_stem_file(parts[stem.name], rate, channels)) for stem in kept
        }
        pieces = splitter.split(
            work.part(0.03, 1.0, "Splitting"),
            reader.blocks(),
            sample_rate=rate,
            length_frames=reader.frames or 0,
            rms=rms,
        )
        frames = 0
        for piece in pieces:
            for stem in kept:
                writers[stem.name].write(stem.mix(piece))
            frames += next(iter(piece.values())).shape[1]
    return splitter.report(seconds=time.monotonic() - started, audio_seconds=frames / rate)
