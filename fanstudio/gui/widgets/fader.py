"""A fader: a slider of decibels whose drag, keys and wheel come as one gesture each."""

from __future__ import annotations

from PySide6.QtCore import QPointF, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QSlider, QStyle, QStyleOptionSlider, QWidget

from fanstudio.model.mixer import MAX_GAIN_DB, MIN_GAIN_DB
from fanstudio.model.session import Stem

_STEPS = 1000
_WHEEL_DB = 0.5
_FINE_DB = 0.1
_GESTURE_MS = 500


def travel(gain_db: float) -> float:
    """Return how far up a fader stands, 0–1: the upper half holds the last 20 dB."""
    share = (gain_db - MIN_GAIN_DB) / (MAX_GAIN_DB - MIN_GAIN_DB)
    return min(1.0, max(0.0, share)) ** 2


def gain_at(position: float) -> float:
    """Return the gain in dB of a fader's travel, in tenths; near 0 dB it is 0."""
    gain_db = MIN_GAIN_DB + (MAX_GAIN_DB - MIN_GAIN_DB) * min(1.0, max(0.0, position)) ** 0.5
    return 0.0 if abs(gain_db) < 0.15 else round(gain_db, 1)


def decibels(gain_db: float) -> str:
    """Write a gain with its sign: `−3.1 dB`, `0.0 dB`, `+2.0 dB`."""
    if gain_db <= MIN_GAIN_DB:
        return "−∞ dB"
    sign = "−" if gain_db <= -0.05 else "+" if gain_db >= 0.05 else ""
    return f"{sign}{abs(gain_db):.1f} dB"


class Fader(QSlider):
    """Emits `began`, then `moved` with the gain in dB as it goes, then `ended`."""

    began = Signal()
    moved = Signal(float)
    ended = Signal()

    def __init__(
        self,
        name: str,
        stem: Stem | None = None,
        parent: QWidget | None = None,
        *,
        orientation: Qt.Orientation = Qt.Orientation.Horizontal,
    ) -> None:
        """Stand at 0 dB; `name` is for screen readers."""
        super().__init__(orientation, parent)
        self.setRange(0, _STEPS)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAccessibleName(name)
        self.setToolTip("Gain: drag, or turn the wheel; double click for 0 dB")
        if stem is not None:
            self.setProperty("stem", stem.value)
        self._gain_db = 0.0
        self._gesture = QTimer(self, singleShot=True, interval=_GESTURE_MS)
        self._gesture.timeout.connect(self._finish)
        self._held = False
        self.show_gain(0.0)

    @property
    def gain_db(self) -> float:
        """Return the gain in dB."""
        return self._gain_db

    def show_gain(self, gain_db: float) -> None:
        """Stand at a gain, without a signal."""
        self._gain_db = gain_db
        self.blockSignals(True)
        self.setValue(round(travel(gain_db) * _STEPS))
        self.blockSignals(False)
        self.setAccessibleDescription(decibels(gain_db))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take hold: the knob comes under the mouse."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._start()
            self._held = True
            self._go_to(gain_at(self._share(event.position())))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Follow the mouse."""
        if self._held:
            self._go_to(gain_at(self._share(event.position())))

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:
        """Let go."""
        self._held = False
        self._finish()

    def mouseDoubleClickEvent(self, _event: QMouseEvent) -> None:
        """Go back to 0 dB."""
        self._start()
        self._go_to(0.0)
        self._finish()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Step by half a decibel, with Shift by a tenth."""
        notches = (event.angleDelta().y() or event.angleDelta().x()) / 120
        fine = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        self.nudge(notches * (_FINE_DB if fine else _WHEEL_DB))
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Step with the arrow keys; 0 or Home go to 0 dB."""
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Down: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_Up: 1}
        steps |= {Qt.Key.Key_PageUp: 6, Qt.Key.Key_PageDown: -6}
        if event.key() in steps:
            self.nudge(steps[Qt.Key(event.key())] * _WHEEL_DB)
        else:
            event.ignore()

    def nudge(self, by_db: float) -> None:
        """Change the gain by some decibels; nudges in quick succession are one gesture."""
        if not self._gesture.isActive():
            self._start()
        self._go_to(self._gain_db + by_db)
        self._gesture.start()

    def _start(self) -> None:
        if self._gesture.isActive():
            self._finish()
        self.began.emit()

    def _go_to(self, gain_db: float) -> None:
        gain_db = min(MAX_GAIN_DB, max(MIN_GAIN_DB, round(gain_db, 1)))
        if gain_db != self._gain_db:
            self.show_gain(gain_db)
            self.moved.emit(gain_db)

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
