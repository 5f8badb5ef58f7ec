"""The export dialog: how, where to, what is permitted, and who is paid."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLineEdit, QScrollArea, QVBoxLayout, QWidget

from fanstudio.export.formats import FORMATS, find_format
from fanstudio.gui.appearance import Appearance
from fanstudio.gui.dialogs.files import choose_folder, music_folder
from fanstudio.gui.dialogs.sheet import Sheet
from fanstudio.gui.widgets.labels import ElidedLabel, button, label
from fanstudio.gui.widgets.rights_list import RightsList
from fanstudio.gui.widgets.segmented import SegmentedControl
from fanstudio.gui.widgets.share_bar import ShareBar, describe_shares, group_shares
from fanstudio.gui.workspace import Workspace
from fanstudio.model import edits
from fanstudio.model.session import Session
from fanstudio.studio.export import ExportOptions, ExportPlan, SourceRight

#: What a loudness is for; as mixed is none of them.
_LOUDNESSES = {-14.0: "Streaming", -23.0: "Broadcast"}
_AS_MIXED = "mixed"
_CARRIES = (
    "The file carries an inaudible mark and signed credentials that say what it is made of. "
    "The platform gets the list above, the length and the file's digest; never your audio."
)
_MOST_RIGHTS_HEIGHT = 216


class ExportDialog(Sheet):
    """Asks how to export and hands over ExportOptions; `show_plan` keeps it up to date.

    Who is not signed in is asked to first, and sees what is permitted before exporting.
    """

    sign_in_wanted = Signal()

    def __init__(
        self,
        parent: QWidget,
        appearance: Appearance,
        workspace: Workspace,
        plan: ExportPlan | None,
        export: Callable[[ExportOptions], object],
        folder: Path | None = None,
    ) -> None:
        """Propose the session's title and the format of the settings."""
        super().__init__(parent, appearance, f"Export “{workspace.session.title}”", width=620)
        self._workspace = workspace
        self._export = export
        self._folder = folder or music_folder()
        self._make_fields(workspace)
        self.body.addLayout(self._grid())
        self._rights = QVBoxLayout()
        self._rights.setContentsMargins(0, 0, 0, 0)
        self.body.addLayout(self._rights)
        self.body.addWidget(label(_CARRIES, "small", wraps=True))
        self.body.addWidget(self._make_paid())
        self.note = label("", "muted", wraps=True)
        self.body.addWidget(self.note)
        self.add_button("Cancel", self.reject)
        self.export_button = self.add_button("Export", self._accept, primary=True)
        workspace.account_changed.connect(self._show_state)
        self.show_plan(plan)

    def _make_fields(self, workspace: Workspace) -> None:
        self.format = SegmentedControl("Format", [(row.name, row.name.upper()) for row in FORMATS])
        self.format.choose(workspace.settings.text("export_format"))
        self.format.chosen.connect(lambda _value: self._show_suffix())
        chosen = float(workspace.settings.get("export_loudness_lufs"))
        self.loudness = SegmentedControl("Loudness", _loudness_choices(chosen))
        self.loudness.choose(str(chosen) if chosen else _AS_MIXED)
        self.name = QLineEdit(f"{safe_name(workspace.session.title)}{find_format(self.format.value).suffix}")
        self.name.setAccessibleName("Name of the file")
        self.name.textChanged.connect(lambda _text: self._show_state())
        self.folder_text = ElidedLabel(str(self._folder), "small")
        self.browse_button = button("Folder…", self._browse, tooltip="Choose the folder")

    def _grid(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setColumnMinimumWidth(0, 108)
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(12)
        grid.setColumnStretch(1, 1)
        for row, (text, field) in enumerate((("Format", self.format), ("Loudness", self.loudness))):
            grid.addWidget(label(text, "muted"), row, 0)
            grid.addWidget(field, row, 1, Qt.AlignmentFlag.AlignLeft)
        grid.addWidget(label("Name", "muted"), 2, 0)
        grid.addWidget(self.name, 2, 1)
        grid.addWidget(label("Folder", "muted"), 3, 0)
        line = QHBoxLayout()
        line.addWidget(self.folder_text, 1)
        line.addWidget(self.browse_button)
        grid.addLayout(line, 3, 1)
        return grid

    def _make_paid(self) -> QWidget:
        self.paid = QWidget()
        column = QVBoxLayout(self.paid)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(label("Who is paid", "small"))
        line = QHBoxLayout()
        line.setSpacing(10)
        self.bar = ShareBar(self.appearance)
        self.shares = ElidedLabel("", "small")
        line.addWidget(self.bar)
        line.addWidget(self.shares, 1)
        column.addLayout(line)
        return self.paid

    def show_plan(self, plan: ExportPlan | None) -> None:
        """Show what is permitted and who is paid; None while it is being asked."""
        self._plan = plan
        while (item := self._rights.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        if plan is None:
            self._rights.addWidget(label("Asking what each source permits…", "muted"))
        elif plan.rights:
            self.rights = RightsList(self.appearance, plan.rights, self._mute)
            self._rights.addWidget(_scrolled(self.rights))
        shares = group_shares(plan.shares) if plan else ()
        self.paid.setVisible(bool(shares))
        self.bar.show_shares(shares)
        self.shares.setText(describe_shares(shares))
        self._show_state()
        self.adjustSize()

    def options(self) -> ExportOptions:
        """Return what was chosen."""
        lufs = None if self.loudness.value == _AS_MIXED else float(self.loudness.value)
        target = self._folder / self.name.text().strip()
        title = self._workspace.session.title
        return ExportOptions(target=target, format=self.format.value, loudness_lufs=lufs, title=title)

    def _show_state(self) -> None:
        self.export_button.setText("Export" if self._signed_in else "Sign in to export")
        rights = self._plan.rights if self._plan else ()
        possible = bool(rights) and all(right.permitted is not False for right in rights)
        named = bool(self.name.text().strip()) and "/" not in self.name.text()
        exists = named and (self._folder / self.name.text().strip()).exists()
        self.export_button.setEnabled(possible and named)
        note = "A file of this name is there already and will be replaced." if exists else ""
        if self._plan is not None and not self._plan.exportable:
            note = f"{self._plan.headline}. {self._plan.detail}".rstrip()
        self.note.setText(note)
        self.note.setVisible(bool(note))

    @property
    def _signed_in(self) -> bool:
        account = self._workspace.account
        return account is not None and account.signed_in

    def _show_suffix(self) -> None:
        stem = self.name.text().strip()
        known = {row.suffix for row in FORMATS}
        path = Path(stem)
        base = stem[: -len(path.suffix)] if path.suffix.lower() in known else stem
        self.name.setText(f"{base}{find_format(self.format.value).suffix}")

    def _mute(self, right: SourceRight) -> None:
        def change(session: Session) -> Session:
            for clip_id in right.clip_ids:
                if session.find_clip(clip_id):
                    session = edits.mute_clip(session, clip_id, True)
            return session

        self._workspace.apply(f"Mute “{right.title}”", change)

    def _browse(self) -> None:
        choose_folder(self, "Export to", self._take_folder, self._folder)

    def _take_folder(self, folder: Path) -> None:
        self._folder = folder
        self.folder_text.setText(str(folder))
        self._show_state()

    def _accept(self) -> None:
        if not self._signed_in:
            self.sign_in_wanted.emit()
            return
        options = self.options()
        self.accept()
        self._export(options)


def _loudness_choices(chosen: float) -> list[tuple[str, str]]:
    """Return the known loudnesses, the settings' own among them, and as mixed."""
    targets = sorted({*_LOUDNESSES, chosen or min(_LOUDNESSES)}, reverse=True)
    rows = [(str(lufs), f"{_LOUDNESSES.get(lufs, 'At')} −{abs(lufs):g} LUFS") for lufs in targets]
    return [*rows, (_AS_MIXED, "As mixed")]


def safe_name(title: str) -> str:
    """Return a file name for a title: what no file system likes is left out."""
    kept = "".join(letter for letter in title if letter.isprintable() and letter not in '<>:"/\\|?*')
    return kept.strip(" .")[:120] or "export"


def _scrolled(rights: RightsList) -> QWidget:
    height = rights.sizeHint().height()
    if height <= _MOST_RIGHTS_HEIGHT:
        return rights
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setWidget(rights)
    area.setFixedHeight(_MOST_RIGHTS_HEIGHT)
    return area
