"""A slider whose drag, keys and wheel come as one gesture each."""

from __future__ import annotations

from PySide6.QtCore import QPointF, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QSlider, QStyle, QStyleOptionSlider, QWidget

_STEPS = 1000
_GESTURE_MS = 500
_KEYS = {Qt.Key.Key_Left: -1, Qt.Key.Key_Down: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_Up: 1}
_KEYS |= {Qt.Key.Key_PageUp: 6, Qt.Key.Key_PageDown: -6}


class GestureSlider(QSlider):
    """Emits `began`, then `moved` with a value as it goes, then `ended`; a double click goes to `rest`.

    What a place on its way means, a subclass says; places are shares of the whole way, 0–1.
    """

    began = Signal()
    moved = Signal(float)
    ended = Signal()

    def __init__(
        self,
        name: str,
        rest: float,
        parent: QWidget | None = None,
        *,
        orientation: Qt.Orientation = Qt.Orientation.Horizontal,
    ) -> None:
        """Stand at rest; `name` is for screen readers."""
        super().__init__(orientation, parent)
        self.setRange(0, _STEPS)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAccessibleName(name)
        self._rest = self._value = rest
        self._gesture = QTimer(self, singleShot=True, interval=_GESTURE_MS)
        self._gesture.timeout.connect(self._finish)
        self._held = False

    # ── what a subclass says ──

    def share_of(self, value: float) -> float:
        """Return the place of a value."""
        return value

    def value_at(self, share: float) -> float:
        """Return the value of a place."""
        return share

    def stepped(self, value: float, steps: float, *, fine: bool) -> float:
        """Return the value some steps of keys or wheel away."""
        return value + steps * (0.01 if fine else 0.05)

    def held(self, value: float) -> float:
        """Return a value within the range."""
        return min(1.0, max(0.0, value))

    def words(self, value: float) -> str:
        """Return how a value is spoken."""
        return str(value)

    # ── what it shows ──

    def show_value(self, value: float) -> None:
        """Stand at a value, without a signal."""
        self._value = value
        self.blockSignals(True)
        self.setValue(round(self.share_of(value) * _STEPS))
        self.blockSignals(False)
        self.setAccessibleDescription(self.words(value))

    def step_by(self, steps: float, *, fine: bool = False) -> None:
        """Go some steps; those in quick succession are one gesture."""
        if not self._gesture.isActive():
            self._start()
        self._go_to(self.stepped(self._value, steps, fine=fine))
        self._gesture.start()

    # ── events ──

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take hold: the knob comes under the mouse."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._start()
            self._held = True
            self._go_to(self.value_at(self._share(event.position())))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Follow the mouse."""
        if self._held:
            self._go_to(self.value_at(self._share(event.position())))

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:
        """Let go."""
        if self._held:
            self._held = False
            self._finish()

    def mouseDoubleClickEvent(self, _event: QMouseEvent) -> None:
        """Go back to rest."""
        self._start()
        self._go_to(self._rest)
        self._finish()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Go by steps, with Shift by fine ones."""
        notches = (event.angleDelta().y() or event.angleDelta().x()) / 120
        self.step_by(notches, fine=bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier))
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go by steps with the arrow keys."""
        if event.key() in _KEYS:
            self.step_by(_KEYS[Qt.Key(event.key())])
        else:
            event.ignore()

    # ── parts ──

    def _start(self) -> None:
        if self._gesture.isActive():
            self._finish()
        self.began.emit()

    def _go_to(self, value: float) -> None:
        value = self.held(value)
        if value != self._value:
            self.show_value(value)
            self.moved.emit(value)

    def _finish(self) -> None:
        self._gesture.stop()
        self.ended.emit()

    def _share(self, at: QPointF) -> float:
        option = QStyleOptionSlider()
        self.initStyleOption(option)
        handle = self.style().pixelMetric(QStyle.PixelMetric.PM_SliderLength, option, self)
        if self.orientation() is Qt.Orientation.Vertical:
            return 1 - (at.y() - handle / 2) / max(1, self.height() - handle)
        return (at.x() - handle / 2) / max(1, self.width() - handle)
