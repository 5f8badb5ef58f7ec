"""The column of track headers, in step with the timeline's lanes."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QPushButton, QVBoxLayout, QWidget

from fanstudio.gui.action_set import ActionSet
from fanstudio.gui.appearance import Appearance
from fanstudio.gui.automation import find_target
from fanstudio.gui.commands.automation import AutomationCommands
from fanstudio.gui.commands.track import TrackCommands
from fanstudio.gui.panels.automation_menu import menu_of_values
from fanstudio.gui.panels.lane_head import LaneHead
from fanstudio.gui.panels.track_head import TrackHead
from fanstudio.gui.strips import face_of
from fanstudio.gui.theme import set_role
from fanstudio.gui.tokens import HEADS_WIDTH, LANE_HEIGHT_REMIX, RULER_HEIGHT
from fanstudio.gui.widgets.labels import ElidedLabel, button, frame, label
from fanstudio.gui.workspace import Workspace
from fanstudio.model.session import Session, Stem
from fanstudio.text import counted


class HeadsColumn(QFrame):
    """One header a track; it scrolls as the timeline does (`scroll_to`, `scrolled`)."""

    #: The user turned the wheel over the headers: pixels to scroll down.
    scrolled = Signal(int)
    #: A track is to be armed for recording, or no longer.
    arm_wanted = Signal(str, bool)

    def __init__(
        self,
        workspace: Workspace,
        appearance: Appearance,
        actions: ActionSet,
        commands: TrackCommands,
        parent: QWidget | None = None,
    ) -> None:
        """Follow a workspace's session."""
        super().__init__(parent)
        set_role(self, "panel")
        self.setFixedWidth(HEADS_WIDTH)
        self.setAccessibleName("Tracks")
        self._workspace = workspace
        self._appearance = appearance
        self._actions = actions
        self._commands = commands
        self._heads: dict[str, TrackHead] = {}
        self._lanes: dict[str, LaneHead] = {}
        self._wanted: Mapping[str, str] = {}
        #: Set when the window has it.
        self.automation: AutomationCommands | None = None
        self._top = 0
        self._armed: str | None = None
        self._lay_out()
        workspace.session_changed.connect(self._show_session)
        workspace.selection_changed.connect(self._show_selection)
        workspace.bridge.tick.connect(self._show_levels)

    @property
    def heads(self) -> tuple[TrackHead, ...]:
        """Return the headers from top to bottom."""
        return tuple(self._heads.values())

    def show_device(self, name: str, why: str) -> None:
        """Show what splits songs, and why not a better one."""
        self.device.setText(name)
        self.device.setToolTip(why)
        self.device.setAccessibleDescription(why)

    def show_curves(self, wanted: Mapping[str, str]) -> None:
        """Show a header for each bus, and the master, whose automation shows: value names by strip."""
        self._wanted = dict(wanted)
        self._show_lanes()

    def show_armed(self, track_id: str | None) -> None:
        """Show which track is armed for recording."""
        self._armed = track_id
        for head in self._heads.values():
            head.show_armed(head.track_id == track_id)

    def begin_rename(self, track_id: str) -> None:
        """Let the user type another name for a track."""
        if track_id in self._heads:
            self._heads[track_id].name.begin()

    def scroll_to(self, pixels: int) -> None:
        """Show the headers from this many pixels on."""
        self._top = pixels
        self._list.move(0, -pixels)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Ask for scrolling; the timeline decides how far it goes."""
        self.scrolled.emit(-round(event.angleDelta().y() / 2))
        event.accept()

    def _lay_out(self) -> None:
        header = frame("row")
        header.setFixedHeight(RULER_HEIGHT)
        self.heading = ElidedLabel("", "small")
        self.device = label("", "small")
        self.device.setMinimumWidth(30)
        self.mixer_button = QPushButton()
        set_role(self.mixer_button, "mini")
        self.mixer_button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._actions.bind(self.mixer_button, "mixer")
        line = QHBoxLayout(header)
        line.setContentsMargins(14, 0, 10, 0)
        line.addWidget(self.heading, 1)
        line.addWidget(self.device)
        line.addWidget(self.mixer_button)
        viewport = QWidget()
        self._list = QWidget(viewport)
        self._rows = QVBoxLayout(self._list)
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._rows.setSpacing(0)
        self.add_button = button("+ Add track", self._actions["add_track"].trigger)
        self.add_button.setToolTip(self._actions["add_track"].toolTip())
        foot = QWidget()
        foot_row = QHBoxLayout(foot)
        foot_row.setContentsMargins(14, 14, 14, 14)
        foot_row.addWidget(self.add_button)
        self._rows.addWidget(foot)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(header)
        column.addWidget(viewport, 1)

    def _show_session(self) -> None:
        session = self._workspace.session
        self.heading.setText(heading(session))
        self.heading.update()
        before, wanted = list(self._heads), [track.id for track in session.tracks]
        for gone in [track_id for track_id in self._heads if track_id not in wanted]:
            self._remove(self._heads.pop(gone))
        for track in session.tracks:
            if track.id in self._heads:
                self._heads[track.id].show_track(track)
            else:
                self._add(track.id)
        if list(self._heads) != wanted:
            self._heads = {track_id: self._heads[track_id] for track_id in wanted}
        for index, head in enumerate(self._heads.values()):
            if self._rows.indexOf(head) != index:
                self._rows.removeWidget(head)
                self._rows.insertWidget(index, head)
        if before != wanted:
            self._order_stops()
        self._show_lanes()
        self._show_selection()

    def _order_stops(self) -> None:
        """Let Tab go through the tracks from top to bottom, however they came to be."""
        stops = [self.mixer_button, *(stop for head in self.heads for stop in head.stops), self.add_button]
        for before, after in pairwise(stops):
            QWidget.setTabOrder(before, after)

    def _show_lanes(self) -> None:
        session = self._workspace.session
        wanted = [strip_id for strip_id in self._wanted if strip_id not in self._heads]
        for gone in [strip_id for strip_id in self._lanes if strip_id not in wanted]:
            self._remove(self._lanes.pop(gone))
        for place, strip_id in enumerate(wanted, len(self._heads)):
            target = find_target(session, strip_id, self._wanted[strip_id])
            if strip_id not in self._lanes:
                self._lanes[strip_id] = self._make_lane(strip_id)
            lane = self._lanes[strip_id]
            lane.show_words(face_of(session, strip_id).name, target.title if target else "")
            if self._rows.indexOf(lane) != place:
                self._rows.removeWidget(lane)
                self._rows.insertWidget(place, lane)
        self._fit_list()

    def _make_lane(self, strip_id: str) -> LaneHead:
        lane = LaneHead(self._appearance, face_of(self._workspace.session, strip_id))
        lane.closed.connect(lambda: self._hide_automation(strip_id))
        return lane

    def _hide_automation(self, strip_id: str) -> None:
        assert self.automation is not None
        self.automation.hide(strip_id)

    def _add(self, track_id: str) -> None:
        track = self._workspace.session.track(track_id)
        head = TrackHead(self._workspace, self._appearance, self._commands, track, LANE_HEIGHT_REMIX)
        head.chosen.connect(self._workspace.select_track)
        head.menu_wanted.connect(self._open_menu)
        head.arm_wanted.connect(self.arm_wanted)
        head.show_armed(track_id == self._armed)
        self._heads[track_id] = head
        self._rows.insertWidget(self._rows.count() - 1, head)

    def _remove(self, head: QWidget) -> None:
        self._rows.removeWidget(head)
        head.hide()
        head.deleteLater()

    def _fit_list(self) -> None:
        self._list.setFixedSize(HEADS_WIDTH, (len(self._heads) + len(self._lanes)) * LANE_HEIGHT_REMIX + 60)
        self._list.move(0, -self._top)

    def _open_menu(self, track_id: str, at: QPoint) -> None:
        self._workspace.select_track(track_id)
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for action_id in ("rename_track", "mute", "solo", "takes", "track_up", "track_down", "remove_track"):
            menu.addAction(self._actions[action_id])
        if self.automation is not None:
            values = menu_of_values(menu, self.automation, self._workspace.session, track_id)
            values.setTitle("Automation")
            menu.insertAction(self._actions["track_up"], self._actions["effects"])
            menu.insertMenu(self._actions["track_up"], values)
        menu.popup(at)

    def _show_selection(self) -> None:
        chosen = self._workspace.selected_track
        for track_id, head in self._heads.items():
            head.show_selected(track_id == chosen)

    def _show_levels(self) -> None:
        if not self._workspace.is_open:
            return
        levels = self._workspace.transport.levels().tracks
        for track_id, head in self._heads.items():
            head.meter.show_level(*levels.get(track_id, (0.0, 0.0)))
            head.show_moment(self._workspace.playhead)


def heading(session: Session) -> str:
    """Return the words above the headers: whose stems they are, or how many tracks."""
    for source in session.sources:
        if source.stem is not Stem.MIX and source.lineage is not None:
            return f"Stems of “{source.origin.title}”"
    count = len(session.tracks)
    return counted(count, "track") if count else "No tracks yet"
