"""Tracks and clips as a list: everything on the timeline, for the keyboard and screen readers."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QHeaderView,
    QTreeWidget,
    QTreeWidgetItem,
    QTreeWidgetItemIterator,
    QWidget,
)

from fanstudio.gui.appearance import Appearance
from fanstudio.gui.automation import find_target
from fanstudio.gui.commands.automation import AutomationCommands
from fanstudio.gui.commands.edit import EditCommands
from fanstudio.gui.commands.track import TrackCommands
from fanstudio.gui.commands.transport import TransportCommands
from fanstudio.gui.dialogs.sheet import Sheet
from fanstudio.gui.strips import face_of
from fanstudio.gui.timeline.badges import warp_words
from fanstudio.gui.widgets.fader import decibels
from fanstudio.gui.widgets.labels import label
from fanstudio.gui.workspace import Workspace
from fanstudio.model.mixer import MASTER, Automation
from fanstudio.model.session import Clip, Session, Track
from fanstudio.model.timebase import clock
from fanstudio.text import counted

_ID = Qt.ItemDataRole.UserRole
#: The curve of an item that stands for automation.
_CURVE = Qt.ItemDataRole.UserRole + 1


class ClipListDialog(Sheet):
    """Follows the session; arrows choose, Enter locates, M mutes, S solos, Delete deletes, A automates."""

    def __init__(
        self,
        parent: QWidget,
        appearance: Appearance,
        workspace: Workspace,
        edit: EditCommands,
        track: TrackCommands,
        transport: TransportCommands,
        automation: AutomationCommands,
    ) -> None:
        """List the session of a workspace."""
        super().__init__(parent, appearance, "List of clips", width=680)
        self._workspace = workspace
        self._edit = edit
        self._track = track
        self._transport = transport
        self._automation = automation
        self.list = _List(self)
        self.body.addWidget(self.list)
        keys = (
            "Enter: go there · M: mute · S: solo a track · Ctrl+D: duplicate · Delete: delete · A: automate"
        )
        self.body.addWidget(label(keys, "small"))
        self.add_button("Close", self.accept, primary=True).setDefault(False)
        workspace.session_changed.connect(self._show)
        workspace.offline.changed.connect(self._show)
        self.list.currentItemChanged.connect(self._select)
        self._show()
        self.list.setFocus()

    def _show(self) -> None:
        current = self.list.currentItem()
        chosen = current.data(0, _ID) if current else next(iter(self._workspace.selected_clips), None)
        self.list.blockSignals(True)
        self.list.clear()
        for track in self._workspace.session.tracks:
            group = QTreeWidgetItem(_track_words(track))
            group.setData(0, _ID, track.id)
            self.list.addTopLevelItem(group)
            for clip in track.clips:
                offline = self._workspace.offline.reasons.get(clip.source, "")
                item = QTreeWidgetItem(_clip_words(self._workspace.session, clip, offline))
                item.setData(0, _ID, clip.id)
                group.addChild(item)
            self._add_curves(group, track.id, track.automation)
        for strip_id in (*(bus.id for bus in self._workspace.session.buses), MASTER):
            face = face_of(self._workspace.session, strip_id)
            if face.automation:
                group = QTreeWidgetItem([face.name, "", "", decibels(face.gain_db), ""])
                group.setData(0, _ID, strip_id)
                self.list.addTopLevelItem(group)
                self._add_curves(group, strip_id, face.automation)
        self.list.blockSignals(False)
        self.list.choose(chosen)

    def _add_curves(self, group: QTreeWidgetItem, strip_id: str, curves: tuple[Automation, ...]) -> None:
        for curve in curves:
            target = find_target(self._workspace.session, strip_id, curve.target)
            if target is not None:
                words = f"Automation: {target.title}"
                count = counted(len(curve.points), "point")
                item = QTreeWidgetItem([words, "", count, "", "" if curve.enabled else "off"])
                item.setData(0, _ID, f"{strip_id} {curve.target}")
                item.setData(0, _CURVE, curve)
                group.addChild(item)
        group.setExpanded(True)

    def _select(self) -> bool:
        """Select the track or clip of the current item; False where it is neither."""
        item = self.list.currentItem()
        if item is None or item.data(0, _CURVE) is not None:
            return False
        if item.parent() is not None:
            self._workspace.select_clips((item.data(0, _ID),))
            return True
        is_track = any(track.id == item.data(0, _ID) for track in self._workspace.session.tracks)
        if is_track:
            self._workspace.select_track(item.data(0, _ID))
        return is_track

    def take_key(self, key: int, control: bool) -> bool:
        """Do what a key means here; tell whether it meant anything."""
        item = self.list.currentItem()
        if item is None:
            return False
        owner = (item.parent() or item).data(0, _ID)
        if key == Qt.Key.Key_A and not control:
            self.accept()
            self._automation.show_first(owner)
            return True
        if item.data(0, _CURVE) is not None:
            return self._take_curve_key(key, owner, item.data(0, _CURVE))
        if not self._select():
            return False
        is_clip = item.parent() is not None
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and is_clip:
            self._transport.locate(self._workspace.session.clip(item.data(0, _ID))[1].position)
        elif key == Qt.Key.Key_M and not control:
            self._edit.mute_clips() if is_clip else self._track.mute()
        elif key == Qt.Key.Key_S and not control:
            self._track.solo()
        elif key == Qt.Key.Key_D and control and is_clip:
            self._edit.duplicate()
        elif key == Qt.Key.Key_Delete:
            self._edit.delete() if is_clip else self._track.remove()
        else:
            return False
        return True

    def _take_curve_key(self, key: int, strip_id: str, curve: Automation) -> bool:
        """Do what a key means to automation."""
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.accept()
            self._automation.show(strip_id, curve.target)
        elif key == Qt.Key.Key_M:
            self._automation.enable(strip_id, curve.target, not curve.enabled)
        elif key == Qt.Key.Key_Delete:
            self._automation.remove(strip_id, curve.target)
        else:
            return False
        return True


class _List(QTreeWidget):
    def __init__(self, dialog: ClipListDialog) -> None:
        super().__init__()
        self._dialog = dialog
        self.setAccessibleName("Tracks and clips")
        self.setHeaderLabels(["Name", "Start", "Length", "Gain", "State"])
        self.setMinimumHeight(360)
        self.header().setStretchLastSection(False)
        self.header().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)

    def choose(self, chosen: str | None) -> None:
        """Make the item of a track or clip the current one; the first if it is gone."""
        walk = QTreeWidgetItemIterator(self)
        first = found = None
        while (item := walk.value()) is not None:
            first = first or item
            if item.data(0, _ID) == chosen:
                found = item
            walk += 1
        if first is not None:
            self.setCurrentItem(found or first)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Hand the keys that mean something here to the dialog."""
        control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        if not self._dialog.take_key(event.key(), control):
            super().keyPressEvent(event)


def _track_words(track: Track) -> list[str]:
    states = [word for word, on in (("muted", track.muted), ("solo", track.soloed)) if on]
    count = "1 clip" if len(track.clips) == 1 else f"{len(track.clips)} clips"
    return [track.name, "", count, decibels(track.gain_db), ", ".join(states)]


def _clip_words(session: Session, clip: Clip, offline: str = "") -> list[str]:
    rate = session.sample_rate
    states = (offline, warp_words(clip.warp) if clip.warp else "", "muted" if clip.muted else "")
    times = clock(clip.position, rate), clock(clip.length, rate)
    return [clip.name, *times, decibels(clip.gain_db), ", ".join(filter(None, states))]
