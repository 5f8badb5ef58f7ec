"""Keeping a style as a preset of the fan's own, under a name, and choosing where to share one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QLineEdit, QWidget

from fanstudio.gui.appearance import Appearance
from fanstudio.gui.dialogs.files import music_folder
from fanstudio.gui.dialogs.sheet import Sheet
from fanstudio.gui.widgets.labels import label
from fanstudio.model.recipe_file import SUFFIX

_MOST_LETTERS = 60


class SaveStyleDialog(Sheet):
    """Asks what a preset is to be called."""

    def __init__(
        self, parent: QWidget, appearance: Appearance, name: str, keep: Callable[[str], None]
    ) -> None:
        """Propose a name; `keep` is called with the one that is chosen."""
        super().__init__(parent, appearance, "Save as my preset", width=420)
        self._keep = keep
        self.name = QLineEdit(f"My {name}"[:_MOST_LETTERS])
        self.name.setMaxLength(_MOST_LETTERS)
        self.name.setAccessibleName("Name of the preset")
        self.name.textChanged.connect(lambda _text: self._show())
        self.body.addWidget(self.name)
        words = "It is kept on this computer, in all your projects. It holds settings only, no sound."
        self.body.addWidget(label(words, "small", wraps=True))
        self.add_button("Cancel", self.reject)
        self.save_button = self.add_button("Save preset", self._accept, primary=True)
        self.name.selectAll()
        self.name.setFocus()

    def _show(self) -> None:
        self.save_button.setEnabled(bool(self.name.text().strip()))

    def _accept(self) -> None:
        name = self.name.text().strip()
        self.accept()
        self._keep(name)


def choose_style_file(parent: QWidget, name: str, chosen: Callable[[Path], object]) -> QFileDialog:
    """Ask where to write a preset."""
    dialog = QFileDialog(parent, "Share this style", str(music_folder()))
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setNameFilter(f"Styles (*{SUFFIX})")
    dialog.setDefaultSuffix(SUFFIX.removeprefix("."))
    dialog.selectFile(f"{_file_name(name)}{SUFFIX}")
    dialog.fileSelected.connect(lambda path: chosen(Path(path)))
    dialog.finished.connect(parent.window().activateWindow)
    dialog.open()
    return dialog


def _file_name(name: str) -> str:
    """Return a name that every file system takes."""
    kept = "".join(letter if letter.isalnum() or letter in " -_" else "-" for letter in name)
    return kept.strip() or "Style"
