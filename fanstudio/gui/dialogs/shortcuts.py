"""Keyboard shortcuts, made from the action table."""

from __future__ import annotations

from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTreeWidget, QTreeWidgetItem, QWidget

from fanstudio.gui.action_set import keys_text
from fanstudio.gui.actions import ACTIONS, MENUS
from fanstudio.gui.appearance import Appearance
from fanstudio.gui.dialogs.sheet import Sheet


class ShortcutsDialog(Sheet):
    """Every action, its keys and what it does, grouped as in the menus."""

    def __init__(self, parent: QWidget, appearance: Appearance) -> None:
        """List the table."""
        super().__init__(parent, appearance, "Keyboard shortcuts", width=720)
        self.list = QTreeWidget()
        self.list.setAccessibleName("Actions and their keys")
        self.list.setHeaderLabels(["Action", "Keys", "What it does"])
        self.list.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.list.setMinimumHeight(460)
        for menu in MENUS:
            group = QTreeWidgetItem([menu])
            self.list.addTopLevelItem(group)
            for row in ACTIONS:
                if row.menu == menu:
                    group.addChild(QTreeWidgetItem([row.text, keys_text(row), row.tooltip]))
            group.setExpanded(True)
        header = self.list.header()
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        self.body.addWidget(self.list)
        self.add_button("Close", self.accept, primary=True)
