"""Writing beats: the drum grid, and patterns that follow the tempo."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from fanstudio.errors import FanstudioError
from fanstudio.gui.actions import pattern_clip
from fanstudio.gui.appearance import Appearance
from fanstudio.gui.dialogs.drum_grid import DrumGridDialog
from fanstudio.gui.shelf_hearing import ShelfHearing
from fanstudio.gui.workspace import Workspace
from fanstudio.jobs import Work
from fanstudio.model.pattern import Pattern
from fanstudio.model.session import Clip
from fanstudio.studio import drum_grid
from fanstudio.studio.drum_machine import DrumMachine


class DrumCommands:
    """Opens the drum grid and renders patterns anew."""

    def __init__(
        self,
        window: QWidget,
        workspace: Workspace,
        appearance: Appearance,
        machine: DrumMachine,
        hearing: ShelfHearing,
    ) -> None:
        """Work on a workspace, asking on top of `window`; the grid is heard where the shelf is."""
        self._window = window
        self._workspace = workspace
        self._appearance = appearance
        self._machine = machine
        self._hearing = hearing
        self._told_bpm: float | None = None
        workspace.opened.connect(self._remember_tempo)
        workspace.session_changed.connect(self._notice_tempo)

    def open_grid(self) -> None:
        """Edit the selected drum pattern, or begin a new one at the playhead."""
        clip = pattern_clip(self._workspace.situation)
        try:
            pattern = self._pattern(clip)
        except FanstudioError as error:
            self._workspace.bridge.report("Drum grid", error)
            return
        self._hearing.stop()
        preview = self._hearing.preview()
        DrumGridDialog(
            self._window, self._appearance, self._workspace, self._machine, preview, pattern, clip
        ).open()

    def open_clip(self, clip_id: str) -> None:
        """Open the drum grid of a clip that was double-clicked; other clips have none."""
        self._workspace.select_clips((clip_id,))
        if pattern_clip(self._workspace.situation) is not None:
            self.open_grid()

    def fit(self) -> None:
        """Render the drum patterns that were made for another tempo anew."""
        project = self._workspace.project
        clips = drum_grid.out_of_tempo(self._workspace.session)

        def run(work: Work) -> dict[str, drum_grid.Rendered]:
            return drum_grid.render_in_tempo(work, project, self._machine, clips)

        def done(rendered: dict[str, drum_grid.Rendered]) -> None:
            if self._workspace.is_open and self._workspace.project is project:
                drum_grid.follow_tempo(project, rendered)

        self._workspace.bridge.run("Fitting drums to the tempo", run, done=done)

    def _pattern(self, clip: Clip | None) -> Pattern:
        if clip is not None and clip.pattern is not None:
            return drum_grid.all_rows(self._machine, clip.pattern)
        return drum_grid.new_pattern(self._workspace.session, self._machine, self._workspace.playhead)

    def _remember_tempo(self) -> None:
        tempo = self._workspace.session.tempo
        self._told_bpm = tempo[0].bpm if tempo else None

    def _notice_tempo(self) -> None:
        """Say once for each tempo that drum patterns keep theirs until they are asked."""
        session = self._workspace.session
        bpm = session.tempo[0].bpm if session.tempo else None
        late = drum_grid.out_of_tempo(session) if bpm != self._told_bpm else ()
        self._told_bpm = bpm
        if late:
            count = "A drum pattern keeps" if len(late) == 1 else f"{len(late)} drum patterns keep"
            words = "“Fit drums to the tempo” in the Song menu plays them anew in the new one."
            self._workspace.bridge.noted.emit(f"{count} the old tempo", words)
