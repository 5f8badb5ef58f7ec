"""One mix on its way through a net: spectra in windows, masks joined, stems at the mix's rate."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from fanstudio.audio.resample import Resampler
from fanstudio.audio.samples import Samples, silence
from fanstudio.errors import InputError
from fanstudio.inference.manifest import ModelManifest
from fanstudio.inference.windows import Analyser, Joiner, Synthesiser
from fanstudio.jobs import Work

#: Takes one window of magnitudes `(channels, frames, bins)`, returns masks `(stems, channels, frames, bins)`.
EstimateMasks = Callable[[Work, Samples], Samples]

#: Below this a song is silence and its level says nothing.
_SILENT_RMS = 1e-8
#: Samples beyond this are no audio, and would overflow in the spectrum.
_LOUDEST = 1e6


class StemStream:
    """The state of one stream: mix waiting for its estimates, spectra waiting for a full window."""

    def __init__(
        self,
        model: ModelManifest,
        estimate_masks: EstimateMasks,
        work: Work,
        *,
        channels: int,
        sample_rate: int,
        length_frames: int,
        rms: float,
    ) -> None:
        """Start before the first sample of a mix of `channels`, `length_frames` long, with level `rms`."""
        if not 1 <= channels <= 2:
            raise InputError(
                f"The audio has {channels} channels; only mono and stereo can be split.",
                hint="Mix it down to stereo first.",
            )
        self._model = model
        self._estimate_masks = estimate_masks
        self._work = work
        self._channels = channels
        self._length_frames = max(1, length_frames)
        self._gain = np.float32(model.target_rms / rms if rms > _SILENT_RMS else 1.0)
        self._mix: deque[Samples] = deque()
        self._to_net = Resampler(sample_rate, model.sample_rate, channels)
        self._analyser = Analyser(model.stft, channels)
        self._spectra = np.zeros((channels, 0, model.stft.bins), np.complex64)
        self._joiner = Joiner(model.overlap_frames)
        self._estimates = [_Estimate(model, sample_rate, channels) for _ in model.stems[:-1]]
        self._done_frames = 0

    def push(self, block: Samples) -> Iterator[dict[str, Samples]]:
        """Take a piece of the mix; yield what is now settled."""
        if not np.abs(block).max() <= _LOUDEST:
            raise InputError("The audio holds samples that are not numbers.")
        self._mix.append(block.astype(np.float32, copy=True))
        yield from self._take(self._analyser.push(self._to_net.push(block)))

    def finish(self) -> Iterator[dict[str, Samples]]:
        """Yield what is left; the stems are then as long as the mix."""
        yield from self._take(self._analyser.push(self._to_net.finish()))
        yield from self._take(self._analyser.flush())
        yield from self._separate(self._spectra.shape[1], last=True)
        left = sum(block.shape[1] for block in self._mix)
        yield self._emit([estimate.finish(left) for estimate in self._estimates])

    def _take(self, spectra: NDArray[np.complex64]) -> Iterator[dict[str, Samples]]:
        self._spectra = np.concatenate([self._spectra, spectra], axis=1)
        while self._spectra.shape[1] >= self._model.frames + 1:
            yield from self._separate(self._model.frames, last=False)

    def _separate(self, frames: int, *, last: bool) -> Iterator[dict[str, Samples]]:
        """Run the net on the first `frames` waiting spectra; yield the stems of those settled."""
        self._work.report(self._done_frames / self._length_frames, "Splitting")
        masks = self._joiner.push(self._mask(self._spectra[:, :frames]), last=last)
        settled = self._spectra[:, : masks.shape[-2]]
        self._spectra = self._spectra[:, masks.shape[-2] :]
        for estimate, mask in zip(self._estimates, masks, strict=True):
            estimate.push(_extend(mask, settled.shape[-1], self._model.band_extension) * settled)
        ready = min(estimate.ready for estimate in self._estimates)
        ready = min(ready, sum(block.shape[1] for block in self._mix))
        if ready:
            yield self._emit([estimate.pull(ready) for estimate in self._estimates])

    def _mask(self, spectra: NDArray[np.complex64]) -> Samples:
        """Return the masks of all stems but the last, `(stems - 1, channels, frames, bins kept)`."""
        model = self._model
        frames = spectra.shape[1]
        magnitude = np.zeros((model.channels, model.frames, model.bins), np.float32)
        kept = np.abs(spectra[:, :, : model.bins]) * self._gain
        magnitude[:, :frames] = kept if model.channels >= self._channels else kept.mean(axis=0)
        masks = self._estimate_masks(self._work, magnitude)[:-1, :, :frames]
        return masks if model.channels == self._channels else masks.mean(axis=1, keepdims=True)

    def _emit(self, estimates: list[Samples]) -> dict[str, Samples]:
        frames = estimates[0].shape[1]
        rest = _pull(self._mix, frames, self._channels)
        self._done_frames += frames
        for estimate in estimates:
            rest = rest - estimate
        return dict(zip(self._model.stems, [*estimates, rest], strict=True))


class _Estimate:
    """One stem on its way from spectra at the net's rate to samples at the mix's rate."""

    def __init__(self, model: ModelManifest, rate: int, channels: int) -> None:
        self._channels = channels
        self._synthesiser = Synthesiser(model.stft, channels)
        self._from_net = Resampler(model.sample_rate, rate, channels)
        self._blocks: deque[Samples] = deque()
        self.ready = 0

    def push(self, spectra: NDArray[np.complex64]) -> None:
        self._keep(self._from_net.push(self._synthesiser.push(spectra)))

    def pull(self, frames: int) -> Samples:
        self.ready -= frames
        return _pull(self._blocks, frames, self._channels)

    def finish(self, frames: int) -> Samples:
        """Return the last `frames`; the transform's and the resampler's surplus is dropped."""
        self._keep(self._from_net.finish())
        self._keep(silence(self._channels, max(0, frames - self.ready)))
        return self.pull(frames)

    def _keep(self, block: Samples) -> None:
        self._blocks.append(block)
        self.ready += block.shape[1]


def _pull(blocks: deque[Samples], frames: int, channels: int) -> Samples:
    """Take exactly `frames` from the front of `blocks`."""
    taken = [silence(channels, 0)]
    while frames:
        block = blocks.popleft()
        if block.shape[1] > frames:
            blocks.appendleft(block[:, frames:])
            block = block[:, :frames]
        taken.append(block)
        frames -= block.shape[1]
    return np.concatenate(taken, axis=1)


def _extend(mask: Samples, bins: int, how: str) -> Samples:
    """Give the bins above those the net sees the frame's mean mask, or zero."""
    missing = bins - mask.shape[-1]
    if not missing:
        return mask
    above = mask.mean(axis=-1, keepdims=True) if how == "mean" else np.zeros_like(mask[..., :1])
    return np.concatenate([mask, np.broadcast_to(above, (*mask.shape[:-1], missing))], axis=-1)
