"""One mix on its way through a net: to the net's rate and back, one stem left over from the mix."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence

import numpy as np

from fanstudio.audio.resample import Resampler
from fanstudio.audio.samples import Samples, silence
from fanstudio.errors import InputError
from fanstudio.inference.grid import Entry
from fanstudio.inference.kinds import Estimator

#: Samples beyond this are no audio, and would overflow in the spectrum.
_LOUDEST = 1e6


class StemStream:
    """The state of one stream: the mix that waits for its estimates, and the estimates that wait for it."""

    def __init__(
        self, estimator: Estimator, estimated: int, *, channels: int, rates: tuple[int, int], entry: Entry
    ) -> None:
        """Start at `entry` of a mix of `channels`; `rates` are the mix's and the net's.

        The estimator's rows are `estimated` stems; one more, the last, is what they leave of the mix.
        """
        mix_rate, net_rate = rates
        self._estimator = estimator
        self._to_net = Resampler(mix_rate, net_rate, channels)
        self._to_window = _Skip(entry.skip_to_window)
        self._mix = _Queue(channels, entry.heard_from - entry.read_from)
        self._skip_estimates = _Skip(entry.skip_estimates)
        self._from_net = [Resampler(net_rate, mix_rate, channels) for _ in range(estimated)]
        self._stems = [_Queue(channels, entry.skip_stems) for _ in range(estimated)]

    def push(self, block: Samples) -> Iterator[list[Samples]]:
        """Take a piece of the mix; yield the stems, the left over one last, as they settle."""
        if not np.abs(block).max() <= _LOUDEST:
            raise InputError("The audio holds samples that are not numbers.")
        self._mix.push(block.astype(np.float32, copy=True))
        for estimates in self._estimator.push(self._to_window.push(self._to_net.push(block))):
            yield from self._settle(estimates)

    def finish(self) -> Iterator[list[Samples]]:
        """Yield what is left; the stems are then as long as the mix."""
        for estimates in self._estimator.push(self._to_window.push(self._to_net.finish())):
            yield from self._settle(estimates)
        for estimates in self._estimator.finish():
            yield from self._settle(estimates)
        for resampler, queue in zip(self._from_net, self._stems, strict=True):
            queue.push(resampler.finish())
            queue.pad(self._mix.ready)
        yield self._pull(self._mix.ready)

    def _settle(self, estimates: Samples) -> Iterator[list[Samples]]:
        settled = self._skip_estimates.push(estimates)
        for resampler, queue, samples in zip(self._from_net, self._stems, settled, strict=True):
            queue.push(resampler.push(samples))
        ready = min(queue.ready for queue in [self._mix, *self._stems])
        if ready:
            yield self._pull(ready)

    def _pull(self, frames: int) -> list[Samples]:
        stems = [queue.pull(frames) for queue in self._stems]
        return [*stems, _subtract(self._mix.pull(frames), stems)]


def _subtract(mix: Samples, stems: Sequence[Samples]) -> Samples:
    for stem in stems:
        mix = mix - stem
    return mix


class _Skip:
    """Drops the first `frames` of a stream, along the last axis."""

    def __init__(self, frames: int) -> None:
        self._left = frames

    def push(self, block: Samples) -> Samples:
        dropped = min(self._left, block.shape[-1])
        self._left -= dropped
        return block[..., dropped:]


class _Queue:
    """Blocks in, any number of frames out, in order."""

    def __init__(self, channels: int, skip: int) -> None:
        self._channels = channels
        self._skip = _Skip(skip)
        self._blocks: deque[Samples] = deque()
        self.ready = 0

    def push(self, block: Samples) -> None:
        block = self._skip.push(block)
        self._blocks.append(block)
        self.ready += block.shape[1]

    def pad(self, frames: int) -> None:
        """Make at least `frames` ready, with silence."""
        missing = max(0, frames - self.ready)
        self._blocks.append(silence(self._channels, missing))
        self.ready += missing

    def pull(self, frames: int) -> Samples:
        """Take exactly `frames` from the front."""
        self.ready -= frames
        taken = [silence(self._channels, 0)]
        while frames:
            block = self._blocks.popleft()
            if block.shape[1] > frames:
                self._blocks.appendleft(block[:, frames:])
                block = block[:, :frames]
            taken.append(block)
            frames -= block.shape[1]
        return np.concatenate(taken, axis=1)
