"""The output behind a callback in C: no Python runs where sound would stop for it."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from fanstudio.audio.device import portaudio
from fanstudio.audio.device.output import BLOCK_FRAMES, Output
from fanstudio.audio.samples import Samples
from fanstudio.errors import DeviceError

if TYPE_CHECKING:
    import rtmixer

_CANCEL_S = 0.2
_POLL_S = 0.002
#: The callback takes so many requests at most; some are left to others.
_REQUESTS = 8
#: So much is queued before the callback may begin: it would take less before more can be there.
_PREFILL_FRAMES = 4 * BLOCK_FRAMES
_STALL_S = 1.0
_ASK_S = 0.5
_FRAME_BYTES = 2 * 4


class MixerOutput(Output):
    """A stream of rtmixer that runs, and the ring it plays."""

    def __init__(self, stream: rtmixer.Mixer, name: str, sample_rate: int, notice: str = "") -> None:
        """Play on a stream of two outputs that `portaudio.open_stream` opened."""
        import rtmixer

        super().__init__(name, sample_rate, notice)
        self._mixer = stream
        self._new_ring = partial(rtmixer.RingBuffer, _FRAME_BYTES, _power_of_two(self._ring_frames))
        self._ring = self._new_ring()
        self._action: rtmixer.Action | None = None
        self._seen = 0, time.monotonic()
        self._closed = False
        self._asked: rtmixer.Action | None = None
        self._asked_at = 0.0

    def _put(self, block: Samples) -> None:
        self._ring.write(np.ascontiguousarray(block.T, np.float32))
        if self.queued() >= _PREFILL_FRAMES:
            self._play()

    def finish(self) -> int:
        """Play what is queued, though it may be little."""
        if self.queued():
            self._play()
        return 0

    def _play(self) -> None:
        if self._action is None or self._action not in self._mixer.actions:
            self._action = self._mixer.play_ringbuffer(self._ring)

    def start(self) -> None:
        """Begin anew with an empty ring."""
        super().start()
        self._seen = 0, time.monotonic()

    def room(self) -> int:
        """Return how many frames can be written now.

        Raises:
            DeviceError: the stream ended, or the device has taken nothing for a second: it is gone.

        """
        queued, now = self.queued(), time.monotonic()
        if not portaudio.is_active(self._mixer):
            raise DeviceError("The sound device is gone")
        if queued == 0 or queued != self._seen[0]:
            self._seen = queued, now
        elif now - self._seen[1] > _STALL_S:
            raise DeviceError("The sound device is gone")
        self._count_late(now)
        return super().room()

    def queued(self) -> int:
        """Return how many frames wait in the ring."""
        return self._ring.read_available

    def latency_frames(self) -> int:
        """Return the stream's output latency in frames."""
        latency = self._mixer.latency
        return round((latency[1] if isinstance(latency, tuple) else latency) * self.sample_rate)

    def stop(self) -> None:
        """Take the ring from the callback and go on with another; nobody waits for the callback."""
        if self._action is not None and portaudio.is_active(self._mixer):
            self._await_requests()
            if self._action in self._mixer.actions:
                self._mixer.cancel(self._action)
        self._action = None
        self._ring = self._new_ring()
        self._written = 0

    def _await_requests(self) -> None:
        """Wait, where one stop follows the other, until the callback has taken what was asked of it."""
        end = time.monotonic() + _CANCEL_S
        while len(self._mixer.actions) > _REQUESTS and time.monotonic() < end:
            time.sleep(_POLL_S)

    def close(self) -> None:
        """Close the stream; a device that is gone is not waited for."""
        if not self._closed:
            self._closed = True
            portaudio.close_stream(self._mixer)

    def _count_late(self, now: float) -> None:
        """Fetch the callback's counter now and then; the answer comes with a later block."""
        if now - self._asked_at < _ASK_S:
            return
        if self._asked is not None and self._asked not in self._mixer.actions:
            self.interruptions.add(late=self._asked.stats.output_underflows)
            self._asked = None
        if self._asked is None:
            self._asked, self._asked_at = self._mixer.fetch_and_reset_stats(), now


def _power_of_two(at_least: int) -> int:
    return 1 << (at_least - 1).bit_length()
