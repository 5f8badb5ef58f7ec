"""Encoders: blocks of samples in, a file out, whatever its length.

Only `export` and the pool may import this: audio leaves through the gate.
"""

from __future__ import annotations

import errno
from abc import ABC, abstractmethod
from enum import StrEnum
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Self

import av
import numpy as np
import soundfile
from av.audio.stream import AudioStream

from fanstudio.audio.quantise import quantiser
from fanstudio.audio.samples import Samples, interleaved
from fanstudio.audio.wav import WavWriter
from fanstudio.errors import InputError, StorageError
from fanstudio.files import c_name, disk_is_full, storage_error


class Encoding(StrEnum):
    """What an encoder writes."""

    WAV_FLOAT = "wav-float"
    WAV_24 = "wav-24"
    WAV_16 = "wav-16"
    FLAC_24 = "flac-24"
    FLAC_16 = "flac-16"
    MP3 = "mp3"
    AAC = "aac"


_MP3_RATES = (32_000, 44_100, 48_000)
_AAC_RATES = (8_000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000, 64_000, 88_200, 96_000)
_MP3_KBITS = 32, 320
#: libsndfile crashes on long lossy writes in one call.
_PIECE_FRAMES = 8_192


def supported_rate(encoding: Encoding, sample_rate: int) -> int:
    """Return the rate, or the nearest that the encoding takes; resample to it first."""
    rates = {Encoding.MP3: _MP3_RATES, Encoding.AAC: _AAC_RATES}.get(encoding, (sample_rate,))
    return min(rates, key=lambda rate: (abs(rate - sample_rate), -rate))


def open_encoder(
    path: Path,
    encoding: Encoding,
    sample_rate: int,
    channels: int,
    *,
    bitrate_kbps: int = 256,
    seed: int = 0,
) -> Encoder:
    """Open an encoder that writes to `path`, whatever its suffix.

    `bitrate_kbps` rules MP3 and AAC; `seed` the dither of the 16-bit encodings, which is the same
    at any block size.

    Raises:
        InputError: a rate that the encoding does not take (see `supported_rate`).
        StorageError: the file cannot be made.

    """
    if supported_rate(encoding, sample_rate) != sample_rate:
        raise InputError(f"{encoding.value.upper()} cannot hold a rate of {sample_rate} Hz.")
    try:
        if encoding in (Encoding.WAV_FLOAT, Encoding.WAV_24, Encoding.WAV_16):
            return _WavEncoder(path, encoding, sample_rate, channels, seed)
        if encoding in (Encoding.FLAC_24, Encoding.FLAC_16):
            return _FlacEncoder(path, encoding, sample_rate, channels, seed)
        if encoding is Encoding.MP3:
            return _Mp3Encoder(path, sample_rate, channels, bitrate_kbps)
        return _AacEncoder(path, sample_rate, channels, bitrate_kbps)
    except OSError as error:
        raise storage_error(error, path) from error
    except soundfile.LibsndfileError as error:
        raise _failed(path, error) from error


class Encoder(ABC):
    """A file being written; use as a context manager. The caller removes it when writing fails."""

    def __init__(self, path: Path) -> None:
        """Remember what is written, for errors."""
        self.path = path

    def write(self, block: Samples) -> None:
        """Append a block `(channels, frames)`.

        Raises:
            StorageError: the disk is full or gone.

        """
        try:
            for start in range(0, block.shape[1], _PIECE_FRAMES):
                self._write(block[:, start : start + _PIECE_FRAMES])
        except (av.FFmpegError, soundfile.LibsndfileError) as error:
            raise _failed(self.path, error) from error
        except OSError as error:
            raise storage_error(error, self.path) from error

    def close(self) -> None:
        """Write the end of the file and close it; a second call does nothing.

        Raises:
            StorageError: the disk is full or gone.

        """
        try:
            self._close()
        except (av.FFmpegError, soundfile.LibsndfileError) as error:
            raise _failed(self.path, error) from error
        except OSError as error:
            raise storage_error(error, self.path) from error

    def __enter__(self) -> Self:
        """Return the encoder itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the file."""
        self.close()

    @abstractmethod
    def _write(self, block: Samples) -> None: ...

    @abstractmethod
    def _close(self) -> None: ...


