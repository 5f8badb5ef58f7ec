"""How the session stands: what may be exported at present and who is paid, kept up to date."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal

from fanstudio.errors import NotPermitted
from fanstudio.gui.workspace import Workspace
from fanstudio.studio.export import ExportPlan, denied_clips, plan_export
from fanstudio.studio.project import Project

_DELAY_MS = 700


class Standing(QObject):
    """Asks for an ExportPlan in the background whenever it may have changed; one question at a time."""

    #: The ExportPlan, or None while it is being asked or nothing is on the timeline.
    changed = Signal(object)
    #: Why which clips may not be exported: reasons in words by clip id.
    denied = Signal(object)

    def __init__(self, workspace: Workspace, parent: QObject | None = None) -> None:
        """Follow a workspace."""
        super().__init__(parent)
        self._workspace = workspace
        self._asking = self._stale = False
        self.plan: ExportPlan | None = None
        self._delay = QTimer(self, singleShot=True, interval=_DELAY_MS)
        self._delay.timeout.connect(self.refresh)
        workspace.opened.connect(self._begin)
        workspace.account_changed.connect(self._begin)
        workspace.session_changed.connect(self._delay.start)

    def refresh(self) -> None:
        """Ask anew."""
        self._delay.stop()
        if self._asking or not self._workspace.is_open:
            self._stale = self._asking
            return
        self._asking, self._stale = True, False
        studio, project = self._workspace.studio, self._workspace.project
        self._workspace.bridge.run(
            "What may be exported",
            lambda work: plan_export(work, studio, project),
            done=lambda plan: self._answered(project, plan),
            failed=self._unanswered,
            shown=False,
        )

    def refuse(self, error: NotPermitted) -> None:
        """Take note of what the platform refused when an export was asked for."""
        if self.plan is not None:
            self.denied.emit(denied_clips(error, self.plan))

    def take(self, plan: ExportPlan | None) -> None:
        """Make a plan the present one."""
        self.plan = plan
        refused = [right for right in plan.rights if right.permitted is False] if plan else []
        self.changed.emit(plan)
        reasons = {clip: f"{right.title}: {right.reason}" for right in refused for clip in right.clip_ids}
        self.denied.emit(reasons)

    def _begin(self) -> None:
        if self._workspace.is_open:
            self.take(None)
            self.refresh()

    def _answered(self, project: Project, plan: ExportPlan) -> None:
        self._asking = False
        if self._workspace.is_open and self._workspace.project is project and not self._stale:
            self.take(plan)
        if self._stale:
            self.refresh()

    def _unanswered(self, _error: BaseException) -> bool:
        self._asking = False
        return False
