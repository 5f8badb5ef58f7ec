"""The splits under way as the window sees them: they follow the playhead, are drawn, and settle."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from fanstudio.audio.peaks import Peaks
from fanstudio.errors import EditError
from fanstudio.gui.bridge import Bridge, Task
from fanstudio.gui.timeline.scene import Stretches
from fanstudio.studio.live_split import LiveSplit
from fanstudio.studio.split import SplitResult

if TYPE_CHECKING:
    from fanstudio.gui.workspace import Workspace


class LiveSplits(QObject):
    """Keeps each split with its task from the click to its end; everything happens on the main thread."""

    #: Which sources are being split and how far, by id: `progress` says it.
    changed = Signal()
    #: A source of which frames (from, to) look different now.
    drawn = Signal(str, int, int)
    #: Ids of stems that were being made → ids of those in the pool, which hold the same sound.
    settled = Signal(object)

    def __init__(self, workspace: Workspace, bridge: Bridge) -> None:
        """Follow the workspace's playhead by the bridge's clock."""
        super().__init__(workspace)
        self._workspace = workspace
        self._bridge = bridge
        self._tasks: dict[LiveSplit, Task] = {}
        workspace.opened.connect(self._cancel_strangers)
        bridge.tick.connect(self._tick)

    def begin(self, split: LiveSplit) -> None:
        """Lay the stems on tracks; `add` the task that makes them right afterwards."""
        split.begin(self._workspace.playhead)

    def add(self, split: LiveSplit, task: Task) -> None:
        """Follow a split that has begun, until it is finished or abandoned."""
        self._tasks[split] = task
        self.changed.emit()

    def finish(self, split: LiveSplit, result: SplitResult) -> None:
        """Put whole stems in place of those that were being made."""
        self._tasks.pop(split, None)
        split.finish(result)
        pairs = zip(split.stems, result.stems, strict=True)
        self.settled.emit({made.id: whole.id for made, whole in pairs})
        self.changed.emit()

    def abandon(self, split: LiveSplit) -> None:
        """Take away what a failed or cancelled split had put on the timeline."""
        self._tasks.pop(split, None)
        split.abandon()
        self.changed.emit()

    @property
    def progress(self) -> Mapping[str, Stretches]:
        """Return which stretches are there of each source that is being made, by its id."""
        return {stem.id: split.ready for split in self._tasks for stem in split.stems}

    def peaks(self, source_id: str) -> Peaks | None:
        """Return the peaks of a source that is being made, None for any other."""
        return next((peaks for split in self._tasks if (peaks := split.peaks(source_id))), None)

    def is_pending(self, source_id: str) -> bool:
        """Tell whether a source is being made, by this window."""
        return any(pending.stem_ids >= {source_id} for pending in self._workspace.document.pending)

    def _tick(self) -> None:
        if not self._tasks or not self._workspace.is_open:
            return
        playhead = self._workspace.playhead
        grown = False
        for split, task in self._tasks.items():
            if split.is_gone:
                task.job.cancel()
            split.follow(playhead)
            for stem_id, start, end in _take_drawn(split):
                grown = True
                self.drawn.emit(stem_id, start, end)
        if grown:
            self.changed.emit()

    def _cancel_strangers(self) -> None:
        """Cancel the splits of a project that is no longer open; say so where it was saved elsewhere."""
        for split, task in self._tasks.items():
            if split.project is self._workspace.project:
                continue
            task.job.cancel()
            if split.project.document is self._workspace.document:
                stopped = EditError(
                    "It was stopped, for the project was saved elsewhere.", hint="Split it again."
                )
                self._bridge.report(task.job.title, stopped)


def _take_drawn(split: LiveSplit) -> Iterator[tuple[str, int, int]]:
    while split.drawn:
        start, end = split.drawn.popleft()
        for stem in split.stems:
            yield stem.id, start, end