class _WavEncoder(Encoder):
    def __init__(self, path: Path, encoding: Encoding, sample_rate: int, channels: int, seed: int) -> None:
        super().__init__(path)
        self._bits = {Encoding.WAV_FLOAT: 32, Encoding.WAV_24: 24, Encoding.WAV_16: 16}[encoding]
        self._quantiser = quantiser(self._bits, seed)
        self._file = WavWriter(path, sample_rate, channels, self._bits, floating=self._bits == 32)

    def _write(self, block: Samples) -> None:
        if self._bits == 32:
            self._file.write(interleaved(block).astype("<f4", copy=False).data.cast("B"))
            return
        integers = self._quantiser.integers(block)
        if self._bits == 16:
            self._file.write(integers.astype("<i2", copy=False).data.cast("B"))
            return
        self._file.write(integers.astype("<i4", copy=False).view(np.uint8).reshape(-1, 4)[:, :3].tobytes())

    def _close(self) -> None:
        self._file.close()


class _FlacEncoder(Encoder):
    def __init__(self, path: Path, encoding: Encoding, sample_rate: int, channels: int, seed: int) -> None:
        super().__init__(path)
        bits = 24 if encoding is Encoding.FLAC_24 else 16
        # libsndfile takes the top of a word.
        self._shift = 8 if bits == 24 else 0
        self._quantiser = quantiser(bits, seed)
        self._file = soundfile.SoundFile(
            c_name(path), "w", sample_rate, channels, f"PCM_{bits}", format="FLAC", compression_level=0.5
        )

    def _write(self, block: Samples) -> None:
        self._file.write(self._quantiser.integers(block) << self._shift)

    def _close(self) -> None:
        self._file.close()


class _Mp3Encoder(Encoder):
    """MPEG layer III at a constant rate, by LAME."""

    def __init__(self, path: Path, sample_rate: int, channels: int, bitrate_kbps: int) -> None:
        super().__init__(path)
        low, high = _MP3_KBITS
        level = (high - min(high, max(low, bitrate_kbps))) / (high - low)
        self._file = soundfile.SoundFile(
            c_name(path),
            "w",
            sample_rate,
            channels,
            format="MP3",
            compression_level=level,
            bitrate_mode="CONSTANT",
        )

    def _write(self, block: Samples) -> None:
        self._file.write(np.ascontiguousarray(np.clip(block, -1, 1).T))

    def _close(self) -> None:
        self._file.close()


class _AacEncoder(Encoder):
    """AAC-LC in an MP4 file, by FFmpeg."""

    def __init__(self, path: Path, sample_rate: int, channels: int, bitrate_kbps: int) -> None:
        super().__init__(path)
        self._rate = sample_rate
        self._layout = "mono" if channels == 1 else "stereo"
        self._sink = _Sink(path)
        self._container = av.open(self._sink, "w", format="ipod", options={"fflags": "+bitexact"})
        stream = self._container.add_stream("aac", rate=sample_rate, layout=self._layout)
        assert isinstance(stream, AudioStream)
        stream.bit_rate = bitrate_kbps * 1000
        self._stream = stream
        self._frames = 0
        self._open = True

    def _write(self, block: Samples) -> None:
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(block), format="fltp", layout=self._layout)
        frame.sample_rate = self._rate
        frame.time_base = Fraction(1, self._rate)
        frame.pts = self._frames
        self._frames += block.shape[1]
        self._container.mux(self._stream.encode(frame))
        self._sink.check()

    def _close(self) -> None:
        if not self._open:
            return
        self._open = False
        try:
            self._container.mux(self._stream.encode(None))
            self._container.close()
        finally:
            self._sink.close()
        self._sink.check()


class _Sink:
    """A file for FFmpeg, whose MP4 writer crashes on failing writes: they succeed, `check` tells."""

    def __init__(self, path: Path) -> None:
        self._stream = path.open("wb", buffering=0)
        self._error: OSError | None = None

    def write(self, data: bytes) -> int:
        left = memoryview(data)
        try:
            while left and self._error is None:
                left = left[self._stream.write(left) :]
        except OSError as error:
            self._error = error
        return len(data)

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._stream.seek(offset, whence)

    def tell(self) -> int:
        return self._stream.tell()

    def close(self) -> None:
        self._stream.close()

    def check(self) -> None:
        """Raise the first write's error."""
        if self._error is not None:
            raise self._error


def _failed(path: Path, error: Exception) -> StorageError:
    full = disk_is_full(path)
    return storage_error(OSError(errno.ENOSPC if full else errno.EIO, str(error).rstrip(".")), path)
