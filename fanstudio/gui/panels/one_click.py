"""One click: what stems make easy."""

from __future__ import annotations

from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from fanstudio.gui.action_set import ActionSet
from fanstudio.gui.actions import clips_to_separate, has_stems
from fanstudio.gui.theme import set_role
from fanstudio.gui.widgets.labels import button, label
from fanstudio.gui.workspace import Workspace


class OneClick(QWidget):
    """Offers “Split into stems” while a song that sounds is whole, and the mixes that stems allow."""

    def __init__(self, workspace: Workspace, actions: ActionSet, parent: QWidget | None = None) -> None:
        """Follow a workspace."""
        super().__init__(parent)
        self._workspace = workspace
        self.stems = self._button(actions, "stems", "Split into stems")
        self.options = self._button(actions, "stems_sheet", "Options…")
        self.instrumental = self._button(actions, "instrumental", "Instrumental")
        self.a_cappella = self._button(actions, "a_cappella", "A cappella")
        set_role(self.stems, "accent")
        grid = QGridLayout()
        grid.setSpacing(8)
        grid.addWidget(self.instrumental, 0, 0)
        grid.addWidget(self.a_cappella, 0, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        column.addWidget(label("One click", "strong"))
        split = QHBoxLayout()
        split.setSpacing(8)
        split.addWidget(self.stems, 1)
        split.addWidget(self.options)
        column.addLayout(split)
        column.addLayout(grid)
        self.verify = self._button(actions, "verify", "Verify a file…")
        self.style_button = self._button(actions, "style", "Change the style…")
        self.shelf = self._button(actions, "shelf", "Loops and drums…")
        self.beats = self._button(actions, "find_beats", "Find tempo and beats…")
        column.addWidget(self.beats)
        column.addWidget(self.style_button)
        column.addWidget(self.shelf)
        column.addWidget(self.verify)
        for changed in (
            workspace.session_changed,
            workspace.selection_changed,
            workspace.splitting_changed,
        ):
            changed.connect(self._show)

    def _button(self, actions: ActionSet, action_id: str, text: str) -> QPushButton:
        made = button(text, lambda: None)
        actions.bind(made, action_id, with_icon=False)
        return made

    def _show(self) -> None:
        now = self._workspace.situation
        mixes = has_stems(now)
        split = not mixes or any(not clip.muted for clip in clips_to_separate(now))
        self.stems.setVisible(split)
        self.options.setVisible(split)
        self.instrumental.setVisible(mixes)
        self.a_cappella.setVisible(mixes)
        session = now.session
        self.beats.setVisible(session is not None and not session.tempo and any(session.clips()))
