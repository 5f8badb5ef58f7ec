"""The checklist of the first five minutes, ticked by what really happens."""

from __future__ import annotations

import contextlib
import json
from collections import defaultdict
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from fanstudio.errors import StorageError
from fanstudio.files import write_whole
from fanstudio.gui import icons
from fanstudio.gui.appearance import Appearance
from fanstudio.gui.theme import restyle, set_role
from fanstudio.gui.widgets.labels import button, label
from fanstudio.model.session import Session, Stem

#: What happens → what the card says.
STEPS: tuple[tuple[str, str], ...] = (
    ("play", "Play the song with Space"),
    ("stems", "Split it into stems"),
    ("move", "Move a clip by dragging it"),
    ("undo", "Undo with Ctrl+Z"),
    ("export", "Export it, with permission"),
)


def load_steps(path: Path) -> set[str]:
    """Return the steps done so far; a file that cannot be read counts as none."""
    try:
        stored = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return set()
    names = {name for name, _ in STEPS} | {"hidden"}
    return names & set(stored) if isinstance(stored, list) else set()


def steps_in(session: Session) -> frozenset[str]:
    """Return the steps that a session shows to have been done in it, whoever did them."""
    starts: defaultdict[str, set[int]] = defaultdict(set)
    for clip in session.clips():
        starts[clip.source].add(clip.position - clip.offset)
    is_split = any(source.stem is not Stem.MIX and source.lineage for source in session.sources)
    is_moved = any(len(places) > 1 for places in starts.values())
    return frozenset({"stems"} if is_split else ()) | frozenset({"move"} if is_moved else ())


class FirstSteps(QFrame):
    """A card that names the next step, and goes for good when all are done or it is closed."""

    finished = Signal()

    def __init__(self, appearance: Appearance, path: Path, parent: QWidget | None = None) -> None:
        """Keep what was done in the file `path`."""
        super().__init__(parent)
        set_role(self, "card")
        self._appearance = appearance
        self._path = path
        self._done = load_steps(path)
        self._has_song = True
        self._marks: dict[str, QLabel] = {}
        self._texts: dict[str, QLabel] = {}
        self._lay_out()
        appearance.keep(self, self._show)

    @property
    def done(self) -> frozenset[str]:
        """Return the steps that were done."""
        return frozenset(self._done)

    def tick(self, step: str) -> None:
        """Take note that a step was done."""
        if step in self._texts and step not in self._done:
            self._done.add(step)
            self._keep()

    def show_for(self, session: Session) -> None:
        """Wait while there is no song to take the steps with."""
        has_song = any(True for _clip in session.clips())
        if has_song != self._has_song:
            self._has_song = has_song
            self._show()

    def dismiss(self) -> None:
        """Hide the card for good."""
        self._done.add("hidden")
        self._keep()

    def _keep(self) -> None:
        with contextlib.suppress(StorageError):
            write_whole(self._path, json.dumps(sorted(self._done)).encode())
        self._show()

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.addWidget(label("Next step", "strong"), 1)
        self.close_button = button("", self.dismiss, "link", tooltip="Hide the first steps")
        self._appearance.set_icon(self.close_button, "cancel", "text_2")
        head.addWidget(self.close_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 8, 10, 10)
        column.setSpacing(6)
        column.addLayout(head)
        for name, text in STEPS:
            row = QHBoxLayout()
            row.setSpacing(8)
            self._marks[name] = label()
            self._marks[name].setFixedSize(16, 16)
            self._texts[name] = label(text, "muted")
            row.addWidget(self._marks[name])
            row.addWidget(self._texts[name], 1)
            column.addLayout(row)

    def _show(self) -> None:
        todo = [name for name, _ in STEPS if name not in self._done]
        self.setVisible(self._has_song and bool(todo) and "hidden" not in self._done)
        for name, text in self._texts.items():
            text.setProperty("role", "strong" if todo[:1] == [name] else "muted")
            restyle(text)
            done = name in self._done
            text.setAccessibleName(f"{text.text()}: {'done' if done else 'to do'}")
            _mark(self._marks[name], self._appearance, done, now=todo[:1] == [name])


def _mark(mark: QLabel, appearance: Appearance, done: bool, *, now: bool) -> None:
    ratio = mark.devicePixelRatioF()
    name, token = ("check", "ok") if done else ("record", "accent" if now else "line_strong")
    size = 14 if done else 8
    mark.setPixmap(icons.pixmap(name, appearance.theme, token, size, ratio))
    mark.setContentsMargins(*((0, 0, 0, 0) if done else (3, 0, 0, 0)))
