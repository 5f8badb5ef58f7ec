"""One parameter of an effect: its name, a slider and its value as text."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from fanstudio.audio.effects.effect import Parameter
from fanstudio.gui.widgets.gesture_slider import GestureSlider
from fanstudio.gui.widgets.labels import ElidedLabel
from fanstudio.gui.widgets.parameter_scale import held, rounded, share_of, value_at, value_text
from fanstudio.gui.widgets.value_field import ValueField

_NAME_WIDTH = 96
_HEIGHT = 28
_STEP, _FINE = 0.02, 0.004


class ParameterRow(QWidget):
    """A drag of the slider is one gesture; a value that is typed comes as one, too."""

    began = Signal()
    moved = Signal(float)
    ended = Signal()

    def __init__(self, row: Parameter, title: str, parent: QWidget | None = None) -> None:
        """Show a parameter at its default; what it does is its tooltip."""
        super().__init__(parent)
        self.row = row
        self.setFixedHeight(_HEIGHT)
        self.setToolTip(row.text)
        name = ElidedLabel(title, "muted", greedy=False)
        name.setFixedWidth(_NAME_WIDTH)
        self.slider = ParameterSlider(row, title)
        self.field = ValueField(row, f"{title}, value")
        #: The part that changes the value; disabled, it leaves the menu to the row.
        self.hand = QWidget()
        parts = QHBoxLayout(self.hand)
        parts.setContentsMargins(0, 0, 0, 0)
        parts.setSpacing(8)
        parts.addWidget(self.slider, 1)
        parts.addWidget(self.field)
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(8)
        line.addWidget(name)
        line.addWidget(self.hand, 1)
        self.slider.began.connect(self.began)
        self.slider.moved.connect(self.moved)
        self.slider.ended.connect(self.ended)
        self.field.valueChanged.connect(self._enter)

    def show_value(self, value: float) -> None:
        """Show a value, without a signal."""
        self.slider.show_value(value)
        self.field.show_value(value)

    def _enter(self, value: float) -> None:
        self.began.emit()
        self.moved.emit(held(self.row, value))
        self.ended.emit()


class ParameterSlider(GestureSlider):
    """Moves in the parameter's unit; the wheel turns it only while it has the focus."""

    def __init__(self, row: Parameter, title: str, parent: QWidget | None = None) -> None:
        """Stand at the default."""
        super().__init__(title, row.default, parent)
        self._row = row
        default = value_text(row, row.default)
        self.setToolTip(f"{row.text}\nDouble click for {default}")
        self.show_value(row.default)

    def share_of(self, value: float) -> float:
        """Return the place of a value."""
        return share_of(self._row, value)

    def value_at(self, share: float) -> float:
        """Return the value of a place."""
        return value_at(self._row, share)

    def stepped(self, value: float, steps: float, *, fine: bool) -> float:
        """Return the value some steps away."""
        return value_at(self._row, self.share_of(value) + steps * (_FINE if fine else _STEP))

    def held(self, value: float) -> float:
        """Return a value within the range."""
        return held(self._row, rounded(self._row, value))

    def words(self, value: float) -> str:
        """Return the value in words."""
        return value_text(self._row, value)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Go by steps while it has the focus; else leave the wheel to the panel's scrolling."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()
