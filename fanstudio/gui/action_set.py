"""The action table as Qt actions, menus and buttons."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QAbstractButton, QMenu, QWidget

from fanstudio.gui import icons
from fanstudio.gui.actions import ACTIONS, MENUS, ActionRow, Situation
from fanstudio.gui.appearance import Appearance
from fanstudio.gui.widgets.follower import Follower


class ActionSet:
    """One QAction for each row, kept enabled and labelled as the situation has it."""

    def __init__(self, window: QWidget, appearance: Appearance, commands: Mapping[str, object]) -> None:
        """Make the actions; `commands` maps each subject of a handler to its object.

        Raises AttributeError or KeyError where a row's handler does not exist.
        """
        self._window = window
        self._appearance = appearance
        self._actions = {row.id: self._make(row, commands) for row in ACTIONS}
        appearance.keep(window, self._paint)

    def __getitem__(self, action_id: str) -> QAction:
        """Return the action of a row."""
        return self._actions[action_id]

    def refresh(self, now: Situation) -> None:
        """Enable and label every action by its row."""
        for row in ACTIONS:
            action = self._actions[row.id]
            action.setEnabled(row.enabled(now))
            if row.label is not None:
                action.setText(row.label(now))

    def menu(self, name: str, parent: QWidget) -> QMenu:
        """Return a menu of the table, by its name."""
        menu = QMenu(name, parent)
        for row in ACTIONS:
            if row.menu == name:
                if row.group:
                    menu.addSeparator()
                menu.addAction(self._actions[row.id])
        return menu

    def menus(self, parent: QWidget) -> dict[str, QMenu]:
        """Return every menu by its name, in order."""
        return {name: self.menu(name, parent) for name in MENUS}

    def bind(self, button: QAbstractButton, action_id: str, *, with_icon: bool = True) -> None:
        """Make a button do an action, and follow it: enabled, icon, tooltip with the shortcut."""
        action = self._actions[action_id]

        def follow() -> None:
            button.setEnabled(action.isEnabled())
            button.setToolTip(action.toolTip())
            button.setAccessibleName(action.text())
            if with_icon:
                button.setIcon(action.icon())

        follow()
        Follower(button, action.changed, follow)
        button.clicked.connect(lambda: action.trigger())

    def _make(self, row: ActionRow, commands: Mapping[str, object]) -> QAction:
        subject, _, method = row.handler.partition(".")
        handler = getattr(commands[subject], method)
        action = QAction(row.text, self._window)
        action.setObjectName(row.id)
        action.setShortcuts([QKeySequence(keys) for keys in row.shortcuts])
        action.setToolTip(tooltip(row))
        action.triggered.connect(lambda _checked=False: handler())
        self._window.addAction(action)
        return action

    def _paint(self) -> None:
        for row in ACTIONS:
            if row.icon:
                self._actions[row.id].setIcon(icons.icon(row.icon, self._appearance.theme))


def keys_text(row: ActionRow) -> str:
    """Write a row's shortcuts as this system writes them."""
    form = QKeySequence.SequenceFormat.NativeText
    return " or ".join(QKeySequence(keys).toString(form) for keys in row.shortcuts)


def tooltip(row: ActionRow) -> str:
    """Write what a row does, and its shortcut."""
    text = row.tooltip or row.text
    return f"{text} ({keys_text(row)})" if row.shortcuts else text
