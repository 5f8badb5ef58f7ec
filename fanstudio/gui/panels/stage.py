"""The stage: the timeline in its place, fed with what it draws and tied to the workspace."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, Signal
from PySide6.QtWidgets import QMenu, QVBoxLayout, QWidget

from fanstudio.gui.action_set import ActionSet
from fanstudio.gui.actions import pattern_clip
from fanstudio.gui.appearance import Appearance
from fanstudio.gui.commands.automation import AutomationCommands
from fanstudio.gui.panels.automation_menu import fill_for_lane
from fanstudio.gui.panels.effects_menu import passing_menu
from fanstudio.gui.theme import set_role
from fanstudio.gui.timeline.hit import Hit, Part
from fanstudio.gui.timeline.shelf_drops import ShelfDrops
from fanstudio.gui.timeline.view import TimelineView
from fanstudio.gui.waveforms import Waveforms
from fanstudio.gui.widgets.labels import button, label
from fanstudio.gui.workspace import Workspace
from fanstudio.model.document import Document
from fanstudio.model.session import new_session

_CLIP_MENU = (
    *("split", "duplicate", "mute_clip", "delete", "stems", "stems_sheet"),
    *("fit_tempo", "pitch_up", "pitch_down", "unwarp", "zoom_selection"),
)
_LANE_MENU = ("import", "shelf", "drum_grid", "add_track", "mute", "solo", "fit")


class Stage(QWidget):
    """Shows the open project's timeline; without clips one sentence and two buttons."""

    locate_wanted = Signal(object)
    #: list[Path] and the frame they were dropped on.
    files_dropped = Signal(object, object)
    scrolled = Signal(int)

    def __init__(
        self,
        workspace: Workspace,
        appearance: Appearance,
        actions: ActionSet,
        parent: QWidget | None = None,
    ) -> None:
        """Follow a workspace."""
        super().__init__(parent)
        self._workspace = workspace
        self._appearance = appearance
        #: Set when the window has it.
        self.automation: AutomationCommands | None = None
        self._actions = actions
        self.waveforms = Waveforms(workspace)
        self.timeline = TimelineView(
            Document(new_session("")), appearance.theme, self.waveforms.peaks, self.waveforms.samples
        )
        self.from_shelf = ShelfDrops(self.timeline)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.timeline)
        self.empty = self._make_empty()
        self._connect()

    def zoom_in(self) -> None:
        """Show less, larger."""
        self.timeline.zoom_in()

    def zoom_out(self) -> None:
        """Show more, smaller."""
        self.timeline.zoom_out()

    def zoom_to_selection(self) -> None:
        """Show the selected clips as wide as the window."""
        self.timeline.to_selection()

    def fit(self) -> None:
        """Show the whole song."""
        self.timeline.fit()

    def scroll_by(self, pixels: int) -> None:
        """Scroll the lanes down by pixels."""
        self.timeline.set_vertical(self.timeline.view_geometry().top + pixels)

    def show_denied(self, reasons: dict[str, str]) -> None:
        """Mark the clips that may not be exported, with the reason in words."""
        self.timeline.set_denied(reasons)

    def show_clips(self, clip_ids: Sequence[str]) -> None:
        """Select clips and scroll to the first."""
        self._workspace.select_clips(clip_ids)
        if clip_ids:
            self.timeline.show_clip(clip_ids[0])

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keep the words of the empty stage in its middle."""
        if event.type() == QEvent.Type.Resize:
            self._place_empty()
        return super().eventFilter(watched, event)

    def _connect(self) -> None:
        timeline, workspace = self.timeline, self._workspace
        timeline.installEventFilter(self)
        timeline.selectionChanged.connect(self._take_selection)
        timeline.locateRequested.connect(self.locate_wanted)
        timeline.filesDropped.connect(lambda paths, frame, _track: self.files_dropped.emit(paths, frame))
        timeline.verticalScrolled.connect(self.scrolled)
        timeline.contextMenuRequested.connect(self._open_menu)
        timeline.pointChosen.connect(self._select_strip)
        workspace.opened.connect(self._show_project)
        workspace.session_changed.connect(self._show_session)
        workspace.selection_changed.connect(self._show_selection)
        workspace.transport_changed.connect(self._show_transport)
        workspace.settings_changed.connect(lambda _name: self._show_snap())
        workspace.bridge.tick.connect(self._show_playhead)
        self.waveforms.arrived.connect(timeline.refresh_peaks)
        workspace.live.drawn.connect(timeline.renew_source)
        workspace.live.settled.connect(timeline.rename_sources)
        workspace.live.changed.connect(lambda: timeline.set_splitting(workspace.live.progress))
        workspace.warps.changed.connect(lambda: timeline.set_drafts(workspace.warps.drafts))
        workspace.offline.changed.connect(lambda: timeline.set_offline(workspace.offline.reasons))
        self._appearance.changed.connect(lambda: timeline.set_theme(self._appearance.theme))
        self._show_snap()

    def _show_project(self) -> None:
        self.waveforms.forget()
        self.timeline.set_document(self._workspace.document)
        self.timeline.setFocus()

    def _show_session(self) -> None:
        session = self._workspace.session
        was_empty, is_empty = not self.empty.isHidden(), not any(True for _ in session.clips())
        self.empty.setVisible(is_empty)
        self._place_empty()
        self.waveforms.want(session.sources)
        if was_empty and not is_empty:
            self.timeline.fit()

    def _take_selection(self) -> None:
        """Follow the timeline; what was selected elsewhere, such as a track, stays."""
        chosen = frozenset(self.timeline.selected_clips())
        if chosen != self._workspace.selected_clips:
            self._workspace.select_clips(chosen)

    def _show_selection(self) -> None:
        chosen = self._workspace.selected_clips
        if chosen != frozenset(self.timeline.selected_clips()):
            self.timeline.select(chosen)

    def _show_transport(self) -> None:
        self.timeline.set_playing(self._workspace.transport.playing)
        self._show_playhead()

    def _show_playhead(self) -> None:
        if self._workspace.is_open:
            frame = self._workspace.playhead
            if frame != self.timeline.state.playhead:
                self.timeline.set_playhead(frame)

    def _show_snap(self) -> None:
        self.timeline.set_snapping(self._workspace.settings.text("snap") == "beat")

    def _select_strip(self, strip_id: str | None) -> None:
        """Select the track whose point was chosen, so that keys mean it."""
        if strip_id is not None and any(track.id == strip_id for track in self._workspace.session.tracks):
            self._workspace.select_track(strip_id)

    def _open_menu(self, hit: Hit, at: QPoint) -> None:
        if hit.part in (Part.CURVE, Part.POINT) and hit.track_id is not None:
            self._open_curve_menu(hit.track_id, hit.point, at)
            return
        if hit.clip_id is None and hit.track_id is not None:
            self._workspace.select_track(hit.track_id)
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        actions = _CLIP_MENU if hit.clip_id else _LANE_MENU
        if hit.clip_id and pattern_clip(self._workspace.situation):
            actions = ("drum_grid", *actions)
        for action_id in actions:
            menu.addAction(self._actions[action_id])
        menu.popup(at)

    def _open_curve_menu(self, strip_id: str, point: int | None, at: QPoint) -> None:
        assert self.automation is not None
        menu = passing_menu(self)
        fill_for_lane(menu, self.automation, self._workspace.session, strip_id, point)
        menu.popup(at)

    def _make_empty(self) -> QWidget:
        empty = QWidget(self.timeline)
        set_role(empty, "canvas")
        column = QVBoxLayout(empty)
        column.setSpacing(12)
        words = label("Drop a song here to begin.", "muted")
        column.addWidget(words, 0, Qt.AlignmentFlag.AlignHCenter)
        choose = button("Import audio…", self._actions["import"].trigger, "accent")
        column.addWidget(choose, 0, Qt.AlignmentFlag.AlignHCenter)
        empty.hide()
        return empty

    def _place_empty(self) -> None:
        size = self.empty.sizeHint()
        self.empty.resize(size)
        area = self.timeline.rect()
        self.empty.move((area.width() - size.width()) // 2, (area.height() - size.height()) // 2)
