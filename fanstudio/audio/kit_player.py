"""Plays strokes on a drum kit, in blocks, in memory that does not grow with the song."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from fanstudio.audio.drum_hits import Drum, Hit
from fanstudio.audio.kit import Kit, Struck
from fanstudio.audio.samples import Samples, silence
from fanstudio.jobs import Work

_BLOCK_FRAMES = 8192
#: Half the force is a good 8 dB down, about what a drummer's is.
_FORCE_LAW = 1.4
_CHOKE_S = 0.008
#: The sounds that stand for each drum, the first that a kit has.
_SOUNDS: Mapping[Drum, tuple[str, ...]] = {
    Drum.KICK: ("kick", "boom", "conga_low", "low_tom"),
    Drum.SNARE: ("snare", "clap", "conga_open", "rim"),
    Drum.HAT: ("hat", "shaker", "maracas", "cabasa"),
}


@dataclass(slots=True)
class _Ring:
    """A stroke that rings: from which frame on, its sound, and when another cuts it off."""

    start: int
    sound: Struck
    gain: np.float32
    cut: int | None = None


def play_hits(
    work: Work, hits: Iterable[Hit], kit: Kit, sample_rate: int, length_frames: int
) -> Iterator[Samples]:
    """Yield blocks `(2, frames)` of strokes on a kit, `length_frames` in all; drums that it lacks are silent.

    Raises:
        Cancelled: within a block.

    """
    waiting = sorted(hits, key=lambda hit: (hit.frame, hit.drum), reverse=True)
    fade = np.linspace(1, 0, max(2, round(_CHOKE_S * sample_rate)), dtype=np.float32)
    ringing: list[_Ring] = []
    for first in range(0, length_frames, _BLOCK_FRAMES):
        work.report(first / length_frames, "Playing")
        block = silence(2, min(_BLOCK_FRAMES, length_frames - first))
        while waiting and waiting[-1].frame < first + block.shape[1]:
            _strike(ringing, waiting.pop(), kit)
        ringing = [ring for ring in ringing if _add(block, first, ring, fade)]
        yield block


def _strike(ringing: list[_Ring], hit: Hit, kit: Kit) -> None:
    """Add a stroke, and cut off what it cuts off."""
    sound = next((kit[name] for name in _SOUNDS[hit.drum] if name in kit), None)
    if sound is None:
        return
    for other in ringing:
        if sound.choke and other.sound.choke == sound.choke and other.cut is None:
            other.cut = hit.frame
    ringing.append(_Ring(hit.frame, sound, np.float32(hit.force**_FORCE_LAW)))


def _add(block: Samples, first: int, ring: _Ring, fade: Samples) -> bool:
    """Add what a stroke sounds like in a block that begins at frame `first`; False when it is over."""
    end = ring.start + ring.sound.samples.shape[1]
    if ring.cut is not None:
        end = min(end, ring.cut + fade.size)
    begin, stop = max(first, ring.start), min(first + block.shape[1], end)
    if begin < stop:
        heard = ring.sound.samples[:, begin - ring.start : stop - ring.start] * ring.gain
        if ring.cut is not None:
            faded = np.clip(np.arange(begin - ring.cut, stop - ring.cut), 0, fade.size - 1)
            heard = heard * fade[faded]
        block[:, begin - first : stop - first] += heard
    return bool(end > first + block.shape[1])
