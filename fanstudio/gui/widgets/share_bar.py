"""The bar of who is paid."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from fanstudio.gui.appearance import Appearance
from fanstudio.text import counted

if TYPE_CHECKING:
    from fanstudio.studio.export import ShareLine

_HEIGHT = 10
_WIDTH = 220
_TOKENS = ("vocals", "bass", "other", "drums", "mix")


def group_shares(lines: Iterable[ShareLine]) -> tuple[tuple[str, int], ...]:
    """Return (role, parts in a million) of each role, the largest first; several of a role are counted."""
    totals: dict[str, tuple[int, set[str]]] = {}
    for line in lines:
        parts, names = totals.get(line.role, (0, set()))
        totals[line.role] = (parts + line.share_ppm, names | {line.name})
    named = ((_words(role, len(names)), parts) for role, (parts, names) in totals.items())
    return tuple(sorted(named, key=lambda share: -share[1]))


def describe_shares(shares: Iterable[tuple[str, int]]) -> str:
    """Write the shares of roles: `artist 58 % · label 27 % · 2 writers 15 %`."""
    return " · ".join(f"{role} {_percent(parts)}" for role, parts in shares)


def _words(role: str, count: int) -> str:
    words = role.replace("_", " ")
    return words if count == 1 else counted(count, words)


def _percent(parts: int) -> str:
    percent = parts / 10_000
    return f"{percent:.0f} %" if abs(percent - round(percent)) < 0.05 else f"{percent:.1f} %"


class ShareBar(QWidget):
    """A bar split by shares; the words beside it say whose."""

    def __init__(self, appearance: Appearance, parent: QWidget | None = None) -> None:
        """Show no shares."""
        super().__init__(parent)
        self._appearance = appearance
        self._shares: tuple[tuple[str, int], ...] = ()
        self.setAccessibleName("Who is paid")
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setMinimumWidth(80)
        self.setMaximumWidth(_WIDTH)
        appearance.changed.connect(self.update)

    def show_shares(self, shares: tuple[tuple[str, int], ...]) -> None:
        """Show shares of (words, parts in a million)."""
        self._shares = shares
        self.setAccessibleDescription(describe_shares(shares))
        self.update()

    def sizeHint(self) -> QSize:
        """Return the bar's size."""
        return QSize(_WIDTH, _HEIGHT)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the shares side by side, in the order in which they are named."""
        theme = self._appearance.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        outline = QPainterPath()
        outline.addRoundedRect(QRectF(self.rect()), _HEIGHT / 2, _HEIGHT / 2)
        painter.setClipPath(outline)
        painter.fillRect(self.rect(), QColor(theme.hover))
        whole = sum(parts for _, parts in self._shares) or 1
        left = 0.0
        for index, (_, parts) in enumerate(self._shares):
            width = self.width() * parts / whole
            colour = QColor(theme.colour(_TOKENS[index % len(_TOKENS)]))
            painter.fillRect(QRectF(left, 0, width, _HEIGHT), colour)
            left += width
