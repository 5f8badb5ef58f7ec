"""What was written to an output when: turns the frame that is heard into a place on the timeline."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from fanstudio.audio.levels import Levels, loudest
from fanstudio.audio.meters import NOTHING_READ, LoudnessReading


@dataclass(frozen=True, slots=True)
class _Stretch:
    start: int
    frames: int
    position: int
    levels: Levels
    loudness: LoudnessReading


class Schedule:
    """The stretches of timeline that were written since the output started, as long as they matter."""

    def __init__(self) -> None:
        """Start with nothing written."""
        self._stretches: deque[_Stretch] = deque()
        self._written = 0

    def add(
        self, position: int, frames: int, levels: Levels, loudness: LoudnessReading = NOTHING_READ
    ) -> None:
        """Note that `frames` from timeline frame `position` on were written, and what meters say by then."""
        self._stretches.append(_Stretch(self._written, frames, position, levels, loudness))
        self._written += frames

    def position(self, heard: int) -> int | None:
        """Return the timeline frame of output frame `heard`; None where nothing was written yet."""
        found: int | None = None
        for stretch in self._stretches:
            if found is not None and stretch.start > heard:
                break
            found = stretch.position + min(max(0, heard - stretch.start), stretch.frames)
        return found

    def levels(self, heard: int, window_frames: int) -> Levels:
        """Return the peaks of what was heard in the last `window_frames`."""
        return loudest(
            stretch.levels
            for stretch in self._stretches
            if stretch.start <= heard and stretch.start + stretch.frames > heard - window_frames
        )

    def loudness(self, heard: int) -> LoudnessReading:
        """Return what the master meter says by the stretch that is heard."""
        begun = (stretch.loudness for stretch in reversed(self._stretches) if stretch.start <= heard)
        return next(begun, NOTHING_READ)

    def forget(self, before: int) -> None:
        """Drop what ended before output frame `before`, except the last stretch."""
        while len(self._stretches) > 1 and self._stretches[0].start + self._stretches[0].frames < before:
            self._stretches.popleft()
