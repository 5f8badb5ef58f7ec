"""Renders the stretched clips of the open project in the background, those changed last first."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from fanstudio.errors import Cancelled
from fanstudio.gui.bridge import Bridge, Task
from fanstudio.jobs import Work
from fanstudio.model.warp import Warp
from fanstudio.studio.warp import Warped, render_warp, unrendered

if TYPE_CHECKING:
    from fanstudio.gui.workspace import Workspace
    from fanstudio.studio.project import Project

#: So long nothing is rendered after an edit, for the next one may make it useless.
_SETTLE_MS = 400


class Warps(QObject):
    """Renders one warp at a time, with a card; what no clip needs any more is cancelled."""

    #: `rendering` has changed.
    changed = Signal()

    def __init__(self, workspace: Workspace, bridge: Bridge) -> None:
        """Follow the workspace's session."""
        super().__init__(workspace)
        self._workspace = workspace
        self._bridge = bridge
        self._waiting: tuple[Warped, ...] = ()
        #: What was tried in vain; it is tried again once a clip has let go of it.
        self._failed: frozenset[Warped] = frozenset()
        self._task: Task | None = None
        self._doing: tuple[Project, Warped] | None = None
        self._settle = QTimer(self, singleShot=True, interval=_SETTLE_MS)
        self._settle.timeout.connect(self._look)
        workspace.opened.connect(self._forget)
        workspace.session_changed.connect(self._settle.start)

    @property
    def rendering(self) -> frozenset[tuple[str, Warp]]:
        """Return the source ids and warps that are sketched so far."""
        return frozenset((source.id, warp) for source, warp in self._waiting)

    def _forget(self) -> None:
        self._waiting, self._failed = (), frozenset()
        self._settle.start()

    def _look(self) -> None:
        """See what is wanted now, cancel what is not, and begin what was changed last."""
        missing: tuple[Warped, ...] = ()
        if self._workspace.is_open:
            missing = unrendered(self._workspace.project, self._workspace.session)
        self._failed = self._failed.intersection(missing)
        fresh = (each for each in missing if each not in self._waiting)
        known = (each for each in self._waiting if each in missing)
        self._waiting = tuple(each for each in (*fresh, *known) if each not in self._failed)
        self.changed.emit()
        if self._task is None:
            self._begin()
        elif not self._is_wanted():
            self._task.job.cancel()

    def _is_wanted(self) -> bool:
        assert self._doing is not None
        project, warped = self._doing
        here = self._workspace.is_open and self._workspace.project is project
        return here and warped in self._waiting

    def _begin(self) -> None:
        if not self._waiting:
            return
        project, warped = self._workspace.project, self._waiting[0]
        self._doing = project, warped
        self._task = self._bridge.run(
            f"Stretching “{warped[0].name}”",
            _rendering(project, warped),
            done=lambda _nothing: self._end(),
            failed=lambda error: self._give_up(warped, error),
            safe="The clip plays as a draft.",
        )

    def _end(self) -> None:
        self._task = self._doing = None
        self._look()

    def _give_up(self, warped: Warped, error: BaseException) -> bool:
        if not isinstance(error, Cancelled) or self._is_wanted():
            self._failed |= {warped}
        self._end()
        return False


def _rendering(project: Project, warped: Warped) -> Callable[[Work], None]:
    return lambda work: render_warp(work, project, *warped)
