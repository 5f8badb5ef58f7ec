"""Audio that leaves without permit and mark: stems and styled songs of the fan's own or open material."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path

import numpy as np

from fanstudio.audio.decode import open_audio
from fanstudio.audio.encode import Encoding, open_encoder, supported_rate
from fanstudio.audio.resample import Resampler
from fanstudio.audio.samples import Samples
from fanstudio.errors import InputError
from fanstudio.export.formats import BITRATE_KBPS, Format, find_format
from fanstudio.export.gate import check_unmarked
from fanstudio.files import part_file
from fanstudio.jobs import Work
from fanstudio.model.rights import Origin

FORMATS = ("wav", "flac")


def check_may_leave(origin: Origin) -> None:
    """Raise NotPermitted if material of this origin needs a permit."""
    check_unmarked((origin,))


def write_unmarked(work: Work, files: Sequence[tuple[Path, Path]], format_name: str) -> float:
    """Turn float32 WAV files into finished ones, (from, to) each; return the attenuation in dB.

    WAV stays as it is. FLAC holds no more than full scale: where one file passes it, all are lowered
    by the same attenuation, so that their sum stays the mix, only softer. No file takes its place before
    all of them are made, and then cancelling comes too late.

    Raises:
        InputError: the format is neither.
        StorageError: the disk is full or read-only.

    """
    if format_name not in FORMATS:
        raise InputError(f"Stems are written as {' or '.join(FORMATS)}, not {format_name}.")
    made, attenuation_db = [source for source, _target in files], 0.0
    if format_name != "wav":
        made, attenuation_db = _encode_all(work, made, format_name)
    work.check()
    for source, (_, target) in zip(made, files, strict=True):
        with part_file(target) as part:
            source.replace(part)
    return attenuation_db


def write_unmarked_mix(
    work: Work, blocks: Iterator[Samples], rate: int, desk: Path, target: Path, row: Format
) -> float:
    """Write a mix as a finished file; return the attenuation in dB that its highest peak asked for.

    `desk` is a folder for what is between. The file takes its place only when it is whole.

    Raises:
        StorageError: the disk is full or read-only.

    """
    between = desk / "mix.wav"
    peak = _keep(blocks, rate, between)
    gain = np.float32(1.0 / max(peak, 1.0))
    with part_file(target) as part:
        _resample(work, between, part, row, gain)
    return round(20 * math.log10(gain), 2) if gain < 1 else 0.0


def _keep(blocks: Iterator[Samples], rate: int, path: Path) -> float:
    """Write blocks as they are; return the highest peak."""
    first = next(blocks)
    peak = 0.0
    with open_encoder(path, Encoding.WAV_FLOAT, rate, first.shape[0]) as encoder:
        for block in chain((first,), blocks):
            encoder.write(block)
            peak = max(peak, float(np.abs(block).max(initial=0.0)))
    return peak


def _resample(work: Work, source: Path, target: Path, row: Format, gain: np.float32) -> None:
    done = 0
    with open_audio(source) as reader:
        rate = supported_rate(row.encoding, reader.sample_rate)
        resampler = Resampler(reader.sample_rate, rate, reader.channels)
        with open_encoder(target, row.encoding, rate, reader.channels, bitrate_kbps=BITRATE_KBPS) as encoder:
            for block in reader.blocks():
                done += block.shape[1]
                work.report(done / (reader.frames or done))
                encoder.write(resampler.push(block * gain))
            encoder.write(resampler.finish())


def _encode_all(work: Work, sources: Sequence[Path], format_name: str) -> tuple[list[Path], float]:
    """Write each file anew beside itself; return the new ones, and the attenuation of them all in dB."""
    peaking, writing = work.part(0.0, 0.3), work.part(0.3, 1.0)
    peak = max(
        (_peak(_share(peaking, n, len(sources)), source) for n, source in enumerate(sources)), default=0.0
    )
    gain = 1.0 / max(peak, 1.0)
    made = [source.with_suffix(f".{format_name}") for source in sources]
    for number, (source, target) in enumerate(zip(sources, made, strict=True)):
        _encode(_share(writing, number, len(sources)), source, target, format_name, np.float32(gain))
    return made, round(20 * math.log10(gain), 2) if gain < 1 else 0.0


def _share(work: Work, number: int, of: int) -> Work:
    return work.part(number / of, (number + 1) / of)


def _peak(work: Work, path: Path) -> float:
    peak, done = 0.0, 0
    with open_audio(path) as reader:
        for block in reader.blocks():
            done += block.shape[1]
            work.report(done / (reader.frames or done))
            peak = max(peak, float(np.abs(block).max()))
    return peak


def _encode(work: Work, source: Path, target: Path, format_name: str, gain: np.float32) -> None:
    done = 0
    with (
        open_audio(source) as reader,
        open_encoder(
            target, find_format(format_name).encoding, reader.sample_rate, reader.channels
        ) as encoder,
    ):
        for block in reader.blocks():
            done += block.shape[1]
            work.report(done / (reader.frames or done))
            encoder.write(block * gain)
