"""The mix of a session: clips to tracks to master, by block, the same at any block size.

Every factor is a function of the absolute frame, computed in float64 and rounded once; blocks are
only multiplied and added, track by track. So a mix does not depend on how it is cut into blocks.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass

import numpy as np

from fanstudio.audio.gains import amplitude, fade_gains, pan_gains
from fanstudio.audio.levels import Levels, Peak
from fanstudio.audio.samples import Readable, Samples, SampleSource, silence
from fanstudio.jobs import Work
from fanstudio.model.session import Clip, Session, Track

BOUNCE_FRAMES = 1 << 16


class Renderer:
    """Renders one session; make another when the session changes, handing over the old one."""

    def __init__(
        self,
        session: Session,
        samples: SampleSource,
        previous: Renderer | None = None,
        *,
        stale: Collection[str] = (),
    ) -> None:
        """Plan the mix; tracks that `previous` has as well are taken over, but for `stale` source ids.

        Raises:
            AudioFileError: a source's samples are missing or damaged.

        """
        self.session = session
        known = {} if previous is None else {strip.track.id: strip for strip in previous._strips}
        known = {key: strip for key, strip in known.items() if not strip.uses(stale)}
        sources = {source.id: source for source in session.sources}
        self._strips: tuple[_Strip, ...] = tuple(
            _reuse(known.get(track.id), track)
            or _Strip(track, lambda clip: samples(sources[clip.source], clip.warp))
            for track in session.tracks
        )
        soloed = any(track.soloed for track in session.tracks)
        self._audible = tuple(
            strip for strip in self._strips if not strip.track.muted and (strip.track.soloed or not soloed)
        )
        self._master = np.float32(amplitude(session.master_gain_db))

    def render(self, start: int, frames: int) -> Samples:
        """Return the mix from a timeline frame on, float32 `(2, frames)`."""
        mix = silence(2, frames)
        lane = silence(2, frames)
        for strip in self._audible:
            if strip.render(start, lane):
                mix += lane
        mix *= self._master
        return mix

    def render_metered(self, start: int, frames: int) -> tuple[Samples, Levels]:
        """Return the mix, and the peaks of every track and of the master within it."""
        mix = silence(2, frames)
        lane = silence(2, frames)
        peaks: dict[str, Peak] = {}
        for strip in self._audible:
            if strip.render(start, lane):
                mix += lane
                peaks[strip.track.id] = _peak(lane)
        mix *= self._master
        return mix, Levels(peaks, _peak(mix))


def bounce(
    work: Work, session: Session, samples: SampleSource, start: int, end: int, block: int = BOUNCE_FRAMES
) -> Iterator[Samples]:
    """Yield the mix from `start` up to `end` in blocks `(2, frames)`.

    Raises:
        AudioFileError: a source's samples are missing or damaged.

    """
    renderer = Renderer(session, samples)
    for position in range(start, end, block):
        work.report((position - start) / (end - start), "Mixing")
        yield renderer.render(position, min(block, end - position))


@dataclass(frozen=True, slots=True)
class _Part:
    """A clip with its samples and its factors for left and right."""

    clip: Clip
    samples: Readable
    gains: Peak

    def render(self, start: int, lane: Samples) -> None:
        """Write what sounds of the clip from timeline frame `start` on into `lane`."""
        clip = self.clip
        first = max(start, clip.position) - clip.position
        last = min(start + lane.shape[1], clip.end) - clip.position
        at = clip.position + first - start
        source = self.samples[:, clip.offset + first : clip.offset + last]
        target = lane[:, at : at + source.shape[1]]
        plain_from, plain_to = clip.fade_in_shown, clip.length - clip.fade_out_shown
        for side in range(2):
            channel = source[side % source.shape[0]]
            np.multiply(channel, np.float32(self.gains[side]), out=target[side])
        for edge_first, edge_last in ((first, min(last, plain_from)), (max(first, plain_to), last)):
            if edge_first < edge_last:
                self._fade(source, target, first, edge_first, edge_last)

    def _fade(self, source: Samples, target: Samples, first: int, edge_first: int, edge_last: int) -> None:
        fade = fade_gains(self.clip, edge_first, edge_last)
        span = slice(edge_first - first, edge_last - first)
        for side in range(2):
            gains = (fade * self.gains[side]).astype(np.float32)
            np.multiply(source[side % source.shape[0], span], gains, out=target[side, span])


class _Strip:
    """A track's audible clips in order, with clip gain, track gain and pan folded into one factor."""

    def __init__(self, track: Track, samples: Callable[[Clip], Readable]) -> None:
        self.track = track
        self._parts = tuple(_part(track, clip, samples(clip)) for clip in track.clips if not clip.muted)
        self._ends = [part.clip.end for part in self._parts]

    def uses(self, sources: Collection[str]) -> bool:
        """Tell whether a clip plays one of these source ids."""
        return any(part.clip.source in sources for part in self._parts) if sources else False

    def render(self, start: int, lane: Samples) -> bool:
        """Fill `lane` with the track from timeline frame `start` on; False where it is silent."""
        end = start + lane.shape[1]
        index = bisect_right(self._ends, start)
        if index == len(self._parts) or self._parts[index].clip.position >= end:
            return False
        lane[:] = 0
        for part in self._parts[index:]:
            if part.clip.position >= end:
                break
            part.render(start, lane)
        return True


def _part(track: Track, clip: Clip, samples: Readable) -> _Part:
    gain = amplitude(clip.gain_db) * amplitude(track.gain_db)
    left, right = pan_gains(track.pan, samples.shape[0])
    return _Part(clip, samples, (gain * left, gain * right))


def _reuse(strip: _Strip | None, track: Track) -> _Strip | None:
    return strip if strip is not None and strip.track is track else None


def _peak(block: Samples) -> Peak:
    if not block.shape[1]:
        return 0.0, 0.0
    high = np.maximum(block.max(axis=1), -block.min(axis=1))
    return float(high[0]), float(high[1])
