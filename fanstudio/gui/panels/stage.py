"""The stage: the timeline in its place, fed with what it draws and tied to the workspace."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, Signal
from PySide6.QtWidgets import QMenu, QVBoxLayout, QWidget

from fanstudio.audio.peaks import Peaks
from fanstudio.audio.samples import Samples
from fanstudio.gui.action_set import ActionSet
from fanstudio.gui.appearance import Appearance
from fanstudio.gui.theme import set_role
from fanstudio.gui.timeline.hit import Hit
from fanstudio.gui.timeline.view import TimelineView
from fanstudio.gui.widgets.labels import button, label
from fanstudio.gui.workspace import Workspace
from fanstudio.jobs import Work
from fanstudio.model.document import Document
from fanstudio.model.session import Source, new_session
from fanstudio.studio.project import Project

_CLIP_MENU = ("split", "duplicate", "mute_clip", "delete", "stems", "zoom_selection")
_LANE_MENU = ("import", "add_track", "mute", "solo", "fit")


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
        self._actions = actions
        self._material = Waveforms(workspace)
        self.timeline = TimelineView(
            Document(new_session("")), appearance.theme, self._material.peaks, self._material.samples
        )
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
        timeline.selectionChanged.connect(lambda: workspace.select_clips(timeline.selected_clips()))
        timeline.locateRequested.connect(self.locate_wanted)
        timeline.filesDropped.connect(lambda paths, frame, _track: self.files_dropped.emit(paths, frame))
        timeline.verticalScrolled.connect(self.scrolled)
        timeline.contextMenuRequested.connect(self._open_menu)
        workspace.opened.connect(self._show_project)
        workspace.session_changed.connect(self._show_session)
        workspace.selection_changed.connect(self._show_selection)
        workspace.transport_changed.connect(self._show_transport)
        workspace.settings_changed.connect(lambda _name: self._show_snap())
        workspace.bridge.tick.connect(self._show_playhead)
        self._material.arrived.connect(timeline.refresh_peaks)
        self._appearance.changed.connect(lambda: timeline.set_theme(self._appearance.theme))
        self._show_snap()

    def _show_project(self) -> None:
        self._material.forget()
        self.timeline.set_document(self._workspace.document)
        self.timeline.setFocus()

    def _show_session(self) -> None:
        session = self._workspace.session
        self.empty.setVisible(session.length == 0)
        self._place_empty()
        self._material.want(session.sources)

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

    def _open_menu(self, hit: Hit, at: QPoint) -> None:
        if hit.clip_id is None and hit.track_id is not None:
            self._workspace.select_track(hit.track_id)
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for action_id in _CLIP_MENU if hit.clip_id else _LANE_MENU:
            menu.addAction(self._actions[action_id])
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


class Waveforms(QObject):
    """Peaks and samples that are ready; what is not is made in the background, one source at a time."""

    #: The id of a source that can be drawn now.
    arrived = Signal(str)

    def __init__(self, workspace: Workspace) -> None:
        """Make them for the workspace's project."""
        super().__init__(workspace)
        self._workspace = workspace
        self._ready: dict[str, tuple[Peaks, Samples]] = {}
        self._asked: set[str] = set()
        self._waiting: list[Source] = []
        self._busy = False

    def peaks(self, source: Source) -> Peaks | None:
        """Return a source's peaks if they are there."""
        found = self._ready.get(source.id)
        return found[0] if found else None

    def samples(self, source: Source) -> Samples | None:
        """Return a source's samples if they are there."""
        found = self._ready.get(source.id)
        return found[1] if found else None

    def forget(self) -> None:
        """Let go of everything: another project is open."""
        self._ready.clear()
        self._asked.clear()
        self._waiting.clear()

    def want(self, sources: Sequence[Source]) -> None:
        """See to it that these sources can be drawn."""
        self._waiting += [source for source in sources if source.id not in self._asked]
        self._asked |= {source.id for source in sources}
        self._next()

    def _next(self) -> None:
        if self._busy or not self._waiting or not self._workspace.is_open:
            return
        self._busy = True
        project, source = self._workspace.project, self._waiting.pop(0)
        rate = self._workspace.session.sample_rate
        self._workspace.bridge.run(
            f"Drawing “{source.name}”",
            _drawing(project, source, rate),
            done=lambda made: self._take(project, source, made),
            failed=self._give_up,
            shown=False,
        )

    def _take(self, project: Project, source: Source, made: tuple[Peaks, Samples]) -> None:
        self._busy = False
        if self._workspace.is_open and self._workspace.project is project:
            self._ready[source.id] = made
            self.arrived.emit(source.id)
        self._next()

    def _give_up(self, _error: BaseException) -> bool:
        self._busy = False
        self._next()
        return False


def _drawing(project: Project, source: Source, rate: int) -> Callable[[Work], tuple[Peaks, Samples]]:
    def draw(work: Work) -> tuple[Peaks, Samples]:
        peaks = project.pool.build_peaks(work, source, rate)
        return peaks, project.pool.samples(source, rate)

    return draw
