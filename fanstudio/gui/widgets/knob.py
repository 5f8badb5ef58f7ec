"""A knob of 24 pixels, whose drag, keys and wheel come as one gesture each."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QWheelEvent
from PySide6.QtWidgets import QDial, QSizePolicy, QWidget

from fanstudio.gui.appearance import Appearance

_SWEEP_DEGREES = 270
_SIZE = 24
_GESTURE_MS = 500
_KEY_STEPS, _WHEEL_STEPS = 5, 2
_KEYS = {Qt.Key.Key_Left: -1, Qt.Key.Key_Down: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_Up: 1}


class Knob(QDial):
    """Emits `began`, then `moved` with a value as it goes, then `ended`; drag sideways or up and down.

    It counts in steps from `low` to `high`; its arc starts at `origin`, and a double click goes to `rest`.
    What a step means, a subclass says.
    """

    began = Signal()
    moved = Signal(float)
    ended = Signal()

    def __init__(
        self,
        appearance: Appearance,
        name: str,
        *,
        steps: tuple[int, int],
        origin: int,
        rest: int,
        parent: QWidget | None = None,
    ) -> None:
        """Stand at rest; `name` is for screen readers."""
        super().__init__(parent)
        self._appearance = appearance
        self._origin, self._rest = origin, rest
        self._grip: tuple[QPointF, int] | None = None
        self._gesture = QTimer(self, singleShot=True, interval=_GESTURE_MS)
        self._gesture.timeout.connect(self.ended)
        self.setRange(*steps)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(name)
        appearance.changed.connect(self.update)
        self._stand_at(rest)

    def value_of(self, step: int) -> float:
        """Return the value that a step means."""
        return float(step)

    def words(self, step: int) -> tuple[str, str]:
        """Return how a step is spoken, and the tooltip."""
        return str(step), ""

    def sizeHint(self) -> QSize:
        """Return the knob's size."""
        return QSize(_SIZE, _SIZE)

    minimumSizeHint = sizeHint

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take hold."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._grip = (event.position(), self.value())
            self.began.emit()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Turn with the mouse."""
        if self._grip is not None:
            start, value = self._grip
            way = event.position() - start
            self._turn_to(round(value + way.x() - way.y()))

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:
        """Let go."""
        if self._grip is not None:
            self._grip = None
            self.ended.emit()

    def mouseDoubleClickEvent(self, _event: QMouseEvent) -> None:
        """Go back to rest."""
        self.began.emit()
        self._turn_to(self._rest)
        self.ended.emit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Turn by steps."""
        self._nudge(round((event.angleDelta().y() or event.angleDelta().x()) / 120) * _WHEEL_STEPS)
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Turn with the arrow keys."""
        if event.key() in _KEYS:
            self._nudge(_KEYS[Qt.Key(event.key())] * _KEY_STEPS)
        else:
            event.ignore()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the knob, and the arc from its origin to where it points."""
        theme = self._appearance.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        circle = QRectF(3.5, 3.5, _SIZE - 7, _SIZE - 7)
        ring = theme.focus if self.hasFocus() else theme.line_strong
        painter.setPen(QPen(QColor(ring), 2 if self.hasFocus() else 1.5))
        painter.setBrush(QColor(theme.raised))
        painter.drawEllipse(circle)
        turned, origin = self._degrees(self.value()), self._degrees(self._origin)
        if turned != origin:
            painter.setPen(QPen(QColor(theme.text_2), 2))
            painter.drawArc(circle, round((90 - origin) * 16), round((origin - turned) * 16))
        painter.translate(circle.center())
        painter.rotate(turned)
        painter.setPen(QPen(QColor(theme.text), 2, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        painter.drawLine(QPointF(0, -3), QPointF(0, -6.5))

    def _stand_at(self, step: int) -> None:
        """Stand at a step, without a signal."""
        self.blockSignals(True)
        self.setValue(step)
        self.blockSignals(False)
        spoken, tip = self.words(self.value())
        self.setToolTip(tip)
        self.setAccessibleDescription(spoken)
        self.update()

    def _degrees(self, step: int) -> float:
        """Return how far a step is turned to the right of the top."""
        share = (step - self.minimum()) / (self.maximum() - self.minimum())
        return _SWEEP_DEGREES * (share - 0.5)

    def _nudge(self, by: int) -> None:
        if not self._gesture.isActive():
            self.began.emit()
        self._turn_to(self.value() + by)
        self._gesture.start()

    def _turn_to(self, step: int) -> None:
        step = min(self.maximum(), max(self.minimum(), step))
        if step != self.value():
            self._stand_at(step)
            self.moved.emit(self.value_of(step))
