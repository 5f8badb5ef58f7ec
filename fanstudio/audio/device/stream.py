"""The output for machines on which rtmixer does not run: a Python callback copies from the ring."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import numpy.typing as npt

from fanstudio.audio.device import portaudio
from fanstudio.audio.device.output import Output
from fanstudio.audio.device.ring import Ring
from fanstudio.audio.samples import Samples
from fanstudio.errors import DeviceError

_STALL_S = 1.0


class StreamOutput(Output):
    """A stream of plain sounddevice; it may crackle while Python is busy elsewhere."""

    def __init__(self, device: int, name: str, sample_rate: int, notice: str = "") -> None:
        """Open a device, by its place in PortAudio's list.

        Raises:
            DeviceError: the sound system does not answer.
            PortAudioError: of sounddevice: the device does not play stereo at this rate.

        """
        super().__init__(name, sample_rate, notice)
        sounddevice = portaudio.library()
        self._ring = Ring(2 * self._ring_frames)
        self._plays = False
        self._called = time.monotonic()
        self._closed = False
        self._stream = portaudio.open_stream(
            lambda: sounddevice.OutputStream(
                samplerate=sample_rate,
                channels=2,
                dtype="float32",
                latency="high",
                device=device,
                callback=self._call_back,
            )
        )

    def _call_back(self, target: npt.NDArray[np.float32], _frames: int, _time: Any, status: Any) -> None:
        self._called = time.monotonic()
        if status.output_underflow:
            self.interruptions.add(late=1)
        if self._plays:
            self._ring.read_into(target)
        else:
            target[:] = 0

    def _put(self, block: Samples) -> None:
        self._ring.write(block)
        self._plays = True

    def room(self) -> int:
        """Return how many frames can be written now.

        Raises:
            DeviceError: the stream ended, or the device has asked for nothing for a second: it is gone.

        """
        stalled = time.monotonic() - self._called > _STALL_S
        if stalled or not portaudio.is_active(self._stream):
            raise DeviceError("The sound device is gone")
        return super().room()

    def queued(self) -> int:
        """Return how many frames wait in the ring."""
        return self._ring.queued

    def latency_frames(self) -> int:
        """Return the stream's output latency in frames."""
        return round(float(self._stream.latency) * self.sample_rate)

    def stop(self) -> None:
        """Fall silent with the next callback, and drop what is queued."""
        self._plays = False
        self._ring.drop()
        self._written = 0

    def close(self) -> None:
        """Close the stream; a device that is gone is not waited for."""
        if not self._closed:
            self._closed = True
            portaudio.close_stream(self._stream)
