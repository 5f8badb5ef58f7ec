"""A pan knob: left, centre or right in 24 pixels."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QWheelEvent
from PySide6.QtWidgets import QDial, QSizePolicy, QWidget

from fanstudio.gui.appearance import Appearance

_STEPS = 50
_SWEEP_DEGREES = 135
_SIZE = 24
_GESTURE_MS = 500
_KEYS = {Qt.Key.Key_Left: -5, Qt.Key.Key_Down: -5, Qt.Key.Key_Right: 5, Qt.Key.Key_Up: 5}


def pan_text(pan: float) -> str:
    """Write a pan position: `centre`, `40 % left`."""
    percent = round(abs(pan) * 100)
    return "centre" if percent == 0 else f"{percent} % {'left' if pan < 0 else 'right'}"


class PanKnob(QDial):
    """Emits `began`, then `moved` with −1…1 as it goes, then `ended`; drag sideways or up and down."""

    began = Signal()
    moved = Signal(float)
    ended = Signal()

    def __init__(self, appearance: Appearance, name: str, parent: QWidget | None = None) -> None:
        """Stand in the centre; `name` is for screen readers."""
        super().__init__(parent)
        self._appearance = appearance
        self._grip: tuple[QPointF, int] | None = None
        self._gesture = QTimer(self, singleShot=True, interval=_GESTURE_MS)
        self._gesture.timeout.connect(self.ended)
        self.setRange(-_STEPS, _STEPS)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(name)
        appearance.changed.connect(self.update)
        self.show_pan(0.0)

    def show_pan(self, pan: float) -> None:
        """Stand at a pan, without a signal."""
        self.blockSignals(True)
        self.setValue(round(pan * _STEPS))
        self.blockSignals(False)
        self.setToolTip(f"Pan: {pan_text(pan)}. Drag to change, double click for the centre")
        self.setAccessibleDescription(pan_text(pan))
        self.update()

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
        """Go back to the centre."""
        self.began.emit()
        self._turn_to(0)
        self.ended.emit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Turn by steps."""
        self._nudge(round((event.angleDelta().y() or event.angleDelta().x()) / 120) * 2)
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Turn with the arrow keys."""
        if event.key() in _KEYS:
            self._nudge(_KEYS[Qt.Key(event.key())])
        else:
            event.ignore()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the knob, and the arc from the centre to where it points."""
        theme = self._appearance.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        circle = QRectF(3.5, 3.5, _SIZE - 7, _SIZE - 7)
        ring = theme.focus if self.hasFocus() else theme.line_strong
        painter.setPen(QPen(QColor(ring), 2 if self.hasFocus() else 1.5))
        painter.setBrush(QColor(theme.raised))
        painter.drawEllipse(circle)
        turned = _SWEEP_DEGREES * self.value() / _STEPS
        if self.value():
            painter.setPen(QPen(QColor(theme.text_2), 2))
            painter.drawArc(circle, 90 * 16, round(-turned * 16))
        painter.translate(circle.center())
        painter.rotate(turned)
        painter.setPen(QPen(QColor(theme.text), 2, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        painter.drawLine(QPointF(0, -3), QPointF(0, -6.5))

    def _nudge(self, by: int) -> None:
        if not self._gesture.isActive():
            self.began.emit()
        self._turn_to(self.value() + by)
        self._gesture.start()

    def _turn_to(self, value: int) -> None:
        value = min(_STEPS, max(-_STEPS, value))
        if value != self.value():
            self.show_pan(value / _STEPS)
            self.moved.emit(value / _STEPS)
