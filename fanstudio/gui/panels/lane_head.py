"""The header of a lane below the tracks, on which the automation of a bus or the master shows."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout

from fanstudio.gui.appearance import Appearance
from fanstudio.gui.strips import Face
from fanstudio.gui.theme import set_role
from fanstudio.gui.tokens import LANE_HEIGHT_REMIX
from fanstudio.gui.widgets.labels import ElidedLabel, button, label


class LaneHead(QFrame):
    """Says whose automation it is, and of which value."""

    #: The fan wants to see it no longer.
    closed = Signal()

    def __init__(self, appearance: Appearance, face: Face) -> None:
        """Show a strip's name."""
        super().__init__()
        set_role(self, "head")
        self.setFixedHeight(LANE_HEIGHT_REMIX)
        icon = label()
        appearance.set_pixmap(icon, face.icon, face.token)
        self.name = ElidedLabel("", "strong")
        self.value = ElidedLabel("", "small")
        close = button("", self.closed.emit, tooltip="Hide this automation")
        set_role(close, "mini")
        appearance.set_icon(close, "cancel", "text_2")
        title = QHBoxLayout()
        title.setSpacing(8)
        title.addWidget(icon)
        title.addWidget(self.name, 1)
        title.addWidget(close)
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 12, 12, 10)
        column.setSpacing(8)
        column.addLayout(title)
        column.addWidget(self.value)
        column.addStretch(1)

    def show_words(self, name: str, value: str) -> None:
        """Show the strip's present name and what of it shows."""
        self.name.setText(name)
        self.value.setText(value)
        self.setAccessibleName(f"Automation of {name}: {value}")
