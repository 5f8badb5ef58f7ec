"""Reads what libsndfile reads: WAV, AIFF, FLAC, OGG, Opus, MP3."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import soundfile

from fanstudio.audio.containers import cut_short
from fanstudio.audio.reader import AudioInfo, AudioReader
from fanstudio.audio.samples import Samples
from fanstudio.files import c_name

#: libsndfile's count for a stream that does not tell its length.
_UNKNOWN_FRAMES = 2**63 - 1


class SoundfileReader(AudioReader):
    """An open file of libsndfile's; raises its own errors only through `_read`."""

    def __init__(self, path: Path, name: str) -> None:
        """Open the file; `name` is the format's name for people.

        Raises:
            soundfile.LibsndfileError: libsndfile does not know the format.
            AudioFileError: see `AudioReader`.

        """
        self._file = soundfile.SoundFile(c_name(path))
        frames = None if self._file.frames >= _UNKNOWN_FRAMES else self._file.frames
        try:
            super().__init__(path, AudioInfo(name, self._file.samplerate, self._file.channels, frames))
        except BaseException:
            self._file.close()
            raise

    def _read(self, frames_per_block: int) -> Iterator[Samples]:
        done = 0
        while True:
            try:
                block = self._file.read(frames_per_block, dtype="float32", always_2d=True)
            except soundfile.LibsndfileError as error:
                seconds = f"{done / self.sample_rate:.1f}"
                raise cut_short(self.path, f"it cannot be read beyond {seconds} s") from error
            if not len(block):
                return
            done += len(block)
            yield np.ascontiguousarray(block.T)

    def close(self) -> None:
        """Close the file."""
        self._file.close()
