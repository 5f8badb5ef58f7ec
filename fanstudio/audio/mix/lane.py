"""A track's clips as one stream along the timeline, with clip gains and fades."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Collection
from dataclasses import dataclass

import numpy as np

from fanstudio.audio.gains import amplitude, fade_gains
from fanstudio.audio.levels import Peak
from fanstudio.audio.mix.blocks import Block, joined
from fanstudio.audio.mix.path import Stretches
from fanstudio.audio.samples import Readable, Samples
from fanstudio.model.session import Clip


@dataclass(frozen=True, slots=True)
class Level:
    """By what clips are multiplied besides their own gain; left and right of mono and of stereo clips."""

    gain: float = 1.0
    mono: Peak = (1.0, 1.0)
    stereo: Peak = (1.0, 1.0)


class Lane:
    """The clips that are not muted, in order; every factor is one function of the timeline's frame."""

    def __init__(self, clips: tuple[Clip, ...], level: Level, samples: Callable[[Clip], Readable]) -> None:
        """Ask for each clip's samples.

        Raises:
            AudioFileError: a source's samples are missing or damaged.

        """
        self.clips, self.level = clips, level
        self._parts = tuple(_part(clip, level, samples(clip)) for clip in clips if not clip.muted)
        self._ends = [part.clip.end for part in self._parts]

    def uses(self, sources: Collection[str]) -> bool:
        """Tell whether a clip plays one of these source ids."""
        return any(part.clip.source in sources for part in self._parts) if sources else False

    def over(self, stretches: Stretches) -> Block:
        """Return what sounds along the timeline."""
        if len(stretches) == 1:
            return self._along(*stretches[0])
        return joined((self._along(position, frames), frames) for position, frames in stretches)

    def _along(self, position: int, frames: int) -> Block:
        index = bisect_right(self._ends, position)
        end = position + frames
        if index == len(self._parts) or self._parts[index].clip.position >= end:
            return None
        lane = np.empty((2, frames), np.float32)
        written = position
        for part in self._parts[index:]:
            if part.clip.position >= end:
                break
            if part.clip.position > written:
                lane[:, written - position : part.clip.position - position] = 0
            part.render(position, lane)
            written = part.clip.end
        if written < end:
            lane[:, written - position :] = 0
        return lane


@dataclass(frozen=True, slots=True)
class _Part:
    """A clip with its samples and its factors for left and right."""

    clip: Clip
    samples: Readable
    gains: Peak
    #: The same as a column; one factor where both are the same, which is far faster.
    factors: Samples | np.float32

    def render(self, start: int, lane: Samples) -> None:
        """Write what sounds of the clip from timeline frame `start` on into `lane`."""
        clip = self.clip
        first = max(start, clip.position) - clip.position
        last = min(start + lane.shape[1], clip.end) - clip.position
        at = clip.position + first - start
        source = self.samples[:, clip.offset + first : clip.offset + last]
        if source.shape[1] < last - first:
            lane[:, at + source.shape[1] : at + last - first] = 0
            last = first + source.shape[1]
        target = lane[:, at : at + last - first]
        np.multiply(source, self.factors, out=target)
        plain_from, plain_to = clip.fade_in_shown, clip.length - clip.fade_out_shown
        for edge_first, edge_last in ((first, min(last, plain_from)), (max(first, plain_to), last)):
            if edge_first < edge_last:
                self._fade(source, target, first, edge_first, edge_last)

    def _fade(self, source: Samples, target: Samples, first: int, edge_first: int, edge_last: int) -> None:
        fade = fade_gains(self.clip, edge_first, edge_last)
        span = slice(edge_first - first, edge_last - first)
        for side in range(2):
            gains = (fade * self.gains[side]).astype(np.float32)
            np.multiply(source[side % source.shape[0], span], gains, out=target[side, span])


def _part(clip: Clip, level: Level, samples: Readable) -> _Part:
    gain = amplitude(clip.gain_db) * level.gain
    sides = level.mono if samples.shape[0] == 1 else level.stereo
    left, right = gain * sides[0], gain * sides[1]
    factors = np.float32(left) if left == right else np.array([[left], [right]], np.float32)
    return _Part(clip, samples, (left, right), factors)
