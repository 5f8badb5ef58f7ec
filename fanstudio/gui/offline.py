"""Watches in the background which audio files of the open project are missing or changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from fanstudio.gui.bridge import Bridge
from fanstudio.studio.offline import look_offline

if TYPE_CHECKING:
    from fanstudio.gui.workspace import Workspace
    from fanstudio.studio.project import Project

_LOOK_MS = 3_000


class Offline(QObject):
    """Looks now and then, and when the session changes; a file that is back is drawn and heard again."""

    #: `reasons` has changed.
    changed = Signal()

    def __init__(self, workspace: Workspace, bridge: Bridge) -> None:
        """Follow the workspace's project."""
        super().__init__(workspace)
        self._workspace = workspace
        self._bridge = bridge
        self._busy = False
        #: What cannot be read by source id, in words.
        self.reasons: Mapping[str, str] = {}
        self._clock = QTimer(self, interval=_LOOK_MS)
        self._clock.timeout.connect(self.look)
        workspace.opened.connect(self._begin)
        workspace.closing.connect(self._clock.stop)

    def look(self) -> None:
        """Look at the files, unless that is under way."""
        if self._busy or not self._workspace.is_open:
            return
        self._busy = True
        project = self._workspace.project
        self._bridge.run(
            "Looking at audio files",
            lambda work: look_offline(work, project),
            done=lambda reasons: self._take(project, reasons),
            failed=self._give_up,
            shown=False,
        )

    def _begin(self) -> None:
        self._show({})
        self._clock.start()
        self.look()

    def _take(self, project: Project, reasons: Mapping[str, str]) -> None:
        self._busy = False
        if not self._workspace.is_open or self._workspace.project is not project:
            self.look()
            return
        back = [source_id for source_id in self.reasons if source_id not in reasons]
        self._show(reasons)
        if back:
            self._workspace.sources_found.emit(back)

    def _show(self, reasons: Mapping[str, str]) -> None:
        if reasons != self.reasons:
            self.reasons = reasons
            self.changed.emit()

    def _give_up(self, _error: BaseException) -> bool:
        self._busy = False
        return False
