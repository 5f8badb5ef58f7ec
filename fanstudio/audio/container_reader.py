"""Reads M4A and the rest through FFmpeg, with priming and padding trimmed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.packet import Packet

from fanstudio.audio.containers import Container, cut_short, not_audio
from fanstudio.audio.downmix import downmix_matrix
from fanstudio.audio.reader import AudioInfo, AudioReader
from fanstudio.audio.samples import Samples
from fanstudio.errors import AudioFileError

#: FFmpeg's unit of a container's duration, per second.
AV_TIME_BASE = 1_000_000
#: MP4 edit lists are often written in milliseconds; nearer than that, packets are more exact.
_EDIT_LIST_S = Fraction(2, 1000)
#: How far the duration that other containers declare may be off.
_SLACK_S = Fraction(1, 4)


#: iTunes' gapless tag: zeros, priming, padding, length in frames, all hexadecimal.
_ITUNES_LENGTH = re.compile(r"\s*[0-9A-F]+ [0-9A-F]+ [0-9A-F]+ ([0-9A-F]{1,16})\b")


class ContainerReader(AudioReader):
    """An open file of FFmpeg's. Only local bytes are read, by the demuxer that the file's start names."""

    def __init__(self, path: Path, container: Container, *, downmix: bool = False) -> None:
        """Open the file's first audio stream; `downmix` reads surround sound as stereo.

        Raises:
            AudioFileError: not audio; and see `AudioReader`.

        """
        self._exact = container.demuxer == "mov"
        frames = _exact_frames(path, container) if self._exact else None
        self._container = _open(path, container)
        try:
            self._stream = _audio_stream(self._container, path)
            frames = frames or _stated_frames(self._container, self._stream)
            self._fold = _fold_of(self._stream, path) if downmix else None
            channels = self._stream.channels if self._fold is None else 2
            super().__init__(path, AudioInfo(container.name, self._stream.rate or 0, channels, frames))
        except BaseException:
            self.close()
            raise

    def _read(self, frames_per_block: int) -> Iterator[Samples]:
        waiting: list[Samples] = []
        frames = 0
        try:
            for piece in self._pieces():
                waiting.append(piece)
                frames += piece.shape[1]
                if frames >= frames_per_block:
                    block = np.concatenate(waiting, axis=1)
                    whole = frames - frames % frames_per_block
                    for start in range(0, whole, frames_per_block):
                        yield block[:, start : start + frames_per_block]
                    waiting, frames = [block[:, whole:]], frames - whole
        except av.FFmpegError as error:
            raise cut_short(self.path, "it cannot be read to its end") from error
        if frames:
            yield np.concatenate(waiting, axis=1)

    def _pieces(self) -> Iterator[Samples]:
        """Yield what is decoded, without the padding behind an exact end."""
        left = self.frames if self._exact and self.frames else None
        for sound in self._planar() if self._fold is None else self._folded(self._fold):
            piece = sound[:, :left]
            left = None if left is None else left - piece.shape[1]
            yield piece

    def _planar(self) -> Iterator[Samples]:
        planar = AudioResampler(format="fltp")
        for frame in self._container.decode(self._stream):
            for converted in planar.resample(frame):
                yield converted.to_ndarray().astype(np.float32, copy=False)

    def _folded(self, fold: Samples) -> Iterator[Samples]:
        """Yield stereo; channels come interleaved, for PyAV crashes on eight planes."""
        interleaved = AudioResampler(format="flt")
        for frame in self._container.decode(self._stream):
            if frame.layout.nb_channels != fold.shape[1]:
                raise cut_short(self.path, "its channels change on the way")
            for converted in interleaved.resample(frame):
                channels = converted.to_ndarray().astype(np.float32, copy=False).reshape(-1, fold.shape[1]).T
                with np.errstate(invalid="ignore"):  # what is no number stays none: `blocks` refuses it
                    stereo = fold @ channels
                yield stereo

    def _check_length(self, decoded: int) -> None:
        slack = 0 if self._exact else int(_SLACK_S * self.sample_rate)
        super()._check_length(decoded + slack if decoded else 0)

    def close(self) -> None:
        """Close the file."""
        self._container.close()


def _open(path: Path, container: Container) -> InputContainer:
    try:
        return av.open(
            f"file:{path.resolve()}",
            format=container.demuxer,
            metadata_errors="replace",
            container_options={"protocol_whitelist": "file"},
        )
    except av.FFmpegError as error:
        raise not_audio(path) from error


def _audio_stream(container: InputContainer, path: Path) -> AudioStream:
    stream = next(iter(container.streams.audio), None)
    if stream is None or stream.codec_context is None:
        raise not_audio(path)
    return stream


def _fold_of(stream: AudioStream, path: Path) -> Samples | None:
    """Return what mixes a stream down to stereo; None where it is stereo or mono."""
    if stream.channels <= 2:
        return None
    fold = downmix_matrix([channel.name for channel in stream.layout.channels])
    if fold is None:
        raise AudioFileError(
            f"“{path.name}” has {stream.channels} channels in an order that cannot be mixed down.",
            hint="Export a stereo version of it first.",
        )
    return fold


def _exact_frames(path: Path, container: Container) -> int | None:
    """Return an MP4's length by its tag, its edit list or its packets, whichever is most exact."""
    with _open(path, container) as opened:
        stream = _audio_stream(opened, path)
        rate, time_base = stream.rate or 0, stream.time_base or Fraction(1)
        tag = _ITUNES_LENGTH.match(opened.metadata.get("iTunSMPB", ""))
        if tag:
            return int(tag[1], 16) or None
        end = max((_packet_end(packet) for packet in opened.demux(stream)), default=0) * time_base
        edited = (stream.duration or 0) * time_base
        if 0 < edited < end - _EDIT_LIST_S:
            end = edited
    return round(end * rate) or None


def _packet_end(packet: Packet[AudioStream]) -> int:
    return 0 if packet.pts is None else packet.pts + (packet.duration or 0)


def _stated_frames(container: InputContainer, stream: AudioStream) -> int | None:
    """Return the length another container declares; raw AAC only guesses it, so it tells none."""
    if container.format.name == "aac" or not container.duration:
        return None
    return container.duration * (stream.rate or 0) // AV_TIME_BASE
