"""One mix on its way through a net: to the net's rate and back, one stem left over from the mix."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

import numpy as np

from fanstudio.audio.resample import Resampler
from fanstudio.audio.samples import Samples
from fanstudio.errors import InputError
from fanstudio.inference.grid import Entry
from fanstudio.inference.kinds import Estimator
from fanstudio.inference.queues import Queue, Skip

#: Samples beyond this are no audio, and would overflow in the spectrum.
_LOUDEST = 1e6
_PIECE_FRAMES = 1 << 16


def stream_stems(blocks: Iterable[Samples], start: Callable[[int], StemStream]) -> Iterator[list[Samples]]:
    """Yield what the stream that `start(channels)` returns makes of `blocks`; nothing for no samples.

    Raises:
        InputError: more than two channels.

    """
    stream: StemStream | None = None
    for piece in _cut(blocks):
        if stream is None:
            stream = start(_check_channels(piece.shape[0]))
        yield from stream.push(piece)
    if stream is not None:
        yield from stream.finish()


def _cut(blocks: Iterable[Samples]) -> Iterator[Samples]:
    """Cut blocks into pieces that are not empty, so that a huge block costs no huge spectra."""
    for block in blocks:
        for start in range(0, block.shape[1], _PIECE_FRAMES):
            yield block[:, start : start + _PIECE_FRAMES]


def _check_channels(channels: int) -> int:
    if not 1 <= channels <= 2:
        raise InputError(
            f"The audio has {channels} channels; only mono and stereo can be split.",
            hint="Mix it down to stereo first.",
        )
    return channels


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
        self._to_window = Skip(entry.skip_to_window)
        self._mix = Queue(entry.heard_from - entry.read_from)
        self._skip_estimates = Skip(entry.skip_estimates)
        self._from_net = [Resampler(net_rate, mix_rate, channels) for _ in range(estimated)]
        self._stems = [Queue(entry.skip_stems) for _ in range(estimated)]

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
