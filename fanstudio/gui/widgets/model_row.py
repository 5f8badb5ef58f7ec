"""One model of the list: what it is, how good and how fast, and what can be done with it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QPushButton, QVBoxLayout, QWidget

from fanstudio.gui.bridge import Task
from fanstudio.gui.widgets.labels import ElidedLabel, button, frame, label
from fanstudio.studio.models import ModelLine

#: A state, and what is done by the button beside it.
_ACTIONS = {
    "built in": ("Check",),
    "yours": ("Check", "Remove"),
    "damaged": ("Remove",),
    "to fetch": ("Get",),
}


class ModelRow(QWidget):
    """Shows a model; `act(word, line)` is called for Get, Check, Remove and Cancel."""

    def __init__(
        self, line: ModelLine, act: Callable[[str, ModelLine], object], task: Task | None = None
    ) -> None:
        """Show a line, and the work under way with it."""
        super().__init__()
        self.line = line
        self._act = act
        self._task = task
        self.buttons = {word: self._button(word) for word in (("Cancel",) if task else _ACTIONS[line.state])}
        row = frame("row")
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(row)
        across = QHBoxLayout(row)
        across.setContentsMargins(14, 10, 14, 10)
        across.setSpacing(12)
        across.addLayout(self._words(), 1)
        for made in self.buttons.values():
            across.addWidget(made, 0, Qt.AlignmentFlag.AlignTop)
        self.setAccessibleName(f"{line.title}. {facts_of(line)}. {praise_of(line)}")
        self.refresh()

    def refresh(self) -> None:
        """Show how far the work is."""
        if self._task is not None:
            job = self._task.job
            self.bar.setValue(round(job.fraction * 1000))
            self.detail.setText(job.detail or self._task.job.title)

    def _words(self) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(3)
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(label(self.line.title, "strong"))
        if self.line.state != "to fetch":
            head.addWidget(label(self.line.state.upper(), "tag"))
        head.addStretch(1)
        column.addLayout(head)
        praise = praise_of(self.line)
        if praise:
            column.addWidget(label(praise, "error" if self.line.problem else "muted", wraps=True))
        facts = label(facts_of(self.line), "small", wraps=True)
        facts.setToolTip(f"Quality: {self.line.quality.measured}" if self.line.quality else "")
        column.addWidget(facts)
        if self._task is not None:
            self.bar = QProgressBar()
            self.bar.setRange(0, 1000)
            self.bar.setTextVisible(False)
            self.bar.setAccessibleName(f"Progress of {self._task.job.title}")
            self.detail = ElidedLabel("", "small")
            column.addWidget(self.bar)
            column.addWidget(self.detail)
        return column

    def _button(self, word: str) -> QPushButton:
        text = f"Get, {self.line.size}" if word == "Get" else word
        made = button(
            text, lambda: self._act(word, self.line), "link" if word in ("Remove", "Cancel") else ""
        )
        made.setAccessibleName(f"{text}: {self.line.title}")
        return made


def praise_of(line: ModelLine) -> str:
    """Return how good a model is, in plain words, or what is wrong with it."""
    return line.problem or (line.quality.words if line.quality else "")


def facts_of(line: ModelLine) -> str:
    """Return stems, figures, speed, size and licence in one line."""
    speed = ""
    if line.state in ("built in", "yours"):
        speed = "speed not measured here yet"
    if line.speed:
        speed = f"{line.speed.times_realtime:.1f} × realtime here ({line.speed.device})"
    quality = f"quality: {line.quality.figures}" if line.quality else ""
    licence = f"licence: {line.licence}" if line.licence else ""
    parts = (", ".join(line.stems), quality, speed, line.size if line.stems else "", licence)
    return " · ".join(part for part in parts if part)
