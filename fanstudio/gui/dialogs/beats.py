"""Find tempo and beats: the song is heard, and its tempo, bars and key are set as one step."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QCheckBox, QFormLayout, QHBoxLayout, QProgressBar, QPushButton, QWidget

from fanstudio.gui.appearance import Appearance
from fanstudio.gui.dialogs.sheet import Sheet
from fanstudio.gui.panels.job_cards import describe_error
from fanstudio.gui.tokens import CONTROL_HEIGHT
from fanstudio.gui.widgets.labels import button, label
from fanstudio.gui.widgets.segmented import SegmentedControl
from fanstudio.gui.workspace import Workspace
from fanstudio.jobs import Work
from fanstudio.model.beat_grid import BeatGrid
from fanstudio.model.session import Session
from fanstudio.model.tempo import is_tempo
from fanstudio.model.tempo_edits import even_tempo, follow_beats, is_even, set_even_tempo
from fanstudio.model.voice_edits import set_key
from fanstudio.studio.analyse import SURE, SongAnalysis, analyse_song

_EVEN, _FOLLOW = "even", "follow"
_GRIDS = ((_EVEN, "One tempo"), (_FOLLOW, "Follow the beats"))
_SECURE, _UNSURE = "The beats are clear.", "Half or double may be meant: tap along, and choose."
_STEPS = 1000


class BeatsDialog(Sheet):
    """Listens to the open song while it is open; nothing changes before “Set tempo”."""

    def __init__(self, parent: QWidget, appearance: Appearance, workspace: Workspace) -> None:
        """Begin to listen at once."""
        super().__init__(parent, appearance, "Find tempo and beats", width=440)
        self._workspace = workspace
        self._found: SongAnalysis | None = None
        #: What the buttons make of the grid that was found: a half, the whole, or a double.
        self._level = 0
        self._told = (0.0, "")
        self._make_parts()
        self._lay_out()
        self.add_button("Cancel", self.reject)
        self.set_button = self.add_button("Set tempo", self._accept, primary=True)
        self.set_button.setEnabled(False)
        workspace.bridge.tick.connect(self._show_progress)
        self.finished.connect(lambda: workspace.bridge.tick.disconnect(self._show_progress))
        self._listen()

    @property
    def grid(self) -> BeatGrid:
        """Return the grid that would be set; empty while nothing is found."""
        if self._found is None:
            return BeatGrid()
        grid = self._found.grid
        return {-1: grid.halved, 0: lambda: grid, 1: grid.doubled}[self._level]()

    def _make_parts(self) -> None:
        self.said = label("Listening to the song…", "muted", wraps=True)
        self.bar = QProgressBar()
        self.bar.setRange(0, _STEPS)
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName("Progress")
        self.tempo = label("", "dialog-title")
        self.half = _level_button("÷ 2", "Half the tempo", lambda: self._change_level(-1))
        self.double = _level_button("× 2", "Double the tempo", lambda: self._change_level(1))
        self.kind = SegmentedControl("Grid", _GRIDS)
        self.key = QCheckBox()
        self.results = QWidget()
        self.results.hide()

    def _lay_out(self) -> None:
        tempo = QHBoxLayout()
        tempo.setSpacing(8)
        tempo.addWidget(self.tempo, 1)
        tempo.addWidget(self.half)
        tempo.addWidget(self.double)
        form = QFormLayout(self.results)
        form.setContentsMargins(0, 0, 0, 0)
        form.setHorizontalSpacing(16)
        form.setVerticalSpacing(12)
        for text, part in (("Tempo", tempo), ("Grid", self.kind), ("Key", self.key)):
            name = label(text, "muted")
            name.setFixedHeight(CONTROL_HEIGHT)
            form.addRow(name, part)
        self.body.addWidget(self.said)
        self.body.addWidget(self.bar)
        self.body.addWidget(self.results)
        self.body.addWidget(label("The ruler and snapping follow the song; no clip moves.", "small"))

    def _listen(self) -> None:
        project = self._workspace.project

        def run(work: Work) -> SongAnalysis:
            return analyse_song(work.told_to(self._hear_progress), project)

        self.run(self._workspace.bridge, "Finding the beats", run, done=self._show, failed=self._fail)

    def _hear_progress(self, fraction: float, text: str) -> None:
        self._told = fraction, text

    def _show_progress(self) -> None:
        fraction, text = self._told
        if self._found is None and text:
            self.bar.setValue(round(_STEPS * fraction))
            self.said.setText(f"{text}…")

    def _show(self, found: SongAnalysis) -> None:
        self.bar.hide()
        self._found = found
        self.key.setVisible(found.key is not None)
        if found.key is not None:
            self.key.setText(f"Set it to {found.key.key}")
            self.key.setChecked(not self._workspace.session.key)
        if not found.grid:
            self._found = None
            self.said.setText(f"No beat is heard in “{found.name}”.")
            return
        self.kind.choose(_EVEN if is_even(found.grid) else _FOLLOW)
        self.results.show()
        self._show_grid()
        self.set_button.setEnabled(True)
        self.set_button.setFocus()
        self.adjustSize()

    def _show_grid(self) -> None:
        grid = self.grid
        self.tempo.setText(f"{even_tempo(grid):g} bpm, {grid.beats_per_bar} beats a bar")
        self.said.setText(_SECURE if grid.confidence >= SURE else _UNSURE)
        self.half.setEnabled(self._level > -1 and is_tempo(grid.tempo_bpm / 2) and len(grid.beats_s) > 3)
        self.double.setEnabled(self._level < 1 and is_tempo(grid.tempo_bpm * 2))

    def _change_level(self, by: int) -> None:
        self._level += by
        self._show_grid()

    def _fail(self, error: BaseException) -> bool:
        self.bar.hide()
        self.said.setText(" ".join(describe_error(error)))
        return True

    def _accept(self) -> None:
        grid, follow = self.grid, self.kind.value == _FOLLOW
        key = self._found.key if self._found and self.key.isChecked() else None
        self.accept()

        def edit(session: Session) -> Session:
            session = follow_beats(session, grid) if follow else set_even_tempo(session, grid)
            return session if key is None else set_key(session, str(key.key))

        self._workspace.apply("Set tempo and beats", edit)


def _level_button(text: str, name: str, clicked: Callable[[], None]) -> QPushButton:
    made = button(text, clicked, tooltip=name)
    made.setAccessibleName(name)
    return made
