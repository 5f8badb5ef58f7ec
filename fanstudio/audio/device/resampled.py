"""An output at a rate of its own, under the session's: what is written is converted on the way."""

from __future__ import annotations

from fanstudio.audio.device.output import Output
from fanstudio.audio.resample import Resampler
from fanstudio.audio.samples import Samples
from fanstudio.model.timebase import rescale


class ResampledOutput(Output):
    """Counts in frames of the session; `inner` plays at the device's rate."""

    def __init__(self, inner: Output, sample_rate: int, notice: str) -> None:
        """Take blocks at `sample_rate`; `notice` goes before the inner output's own."""
        super().__init__(inner.name, sample_rate, " ".join(filter(None, (notice, inner.notice))))
        self.silent = inner.silent
        self.interruptions = inner.interruptions
        self._inner = inner
        self._finished = False
        self._resampler = Resampler(sample_rate, inner.sample_rate, 2)

    def start(self) -> None:
        """Begin anew with an empty ring."""
        super().start()
        self._inner.start()
        self._finished = False
        self._resampler = Resampler(self.sample_rate, self._inner.sample_rate, 2)

    def write(self, block: Samples) -> None:
        """Queue a block `(2, frames)`; the inner output notices what comes too late."""
        self._put(block)
        self._written += block.shape[1]

    def _put(self, block: Samples) -> None:
        self._pass_on(self._resampler.push(block))

    def finish(self) -> int:
        """Queue what the converter holds back; return how many frames of the device that was."""
        if self._finished:
            return 0
        self._finished = True
        return self._pass_on(self._resampler.finish())

    def _pass_on(self, ready: Samples) -> int:
        frames = int(ready.shape[1])
        if frames:
            self._inner.write(ready)
        return frames

    def room(self) -> int:
        """Return how many frames of the session can be written now.

        Raises:
            DeviceError: the device is gone.

        """
        return self._here(self._inner.room())

    def heard(self) -> int:
        """Return how many frames of the session have left the loudspeaker."""
        return self._here(self._inner.heard())

    def queued(self) -> int:
        """Return how many frames of the session wait in the ring."""
        return self._here(self._inner.queued())

    def latency_frames(self) -> int:
        """Return the device's latency in frames of the session."""
        return self._here(self._inner.latency_frames())

    def stop(self) -> None:
        """Fall silent at once and drop what is queued."""
        self._inner.stop()
        self._written = 0

    def close(self) -> None:
        """Give the device back."""
        self._inner.close()

    def _here(self, frames: int) -> int:
        return rescale(frames, self._inner.sample_rate, self.sample_rate)
