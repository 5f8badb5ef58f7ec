"""A named share from 0 to 100 %: how much of a style, of a part of it, or of the sound before it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from fanstudio.gui.widgets.gesture_slider import GestureSlider
from fanstudio.gui.widgets.labels import ElidedLabel, label

_NAME_WIDTH, _VALUE_WIDTH, _HEIGHT = 72, 44, 28


def per_cent(share: float) -> str:
    """Write a share: `70 %`."""
    return f"{100 * share:.0f} %"


class ShareSlider(GestureSlider):
    """Moves in whole per cent; the wheel turns it only while it has the focus."""

    def value_at(self, share: float) -> float:
        """Return the value of a place."""
        return self.held(share)

    def held(self, value: float) -> float:
        """Return a share in whole per cent."""
        return round(min(1.0, max(0.0, value)), 2)

    def words(self, value: float) -> str:
        """Return the share in words."""
        return per_cent(value)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Go by steps while it has the focus; else leave the wheel to the panel's scrolling."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()


class ShareRow(QWidget):
    """A name, a slider and the share in figures."""

    moved = Signal(float)
    #: A drag, or keys in quick succession, came to their end.
    settled = Signal(float)

    def __init__(
        self, name: str, share: float, tooltip: str, *, stem: str = "", parent: QWidget | None = None
    ) -> None:
        """Stand at a share, to which a double click goes back; `stem` colours the slider."""
        super().__init__(parent)
        self.setFixedHeight(_HEIGHT)
        self.name = ElidedLabel(name, "muted", greedy=False)
        self.name.setFixedWidth(_NAME_WIDTH)
        self.slider = ShareSlider(name, share)
        self.slider.setToolTip(f"{tooltip}\nDouble click for {per_cent(share)}")
        if stem:
            self.slider.setProperty("stem", stem)
        self.figures = label("", "strong")
        self.figures.setFixedWidth(_VALUE_WIDTH)
        self.figures.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.name)
        row.addWidget(self.slider, 1)
        row.addWidget(self.figures)
        self.slider.moved.connect(self._take)
        self.slider.ended.connect(lambda: self.settled.emit(self.share))
        self.show_share(share)

    @property
    def share(self) -> float:
        """Return the share that it stands at, 0–1."""
        return self._share

    def show_share(self, share: float) -> None:
        """Stand at a share, without a signal."""
        self._share = share
        self.slider.show_value(share)
        self.figures.setText(per_cent(share))

    def _take(self, share: float) -> None:
        self._share = share
        self.figures.setText(per_cent(share))
        self.moved.emit(share)
