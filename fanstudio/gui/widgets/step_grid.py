"""The step grid: sixteen steps of a bar for each sound, set by mouse or keys."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleEvent,
    QColor,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QWidget

from fanstudio.gui.appearance import Appearance
from fanstudio.gui.tokens import FOCUS_WIDTH, blend
from fanstudio.model.pattern import STEPS_PER_BAR, Pattern
from fanstudio.model.pattern_edits import with_step

ROW_HEIGHT = 28
PLAIN, ACCENT = 0.75, 1.0
_FINEST = 0.05
_STEP_WIDTH = 38
_GAP, _BEAT_GAP = 3, 7
_STEPS_PER_BEAT = 4
_REACH = 4
_PIXELS_TO_FULL = 60
_RADIUS = 5
_KEY_STEP = 0.1
_MOVES = {
    Qt.Key.Key_Left: (0, -1),
    Qt.Key.Key_Right: (0, 1),
    Qt.Key.Key_Up: (-1, 0),
    Qt.Key.Key_Down: (1, 0),
}


@dataclass(frozen=True, slots=True)
class Cell:
    """A place in the grid: row, and step within the bar that is shown."""

    row: int
    step: int


class StepGrid(QWidget):
    """Shows one bar of a pattern.

    A click sets a step or clears it, Shift strikes harder; dragging along the row goes on with that, dragging
    up or down on a step that is set changes how hard it is struck. Arrows move, Space sets, 1–9 are forces.
    """

    #: The pattern after an edit, and whether a drag is still under way.
    edited = Signal(object, bool)
    #: The sound of a step that was just struck.
    struck = Signal(str)
    #: A bar before or after the one that is shown is wanted: −1 or 1.
    turned = Signal(int)

    def __init__(self, appearance: Appearance, pattern: Pattern) -> None:
        """Show the first bar of a pattern."""
        super().__init__()
        self._appearance = appearance
        self._pattern = pattern
        self._bar = 0
        self._cursor = Cell(0, 0)
        self._heard: int | None = None
        self._drag: _Drag | None = None
        self._names: dict[str, str] = {}
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setToolTip(
            "Click: set or clear · Shift+click: accent · drag up or down: force\n"
            "Arrows: go · Space: set or clear · Shift+Space: accent · 1 to 9: force"
        )
        appearance.changed.connect(self.update)

    def show_pattern(self, pattern: Pattern, bar: int, names: dict[str, str]) -> None:
        """Show a bar of a pattern whose sounds have these names."""
        if len(pattern.rows) != len(self._pattern.rows):
            self.updateGeometry()
        self._pattern, self._bar, self._names = pattern, bar, names
        self._cursor = Cell(min(self._cursor.row, len(pattern.rows) - 1), self._cursor.step)
        self.setFixedHeight(self.sizeHint().height())
        self._tell_place()
        self.update()

    def show_heard(self, step: int | None) -> None:
        """Mark the step of the whole pattern that is heard now; None for none."""
        if step != self._heard:
            self._heard = step
            self.update()

    def sizeHint(self) -> QSize:
        """Return the size of all rows and steps."""
        return QSize(
            round(_left(STEPS_PER_BAR - 1)) + _STEP_WIDTH + _GAP, ROW_HEIGHT * len(self._pattern.rows)
        )

    def minimumSizeHint(self) -> QSize:
        """Return the same: steps do not shrink."""
        return self.sizeHint()

    def box(self, row: int, step: int) -> QRectF:
        """Return where a step of the bar that is shown is drawn."""
        top = row * ROW_HEIGHT + _GAP
        return QRectF(_left(step), top, _STEP_WIDTH, ROW_HEIGHT - 2 * _GAP)

    # ── events ───────────────────────────────────────────────────────────────────────────────

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin to set, clear or press a step."""
        cell = self._cell_at(event.position())
        if cell is None or event.button() not in (Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton):
            return
        self._cursor = cell
        was = self._force(cell)
        accent = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        clears = event.button() == Qt.MouseButton.RightButton
        self._drag = _Drag(event.position(), cell, was, 0.0 if clears else ACCENT if accent else PLAIN)
        if clears or was == 0 or accent:
            self._drag.painting = True
            self._set(cell, self._drag.force, going_on=True)
        self._tell_place()
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Go on with what the press began."""
        drag = self._drag
        if drag is None:
            return
        across, up = event.position().x() - drag.start.x(), drag.start.y() - event.position().y()
        if drag.was and not drag.painting and not drag.pressing and max(abs(across), abs(up)) >= _REACH:
            drag.pressing, drag.painting = abs(up) > abs(across), abs(up) <= abs(across)
            if drag.painting:
                drag.force = 0.0
                self._set(drag.cell, 0.0, going_on=True)
        if drag.pressing:
            self._set(drag.cell, max(_FINEST, drag.was + up / _PIXELS_TO_FULL), going_on=True)
        elif drag.painting:
            cell = self._cell_at(QPointF(event.position().x(), self.box(drag.cell.row, 0).center().y()))
            if cell is not None and self._force(cell) != drag.force:
                self._set(cell, drag.force, going_on=True)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Clear a step that was clicked, or end the drag."""
        drag, self._drag = self._drag, None
        if drag is None:
            return
        if not drag.painting and not drag.pressing:
            self._set(drag.cell, 0.0)
        else:
            self.edited.emit(self._pattern, False)
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move, set and clear."""
        key, shift = Qt.Key(event.key()), event.modifiers() & Qt.KeyboardModifier.ShiftModifier
        force = self._force(self._cursor)
        if key in _MOVES:
            self._move(*_MOVES[key])
        elif key == Qt.Key.Key_Space:
            wanted = ACCENT if shift else PLAIN
            self._set(self._cursor, 0.0 if force and (not shift or force == ACCENT) else wanted)
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self._set(self._cursor, 0.0)
        elif Qt.Key.Key_1 <= key <= Qt.Key.Key_9:
            self._set(self._cursor, (key - Qt.Key.Key_0) / 9)
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Minus) and force:
            by = _KEY_STEP if key == Qt.Key.Key_Plus else -_KEY_STEP
            self._set(self._cursor, max(_FINEST, force + by))
        elif key in (Qt.Key.Key_Home, Qt.Key.Key_End):
            self._go(Cell(self._cursor.row, 0 if key == Qt.Key.Key_Home else STEPS_PER_BAR - 1))
        elif key in (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown):
            self.turned.emit(-1 if key == Qt.Key.Key_PageUp else 1)
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show where the keys go."""
        super().focusInEvent(event)
        self._tell_place()
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Hide where the keys went."""
        super().focusOutEvent(event)
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the steps."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        heard = None if self._heard is None else self._heard - self._bar * STEPS_PER_BAR
        for row in range(len(self._pattern.rows)):
            for step in range(STEPS_PER_BAR):
                self._paint_step(painter, Cell(row, step), heard == step)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(self._appearance.theme.focus), FOCUS_WIDTH))
            painter.drawRoundedRect(
                self.box(self._cursor.row, self._cursor.step).adjusted(-1, -1, 1, 1), _RADIUS, _RADIUS
            )

    # ── parts ────────────────────────────────────────────────────────────────────────────────

    def _paint_step(self, painter: QPainter, cell: Cell, heard: bool) -> None:
        theme, box = self._appearance.theme, self.box(cell.row, cell.step)
        on_beat = cell.step // _STEPS_PER_BEAT % 2 == 0
        ground = theme.hover if heard or on_beat else theme.raised
        painter.setPen(QPen(QColor(theme.text_3 if heard else theme.line), 1))
        painter.setBrush(QColor(ground))
        painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), _RADIUS, _RADIUS)
        force = self._force(cell)
        if not force:
            return
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(blend(theme.drums, ground, 0.35)))
        painter.drawRoundedRect(box, _RADIUS, _RADIUS)
        filled = QRectF(box)
        filled.setTop(box.bottom() - box.height() * force)
        painter.save()
        painter.setClipRect(filled)
        painter.setBrush(QColor(blend(theme.text, theme.drums, 0.35) if heard else theme.drums))
        painter.drawRoundedRect(box, _RADIUS, _RADIUS)
        painter.restore()

    def _cell_at(self, place: QPointF) -> Cell | None:
        row = int(place.y() // ROW_HEIGHT)
        if not 0 <= row < len(self._pattern.rows) or place.y() < 0:
            return None
        for step in range(STEPS_PER_BAR):
            if _left(step) - _GAP / 2 <= place.x() < _left(step) + _STEP_WIDTH + _GAP / 2:
                return Cell(row, step)
        return None

    def _force(self, cell: Cell) -> float:
        return self._pattern.rows[cell.row].steps[self._bar * STEPS_PER_BAR + cell.step]

    def _set(self, cell: Cell, force: float, *, going_on: bool = False) -> None:
        sound = self._pattern.rows[cell.row].sound
        before = self._force(cell)
        self._pattern = with_step(self._pattern, sound, self._bar * STEPS_PER_BAR + cell.step, force)
        if force and not before:
            self.struck.emit(sound)
        self._tell_place()
        self.edited.emit(self._pattern, going_on)
        self.update()

    def _move(self, rows: int, steps: int) -> None:
        row = min(max(0, self._cursor.row + rows), len(self._pattern.rows) - 1)
        step = self._cursor.step + steps
        turn = -1 if step < 0 else 1 if step >= STEPS_PER_BAR else 0
        if turn and 0 <= self._bar + turn < self._pattern.bars:
            self._cursor = Cell(row, step % STEPS_PER_BAR)
            self.turned.emit(turn)
        else:
            self._go(Cell(row, min(max(0, step), STEPS_PER_BAR - 1)))

    def _go(self, cell: Cell) -> None:
        self._cursor = cell
        self._tell_place()
        self.update()

    def _tell_place(self) -> None:
        """Let a screen reader say where the cursor is and what is there."""
        sound, force = self._pattern.rows[self._cursor.row].sound, self._force(self._cursor)
        state = f"{force:.0%}" if force else "off"
        name = self._names.get(sound, sound)
        self.setAccessibleName(f"{name}, bar {self._bar + 1}, step {self._cursor.step + 1}: {state}")
        if self.hasFocus():
            QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.NameChanged))


@dataclass(slots=True)
class _Drag:
    """A press: where, on which step, how hard that was struck before, and what it paints."""

    start: QPointF
    cell: Cell
    was: float
    force: float
    painting: bool = False
    pressing: bool = False


def _left(step: int) -> float:
    beats = step // _STEPS_PER_BEAT
    return 2 + step * (_STEP_WIDTH + _GAP) + beats * (_BEAT_GAP - _GAP)
