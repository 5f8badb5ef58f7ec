"""Sound in, posteriors of notes out: at the net's rate, in windows whose joins cannot be seen."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from fanstudio.audio.resample import Resampler
from fanstudio.audio.samples import Samples
from fanstudio.errors import InputError
from fanstudio.inference.note_net import NoteNet, Posteriors
from fanstudio.inference.partials import FRAMES, Partials
from fanstudio.jobs import Work

#: Beyond it samples are damage.
_LOUDEST = 1e6


class NoteStream:
    """The state of one stream: sound that waits for its window. Entry i of all is about sample i · hop."""

    def __init__(self, net: NoteNet, sample_rate: int) -> None:
        """Start a stream at `sample_rate`; the net hears quiet sound as well as loud."""
        self._net = net
        self._partials = Partials(net.model)
        self._to_net = Resampler(sample_rate, net.model.sample_rate, 1)
        before = net.model.edge_hops * net.model.hop
        self._heard = np.zeros(before, np.float32)
        self._taken = 0
        self._given = 0

    def push(self, work: Work, block: Samples) -> Iterator[Posteriors]:
        """Take a block `(channels, frames)`, of which the mean is heard; yield what is ready.

        Raises:
            InputError: the block holds samples that are not numbers.
            ModelError: the net failed.

        """
        mono = block.mean(axis=0, keepdims=True, dtype=np.float32)
        if not (np.abs(mono) <= _LOUDEST).all():
            raise InputError("The audio holds samples that are not numbers.")
        self._take(self._to_net.push(mono))
        while len(self._heard) >= self._net.model.window:
            yield self._hear(work)

    def finish(self, work: Work) -> Iterator[Posteriors]:
        """Yield the rest: in all one entry for each hop that was begun."""
        self._take(self._to_net.finish())
        hops = -(-self._taken // self._net.model.hop)
        while self._given < hops:
            missing = max(0, self._net.model.window - len(self._heard))
            self._heard = np.concatenate((self._heard, np.zeros(missing, np.float32)))
            yield self._hear(work, hops - self._given)

    def _take(self, samples: Samples) -> None:
        self._taken += samples.shape[1]
        self._heard = np.concatenate((self._heard, samples[0]))

    def _hear(self, work: Work, at_most: int | None = None) -> Posteriors:
        model = self._net.model
        window = self._heard[: model.window]
        count = model.kept_hops if at_most is None else min(at_most, model.kept_hops)
        onset, frame, contour = (part[:count] for part in self._net.hear(work, window))
        level_db = self._partials.level_db(window[model.edge_hops * model.hop - FRAMES // 2 :], count)
        self._heard = self._heard[model.kept_hops * model.hop :].copy()
        self._given += count
        return Posteriors(onset, frame, contour, level_db)
