"""Opens audio files of any kind we read, and conforms them to a session's rate."""

from __future__ import annotations

import os
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import soundfile

from fanstudio.audio.container_reader import ContainerReader
from fanstudio.audio.containers import identify, not_audio
from fanstudio.audio.reader import AudioInfo, AudioReader, check_block, check_info
from fanstudio.audio.rendition import RenditionWriter, writing
from fanstudio.audio.resample import Resampler
from fanstudio.audio.soundfile_reader import SoundfileReader
from fanstudio.audio.wav_samples import WavSamples, find_layout
from fanstudio.errors import TooManyChannels
from fanstudio.jobs import Work

__all__ = [
    "AudioInfo",
    "AudioReader",
    "DecodedInfo",
    "check_plain",
    "decode_file",
    "decode_foreign",
    "open_audio",
    "probe",
]

_BY_LIBSNDFILE = ("WAV", "AIFF", "FLAC", "OGG", "MP3", "CAF")
_BLOCK_FRAMES = 1 << 16


@dataclass(frozen=True, slots=True)
class DecodedInfo:
    """A file that was decoded whole: what it was, and its `length` in frames at the session's rate."""

    format: str
    sample_rate: int
    channels: int
    frames: int
    length: int


def probe(path: Path, *, downmix: bool = False) -> AudioInfo:
    """Return what a file says of itself, or of its stereo `downmix`.

    Raises:
        AudioFileError: see `open_audio`.

    """
    with open_audio(path, downmix=downmix) as reader:
        return reader.info


def open_audio(path: Path, *, downmix: bool = False) -> AudioReader:
    """Open an audio file for reading in blocks; `downmix` reads surround sound as stereo.

    Raises:
        AudioFileError: unreadable, not audio, empty, cut short, no channels, absurd rate.
        TooManyChannels: more than two, and not to be mixed down, or in a layout without a rule.

    """
    container = identify(path)
    if container.name in _BY_LIBSNDFILE:
        try:
            return SoundfileReader(path, container.name)
        except soundfile.LibsndfileError as error:
            if not container.demuxer:
                raise not_audio(path) from error
        except TooManyChannels:
            if not downmix:
                raise
    return ContainerReader(path, container, downmix=downmix)


def decode_file(
    work: Work, source: Path, target: Path, session_rate: int, downmix: bool = False
) -> DecodedInfo:
    """Decode `source` and write it, conformed to `session_rate`, as a rendition; memory is bounded.

    `downmix` takes surround sound as stereo.

    Raises:
        AudioFileError: the file is not usable audio.
        StorageError: the disk is full or gone.

    """
    with open_audio(source, downmix=downmix) as reader, writing(target, reader.channels) as writer:
        frames = _conform(work, reader, writer, session_rate)
        return DecodedInfo(reader.info.format, reader.sample_rate, reader.channels, frames, writer.frames)


def check_plain(work: Work, path: Path, session_rate: int) -> DecodedInfo | None:
    """Return what an uncompressed WAV file holds that can be read as it is; None for any other file.

    Raises:
        AudioFileError: it holds samples that are no sound, or far too many.

    """
    layout = find_layout(path)
    if layout is None or layout.sample_rate != session_rate:
        return None
    check_info(path, AudioInfo("WAV", layout.sample_rate, layout.channels, layout.frames))
    if layout.floating:
        with closing(WavSamples(path, layout)) as samples:
            for start in range(0, layout.frames, _BLOCK_FRAMES):
                work.report(start / layout.frames, "Checking")
                check_block(path, samples[:, start : start + _BLOCK_FRAMES])
    return DecodedInfo("WAV", session_rate, layout.channels, layout.frames, layout.frames)


def decode_foreign(
    work: Work, source: Path, target: Path, session_rate: int, downmix: bool = False
) -> DecodedInfo:
    """Do `decode_file` in a process of its own, where nobody hears what decoders grumble on stderr."""
    stderr = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        return decode_file(work, source, target, session_rate, downmix)
    finally:
        os.dup2(stderr, 2)
        os.close(stderr)
        os.close(nowhere)


def _conform(work: Work, reader: AudioReader, writer: RenditionWriter, session_rate: int) -> int:
    resampler = Resampler(reader.sample_rate, session_rate, reader.channels)
    frames = 0
    for block in reader.blocks(_BLOCK_FRAMES):
        frames += block.shape[1]
        work.report(frames / max(frames, reader.frames or 2 * frames), "Decoding")
        writer.write(resampler.push(block))
    writer.write(resampler.finish())
    return frames
