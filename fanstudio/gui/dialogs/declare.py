"""The question on what basis the fan's own files are used."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QCheckBox, QLineEdit, QRadioButton, QWidget

from fanstudio.errors import InputError
from fanstudio.gui.appearance import Appearance
from fanstudio.gui.dialogs.sheet import Sheet
from fanstudio.gui.widgets.labels import label
from fanstudio.studio.import_audio import Declaration, parse_declaration


class DeclareDialog(Sheet):
    """Asks once for a group of files; the answer travels along into credentials and receipts."""

    def __init__(
        self,
        parent: QWidget,
        appearance: Appearance,
        names: tuple[str, ...],
        declared: Callable[[Declaration], object],
    ) -> None:
        """Ask about files by their names."""
        what = f"“{names[0]}”" if len(names) == 1 else f"these {len(names)} files"
        super().__init__(parent, appearance, f"May you use {what}?")
        self._declared = declared
        text = "fanstudio asks once. Your answer is written into what you export, with your name left out."
        self.body.addWidget(label(text, "muted", wraps=True))
        self.own = QRadioButton("It is mine: I made it, or I hold the rights")
        self.open_licence = QRadioButton("It is openly licensed, at this address:")
        self.address = QLineEdit()
        self.address.setPlaceholderText("https://creativecommons.org/licenses/by/4.0/")
        self.address.setAccessibleName("Address of the licence")
        self.error = label("", "error", wraps=True)
        self.error.hide()
        self.split = QCheckBox("Split it into stems" if len(names) == 1 else "Split each into stems")
        for part in (self.own, self.open_licence, self.address, self.error, self.split):
            self.body.addWidget(part)
        self.body.setSpacing(10)
        self.own.setChecked(True)
        self.address.setEnabled(False)
        self.open_licence.toggled.connect(self.address.setEnabled)
        self.add_button("Cancel", self.reject)
        self.accept_button = self.add_button("Import", self._accept, primary=True)

    def _accept(self) -> None:
        text = "own" if self.own.isChecked() else f"open:{self.address.text().strip()}"
        try:
            declaration = parse_declaration(text)
        except InputError:
            self.error.setText("Please give the web address of the licence.")
            self.error.show()
            self.address.setFocus()
            return
        self.accept()
        self._declared(declaration)
