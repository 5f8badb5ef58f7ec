"""The shelf: loops, drum patterns and one-shots to hear in tempo and to put on the timeline."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from fanstudio.errors import FanstudioError
from fanstudio.gui.action_set import ActionSet
from fanstudio.gui.appearance import Appearance
from fanstudio.gui.panels.shelf_list import ShelfList
from fanstudio.gui.theme import set_role
from fanstudio.gui.widgets.labels import ElidedLabel, button, label
from fanstudio.gui.workspace import Workspace
from fanstudio.studio.shelf import Query, search, session_tempo
from fanstudio.studio.shelf_table import Kind, ShelfItem

if TYPE_CHECKING:
    from fanstudio.gui.commands.shelf import ShelfCommands

_EVERYTHING = "All kinds"
_HOW = "Click to hear, drag or press Enter to add."


class ShelfPanel(QWidget):
    """Finds, hears and adds; what it does to a loop it says in the line below the list."""

    close_wanted = Signal()

    def __init__(
        self,
        workspace: Workspace,
        appearance: Appearance,
        actions: ActionSet,
        commands: ShelfCommands,
        parent: QWidget | None = None,
    ) -> None:
        """Follow a workspace; nothing is read before the panel is shown."""
        super().__init__(parent)
        self._workspace = workspace
        self._appearance = appearance
        self._commands = commands
        self._items: tuple[ShelfItem, ...] = ()
        self.setAccessibleName("Shelf")
        self._make_parts(actions)
        self._lay_out()
        workspace.session_changed.connect(self._show_session)

    def open(self) -> None:
        """Read the shelf if that was not done yet, and take the focus."""
        if not self._items:
            try:
                self._items = self._commands.machine.shelf.items
            except FanstudioError as error:
                self.show_words(f"{error.message} {error.hint}", wrong=True)
        self._show_session()
        self._find()
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def show_words(self, words: str, *, wrong: bool = False) -> None:
        """Say what was done, or what went wrong."""
        set_role(self.words, "error" if wrong else "small")
        self.words.setText(words)

    def show_playing(self) -> None:
        """Show which item is heard."""
        self.list.viewport().update()
        heard = bool(self._commands.hearing.heard)
        self.hear.setText("Stop" if heard else "Hear")
        self._appearance.set_icon(self.hear, "stop" if heard else "play")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Fall silent at Escape, then close; go down from the search to the list."""
        if event.key() == Qt.Key.Key_Escape:
            if self._commands.hearing.heard:
                self._commands.hearing.stop()
            else:
                self.close_wanted.emit()
        elif event.key() == Qt.Key.Key_Down and not self.list.hasFocus():
            self.list.setFocus(Qt.FocusReason.TabFocusReason)
        else:
            super().keyPressEvent(event)

    def _make_parts(self, actions: ActionSet) -> None:
        self.close_button = button("", self.close_wanted.emit, "ghost", tooltip="Close the shelf (Escape)")
        set_role(self.close_button, "icon")
        self._appearance.set_icon(self.close_button, "cancel", "text_2")
        self.search = QLineEdit(placeholderText="Search loops and sounds")
        self.search.setAccessibleName("Search the shelf")
        self.search.setToolTip("Words of the name, the kind, the key or the author")
        self.search.setClearButtonEnabled(False)
        self.search.textChanged.connect(lambda _text: self._find())
        self.search.returnPressed.connect(lambda: self._add(self.list.current))
        self.kind = QComboBox()
        self.kind.setAccessibleName("Kind")
        self.kind.setToolTip("Show one kind only")
        self.kind.addItem(_EVERYTHING)
        for kind in Kind:
            self.kind.addItem(kind.value.capitalize(), kind.value)
        self.kind.currentIndexChanged.connect(lambda _index: self._find())
        self.near = self._chip("Near tempo", "Only what needs little stretching to the song's tempo")
        self.in_key = self._chip("In key", "Only what fits the song's key")
        self.list: ShelfList = ShelfList(self._appearance, lambda: self._commands.hearing.heard)
        self.list.hear_wanted.connect(self._commands.hear_or_stop)
        self.list.add_wanted.connect(self._add)
        self.list.went_to.connect(self._follow)
        self.words = label(_HOW, "small", wraps=True)
        self.hear = button("Hear", lambda: self._hear(), tooltip="Hear it in the song's tempo (Space)")
        self._appearance.set_icon(self.hear, "play")
        self.add = button("Add", lambda: self._add(self.list.current), "accent")
        self.add.setToolTip("Put it at the playhead, on the bar (Enter)")
        self.grid = button("", lambda: None)
        actions.bind(self.grid, "drum_grid", with_icon=False)
        self.grid.setText("Drum grid…")

    def _chip(self, text: str, tooltip: str) -> QPushButton:
        made = button(text, self._find, "chip", tooltip=tooltip)
        made.setCheckable(True)
        return made

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        head = QHBoxLayout()
        head.addWidget(ElidedLabel("Shelf", "strong"), 1)
        head.addWidget(self.close_button)
        chips = QHBoxLayout()
        chips.setSpacing(6)
        chips.addWidget(self.kind, 1)
        chips.addWidget(self.near)
        chips.addWidget(self.in_key)
        foot = QHBoxLayout()
        foot.setSpacing(8)
        foot.addWidget(self.hear)
        foot.addWidget(self.add, 1)
        foot.addWidget(self.grid)
        column.addLayout(head)
        column.addWidget(self.search)
        column.addLayout(chips)
        column.addWidget(self.list, 1)
        column.addWidget(self.words)
        column.addLayout(foot)

    def _show_session(self) -> None:
        """Offer only the filters that the session can answer."""
        if not self.isVisible() or not self._workspace.is_open:
            return
        session = self._workspace.session
        for chip, offered in ((self.near, bool(session.tempo)), (self.in_key, bool(session.key))):
            changed = chip.isChecked() and not offered
            chip.setEnabled(offered)
            if changed:
                chip.setChecked(False)
                self._find()

    def _find(self) -> None:
        session = self._workspace.session if self._workspace.is_open else None
        near, in_key, kind = self.near.isChecked(), self.in_key.isChecked(), self.kind.currentData()
        query = Query(
            self.search.text(),
            Kind(kind) if kind else None,
            session_tempo(session, self._workspace.playhead) if session and near else None,
            session.key if session and in_key else "",
        )
        found = search(self._items, query)
        self.list.show_items(found)
        for part in (self.hear, self.add):
            part.setEnabled(bool(found))
        if self._items:
            self.show_words(_HOW if found else "Nothing on the shelf is like that.")

    def _hear(self) -> None:
        if self.list.current is not None:
            self._commands.hear_or_stop(self.list.current)

    def _follow(self, item: ShelfItem) -> None:
        """Go on hearing while arrows go through the list."""
        if self._commands.hearing.heard:
            self._commands.hear(item)

    def _add(self, item: ShelfItem | None) -> None:
        if item is not None:
            self._commands.add(item)
