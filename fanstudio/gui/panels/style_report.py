"""What a style does, step by step, each by AI or DSP in words, and how near to it the song came."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from fanstudio.gui.widgets.labels import label
from fanstudio.studio.styles import Step

_TAG_WIDTH = 32


class StyleReport(QWidget):
    """Hidden while there is nothing to tell."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Tell nothing."""
        super().__init__(parent)
        self.heading = label("", "strong", wraps=True)
        self.score = label("", "muted", wraps=True)
        self.steps: tuple[Step, ...] = ()
        #: The id of the styling that it tells of; empty where that is none of the session's.
        self.styling = ""
        self._rows = QWidget()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(6)
        for part in (self.heading, self.score, self._rows):
            self._column.addWidget(part)
        self.hide()

    def show_steps(
        self,
        heading: str,
        steps: Sequence[Step],
        notes: Sequence[str] = (),
        score: tuple[float | None, float | None] = (None, None),
        *,
        styling: str = "",
    ) -> None:
        """Tell what is done, what could not be, and the style match before and after a styling."""
        self.styling = styling
        self.heading.setText(heading)
        self.score.setText(score_words(*score))
        self.score.setVisible(bool(self.score.text()))
        self.steps = tuple(steps)
        rows = QWidget()
        column = QVBoxLayout(rows)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        for step in steps:
            column.addLayout(_row(step))
        for note in notes:
            column.addWidget(label(note, "small", wraps=True))
        self._column.replaceWidget(self._rows, rows)
        self._rows.hide()
        self._rows.deleteLater()
        self._rows = rows
        spoken = (f"{step.means.value}: {step.text}" for step in steps)
        self.setAccessibleName(" ".join(filter(None, (heading, self.score.text(), *spoken, *notes))))
        self.setVisible(bool(steps or notes))

    def clear(self) -> None:
        """Tell nothing."""
        self.styling = ""
        self.hide()


def score_words(before: float | None, after: float | None) -> str:
    """Say how near to a style a song was and is; nothing where a style describes no sound."""
    if before is None or after is None:
        return ""
    return f"Style match {before:.0f} → {after:.0f} of 100"


def _row(step: Step) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(8)
    tag = label(step.means.value, "tag")
    tag.setFixedWidth(_TAG_WIDTH)
    tag.setAlignment(Qt.AlignmentFlag.AlignCenter)
    row.addWidget(tag, 0, Qt.AlignmentFlag.AlignTop)
    row.addWidget(label(step.text, "small", wraps=True), 1)
    return row
