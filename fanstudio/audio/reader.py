"""What every reader of a file gives: its properties, and blocks that were checked."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np

from fanstudio.audio.containers import cut_short
from fanstudio.audio.samples import Samples
from fanstudio.errors import AudioFileError, TooManyChannels

MAX_CHANNELS = 2
MIN_RATE_HZ = 4_000
MAX_RATE_HZ = 384_000
MAX_HOURS = 24
#: +60 dBFS: what is louder is damage, not sound.
_MAX_ABS = 1_000.0


@dataclass(frozen=True, slots=True)
class AudioInfo:
    """What a file says of itself; `frames` is None where it does not tell its length."""

    format: str
    sample_rate: int
    channels: int
    frames: int | None


class AudioReader(ABC):
    """An open audio file; use as a context manager."""

    def __init__(self, path: Path, info: AudioInfo) -> None:
        """Check what the file declares.

        Raises:
            AudioFileError: no or too many channels, an absurd rate or length, or no sound at all.

        """
        self.path = path
        self.info = info
        check_info(path, info)

    @property
    def sample_rate(self) -> int:
        """Return the file's rate in Hz."""
        return self.info.sample_rate

    @property
    def channels(self) -> int:
        """Return 1 or 2."""
        return self.info.channels

    @property
    def frames(self) -> int | None:
        """Return the declared length, or None where the file does not tell."""
        return self.info.frames

    def blocks(self, frames_per_block: int = 65_536) -> Iterator[Samples]:
        """Yield the sound as float32 `(channels, frames)`, the last block perhaps shorter.

        Raises:
            AudioFileError: damaged, shorter than declared, empty, or samples that are no sound.

        """
        decoded = 0
        for block in self._read(frames_per_block):
            check_block(self.path, block)
            decoded += block.shape[1]
            if decoded > MAX_HOURS * 3600 * self.sample_rate:
                raise _too_long(self.path)
            yield block
        self._check_length(decoded)

    def _check_length(self, decoded: int) -> None:
        if self.frames is not None and decoded < self.frames:
            has, says = (f"{frames / self.sample_rate:.1f}" for frames in (decoded, self.frames))
            raise cut_short(self.path, f"{has} of {says} s could be read")
        if decoded == 0:
            raise _no_sound(self.path)

    @abstractmethod
    def _read(self, frames_per_block: int) -> Iterator[Samples]:
        """Yield the decoded sound, unchecked; damage raises AudioFileError."""

    @abstractmethod
    def close(self) -> None:
        """Close the file."""

    def __enter__(self) -> Self:
        """Return the reader itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the file."""
        self.close()


def check_info(path: Path, info: AudioInfo) -> None:
    """Raise AudioFileError where a file declares what cannot be used."""
    if info.channels < 1:
        raise AudioFileError(f"“{path.name}” declares no channels.", hint="Choose another file.")
    if info.channels > MAX_CHANNELS:
        raise TooManyChannels(
            f"“{path.name}” has {info.channels} channels: only mono and stereo are taken as they are.",
            hint="Mix it down to stereo: --downmix does it.",
        )
    if not MIN_RATE_HZ <= info.sample_rate <= MAX_RATE_HZ:
        raise AudioFileError(
            f"“{path.name}” declares a sample rate of {info.sample_rate} Hz, which no sound has.",
            hint=f"Rates from {MIN_RATE_HZ} to {MAX_RATE_HZ} Hz can be used.",
        )
    if info.frames == 0:
        raise _no_sound(path)
    if info.frames is not None and info.frames > MAX_HOURS * 3600 * info.sample_rate:
        raise _too_long(path)


def check_block(path: Path, block: Samples) -> None:
    """Raise AudioFileError where samples of a file are no sound: not numbers, or far beyond full scale."""
    peak = max(float(block.max()), -float(block.min())) if block.size else 0.0
    if not np.isfinite(peak):
        raise AudioFileError(f"“{path.name}” contains samples that are not numbers.", hint="Export it again.")
    if peak > _MAX_ABS:
        raise AudioFileError(
            f"“{path.name}” contains samples far beyond full scale.", hint="Export it again."
        )


def _no_sound(path: Path) -> AudioFileError:
    return AudioFileError(f"“{path.name}” holds no sound.", hint="Choose another file.")


def _too_long(path: Path) -> AudioFileError:
    return AudioFileError(f"“{path.name}” is longer than {MAX_HOURS} hours.", hint="Cut it into parts.")
