"""The style panel's foot: what is under way, what went wrong, before and after, preview and apply."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QVBoxLayout, QWidget

from fanstudio.gui.appearance import Appearance
from fanstudio.gui.bridge import Task
from fanstudio.gui.panels.job_cards import time_left
from fanstudio.gui.theme import set_role
from fanstudio.gui.widgets.labels import ElidedLabel, button, label
from fanstudio.gui.widgets.segmented import SegmentedControl

PREVIEW_S = 10
_BEFORE, _AFTER = "before", "after"


class StyleFoot(QWidget):
    """Stays in view while the tiles scroll."""

    preview_wanted = Signal()
    apply_wanted = Signal()
    cancel_wanted = Signal()
    #: Whether the song is to be heard as it is after the style.
    compare_wanted = Signal(bool)

    def __init__(self, appearance: Appearance, parent: QWidget | None = None) -> None:
        """Say nothing, and offer preview and apply."""
        super().__init__(parent)
        self._appearance = appearance
        self._make_parts()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        for part in (self.words, self._work, self._comparison):
            column.addWidget(part)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addWidget(self.preview, 1)
        buttons.addWidget(self.apply, 1)
        column.addLayout(buttons)
        self.show_hearing(heard=False, after=True)
        self.show_work(None)
        self.say("")

    def say(self, words: str, *, wrong: bool = False) -> None:
        """Say what was done or what to do, or what went wrong."""
        set_role(self.words, "error" if wrong else "small")
        self.words.setText(words)
        self.words.setVisible(bool(words))

    def show_ready(self, *, previewed: bool, applied: bool, apply_text: str) -> None:
        """Offer what can be done now."""
        self.preview.setEnabled(previewed)
        self.apply.setEnabled(applied)
        self.apply.setText(apply_text)
        self.apply.setAccessibleName(apply_text)

    def show_hearing(self, *, heard: bool, after: bool) -> None:
        """Show what is heard, and offer the other."""
        self._comparison.setVisible(heard)
        self.sides.choose(_AFTER if after else _BEFORE)
        self.preview.setText("Stop" if heard else f"Preview {PREVIEW_S} s")
        self.preview.setAccessibleName(self.preview.text())
        self._appearance.set_icon(self.preview, "stop" if heard else "play")

    def show_work(self, task: Task | None) -> None:
        """Show how far the work is, and offer to cancel it; what has a card of its own has that there."""
        self._work.setVisible(task is not None and not task.shown)
        if task is None or task.shown:
            self.cancel.setEnabled(True)
            return
        job = task.job
        self.bar.setValue(round(job.fraction * 1000))
        left = time_left(job.seconds_left)
        if self.cancel.isEnabled():
            words = " · ".join(filter(None, (job.detail or job.title, left)))
            if words != self.state.text():
                self.state.setText(words)
                self.state.update()

    def show_cancelling(self) -> None:
        """Say that the work is being given up."""
        self.cancel.setEnabled(False)
        self.state.setText("Cancelling…")
        self.state.update()

    def _make_parts(self) -> None:
        self.words = label("", "small", wraps=True)
        self._work = QWidget()
        self.bar = QProgressBar()
        self.bar.setRange(0, 1000)
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName("Progress of the style")
        self.state = ElidedLabel("", "small")
        self.cancel = button("Cancel", self.cancel_wanted.emit, "link")
        self.cancel.setAccessibleName("Cancel the style")
        self._comparison = QWidget()
        self.sides = SegmentedControl("Hear", ((_BEFORE, "Before"), (_AFTER, "After")))
        self.sides.chosen.connect(lambda side: self.compare_wanted.emit(side == _AFTER))
        self.sides.setToolTip("Hear the song without and with the style, equally loud (C)")
        self.preview = button("", self.preview_wanted.emit)
        self.preview.setToolTip("Hear ten seconds from the playhead on; nothing is changed yet")
        self.apply = button("Apply", self.apply_wanted.emit, "accent")
        self.apply.setToolTip("Do it to the whole song; one undo takes it back")
        self._lay_out_work()

    def _lay_out_work(self) -> None:
        state = QHBoxLayout()
        state.addWidget(self.state, 1)
        state.addWidget(self.cancel)
        work = QVBoxLayout(self._work)
        work.setContentsMargins(0, 0, 0, 0)
        work.setSpacing(2)
        work.addWidget(self.bar)
        work.addLayout(state)
        row = QHBoxLayout(self._comparison)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.sides)
        row.addWidget(label("equally loud", "small"), 1)
