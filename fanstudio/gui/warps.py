"""Renders the stretched clips of the open project in the background, those changed last first."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from fanstudio.errors import Cancelled
from fanstudio.gui.bridge import Bridge, Task
from fanstudio.gui.timeline.badges import warp_words
from fanstudio.jobs import MOST_AT_ONCE, count_cpus
from fanstudio.model.warp import Warp
from fanstudio.studio.warp import Warped, render_warp, unrendered

if TYPE_CHECKING:
    from fanstudio.gui.workspace import Workspace

#: So long nothing is rendered after an edit, for the next one may make it useless.
_SETTLE_MS = 400
#: One core is left to playback and the window.
_AT_ONCE = max(1, min(MOST_AT_ONCE, count_cpus() - 1))


class Warps(QObject):
    """Renders a few warps at a time, each with a card; what no clip needs any more is cancelled."""

    #: `drafts` has changed.
    changed = Signal()

    def __init__(self, workspace: Workspace, bridge: Bridge) -> None:
        """Follow the workspace's session."""
        super().__init__(workspace)
        self._workspace = workspace
        self._bridge = bridge
        self._wanted: tuple[Warped, ...] = ()
        #: What was tried in vain; it is tried again once a clip has let go of it.
        self._failed: frozenset[Warped] = frozenset()
        self._tasks: dict[tuple[Path, Warped], Task] = {}
        self._settle = QTimer(self, singleShot=True, interval=_SETTLE_MS)
        self._settle.timeout.connect(self._look)
        workspace.opened.connect(self._forget)
        workspace.session_changed.connect(self._settle.start)
        workspace.sources_found.connect(self._forget)

    @property
    def drafts(self) -> Mapping[tuple[str, Warp], str]:
        """Return the source ids and warps that are not rendered, and how it stands with each in words."""
        waiting = {(source.id, warp): "Draft · rendering" for source, warp in self._wanted}
        return waiting | {(source.id, warp): "Draft" for source, warp in self._failed}

    def _forget(self) -> None:
        self._wanted, self._failed = (), frozenset()
        self._settle.start()

    def _look(self) -> None:
        """See what is wanted now, cancel what is not, and begin what was changed last."""
        missing: tuple[Warped, ...] = ()
        if self._workspace.is_open:
            missing = unrendered(self._workspace.project, self._workspace.session)
        self._failed = self._failed.intersection(missing)
        fresh = (each for each in missing if each not in self._wanted)
        known = (each for each in self._wanted if each in missing)
        self._wanted = tuple(each for each in (*fresh, *known) if each not in self._failed)
        self.changed.emit()
        for key, task in self._tasks.items():
            if not self._is_wanted(key):
                task.job.cancel()
        self._begin()

    def _is_wanted(self, key: tuple[Path, Warped]) -> bool:
        folder, warped = key
        here = self._workspace.is_open and self._workspace.project.folder == folder
        return here and warped in self._wanted

    def _begin(self) -> None:
        for warped in self._wanted:
            key = self._workspace.project.folder, warped
            if len(self._tasks) < _AT_ONCE and key not in self._tasks:
                self._tasks[key] = self._run(key, warped)

    def _run(self, key: tuple[Path, Warped], warped: Warped) -> Task:
        project, (source, warp) = self._workspace.project, warped
        return self._bridge.run(
            f"Rendering “{source.name}”",
            lambda work: render_warp(work.part(0.0, 1.0, warp_words(warp)), project, source, warp),
            done=lambda _nothing: self._end(key),
            failed=lambda error: self._give_up(key, error),
            safe="The clip plays as a draft.",
        )

    def _end(self, key: tuple[Path, Warped]) -> None:
        self._tasks.pop(key, None)
        self._look()

    def _give_up(self, key: tuple[Path, Warped], error: BaseException) -> bool:
        """Leave it a draft, unless it was cancelled because nobody wanted it."""
        if not isinstance(error, Cancelled) or self._is_wanted(key):
            self._failed |= {key[1]}
        self._end(key)
        return False
