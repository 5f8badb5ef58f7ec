"""A style's tile: its name, what makes it (AI or DSP) in tags, and a word on how it sounds."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from fanstudio.gui.theme import set_role
from fanstudio.gui.widgets.labels import ElidedLabel, label

_HEIGHT = 52
_SIDE, _TOP = 10, 6


class StyleTile(QPushButton):
    """A choice that stays pressed; arrow keys go from one tile of a group to the next."""

    def __init__(
        self,
        title: str,
        tags: Sequence[str],
        word: str,
        about: str,
        parent: QWidget | None = None,
        *,
        empty: bool = False,
    ) -> None:
        """Show a title, tags such as "AI", and a short word; `about` is the tooltip and is spoken.

        One that is `empty` waits for something to be put there, and does not stay pressed.
        """
        super().__init__(parent)
        set_role(self, "card", tone="empty" if empty else "")
        self.setCheckable(not empty)
        self.setAutoDefault(False)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(_HEIGHT)
        self.setToolTip(f"{title}: {about}" if about else title)
        made_by = " and ".join(tags)
        self.setAccessibleName(f"{title}, {made_by}" if made_by else title)
        self.setAccessibleDescription(about)
        column = QVBoxLayout(self)
        column.setContentsMargins(_SIDE, _TOP, _SIDE, _TOP)
        column.setSpacing(3)
        self.title = ElidedLabel(title, "strong")
        column.addWidget(self.title)
        column.addLayout(_foot(tags, word))
        for part in self.findChildren(QWidget):
            part.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def sizeHint(self) -> QSize:
        """Return half a panel's width: the grid shares what there is."""
        return QSize(136, _HEIGHT)

    def minimumSizeHint(self) -> QSize:
        """Return a width at which the tags still fit."""
        return QSize(96, _HEIGHT)


def _foot(tags: Sequence[str], word: str) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(6)
    if tags:
        row.addWidget(label(" + ".join(tags), "tag"), 0, Qt.AlignmentFlag.AlignVCenter)
    said = ElidedLabel(word, "small")
    alignment = Qt.AlignmentFlag.AlignRight if tags else Qt.AlignmentFlag.AlignLeft
    said.setAlignment(alignment | Qt.AlignmentFlag.AlignVCenter)
    row.addWidget(said, 1)
    return row
