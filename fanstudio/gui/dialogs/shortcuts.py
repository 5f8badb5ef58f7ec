"""Keyboard shortcuts, made from the action table."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTreeWidget, QTreeWidgetItem, QWidget

from fanstudio.gui.action_set import keys_text
from fanstudio.gui.actions import ACTIONS, MENUS
from fanstudio.gui.appearance import Appearance
from fanstudio.gui.dialogs.sheet import Sheet

#: What the mouse does where no action of the table is behind it.
GESTURES = (
    ("Zoom", "Ctrl + wheel", "Zoom in and out around the mouse"),
    ("Scroll in time", "Shift + wheel", "Go earlier or later"),
    ("Locate", "Click in the ruler", "Put the playhead there"),
    ("Set the loop", "Drag in the ruler", "Repeat that range"),
    ("Trim", "Drag a clip's edge", "Shorten or lengthen the clip"),
    ("Stretch", "Ctrl + drag a clip's edge", "Play the clip slower or faster, at its pitch"),
    ("Fade", "Drag a clip's upper corner", "Fade the clip in or out"),
    ("Edit a beat", "Double click a drum pattern", "Open its steps in the drum grid"),
    ("Automate", "Right click a fader, knob or value", "Let it change over the song"),
    ("Add a point", "Double click on automation", "Or delete the point under the mouse"),
    ("Reorder effects", "Drag an effect in the mixer", "With keys: Alt and an arrow"),
    ("Reset", "Double click a fader or knob", "Back to 0 dB, or to the centre"),
    ("Rename", "Double click a track's name", "Give the track another name"),
    ("Verify", "Drop a file on the side panel", "Ask what the file is made of"),
)


class ShortcutsDialog(Sheet):
    """Every action, its keys and what it does, grouped as in the menus; then what the mouse does."""

    def __init__(self, parent: QWidget, appearance: Appearance) -> None:
        """List the table."""
        super().__init__(parent, appearance, "Keyboard shortcuts", width=900)
        self.list = QTreeWidget()
        self.list.setAccessibleName("Actions and their keys")
        self.list.setHeaderLabels(["Action", "Keys", "What it does"])
        self.list.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.list.setMinimumHeight(460)
        for menu in MENUS:
            rows = [(row.text, keys_text(row), row.tooltip) for row in ACTIONS if row.menu == menu]
            self._add_group(menu, rows)
        self._add_group("Mouse", GESTURES)
        header = self.list.header()
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        self.body.addWidget(self.list)
        self.add_button("Close", self.accept, primary=True)

    def _add_group(self, name: str, rows: Iterable[tuple[str, str, str]]) -> None:
        group = QTreeWidgetItem([name])
        for row in rows:
            item = QTreeWidgetItem(group, list(row))
            item.setToolTip(2, row[2])
        self.list.addTopLevelItem(group)
        group.setExpanded(True)
