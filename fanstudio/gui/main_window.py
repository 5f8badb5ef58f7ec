"""The main window: its parts in their places, and the signals between them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QKeyEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QHBoxLayout,
    QMainWindow,
    QMenu,
    QVBoxLayout,
    QWidget,
)

from fanstudio.gui.action_set import ActionSet
from fanstudio.gui.appearance import Appearance
from fanstudio.gui.commands.all import make_commands
from fanstudio.gui.panels.bottom_bar import BottomBar
from fanstudio.gui.panels.heads import HeadsColumn
from fanstudio.gui.panels.mixer import MixerPanel
from fanstudio.gui.panels.pitch import PitchPanel
from fanstudio.gui.panels.record_strip import RecordStrip
from fanstudio.gui.panels.side_panel import SidePanel
from fanstudio.gui.panels.stage import Stage
from fanstudio.gui.panels.top_bar import TopBar
from fanstudio.gui.theme import set_role
from fanstudio.gui.timeline.drops import dropped_files
from fanstudio.gui.timeline.growing import GrowingClip
from fanstudio.gui.widgets.labels import separator
from fanstudio.gui.workspace import Workspace
from fanstudio.paths import config_dir
from fanstudio.studio.compute import ComputeDevice, examine_device
from fanstudio.studio.export import ExportPlan
from fanstudio.studio.project import autosave

_SIZE = (1440, 900)
_NO_DEVICE = "No device"
_LEAST = (1040, 560)
#: How often actions follow the playhead while it plays.
_REFRESHES_PER_SECOND = 4


class MainWindow(QMainWindow):
    """Everything a fan sees; it holds no state of its own beyond what the workspace has."""

    def __init__(self, workspace: Workspace, appearance: Appearance) -> None:
        """Build the window around a workspace."""
        super().__init__()
        self.workspace = workspace
        self.appearance = appearance
        self.commands = make_commands(self, workspace, appearance)
        self.actions_ = ActionSet(self, appearance, vars(self.commands))
        self._leaving = self._was_playing = False
        self._was_at = 0
        self.setWindowTitle("fanstudio")
        self.resize(*_SIZE)
        self.setMinimumSize(*_LEAST)
        self.setAcceptDrops(True)
        self._make_panels()
        self._lay_out()
        self._connect()
        self._refresh()

    # ── parts ────────────────────────────────────────────────────────────────────────────────

    def _make_panels(self) -> None:
        self.menu = self._make_menu()
        self.top = TopBar(self.workspace, self.appearance, self.actions_, self.menu)
        self.heads = HeadsColumn(self.workspace, self.appearance, self.actions_, self.commands.track)
        self.stage = Stage(self.workspace, self.appearance, self.actions_)
        steps = config_dir() / "first_steps.json"
        shelf, style = self.commands.shelf, self.commands.style
        self.side = SidePanel(self.workspace, self.appearance, self.actions_, steps, shelf, style)
        self.bottom = BottomBar(self.appearance, self.actions_)
        self.record = RecordStrip(self.workspace, self.appearance, self.actions_, self.commands.record)
        self.growing = GrowingClip(self.stage.timeline, self.appearance)
        self.mixer = MixerPanel(self.workspace, self.appearance, self.actions_, self.commands.mixer)
        self.commands.mixer.panel, self.commands.mixer.effects = self.mixer, self.side.effects
        self.side.effects.commands = self.commands.mixer
        voice = self.commands.voice
        self.pitch = PitchPanel(self.workspace, self.appearance, self.actions_, voice.hearing)
        voice.panel = self.pitch
        shelf.side = style.side = self.side
        style.presets.panel = self.side.style_panel
        self.commands.automation.stage, self.commands.automation.heads = self.stage, self.heads
        self.stage.automation = self.heads.automation = self.commands.automation
        self.commands.view.stage = self.stage
        self.commands.view.heads = self.heads

    def _make_menu(self) -> QMenu:
        menu = QMenu("Menu", self)
        menus = self.actions_.menus(menu)
        for part in menus.values():
            menu.addMenu(part)
        self._recent = QMenu("Open recent", menus["Project"])
        menus["Project"].insertMenu(self.actions_["open_demo"], self._recent)
        self._recent.aboutToShow.connect(self._fill_recent)
        return menu

    def _lay_out(self) -> None:
        middle = QHBoxLayout()
        middle.setContentsMargins(0, 0, 0, 0)
        middle.setSpacing(0)
        lanes = QHBoxLayout()
        lanes.setSpacing(0)
        lanes.addWidget(self.heads)
        lanes.addWidget(_line())
        lanes.addWidget(self.stage, 1)
        work = QVBoxLayout()
        work.setSpacing(0)
        work.addLayout(lanes, 1)
        work.addWidget(self.pitch)
        work.addWidget(self.mixer)
        middle.addLayout(work, 1)
        middle.addWidget(_line())
        middle.addWidget(self.side)
        body = QWidget()
        set_role(body, "panel")
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.top)
        column.addWidget(self.record)
        column.addLayout(middle, 1)
        column.addWidget(self.bottom)
        self.setCentralWidget(body)

    def _connect(self) -> None:
        workspace, commands = self.workspace, self.commands
        for changed in (workspace.session_changed, workspace.selection_changed, workspace.account_changed):
            changed.connect(self._refresh)
        workspace.transport_changed.connect(self._refresh)
        workspace.splitting_changed.connect(self._refresh)
        workspace.session_changed.connect(self._show_title)
        workspace.opened.connect(self._opened)
        workspace.settings_changed.connect(self._setting_changed)
        workspace.bridge.tick.connect(self._tick)
        self.stage.locate_wanted.connect(commands.transport.locate)
        self.stage.files_dropped.connect(self._take_files)
        self.stage.from_shelf.dropped.connect(commands.shelf.add_dropped)
        self.stage.from_shelf.pattern_opened.connect(commands.drums.open_clip)
        self.stage.scrolled.connect(self.heads.scroll_to)
        self.heads.scrolled.connect(self.stage.scroll_by)
        self.heads.arm_wanted.connect(commands.record.set_armed)
        commands.record.changed.connect(self._show_armed)
        self.stage.timeline.geometryChanged.connect(self.pitch.show_geometry)
        for strip in (self.pitch.roll, self.side.style_panel.line):
            strip.located.connect(commands.transport.locate)
        self.bottom.problems_wanted.connect(self.stage.show_clips)
        commands.export.standing.changed.connect(self._show_plan)
        commands.export.standing.denied.connect(self.stage.show_denied)
        for part in (self.side, self.bottom):
            part.setAcceptDrops(True)
            part.installEventFilter(self)

    # ── what changes ─────────────────────────────────────────────────────────────────────────

    def start(self) -> None:
        """Ask in the background who is signed in and what would split a song."""
        self.commands.account.refresh()
        self._ask_device()

    def _ask_device(self) -> None:
        device = self.workspace.settings.text("compute_device")
        self.workspace.bridge.run(
            "Compute device",
            lambda work: examine_device(work, device),
            done=self._show_device,
            failed=self._show_no_device,
            shown=False,
        )

    def _show_device(self, device: ComputeDevice) -> None:
        words = device.name if device.name in ("CPU", _NO_DEVICE) else f"GPU: {device.name}"
        reasons = device.why_not.replace("; ", "\n")
        self.heads.show_device(words, "\n".join(filter(None, (device.note, reasons))))
        split = self.commands.split
        split.device, split.why_not, split.note = words, reasons, device.note

    def _show_no_device(self, _error: BaseException) -> bool:
        """Take away what no longer holds; the error is shown on a card."""
        self._show_device(ComputeDevice(_NO_DEVICE, "", ""))
        return False

    def _show_plan(self, plan: ExportPlan | None) -> None:
        if plan is None and self.workspace.session.length:
            self.bottom.show_asking()
        else:
            self.bottom.show_plan(plan)

    def _refresh(self) -> None:
        self.actions_.refresh(self.workspace.situation)

    def _show_armed(self) -> None:
        armed = self.commands.record.armed
        self.heads.show_armed(armed.track_id if armed else None)
        if armed:
            self.stage.empty.hide()
        self._refresh()

    def _show_recording(self) -> None:
        live = self.commands.record.live
        tracks = [track.id for track in self.workspace.session.tracks] if live else []
        lane = tracks.index(live.track_id) if live and live.track_id in tracks else None
        self.growing.show_growing(live.growing if live and lane is not None else None, lane or 0)
        self.pitch.follow(live)

    def _show_title(self) -> None:
        self.setWindowTitle(f"{self.workspace.session.title}[*] – fanstudio")
        self.setWindowModified(self.workspace.document.changed)

    def _opened(self) -> None:
        self.side.jobs.close_notices()
        project = self.workspace.project
        self.commands.audio.say_what_is_missing()
        if project.recovered:
            self.side.jobs.show_note(
                "Unsaved changes were brought back",
                "fanstudio ended before they were saved. Save the project to keep them.",
            )

    def _setting_changed(self, name: str) -> None:
        if name == "theme":
            self.appearance.choose(self.workspace.settings.text("theme"))
        elif name == "platform_url":
            self.commands.account.refresh()
        elif name == "compute_device":
            self._ask_device()

    def _tick(self) -> None:
        """Notice what changes by itself: the song ends, the playhead enters and leaves clips."""
        if not self.workspace.is_open:
            return
        self._show_recording()
        playing, playhead = self.workspace.transport.playing, self.workspace.playhead
        if playing != self._was_playing:
            self._was_playing = playing
            self.workspace.transport_changed.emit()
        elif playhead // self._pace() != self._was_at // self._pace():
            self._refresh()
        self._was_at = playhead

    def _pace(self) -> int:
        return max(1, self.workspace.session.sample_rate // _REFRESHES_PER_SECOND)

    def _fill_recent(self) -> None:
        self._recent.clear()
        for folder in self.commands.project.recent():
            action = self._recent.addAction(folder.stem)
            action.setToolTip(str(folder))
            action.triggered.connect(
                lambda _checked=False, folder=folder: self.commands.project.when_safe(
                    lambda: self.commands.project.open_path(folder)
                )
            )
        if self._recent.isEmpty():
            self._recent.addAction("No projects yet").setEnabled(False)

    def _take_files(self, paths: Sequence[Path], position: int = 0) -> None:
        """Add the models among files that were dropped; import the others at a frame, or open a project."""
        others = self.commands.models.take_paths(paths)
        if others:
            self.commands.audio.take_paths(others, position)

    # ── events ───────────────────────────────────────────────────────────────────────────────

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Verify files that are dropped on the side panel or the bottom bar; models are added there too."""
        if watched in (self.side, self.bottom):
            if isinstance(event, QDropEvent) and event.type() == QEvent.Type.Drop:
                others = self.commands.models.take_paths(dropped_files(event.mimeData()))
                if others:
                    self.commands.verify.verify(others)
                event.acceptProposedAction()
                return True
            if isinstance(event, QDragEnterEvent) and dropped_files(event.mimeData()):
                event.acceptProposedAction()
                return True
        return super().eventFilter(watched, event)

    def event(self, event: QEvent) -> bool:
        """Leave Space to a button that has the focus; elsewhere it plays and stops."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            focused = QApplication.focusWidget()
            if event.key() == Qt.Key.Key_Space and isinstance(focused, QAbstractButton):
                event.accept()
                return True
        return super().event(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take files anywhere on the window."""
        if dropped_files(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Import files, or open a project."""
        event.acceptProposedAction()
        self._take_files(dropped_files(event.mimeData()))

    def closeEvent(self, event: QCloseEvent) -> None:
        """Ask about unsaved changes, then let go of everything."""
        if not self._leaving and self.workspace.is_open and self.workspace.document.changed:
            event.ignore()
            self.commands.project.when_safe(self.leave)
            return
        self.workspace.bridge.stop()
        self.commands.shelf.hearing.close()
        self.commands.style.hearing.close()
        self.workspace.close()
        event.accept()

    def interrupt(self) -> None:
        """Close at once (Ctrl+C in the terminal); what is not saved is kept aside."""
        if self.workspace.is_open:
            autosave(self.workspace.project)
        self.leave()

    def leave(self) -> None:
        """Close without a question."""
        self._leaving = True
        self.close()


def _line() -> QWidget:
    line = separator(upright=True)
    line.setFixedWidth(1)
    return line
