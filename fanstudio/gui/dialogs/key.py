"""The song's key: as it is heard, or as somebody knows it."""

from __future__ import annotations

from PySide6.QtWidgets import QFormLayout, QWidget

from fanstudio.gui.appearance import Appearance
from fanstudio.gui.dialogs.sheet import Sheet
from fanstudio.gui.dialogs.tune import key_choice
from fanstudio.gui.tokens import CONTROL_HEIGHT
from fanstudio.gui.widgets.labels import label
from fanstudio.gui.workspace import Workspace
from fanstudio.inference.key import KeyEstimate
from fanstudio.model.voice_edits import set_key
from fanstudio.studio.song_key import song_key

_UNKNOWN = "Not known"
#: From these confidences on, a key is said to be so, or to be likely.
_SURE, _LIKELY = 0.4, 0.1
_LEAST_CENTS = 8


class KeyDialog(Sheet):
    """Listens to the song while it is open, and proposes what it hears where no key is set."""

    def __init__(self, parent: QWidget, appearance: Appearance, workspace: Workspace) -> None:
        """Show the session's key."""
        super().__init__(parent, appearance, "Key", width=400)
        self._workspace = workspace
        self.key = key_choice(workspace.session.key, _UNKNOWN)
        self.heard = label("Listening to the song…", "muted", wraps=True)
        form = QFormLayout()
        form.setHorizontalSpacing(16)
        name = label("Key", "muted")
        name.setFixedHeight(CONTROL_HEIGHT)
        form.addRow(name, self.key)
        self.body.addLayout(form)
        self.body.addWidget(self.heard)
        self.body.addWidget(label("Tuning keeps to it; what sounds does not change.", "small"))
        self.add_button("Cancel", self.reject)
        self.set_button = self.add_button("Set key", self._accept, primary=True)
        self.key.setFocus()
        self._listen()

    def _listen(self) -> None:
        project = self._workspace.project
        self.run(
            self._workspace.bridge,
            "Listening for the key",
            lambda work: song_key(work, project),
            done=self._show,
            failed=self._fail,
        )

    def _show(self, estimate: KeyEstimate | None) -> None:
        self.heard.setText(describe_key(estimate))
        if estimate is not None and not self.key.currentData():
            self.key.setCurrentIndex(self.key.findData(str(estimate.key)))

    def _fail(self, _error: BaseException) -> bool:
        self.heard.setText("The song cannot be heard now.")
        return True

    def _accept(self) -> None:
        key = str(self.key.currentData())
        self.accept()
        self._workspace.apply("Set key", lambda session: set_key(session, key))


def describe_key(estimate: KeyEstimate | None) -> str:
    """Say which key is heard, how surely, and how the song is tuned."""
    if estimate is None:
        return "Nothing with a pitch is heard."
    if estimate.confidence >= _SURE:
        words = f"It sounds like {estimate.key}."
    elif estimate.confidence >= _LIKELY:
        words = f"It is likely {estimate.key}, or else {estimate.second}."
    else:
        words = f"It may be {estimate.key} or {estimate.second}: hard to tell."
    if abs(estimate.tuning_cents) < _LEAST_CENTS:
        return words
    return f"{words} Its A is tuned to {estimate.a4_hz:.0f} Hz."
