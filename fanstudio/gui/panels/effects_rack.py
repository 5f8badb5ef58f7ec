"""A strip's chain of effects as a list: switched, opened, reordered and removed in place."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QEvent, QPoint, QRect, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QAbstractItemView, QListWidget, QListWidgetItem, QWidget

from fanstudio.gui.appearance import Appearance
from fanstudio.gui.effect_words import effect_title
from fanstudio.gui.theme import set_role
from fanstudio.model.mixer import EffectSlot

_ID = Qt.ItemDataRole.UserRole
#: Left of this a press switches the effect; right of it, it opens.
_SWITCH_WIDTH = 24
_DRAG_REACH = 5
#: Before the name of an effect that does not do its work.
_MARK = "!"
_UP, _DOWN = Qt.Key.Key_Up, Qt.Key.Key_Down
_OPENS = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_REMOVES = (Qt.Key.Key_Delete, Qt.Key.Key_Backspace)
_SWITCHES = (Qt.Key.Key_Space,)


class EffectRack(QListWidget):
    """Arrows choose, Enter opens, Space switches, Delete removes, Alt and an arrow move; so does a drag."""

    opened = Signal(str)
    switched = Signal(str, bool)
    removed = Signal(str)
    #: A slot and the place to which it goes.
    moved = Signal(str, int)
    #: A slot and the global position of its menu.
    menu_wanted = Signal(str, QPoint)

    def __init__(self, appearance: Appearance, parent: QWidget | None = None) -> None:
        """Show an empty chain."""
        super().__init__(parent)
        set_role(self, "rack")
        self._appearance = appearance
        self._slots: tuple[EffectSlot, ...] = ()
        self._faults: dict[str, str] = {}
        self._pressed: tuple[int, QPoint] | None = None
        self._drop: int | None = None
        self._by_keys = False
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)

    @property
    def slot_ids(self) -> tuple[str, ...]:
        """Return the slots from first to last."""
        return tuple(slot.id for slot in self._slots)

    def show_slots(self, slots: tuple[EffectSlot, ...]) -> None:
        """Show a chain; the chosen slot stays chosen."""
        if slots == self._slots and self.count() == len(slots):
            return
        chosen = self._chosen()
        ids, self._slots = self.slot_ids, slots
        if ids != self.slot_ids:
            self.clear()
            for slot in slots:
                item = QListWidgetItem(effect_title(slot.kind), self)
                item.setData(_ID, slot.id)
                item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable)
            if chosen in self.slot_ids:
                self.setCurrentRow(self.slot_ids.index(chosen))
        for row, slot in enumerate(slots):
            self._show_state(self.item(row), slot)

    def show_faults(self, faults: Mapping[str, str]) -> None:
        """Mark the slots that have a fault and say what it is."""
        own = {slot_id: faults[slot_id] for slot_id in self.slot_ids if slot_id in faults}
        if own == self._faults:
            return
        self._faults = own
        for row, slot in enumerate(self._slots):
            self._show_state(self.item(row), slot)

    def place_of(self, slot_id: str) -> QPoint:
        """Return where on the screen a slot's menu opens."""
        rect = self.visualItemRect(self.item(self.slot_ids.index(slot_id)))
        return self.viewport().mapToGlobal(rect.bottomLeft())

    # ── events ───────────────────────────────────────────────────────────────────────────────

    def event(self, event: QEvent) -> bool:
        """Keep keys that mean something here from the window, where keys brought the focus."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            own = self._means_something(event)
            if own and (self._by_keys or event.key() not in _SWITCHES):
                event.accept()
                return True
        return super().event(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Choose the first slot where none is; after a click Space stays with the transport."""
        self._by_keys = event.reason() != Qt.FocusReason.MouseFocusReason
        if self._chosen() is None and self.count():
            self.setCurrentRow(0)
        super().focusInEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Do what a key means to the chosen slot."""
        chosen = self._chosen()
        if chosen is None or not self._means_something(event):
            super().keyPressEvent(event)
        elif event.key() in _OPENS:
            self.opened.emit(chosen)
        elif event.key() in _REMOVES:
            self.removed.emit(chosen)
        elif event.key() in _SWITCHES:
            self._switch(self.currentRow())
        else:
            row = self.currentRow() + (1 if event.key() == _DOWN else -1)
            if 0 <= row < self.count():
                self.moved.emit(chosen, row)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take hold of a slot."""
        item = self.itemAt(event.position().toPoint())
        if event.button() == Qt.MouseButton.LeftButton and item is not None:
            self.setCurrentItem(item)
            self._pressed = self.row(item), event.position().toPoint()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Show where a dragged slot would land."""
        if self._pressed is None:
            return
        at = event.position().toPoint()
        if self._drop is not None or abs(at.y() - self._pressed[1].y()) >= _DRAG_REACH:
            self._drop = self._gap_at(at.y())
            self.viewport().setCursor(Qt.CursorShape.ClosedHandCursor)
            self.viewport().update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Drop a dragged slot; a click opens it, or switches it at its left."""
        pressed, drop = self._pressed, self._drop
        self._pressed = self._drop = None
        self.viewport().unsetCursor()
        self.viewport().update()
        if pressed is None or event.button() != Qt.MouseButton.LeftButton or pressed[0] >= self.count():
            return
        row, slot_id = pressed[0], self.slot_ids[pressed[0]]
        if drop is not None:
            target = drop - 1 if drop > row else drop
            if target != row:
                self.moved.emit(slot_id, target)
        elif event.position().x() < _SWITCH_WIDTH:
            self._switch(row)
        else:
            self.opened.emit(slot_id)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Take a second click as a first one."""
        self.mousePressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scroll the chain where it is longer than the list; else leave the wheel to the mixer."""
        if self.verticalScrollBar().maximum() > 0:
            super().wheelEvent(event)
        else:
            event.ignore()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Ask for the menu of a slot."""
        by_keys = event.reason() == QContextMenuEvent.Reason.Keyboard
        item = self.currentItem() if by_keys else self.itemAt(event.pos())
        if item is None:
            event.ignore()
            return
        self.setCurrentItem(item)
        slot_id = item.data(_ID)
        self.menu_wanted.emit(slot_id, self.place_of(slot_id) if by_keys else event.globalPos())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the list, what an empty one is for, and where a dragged slot would land."""
        super().paintEvent(event)
        theme = self._appearance.theme
        painter = QPainter(self.viewport())
        if not self._slots:
            painter.setPen(QColor(theme.text_3))
            painter.drawText(self.viewport().rect(), int(Qt.AlignmentFlag.AlignCenter), "No effects")
        if self._drop is not None:
            painter.fillRect(QRect(2, self._y_of_gap(self._drop), self.width(), 2), QColor(theme.accent))

    # ── parts ────────────────────────────────────────────────────────────────────────────────

    def _show_state(self, item: QListWidgetItem, slot: EffectSlot) -> None:
        item.setCheckState(Qt.CheckState.Checked if slot.enabled else Qt.CheckState.Unchecked)
        title, fault = effect_title(slot.kind), self._faults.get(slot.id, "")
        state = "on" if slot.enabled else "off"
        item.setText(f"{_MARK} {title}" if fault else title)
        item.setToolTip(
            fault or f"{title} is {state}. Press to open it, press the dot to switch it, drag to reorder"
        )
        item.setData(Qt.ItemDataRole.AccessibleTextRole, ", ".join(filter(None, (title, state, fault))))

    def _chosen(self) -> str | None:
        item = self.currentItem()
        return None if item is None else str(item.data(_ID))

    def _means_something(self, event: QKeyEvent) -> bool:
        if not self.count():
            return False
        if event.key() in (_UP, _DOWN):
            return bool(event.modifiers() & Qt.KeyboardModifier.AltModifier)
        return not event.modifiers() and event.key() in (*_OPENS, *_REMOVES, *_SWITCHES)

    def _switch(self, row: int) -> None:
        slot = self._slots[row]
        self.switched.emit(slot.id, not slot.enabled)

    def _gap_at(self, y: int) -> int:
        """Return the gap for what is held at a y, 0 before the first: over another slot, in its place."""
        held = self._pressed[0] if self._pressed else 0
        rects = [self.visualItemRect(self.item(row)) for row in range(self.count())]
        return sum(1 for row, rect in enumerate(rects) if y > (rect.bottom() if row < held else rect.top()))

    def _y_of_gap(self, gap: int) -> int:
        if gap < self.count():
            return max(0, self.visualItemRect(self.item(gap)).top() - 1)
        return self.visualItemRect(self.item(self.count() - 1)).bottom() - 1
