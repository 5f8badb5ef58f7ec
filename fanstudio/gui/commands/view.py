"""What shows: zoom, snap, and the windows of settings, lists and help."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from fanstudio.gui.appearance import Appearance
from fanstudio.gui.commands.automation import AutomationCommands
from fanstudio.gui.commands.edit import EditCommands
from fanstudio.gui.commands.track import TrackCommands
from fanstudio.gui.commands.transport import TransportCommands
from fanstudio.gui.dialogs.clip_list import ClipListDialog
from fanstudio.gui.dialogs.facts import about
from fanstudio.gui.dialogs.settings import SettingsDialog
from fanstudio.gui.dialogs.shortcuts import ShortcutsDialog
from fanstudio.gui.panels.heads import HeadsColumn
from fanstudio.gui.panels.stage import Stage
from fanstudio.gui.workspace import Workspace


class ViewCommands:
    """Drives the stage and opens windows that change nothing by themselves."""

    def __init__(
        self,
        window: QWidget,
        workspace: Workspace,
        appearance: Appearance,
        edit: EditCommands,
        track: TrackCommands,
        transport: TransportCommands,
        automation: AutomationCommands,
    ) -> None:
        """Work on a workspace; `stage` and `heads` are set when the window has them."""
        self._window = window
        self._workspace = workspace
        self._appearance = appearance
        self._edit = edit
        self._track = track
        self._transport = transport
        self._automation = automation
        self.stage: Stage | None = None
        self.heads: HeadsColumn | None = None

    def zoom_in(self) -> None:
        """Show less, larger."""
        self._stage.zoom_in()

    def zoom_out(self) -> None:
        """Show more, smaller."""
        self._stage.zoom_out()

    def zoom_to_selection(self) -> None:
        """Show the selected clips as wide as the window."""
        self._stage.zoom_to_selection()

    def fit(self) -> None:
        """Show the whole song."""
        self._stage.fit()

    def rename_track(self) -> None:
        """Let the user type another name for the selected track."""
        assert self.heads is not None
        self.heads.begin_rename(self._workspace.selected_track or "")

    def toggle_snap(self) -> None:
        """Turn snapping to beats on or off."""
        now = self._workspace.settings.text("snap")
        self._workspace.set_setting("snap", "off" if now == "beat" else "beat")

    def show_clip_list(self) -> None:
        """Open tracks and clips as a list."""
        ClipListDialog(
            self._window,
            self._appearance,
            self._workspace,
            self._edit,
            self._track,
            self._transport,
            self._automation,
        ).open()

    def show_settings(self) -> None:
        """Open the settings."""
        SettingsDialog(self._window, self._appearance, self._workspace).open()

    def show_shortcuts(self) -> None:
        """Open the list of shortcuts."""
        ShortcutsDialog(self._window, self._appearance).open()

    def show_about(self) -> None:
        """Say what this program is."""
        about(self._window, self._appearance).open()

    @property
    def _stage(self) -> Stage:
        assert self.stage is not None
        return self.stage
