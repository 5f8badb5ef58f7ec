"""A segmented control: one of a few choices, all visible."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QKeyEvent
from PySide6.QtWidgets import QButtonGroup, QFrame, QHBoxLayout, QPushButton, QSizePolicy, QWidget

from fanstudio.gui.theme import make_font, set_role

#: 28 px segments, 2 px of ground around them, and the line.
_HEIGHT = 34


class SegmentedControl(QFrame):
    """Choices side by side; arrow keys go from one to the next."""

    chosen = Signal(str)

    def __init__(self, name: str, choices: Sequence[tuple[str, str]], parent: QWidget | None = None) -> None:
        """Offer choices of (value, text); the first is chosen."""
        super().__init__(parent)
        set_role(self, "segments")
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(_HEIGHT)
        self._values = [value for value, _ in choices]
        self._group = QButtonGroup(self)
        row = QHBoxLayout(self)
        row.setContentsMargins(2, 2, 2, 2)
        row.setSpacing(0)
        for index, (_, text) in enumerate(choices):
            segment = _Segment(text, self)
            segment.setAccessibleName(f"{name}: {text}")
            self._group.addButton(segment, index)
            row.addWidget(segment)
        self._group.button(0).setChecked(True)
        self._group.idClicked.connect(lambda index: self.chosen.emit(self._values[index]))

    @property
    def value(self) -> str:
        """Return the chosen value."""
        return self._values[self._group.checkedId()]

    @property
    def last_segment(self) -> QWidget:
        """Return where Tab leaves the control."""
        return self._group.button(len(self._values) - 1)

    def choose(self, value: str) -> None:
        """Choose a value, without a signal; an unknown one changes nothing."""
        if value in self._values:
            self._group.button(self._values.index(value)).setChecked(True)

    def step(self, by: int) -> None:
        """Go to a neighbour and choose it."""
        index = self._group.checkedId() + by
        if 0 <= index < len(self._values):
            self._group.button(index).setFocus(Qt.FocusReason.TabFocusReason)
            self._group.button(index).click()


class _Segment(QPushButton):
    def __init__(self, text: str, control: SegmentedControl) -> None:
        super().__init__(text)
        set_role(self, "segment")
        self._control = control
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAutoDefault(False)

    def sizeHint(self) -> QSize:
        """Leave room for the bold face, so that choosing moves nothing."""
        return QSize(QFontMetrics(make_font(bold=True)).horizontalAdvance(self.text()) + 30, 28)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take the arrow keys."""
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}
        if event.key() in steps:
            self._control.step(steps[Qt.Key(event.key())])
        else:
            super().keyPressEvent(event)
