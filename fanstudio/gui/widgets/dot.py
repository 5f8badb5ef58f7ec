"""A dot in a state's colour."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from fanstudio.gui.appearance import Appearance

_DIAMETER = 9


class Dot(QWidget):
    """Nine pixels of a token's colour; the words beside it say what it means."""

    def __init__(self, appearance: Appearance, token: str, parent: QWidget | None = None) -> None:
        """Show a token's colour."""
        super().__init__(parent)
        self._appearance = appearance
        self._token = token
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        appearance.changed.connect(self.update)

    @property
    def token(self) -> str:
        """Return the token whose colour is shown."""
        return self._token

    def set_token(self, token: str) -> None:
        """Show another token's colour."""
        self._token = token
        self.update()

    def sizeHint(self) -> QSize:
        """Return the dot's size."""
        return QSize(_DIAMETER, _DIAMETER)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the dot."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self._appearance.theme.colour(self._token)))
        painter.drawEllipse(0, 0, _DIAMETER, _DIAMETER)
