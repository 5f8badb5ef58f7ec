"""The tempo, in beats a minute and beats a bar."""

from __future__ import annotations

from PySide6.QtWidgets import QDoubleSpinBox, QFormLayout, QSpinBox, QWidget

from fanstudio.gui.appearance import Appearance
from fanstudio.gui.dialogs.sheet import Sheet
from fanstudio.gui.widgets.labels import label
from fanstudio.gui.workspace import Workspace
from fanstudio.model import edits
from fanstudio.model.timebase import tempo_at


class TempoDialog(Sheet):
    """Sets one tempo for the whole timeline."""

    def __init__(self, parent: QWidget, appearance: Appearance, workspace: Workspace) -> None:
        """Show the tempo at the playhead."""
        super().__init__(parent, appearance, "Tempo", width=360)
        self._workspace = workspace
        tempo = tempo_at(workspace.session, workspace.playhead)
        self.bpm = QDoubleSpinBox(minimum=20, maximum=400, decimals=1, value=tempo.bpm)
        self.bpm.setAccessibleName("Beats a minute")
        self.beats = QSpinBox(minimum=1, maximum=16, value=tempo.beats_per_bar)
        self.beats.setAccessibleName("Beats a bar")
        form = QFormLayout()
        form.setHorizontalSpacing(16)
        form.setVerticalSpacing(12)
        form.addRow(label("Beats a minute", "muted"), self.bpm)
        form.addRow(label("Beats a bar", "muted"), self.beats)
        self.body.addLayout(form)
        self.body.addWidget(label("The grid changes; no clip moves.", "small"))
        self.add_button("Cancel", self.reject)
        self.add_button("Set tempo", self._accept, primary=True)
        self.bpm.setFocus()

    def _accept(self) -> None:
        bpm, beats = self.bpm.value(), self.beats.value()
        self.accept()
        self._workspace.apply("Set tempo", lambda session: edits.set_tempo(session, bpm, beats))
