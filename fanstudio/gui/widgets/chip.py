"""A chip: a pill with a state dot, a bold word and a plain one."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from fanstudio.gui.appearance import Appearance
from fanstudio.gui.theme import set_role
from fanstudio.gui.widgets.dot import Dot
from fanstudio.gui.widgets.labels import label

_SIDE = 12


class Chip(QPushButton):
    """A pill that can be pressed; what it says stands in labels, so that weights may differ."""

    def __init__(
        self, appearance: Appearance, name: str, clicked: Callable[[], object], parent: QWidget | None = None
    ) -> None:
        """Make an empty chip; `name` says to a screen reader what it is about."""
        super().__init__(parent)
        set_role(self, "chip")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._name = name
        self._before = label(role="muted")
        self._strong = label(role="strong")
        self._after = label(role="muted")
        self._dot = Dot(appearance, "ok")
        row = QHBoxLayout(self)
        row.setContentsMargins(_SIDE, 0, _SIDE, 0)
        row.setSpacing(5)
        for part in (self._dot, self._before, self._strong, self._after):
            part.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
            row.addWidget(part)
        self.clicked.connect(lambda: clicked())
        self.say("")

    def say(self, strong: str, *, before: str = "", after: str = "", dot: str = "") -> None:
        """Show words around a bold one, and a dot in the colour of the token `dot`."""
        for part, text in ((self._before, before), (self._strong, strong), (self._after, after)):
            part.setText(text)
            part.setVisible(bool(text))
        self._dot.setVisible(bool(dot))
        if dot:
            self._dot.set_token(dot)
        self.setAccessibleName(f"{self._name}: {self.text_shown}")
        self.updateGeometry()

    @property
    def text_shown(self) -> str:
        """Return all words of the chip."""
        parts = (self._before.text(), self._strong.text(), self._after.text())
        return " ".join(part for part in parts if part)

    def sizeHint(self) -> QSize:
        """Return the size of what the chip says."""
        layout = self.layout()
        assert layout is not None
        return QSize(layout.sizeHint().width(), 28)

    def minimumSizeHint(self) -> QSize:
        """Return the size of what the chip says: chips are not squeezed."""
        return self.sizeHint()
