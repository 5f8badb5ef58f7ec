"""Dialogs that state facts: a receipt, what a file is made of, what this program is."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QScrollArea, QWidget

from fanstudio import __version__
from fanstudio.gui.appearance import Appearance
from fanstudio.gui.dialogs.sheet import Sheet
from fanstudio.gui.widgets.dot import Dot
from fanstudio.gui.widgets.labels import label
from fanstudio.studio.export import ExportResult
from fanstudio.studio.verify import Verification

_MOST_HEIGHT = 320
#: A verdict of `verify`: the colour that it stands for.
VERDICTS = {
    "verified": "ok",
    "untrusted": "wait",
    "mark_only": "wait",
    "credentials_only": "wait",
    "unknown": "mix",
    "unreadable": "mix",
    "altered": "deny",
    "revoked": "deny",
    "conflict": "deny",
}


class FactsDialog(Sheet):
    """A headline with a state's colour, and rows of a name and what is so."""

    def __init__(
        self,
        parent: QWidget,
        appearance: Appearance,
        title: str,
        *,
        headline: str,
        token: str,
        facts: Sequence[tuple[str, str]],
    ) -> None:
        """State facts."""
        super().__init__(parent, appearance, title, width=620)
        self.headline = label(headline, "strong", wraps=True)
        line = QHBoxLayout()
        line.setSpacing(10)
        line.addWidget(Dot(appearance, token), 0, Qt.AlignmentFlag.AlignVCenter)
        line.addWidget(self.headline, 1)
        self.body.addLayout(line)
        self.body.addWidget(_table(facts))


class ReceiptDialog(FactsDialog):
    """What an export became."""

    def __init__(
        self, parent: QWidget, appearance: Appearance, result: ExportResult, receipt_url: str
    ) -> None:
        """Show a result; `receipt_url` is where anyone may read the receipt."""
        self._path = result.path
        self._url = receipt_url
        verification = result.verification
        super().__init__(
            parent,
            appearance,
            f"Exported “{result.path.name}”",
            headline=verification.headline,
            token=VERDICTS.get(verification.verdict, "mix"),
            facts=receipt_facts(result),
        )
        self.copy_button = self.add_button("Copy receipt link", self.copy_link)
        self.folder_button = self.add_button("Show in folder", self.show_folder)
        self.add_button("Done", self.accept, primary=True).setFocus()

    def copy_link(self) -> None:
        """Put the receipt's address on the clipboard."""
        QGuiApplication.clipboard().setText(self._url)
        self.copy_button.setText("Copied")

    def show_folder(self) -> None:
        """Open the folder of the file."""
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._path.parent)))


class VerificationDialog(FactsDialog):
    """What a file is made of, and whether that may be believed."""

    def __init__(self, parent: QWidget, appearance: Appearance, result: Verification) -> None:
        """Show a verification."""
        super().__init__(
            parent,
            appearance,
            f"“{result.file.name}”",
            headline=result.headline,
            token=VERDICTS.get(result.verdict, "mix"),
            facts=result.details,
        )
        self.add_button("Close", self.accept, primary=True).setFocus()


def receipt_facts(result: ExportResult) -> list[tuple[str, str]]:
    """Return what a person wants to know of an export, in words."""
    receipt = result.receipt
    credited = ", ".join(
        f"{track.title} by {track.artist} ({', '.join(track.ops)})" for track in receipt.tracks
    )
    seconds = receipt.length_frames / receipt.sample_rate
    rows = [
        ("File", str(result.path)),
        ("Length", f"{int(seconds) // 60}:{seconds % 60:04.1f}"),
        ("Loudness", result.loudness_told.replace("-", "−")),
        ("Made from", credited),
        ("Export number", result.export_id),
        ("Digest", result.essence_sha256),
    ]
    said = {"Title", "Contains", "Receipt"}
    checked = [row for row in result.verification.details if row[0] not in said]
    return [row for row in (*rows, *checked, ("Took", f"{result.seconds:.1f} s")) if row[1]]


def about(parent: QWidget, appearance: Appearance) -> FactsDialog:
    """Show the version and the licence."""
    dialog = FactsDialog(
        parent,
        appearance,
        "About fanstudio",
        headline="Remix and cover the tracks you love, with permission.",
        token="ok",
        facts=(("Version", __version__), ("Licence", "GPL-3.0-or-later"), ("Program", str(_program()))),
    )
    dialog.add_button("Close", dialog.accept, primary=True).setFocus()
    return dialog


def _program() -> Path:
    return Path(__file__).resolve().parents[2]


def _table(facts: Sequence[tuple[str, str]]) -> QWidget:
    inner = QWidget()
    grid = QGridLayout(inner)
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setHorizontalSpacing(16)
    grid.setVerticalSpacing(8)
    grid.setColumnStretch(1, 1)
    for row, (name, words) in enumerate(facts):
        value = label(breakable(words), wraps=True)
        value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        value.setAccessibleName(f"{name}: {words}")
        grid.addWidget(label(name, "muted"), row, 0, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(value, row, 1)
    grid.setRowStretch(len(facts), 1)
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    area.setAccessibleName("Facts")
    area.setWidget(inner)
    wanted = inner.heightForWidth(556) if inner.hasHeightForWidth() else inner.sizeHint().height()
    area.setFixedHeight(min(_MOST_HEIGHT, wanted + 4))
    return area


def breakable(words: str) -> str:
    """Return a text in which paths and digests may break between lines."""
    if " " in words or len(words) < 40:
        return words.replace("/", "/\u200b")
    return "\u200b".join(words[start : start + 8] for start in range(0, len(words), 8))
