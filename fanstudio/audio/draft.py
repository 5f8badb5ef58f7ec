"""A rough sketch of a warped source that plays at once, until the rendition takes over."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fanstudio.audio.samples import Readable, Samples, padded
from fanstudio.model.warp import Warp

_GRAIN_S = 0.04
Places = NDArray[np.float64]


class Draft:
    """A warped source, read in slices as samples `(channels, frames)` are; one thread plays it.

    Two grains sound at every frame, each read at the moved pitch about the place that the stretched
    time has come to. Which grains they are follows from the frame alone, so any place can be read
    first and blocks join without a click. Tempo and pitch are right; held tones flutter.
    """

    def __init__(self, source: Readable, source_frames: int, sample_rate: int, warp: Warp) -> None:
        """Sketch `source_frames` frames of `source`, which is read as it plays."""
        self.shape = source.shape[0], warp.length(source_frames)
        self._source = source
        self._stretch = warp.stretch
        self._pitch = 2.0 ** (warp.semitones / 12)
        self._grain = max(1, round(_GRAIN_S * sample_rate))
        self._whole: Readable | None = None
        self._taken_over = False

    def finish(self, whole: Readable) -> None:
        """Play these samples from now on: the rendition is there."""
        self._whole = whole

    def __getitem__(self, key: tuple[slice, slice]) -> Samples:
        """Return frames `key[1]` of channels `key[0]`; the first block after `finish` fades over."""
        start, stop, _ = key[1].indices(self.shape[1])
        whole = self._whole
        if whole is not None and self._taken_over:
            return whole[key[0], start:stop]
        block = self._sketch(np.arange(start, max(start, stop)))
        if whole is not None:
            self._taken_over = True
            share = np.linspace(0, 1, block.shape[1], dtype=np.float32)
            block += (whole[:, start:stop] - block) * share
        return block[key[0]]

    def _sketch(self, frames: NDArray[np.int64]) -> Samples:
        first = frames // self._grain * self._grain
        share = np.sin((frames - first) / self._grain * (np.pi / 2)) ** 2
        falling = self._read(self._places(frames, first))
        rising = self._read(self._places(frames, first + self._grain))
        block: Samples = falling + (rising - falling) * share.astype(np.float32)
        return block

    def _places(self, frames: NDArray[np.int64], centres: NDArray[np.int64]) -> Places:
        """Return where in the source a grain with this centre reads what it plays at `frames`."""
        places: Places = centres / self._stretch + (frames - centres) * self._pitch
        return places

    def _read(self, places: Places) -> Samples:
        """Return the source at fractional frames, a straight line between two samples."""
        if not places.size:
            return padded(self._source, 0, 0)
        below = np.floor(places).astype(np.int64)
        low = int(below.min())
        line = padded(self._source, low, int(below.max()) + 2)
        left = line[:, below - low]
        between: Samples = left + (line[:, below - low + 1] - left) * (places - below).astype(np.float32)
        return between
