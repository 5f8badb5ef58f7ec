"""The list of what each source permits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from fanstudio.gui.appearance import Appearance
from fanstudio.gui.theme import set_role
from fanstudio.gui.widgets.dot import Dot
from fanstudio.gui.widgets.labels import ElidedLabel, button, frame, label

if TYPE_CHECKING:
    from fanstudio.studio.export import SourceRight


def state_of(right: SourceRight) -> tuple[str, str]:
    """Return the token of a right's dot and what is said at the end of its row."""
    if right.permitted is False:
        return "deny", ""
    ops = " · ".join(op.replace("_", " ") for op in right.ops)
    if right.permitted is None:
        return "wait", "not asked yet"
    if right.kind == "catalogue track":
        return "ok", ops
    return "ok", "openly licensed" if right.kind == "open licence" else "yours"


class RightsList(QFrame):
    """One row a source: a dot, its name and kind, and what is permitted or what can be done."""

    def __init__(
        self,
        appearance: Appearance,
        rights: Sequence[SourceRight],
        mute: Callable[[SourceRight], object],
        parent: QWidget | None = None,
    ) -> None:
        """Show rights; `mute(right)` silences the clips of one that is refused."""
        super().__init__(parent)
        set_role(self, "card")
        self.setAccessibleName("What each source permits")
        self.mute_buttons: list[QPushButton] = []
        column = QVBoxLayout(self)
        column.setContentsMargins(1, 1, 1, 1)
        column.setSpacing(0)
        rows = [self._row(appearance, right, mute) for right in _each_once(rights)]
        for row in rows:
            column.addWidget(row)
        if rows:
            rows[-1].setObjectName("last")
            rows[-1].setStyleSheet("QFrame#last { border: 0; }")  # the card's own edge follows

    def _row(
        self, appearance: Appearance, right: SourceRight, mute: Callable[[SourceRight], object]
    ) -> QFrame:
        token, words = state_of(right)
        row = frame("denied" if right.permitted is False else "row")
        line = QHBoxLayout(row)
        line.setContentsMargins(14, 8, 14, 8)
        line.setSpacing(8)
        line.addWidget(Dot(appearance, token))
        line.addWidget(label(right.title, "strong"))
        line.addWidget(ElidedLabel(right.reason if right.permitted is False else right.kind, "small"), 1)
        if right.permitted is False and right.clip_ids:
            made = button("Mute it", lambda: mute(right), "link")
            made.setAccessibleName(f"Mute {right.title}")
            made.setStyleSheet("font-weight: 600; color: palette(text);")
            self.mute_buttons.append(made)
            line.addWidget(made)
        else:
            line.addWidget(label(words, "muted"))
        row.setAccessibleName(f"{right.title}, {right.kind}: {words or right.reason}")
        return row


def _each_once(rights: Sequence[SourceRight]) -> tuple[SourceRight, ...]:
    """Return rights without those that read as one before: takes of one voice, say."""
    found: dict[tuple[object, ...], SourceRight] = {}
    for right in rights:
        mutes = right.clip_ids if right.permitted is False else ()
        found.setdefault((right.title, right.kind, right.reason, state_of(right), mutes), right)
    return tuple(found.values())
