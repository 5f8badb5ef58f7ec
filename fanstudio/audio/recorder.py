"""The recorder: reads an input on a thread of its own, shows its level, and writes what is wanted to disk.

What was recorded stays whatever ends it: a full disk, a device that goes, a killed process.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from fanstudio.audio.capture import Input, gone
from fanstudio.audio.input_level import InputLevel
from fanstudio.audio.placement import Placement
from fanstudio.audio.samples import Samples
from fanstudio.audio.wav import GrowingWav
from fanstudio.errors import DeviceError, StorageError
from fanstudio.files import storage_error
from fanstudio.model.timebase import rescale

#: Returns the timeline frame that leaves for the device now; None while nothing plays.
Sent = Callable[[], int | None]

_POLL_S = 0.01
_SYNC_S = 0.5
#: Callbacks of two devices run apart by up to so much; conversion rounds to a frame.
_APART_S = 0.05
_ROUNDING_FRAMES = 2
#: Inputs are full at 1; some drivers go a little beyond.
_LOUDEST = 8.0


class Recording:
    """One recording under way: its file, and what tells where on the timeline it belongs."""

    def __init__(
        self, path: Path, source: Input, session_rate: int, sent: Sent, synced: Callable[[], None]
    ) -> None:
        """Open the file; `sent` is asked while it grows, `synced` called whenever it is safe on the disk.

        Raises:
            StorageError: the disk is full or gone.

        """
        self.path = path
        self.placement = Placement(_tolerance(source, session_rate))
        self._rates = source.sample_rate, session_rate
        self._sent = sent
        self.source = source
        self._first = -1
        self._synced = synced
        self._sync_at = time.monotonic() + _SYNC_S
        try:
            self._file = GrowingWav(path, source.sample_rate, source.channels)
        except OSError as error:
            raise storage_error(error, path.parent) from error

    @property
    def frames(self) -> int:
        """Return how many frames are on the disk, at the session's rate."""
        return rescale(self._file.frames, *self._rates)

    def write(self, block: Samples, first: int) -> None:
        """Append a block that begins at the input's frame `first`; raise StorageError where that fails."""
        if self._first < 0:
            self._first = first
        try:
            self._file.write(block)
            self._sync()
        except OSError as error:
            raise storage_error(error, self.path.parent) from error

    def _sync(self) -> None:
        if time.monotonic() > self._sync_at:
            self._file.sync()
            self._synced()
            self._sync_at = time.monotonic() + _SYNC_S

    def note(self) -> None:
        """Compare what has come with what is sent, unless a callback comes between."""
        if self._first < 0:
            return
        captured = self.source.captured()
        position = self._sent()
        if position is not None and captured == self.source.captured():
            self.placement.note(rescale(captured - self._first, *self._rates), position)

    def close(self) -> None:
        """Close the file; what is there stays."""
        self._file.close()


class Recorder:
    """Listens to an input from now until `close`; every method may be called from any thread."""

    def __init__(self, source: Input) -> None:
        """Begin to listen; the input is the recorder's from now on."""
        self.source = source
        self.level = InputLevel()
        #: What ended the recording, or the listening; nothing while all is well.
        self.error: DeviceError | StorageError | None = None
        self._deaf: DeviceError | None = None
        self._recording: Recording | None = None
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._read = 0
        source.start()
        self._thread = threading.Thread(target=self._run, name="record", daemon=True)
        self._thread.start()

    @property
    def listening(self) -> bool:
        """Tell whether the device is there."""
        return self._thread.is_alive()

    def begin(
        self, path: Path, session_rate: int, sent: Sent, synced: Callable[[], None] = lambda: None
    ) -> Recording:
        """Record to `path` from now on.

        Raises:
            DeviceError: the input is gone.
            StorageError: the disk is full or gone.

        """
        if not self.listening:
            raise self.error or gone()
        recording = Recording(path, self.source, session_rate, sent, synced)
        with self._lock:
            deaf = self._deaf
            if deaf is None:
                self.error = None
                self.level.begin_outline()
                self._recording = recording
                return recording
        recording.close()
        raise deaf

    def end(self) -> None:
        """Stop recording; the file is closed when this returns."""
        with self._lock:
            if self._recording is not None:
                self._recording.close()
            self._recording = None

    def close(self) -> None:
        """Stop recording and listening, and give the device back."""
        self._closing.set()
        self._thread.join()
        if self._recording is not None:
            self.error = DeviceError("The sound device was changed.")
        self.end()
        self.source.close()

    def _run(self) -> None:
        try:
            while not self._closing.wait(_POLL_S):
                self._turn()
        except DeviceError as error:
            with self._lock:
                self.error = self._deaf = error
            self.end()

    def _turn(self) -> None:
        block = _as_sound(self.source.read())
        with self._lock:
            self.level.push(block)
            first, self._read = self._read, self._read + block.shape[1]
            if self._recording is not None:
                self._record(self._recording, block, first)

    def _record(self, recording: Recording, block: Samples, first: int) -> None:
        try:
            if block.shape[1]:
                recording.write(block, first)
            recording.note()
        except StorageError as error:
            self.error = error
            recording.close()
            self._recording = None


def _as_sound(block: Samples) -> Samples:
    """Return samples without what is no number, or far beyond full scale: the pool takes no such file."""
    return np.clip(np.nan_to_num(block), -_LOUDEST, _LOUDEST)


def _tolerance(source: Input, session_rate: int) -> int:
    if not source.shares_clock:
        return round(_APART_S * session_rate)
    return 0 if source.sample_rate == session_rate else _ROUNDING_FRAMES
