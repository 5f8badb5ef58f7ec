"""Automation: which curves show over the lanes, and what is done to them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fanstudio.gui.automation import curve_of, find_target
from fanstudio.gui.workspace import Workspace
from fanstudio.model import automation_edits, mixer_edits
from fanstudio.model.mixer import GAIN, MASTER

if TYPE_CHECKING:
    from fanstudio.gui.panels.heads import HeadsColumn
    from fanstudio.gui.panels.stage import Stage


class AutomationCommands:
    """What shows is a matter of the window, not of the session; at most one value a strip does."""

    def __init__(self, workspace: Workspace) -> None:
        """Edit what is open in this workspace; `stage` and `heads` are set when the window has them."""
        self._workspace = workspace
        self._wanted: dict[str, str] = {}
        self.stage: Stage | None = None
        self.heads: HeadsColumn | None = None
        workspace.opened.connect(self._forget)
        workspace.session_changed.connect(self._drop_gone)

    @property
    def wanted(self) -> dict[str, str]:
        """Return the value that shows by strip."""
        return dict(self._wanted)

    def toggle(self) -> None:
        """Show the automation of the selected track, and let keys go on from its points; or hide it."""
        strip_id = self._selected
        if strip_id in self._wanted:
            self.hide(strip_id)
        else:
            self.show_first(strip_id)

    def show(self, strip_id: str, name: str) -> None:
        """Show the curve of a value over its lane, the point nearest the playhead chosen."""
        self._wanted[strip_id] = name
        self._tell()
        self._stage.timeline.choose_point_near(strip_id, self._workspace.playhead)

    def show_first(self, strip_id: str) -> None:
        """Show the first curve of a strip, or its gain where it has none."""
        self.show(strip_id, self._first_ruled(strip_id))

    def hide(self, strip_id: str) -> None:
        """Show the clips of a lane again, and no curve."""
        self._wanted.pop(strip_id, None)
        self._tell()

    def automate(self, strip_id: str, name: str) -> None:
        """Show a value's curve; where there is none, one begins at the playhead with what the value is."""
        session, frame = self._workspace.session, self._workspace.playhead
        target = find_target(session, strip_id, name)
        if target is not None and curve_of(session, strip_id, name) is None:
            self._workspace.apply(
                f"Automate {target.title.lower()}",
                lambda now: automation_edits.add_point(now, strip_id, name, frame, target.value),
            )
        self.show(strip_id, name)

    def add_point(self) -> None:
        """Add a point at the playhead to the curve that shows on the selected track, where it lies."""
        strip_id = self._selected
        if strip_id not in self._wanted:
            self.show_first(strip_id)
        self._stage.timeline.put_point(strip_id, self._workspace.playhead)

    def enable(self, strip_id: str, name: str, enabled: bool) -> None:
        """Let a curve rule its value, or the fader."""
        label = "Switch automation on" if enabled else "Switch automation off"
        self._workspace.apply(
            label, lambda now: automation_edits.enable_automation(now, strip_id, name, enabled)
        )

    def remove(self, strip_id: str, name: str) -> None:
        """Remove a curve; the fader rules again."""
        self._workspace.apply(
            "Remove automation", lambda now: automation_edits.remove_automation(now, strip_id, name)
        )

    def remove_point(self, strip_id: str, index: int) -> None:
        """Take a point out of the curve that shows."""
        self._stage.timeline.remove_point(strip_id, index)

    # ── parts ────────────────────────────────────────────────────────────────────────────────

    @property
    def _stage(self) -> Stage:
        assert self.stage is not None
        return self.stage

    @property
    def _selected(self) -> str:
        """Return the strip whose point is chosen, else the selected track, the first one, the master."""
        first = next((track.id for track in self._workspace.session.tracks), MASTER)
        return self._stage.timeline.chosen_strip() or self._workspace.selected_track or first

    def _first_ruled(self, strip_id: str) -> str:
        """Return the value of a strip that has a curve, or its gain."""
        session = self._workspace.session
        names = [curve.target for curve in mixer_edits.automation_of(session, strip_id)]
        return next((name for name in names if find_target(session, strip_id, name)), GAIN)

    def _forget(self) -> None:
        self._wanted.clear()
        self._tell()

    def _drop_gone(self) -> None:
        session = self._workspace.session
        kept = {strip: name for strip, name in self._wanted.items() if find_target(session, strip, name)}
        if kept != self._wanted:
            self._wanted = kept
            self._tell()

    def _tell(self) -> None:
        assert self.heads is not None
        self._stage.timeline.show_curves(self._wanted)
        self.heads.show_curves(self._wanted)
