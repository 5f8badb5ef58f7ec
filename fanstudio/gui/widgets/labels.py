"""Labels and buttons in the roles of the style sheet."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QFrame, QLabel, QPushButton, QSizePolicy

from fanstudio.gui.theme import set_role


def label(text: str = "", role: str = "", *, wraps: bool = False) -> QLabel:
    """Return a label of plain text in a role of the style sheet."""
    made = QLabel(text)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setWordWrap(wraps)
    if role:
        set_role(made, role)
    return made


def button(text: str, clicked: Callable[[], object], role: str = "", *, tooltip: str = "") -> QPushButton:
    """Return a push button that takes the focus by Tab only, so that Space stays with the transport."""
    made = QPushButton(text)
    made.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    made.setAutoDefault(False)
    made.setToolTip(tooltip)
    made.setAccessibleName(text or tooltip)
    made.clicked.connect(lambda: clicked())
    if role:
        set_role(made, role)
    return made


def frame(role: str) -> QFrame:
    """Return an empty frame in a role of the style sheet."""
    made = QFrame()
    set_role(made, role)
    return made


def separator(*, upright: bool = False) -> QFrame:
    """Return a line between two parts of a panel."""
    made = QFrame()
    set_role(made, "separator", upright=upright)
    return made


class ElidedLabel(QLabel):
    """One line that ends in “…” where it does not fit; the tooltip then holds all of it."""

    def __init__(self, text: str = "", role: str = "", *, greedy: bool = True) -> None:
        """Show a text in a role of the style sheet; a greedy label takes all width that there is."""
        super().__init__(text)
        self.setTextFormat(Qt.TextFormat.PlainText)
        width = QSizePolicy.Policy.Ignored if greedy else QSizePolicy.Policy.Maximum
        self.setSizePolicy(width, QSizePolicy.Policy.Fixed)
        if role:
            set_role(self, role)

    def changeEvent(self, event: QEvent) -> None:
        """Take another width when the font changes."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self.updateGeometry()

    def sizeHint(self) -> QSize:
        """Return the size of the whole text."""
        self.ensurePolished()
        metrics = self.fontMetrics()
        return QSize(metrics.horizontalAdvance(self.text()) + 2, metrics.height() + 2)

    def minimumSizeHint(self) -> QSize:
        """Return the height of the line, and a width of a few letters."""
        return QSize(24, self.sizeHint().height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw as much of the text as fits."""
        painter = QPainter(self)
        painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
        shown = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, self.width())
        painter.drawText(self.rect(), int(self.alignment() | Qt.AlignmentFlag.AlignVCenter), shown)
        self.setToolTip(self.text() if shown != self.text() else "")
