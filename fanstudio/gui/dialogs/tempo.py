"""The tempo, in beats a minute and beats a bar."""

from __future__ import annotations

from PySide6.QtWidgets import QFormLayout, QWidget

from fanstudio.gui.appearance import Appearance
from fanstudio.gui.dialogs.sheet import Sheet
from fanstudio.gui.tokens import CONTROL_HEIGHT
from fanstudio.gui.widgets.labels import label
from fanstudio.gui.widgets.numbers import number_field
from fanstudio.gui.workspace import Workspace
from fanstudio.model import edits
from fanstudio.model.tempo import MAX_BPM, MIN_BPM
from fanstudio.model.timebase import tempo_at


class TempoDialog(Sheet):
    """Sets one tempo for the whole timeline."""

    def __init__(self, parent: QWidget, appearance: Appearance, workspace: Workspace) -> None:
        """Show the tempo at the playhead."""
        super().__init__(parent, appearance, "Tempo", width=360)
        self._workspace = workspace
        tempo = tempo_at(workspace.session, workspace.playhead)
        self.bpm = number_field("Beats a minute", MIN_BPM, MAX_BPM, tempo.bpm)
        self.beats = number_field("Beats a bar", 1, 16, tempo.beats_per_bar, decimals=0)
        form = QFormLayout()
        form.setHorizontalSpacing(16)
        form.setVerticalSpacing(12)
        for text, field in (("Beats a minute", self.bpm), ("Beats a bar", self.beats)):
            name = label(text, "muted")
            name.setFixedHeight(CONTROL_HEIGHT)
            form.addRow(name, field)
        self.body.addLayout(form)
        self.body.addWidget(label("The grid changes; no clip moves.", "small"))
        self.add_button("Cancel", self.reject)
        self.add_button("Set tempo", self._accept, primary=True)
        self.bpm.setFocus()

    def _accept(self) -> None:
        bpm, beats = self.bpm.value(), int(self.beats.value())
        self.accept()
        self._workspace.apply("Set tempo", lambda session: edits.set_tempo(session, bpm, beats))
