"""The models that split songs: which are there, how good they are, and how to get a better one."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QFrame, QScrollArea, QVBoxLayout, QWidget

from fanstudio.gui.appearance import Appearance
from fanstudio.gui.bridge import Bridge
from fanstudio.gui.dialogs.files import MODEL_FILTER, choose_files
from fanstudio.gui.dialogs.sheet import Sheet
from fanstudio.gui.model_jobs import ModelJobs
from fanstudio.gui.theme import set_role
from fanstudio.gui.timeline.drops import dropped_files
from fanstudio.gui.widgets.labels import button, frame, label
from fanstudio.gui.widgets.model_row import ModelRow
from fanstudio.studio.models import BEST, FLOOR, ModelLine

_HEIGHT = 660
_LIST_HEIGHT = 200
_HINT = (
    "Models come from where their makers publish them, and every file is compared with a known SHA-256 "
    "before it is used. Your own: a model.toml or an .onnx; folders can be dropped here."
)


class ModelsDialog(Sheet):
    """Lists models and does what the fan asks for; the work goes on when the sheet is closed."""

    def __init__(self, parent: QWidget, appearance: Appearance, jobs: ModelJobs, bridge: Bridge) -> None:
        """Show what `jobs` knows, and keep up with it."""
        super().__init__(parent, appearance, "Models", width=720)
        self._jobs = jobs
        self.rows: list[ModelRow] = []
        self.setFixedHeight(_HEIGHT)
        self.setAcceptDrops(True)
        self.body.addWidget(self._make_offer())
        self.body.addWidget(self._make_list(), 1)
        self.said = label("", "muted", wraps=True)
        self.body.addWidget(self.said)
        self.body.addWidget(label(_HINT, "small", wraps=True))
        self._add_button = self.add_button("Add model…", self._choose)
        self._close_button = self.add_button("Close", self.accept)
        jobs.watched = True
        jobs.changed.connect(self._show)
        bridge.tick.connect(self._refresh)
        self.finished.connect(self._leave)
        self._show()
        self._close_button.setFocus()
        jobs.refresh()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take files and folders."""
        if dropped_files(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Add the models that are dropped."""
        event.acceptProposedAction()
        self._add(dropped_files(event.mimeData()))

    def _make_offer(self) -> QFrame:
        self.offer = frame("notice")
        set_role(self.offer, "notice", tone="wait")
        column = QVBoxLayout(self.offer)
        column.setContentsMargins(14, 12, 14, 12)
        column.setSpacing(10)
        self._offer_words = label("", wraps=True)
        self.offer_button = button("", self._get_best, "primary")
        column.addWidget(self._offer_words)
        column.addWidget(self.offer_button, 0, Qt.AlignmentFlag.AlignLeft)
        return self.offer

    def _make_list(self) -> QScrollArea:
        self._list = QWidget()
        set_role(self._list, "panel")
        self._column = QVBoxLayout(self._list)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._area = area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setAccessibleName("Models")
        area.setMinimumHeight(_LIST_HEIGHT)
        area.setWidget(self._list)
        return area

    def _show(self) -> None:
        """Show the list and what was said last; the button that had the focus has it again."""
        held = self._focused()
        self._show_offer()
        self._clear()
        installed = [line for line in self._jobs.lines if line.state != "to fetch"]
        offered = [line for line in self._jobs.lines if line.state == "to fetch"]
        self._list_lines("Installed", installed)
        self._list_lines("To fetch", offered)
        self._column.addStretch(1)
        words, failed = self._jobs.said
        self.said.setText(words)
        set_role(self.said, "error" if failed else "muted")
        self.said.setVisible(bool(words))
        self._order_tabs()
        self._focus(held)

    def _show_offer(self) -> None:
        best = self._best()
        self.offer.setVisible(best is not None)
        if best is not None:
            self._offer_words.setText(f"{FLOOR} The best to be had: {best.title}, {best.licence} licence.")
            busy = BEST in self._jobs.tasks
            self.offer_button.setText("Fetching it…" if busy else f"Get it, {best.size}")
            self.offer_button.setAccessibleName(f"Get {best.title}, {best.size}, {best.licence} licence")
            self.offer_button.setEnabled(not busy)

    def _list_lines(self, title: str, lines: Sequence[ModelLine]) -> None:
        if lines:
            head = label(title, "small")
            head.setContentsMargins(14, 10, 14, 4)
            self._column.addWidget(head)
        for line in lines:
            row = ModelRow(line, self._act, self._jobs.tasks.get(line.id))
            self.rows.append(row)
            self._column.addWidget(row)

    def _clear(self) -> None:
        self.rows.clear()
        while (item := self._column.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()

    def _refresh(self) -> None:
        for row in self.rows:
            row.refresh()

    def _act(self, word: str, line: ModelLine) -> None:
        if word == "Cancel":
            self._jobs.cancel(line.id)
        else:
            {"Get": self._jobs.fetch, "Check": self._jobs.check, "Remove": self._jobs.remove}[word](line)

    def _best(self) -> ModelLine | None:
        return next((line for line in self._jobs.lines if line.id == BEST and line.state == "to fetch"), None)

    def _get_best(self) -> None:
        best = self._best()
        if best is not None:
            self._jobs.fetch(best)

    def _choose(self) -> None:
        choose_files(self, "Add a model", self._add, several=False, name_filter=MODEL_FILTER)

    def _add(self, paths: Sequence[Path]) -> None:
        for path in paths:
            self._jobs.add(path)

    def _order_tabs(self) -> None:
        """Let Tab go down the sheet: the offer, the list, the buttons."""
        listed = [made for row in self.rows for made in row.buttons.values()]
        chain = [self.offer_button, self._area, *listed, self._add_button, self._close_button]
        for before, after in pairwise(chain):
            QWidget.setTabOrder(before, after)

    def _focused(self) -> tuple[str, str] | None:
        """Return the model and the word of the button that has the focus."""
        focused = QApplication.focusWidget()
        for row in self.rows:
            for word, made in row.buttons.items():
                if made is focused:
                    return row.line.id, word
        return None

    def _focus(self, held: tuple[str, str] | None) -> None:
        """Give the focus to the same button of the same model, or to what stands in its place."""
        for row in self.rows:
            if held is not None and row.line.id == held[0] and row.buttons:
                row.buttons.get(held[1], next(iter(row.buttons.values()))).setFocus()

    def _leave(self) -> None:
        self._jobs.watched = False
