"""Cards for work under way, for what went wrong, and for what should be known."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QProgressBar, QVBoxLayout, QWidget

from fanstudio.errors import FanstudioError
from fanstudio.gui.appearance import Appearance
from fanstudio.gui.bridge import Bridge, Task
from fanstudio.gui.theme import set_role
from fanstudio.gui.turns import WAITING
from fanstudio.gui.widgets.labels import ElidedLabel, button, label
from fanstudio.model.session import Source

_MAX_NOTES = 3
_MAX_CARDS = 3
_MAX_NAMES = 3


def time_left(seconds: float | None) -> str:
    """Write an estimate: `0:06 left`; nothing while it is a guess."""
    return "" if seconds is None else f"{write_duration(seconds)} left"


def write_duration(seconds: float) -> str:
    """Write minutes and seconds: `0:06`, never less than one second."""
    whole = max(1, round(seconds))
    return f"{whole // 60}:{whole % 60:02d}"


def describe_error(error: BaseException) -> tuple[str, str]:
    """Return what happened and what to do next; what is not ours to explain is named, never traced."""
    if isinstance(error, FanstudioError):
        return error.message, error.hint
    return (
        f"Something unexpected happened ({type(error).__name__}).",
        "Try again. If it happens again, please report it with the log file.",
    )


def describe_missing(sources: Sequence[Source], folder: Path) -> tuple[str, str]:
    """Return a title and what to do about audio files that a project lacks."""
    names = ", ".join(f"“{source.name}”" for source in sources[:_MAX_NAMES])
    more = len(sources) - _MAX_NAMES
    names += f" and {more} more" if more > 0 else ""
    one = len(sources) == 1
    title = "An audio file is missing" if one else f"{len(sources)} audio files are missing"
    verb, what, them = ("stays", "its file is", "it") if one else ("stay", "their files are", "them")
    return title, (
        f"{names} {verb} silent until {what} back in {folder.name}/audio."
        f" “Find missing audio…” in the Project menu looks for {them} elsewhere."
    )


class JobCard(QFrame):
    """Title, progress, time left, what runs it, and Cancel."""

    def __init__(self, task: Task) -> None:
        """Show a task."""
        super().__init__()
        set_role(self, "card")
        self._task = task
        job = task.job
        self.setAccessibleName(job.title)
        self.title = ElidedLabel(job.title, "strong")
        self.state = label("", "small")
        self.bar = QProgressBar()
        self.bar.setRange(0, 1000)
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(f"Progress of {job.title}")
        self.detail = ElidedLabel("", "small")
        self.cancel = button("Cancel", self.stop, "link")
        self.cancel.setAccessibleName(f"Cancel {job.title}")
        _stack(self, (self.title, self.state), self.bar, (self.detail, self.cancel))
        self.refresh()

    def refresh(self) -> None:
        """Show how far the work is."""
        job = self._task.job
        percent, left = f"{round(job.fraction * 100)} %", time_left(job.seconds_left)
        waits = job.detail == WAITING and job.fraction == 0
        self.state.setText("" if waits else f"{percent} · {left}" if left else percent)
        self.bar.setValue(round(job.fraction * 1000))
        words = " · ".join(part for part in (job.detail, job.runs_on) if part)
        if words != self.detail.text() and self.cancel.isEnabled():
            self.detail.setText(words)

    def stop(self) -> None:
        """Cancel the job, and say so until it has ended."""
        self._task.job.cancel()
        self.cancel.setEnabled(False)
        self.detail.setText("Cancelling…")


class NoteCard(QFrame):
    """Something to read and to close: in colour and icon of an error, or of a notice."""

    closed = Signal()

    def __init__(
        self, appearance: Appearance, title: str, texts: tuple[str, ...], *, error: bool = False
    ) -> None:
        """Show a title and paragraphs; empty ones are left out."""
        super().__init__()
        self.title, self.is_error = title, error
        set_role(self, "notice", tone="deny" if error else "wait")
        mark = label()
        appearance.set_pixmap(mark, "error" if error else "info", "deny" if error else "wait")
        self.close_button = button("", self.closed.emit, "link", tooltip="Close this message")
        appearance.set_icon(self.close_button, "cancel", "text_2")
        head = QHBoxLayout()
        head.setSpacing(8)
        top = Qt.AlignmentFlag.AlignTop
        head.addWidget(mark, 0, top)
        head.addWidget(label(title, "strong", wraps=True), 1, top)
        head.addWidget(self.close_button, 0, top)
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 8, 10, 10)
        column.setSpacing(4)
        column.addLayout(head)
        self.texts = tuple(text for text in texts if text)
        for number, text in enumerate(self.texts):
            column.addWidget(label(text, "" if number == 0 else "muted", wraps=True))
        self.setAccessibleName(" ".join((title, *self.texts)))


class JobCards(QWidget):
    """The cards, newest at the bottom; redrawn by the bridge's clock."""

    def __init__(self, bridge: Bridge, appearance: Appearance, parent: QWidget | None = None) -> None:
        """Follow a bridge."""
        super().__init__(parent)
        self._appearance = appearance
        self._cards: dict[Task, JobCard] = {}
        self._notes: list[NoteCard] = []
        self._rows = QVBoxLayout()
        self._rows.setSpacing(8)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(self._rows)
        column.addWidget(self._make_queue())
        bridge.started.connect(self._add)
        bridge.ended.connect(self._remove)
        bridge.failed.connect(self.show_error)
        bridge.noted.connect(self.show_note)
        bridge.settled.connect(self.close_note)
        bridge.tick.connect(self._refresh)

    @property
    def cards(self) -> tuple[JobCard, ...]:
        """Return the cards of work under way."""
        return tuple(self._cards.values())

    @property
    def notes(self) -> tuple[NoteCard, ...]:
        """Return the cards of what went wrong or should be known."""
        return tuple(self._notes)

    def cancel_all(self) -> None:
        """Cancel all work that has a card."""
        for card in self.cards:
            card.stop()

    def show_error(self, title: str, error: BaseException, safe: str) -> None:
        """Add a card for an error: what happened, what is safe, what to do next."""
        happened, hint = describe_error(error)
        self._show(NoteCard(self._appearance, title, (happened, safe, hint), error=True))

    def show_note(self, title: str, text: str) -> None:
        """Add a card for something that the user should know, and may close."""
        self._show(NoteCard(self._appearance, title, (text,)))

    def close_note(self, title: str) -> None:
        """Take away what was noted under a title and holds no more."""
        for card in self.notes:
            if card.title == title and not card.is_error:
                self._close(card)

    def close_notices(self) -> None:
        """Take away what was said of a project that is no longer open; errors stay until they are read."""
        for card in self.notes:
            if not card.is_error:
                self._close(card)

    def _show(self, card: NoteCard) -> None:
        for old in self.notes:
            if old.texts == card.texts:
                self._close(old)
        card.closed.connect(lambda: self._close(card))
        self._notes.append(card)
        self._rows.insertWidget(0, card)
        if len(self._notes) > _MAX_NOTES:
            self._close(self._notes[0])

    def _add(self, task: Task) -> None:
        if task.shown:
            self._cards[task] = JobCard(task)
            self._rows.addWidget(self._cards[task])
            self._show_queue()

    def _remove(self, task: Task) -> None:
        card = self._cards.pop(task, None)
        if card is not None:
            card.hide()
            card.deleteLater()
            self._show_queue()

    def _make_queue(self) -> QWidget:
        self.queue = QWidget()
        self.waiting = ElidedLabel("", "small")
        self.cancel_all_button = button("Cancel all", self.cancel_all, "link")
        row = QHBoxLayout(self.queue)
        row.setContentsMargins(10, 0, 10, 0)
        row.addWidget(self.waiting, 1)
        row.addWidget(self.cancel_all_button)
        self.queue.hide()
        return self.queue

    def _show_queue(self) -> None:
        """Show the cards of the oldest work, and how much more waits."""
        cards = self.cards
        for number, card in enumerate(cards):
            card.setVisible(number < _MAX_CARDS)
        more = len(cards) - _MAX_CARDS
        self.waiting.setText(f"{more} more to come" if more > 0 else "")
        self.queue.setVisible(len(cards) > 1)

    def _close(self, card: NoteCard) -> None:
        if card in self._notes:
            self._notes.remove(card)
            card.hide()
            card.deleteLater()

    def _refresh(self) -> None:
        for card in self._cards.values():
            card.refresh()


def _stack(card: QFrame, *rows: QWidget | tuple[QWidget, QWidget]) -> None:
    column = QVBoxLayout(card)
    column.setContentsMargins(10, 10, 10, 8)
    column.setSpacing(8)
    for row in rows:
        if isinstance(row, tuple):
            line = QHBoxLayout()
            line.addWidget(row[0], 1)
            line.addWidget(row[1])
            column.addLayout(line)
        else:
            column.addWidget(row)
