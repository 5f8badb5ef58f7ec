"""Hearing and adding what lies on the shelf, and the drum grid."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from fanstudio.audio.samples import Samples
from fanstudio.errors import FanstudioError
from fanstudio.gui.actions import pattern_clip
from fanstudio.gui.appearance import Appearance
from fanstudio.gui.dialogs.drum_grid import DrumGridDialog
from fanstudio.gui.workspace import Workspace
from fanstudio.jobs import Work
from fanstudio.model.session import Source
from fanstudio.model.timebase import beat_length
from fanstudio.studio import add_from_shelf, drum_grid
from fanstudio.studio.drum_machine import DrumMachine
from fanstudio.studio.preview import Preview, along, lend
from fanstudio.studio.shelf import hear, session_tempo
from fanstudio.studio.shelf_table import ShelfItem

if TYPE_CHECKING:
    from fanstudio.gui.panels.side_panel import SidePanel


@dataclass(frozen=True, slots=True)
class _Joined:
    """What sounds along with the song: a source, from which frame on, and whether it is a loop."""

    source: Source
    frame: int
    loop: bool
    late_frames: int

    def is_over(self, playhead: int) -> bool:
        """Tell whether it has rung out; it began at most a beat and a half late."""
        return not self.loop and playhead > self.frame + self.source.length + self.late_frames


class ShelfCommands:
    """Previews, adds, and edits drum patterns; `side`, which shows the shelf, is set by the window."""

    def __init__(self, window: QWidget, workspace: Workspace, appearance: Appearance) -> None:
        """Work on a workspace, asking on top of `window`."""
        self._window = window
        self._workspace = workspace
        self._appearance = appearance
        self.machine = DrumMachine()
        self.side: SidePanel | None = None
        #: The id of the item that is heard, or is about to be; empty for none.
        self.heard = ""
        self._sounding = False
        self._preview: Preview | None = None
        self._joined: _Joined | None = None
        self._told_bpm: float | None = None
        workspace.opened.connect(self._start_anew)
        workspace.transport_changed.connect(self._give_way)
        workspace.session_changed.connect(self._notice_tempo)
        workspace.session_changed.connect(self._rejoin)
        workspace.bridge.tick.connect(self._notice_end)

    # ── the shelf ────────────────────────────────────────────────────────────────────────────

    def toggle(self) -> None:
        """Show the shelf, or hide it."""
        assert self.side is not None
        self.side.show_shelf(not self.side.shelf_shown)
        if not self.side.shelf_shown:
            self.stop()

    def hear_or_stop(self, item: ShelfItem) -> None:
        """Hear an item, or fall silent where it is heard already."""
        if self.heard == item.id:
            self.stop()
        else:
            self.hear(item)

    def hear(self, item: ShelfItem) -> None:
        """Hear an item in the song's tempo, a loop round and round; along with the song where that plays."""
        if not self._workspace.is_open:
            return
        session = self._workspace.session
        bpm = session_tempo(session, self._workspace.playhead)
        rate = session.sample_rate
        self._set_heard(item.id)
        self._sounding = False

        def play(samples: Samples) -> None:
            if self.heard == item.id and self._workspace.is_open:
                self._play(samples, loop=bool(item.bars))

        def failed(error: BaseException) -> bool:
            self.stop()
            return self._say(error)

        self._workspace.bridge.run(
            "Preview",
            lambda work: hear(work, self.machine, item, bpm, rate),
            done=play,
            failed=failed,
            shown=False,
        )

    def stop(self) -> None:
        """Fall silent."""
        if self._preview is not None:
            self._preview.stop()
        self._leave_song()
        self._set_heard("")

    def close(self) -> None:
        """Fall silent and give the sound device back."""
        self._joined = None
        if self._preview is not None:
            self._preview.close()
            self._preview = None
        self._set_heard("")

    def add(self, item: ShelfItem, frame: int | None = None, track_id: str | None = None) -> None:
        """Put an item on the timeline: at the playhead, or at a frame, perhaps on a track."""
        if not self._workspace.is_open:
            return
        project = self._workspace.project
        at = self._workspace.playhead if frame is None else frame

        def place(fetched: add_from_shelf.Fetched) -> None:
            if self._workspace.is_open and self._workspace.project is project:
                clip_id = add_from_shelf.place(project, fetched, at, track_id)
                self._workspace.select_clips((clip_id,))
                if self.side is not None:
                    self.side.shelf.show_words(f"{fetched.words}: “{item.name}”.")

        self._workspace.bridge.run(
            f"Adding “{item.name}”",
            lambda work: add_from_shelf.fetch(work, project, self.machine, item, at),
            done=place,
            failed=self._say,
        )

    def add_dropped(self, item_id: str, frame: int, track_id: str | None) -> None:
        """Put the item that was dropped on the timeline where it was dropped."""
        for item in self.machine.shelf.items:
            if item.id == item_id:
                self.add(item, frame, track_id)

    # ── the drum grid ────────────────────────────────────────────────────────────────────────

    def open_grid(self) -> None:
        """Edit the selected drum pattern, or begin a new one at the playhead."""
        clip = pattern_clip(self._workspace.situation)
        try:
            pattern = (
                drum_grid.all_rows(self.machine, clip.pattern)
                if clip is not None and clip.pattern is not None
                else drum_grid.new_pattern(self._workspace.session, self.machine, self._workspace.playhead)
            )
        except FanstudioError as error:
            self._workspace.bridge.report("Drum grid", error)
            return
        self.stop()
        DrumGridDialog(
            self._window, self._appearance, self._workspace, self.machine, self.preview(), pattern, clip
        ).open()

    def open_clip(self, clip_id: str) -> None:
        """Open the drum grid of a clip that was double-clicked; other clips have none."""
        self._workspace.select_clips((clip_id,))
        if pattern_clip(self._workspace.situation) is not None:
            self.open_grid()

    def fit_drums(self) -> None:
        """Render the drum patterns that were made for another tempo anew."""
        project = self._workspace.project
        clips = drum_grid.out_of_tempo(self._workspace.session)

        def run(work: Work) -> dict[str, drum_grid.Rendered]:
            return drum_grid.render_in_tempo(work, project, self.machine, clips)

        def done(rendered: dict[str, drum_grid.Rendered]) -> None:
            if self._workspace.is_open and self._workspace.project is project:
                drum_grid.follow_tempo(project, rendered)

        self._workspace.bridge.run("Fitting drums to the tempo", run, done=done)

    def preview(self) -> Preview:
        """Return what plays beside the song, which stops for it."""
        if self._workspace.transport.playing:
            self._workspace.transport.stop()
            self._workspace.transport_changed.emit()
        if self._preview is None:
            self._preview = self._workspace.make_preview()
        return self._preview

    # ── parts ────────────────────────────────────────────────────────────────────────────────

    def _say(self, error: BaseException) -> bool:
        """Say what went wrong in the shelf, where it was asked for; tell whether that was done."""
        if self.side is None or not self.side.shelf_shown or not isinstance(error, FanstudioError):
            return False
        self.side.shelf.show_words(f"{error.message} {error.hint}", wrong=True)
        return True

    def _set_heard(self, item_id: str) -> None:
        if item_id != self.heard:
            self.heard = item_id
            if self.side is not None:
                self.side.shelf.show_playing()

    def _start_anew(self) -> None:
        self.close()
        tempo = self._workspace.session.tempo
        self._told_bpm = tempo[0].bpm if tempo else None

    def _play(self, samples: Samples, *, loop: bool) -> None:
        """Play alone, or along with the song."""
        if self._workspace.transport.playing:
            self._leave_song()
            project, at = self._workspace.project, self._workspace.playhead
            late = round(1.5 * beat_length(self._workspace.session, at))
            self._joined = _Joined(lend(project, samples), at, loop, late)
            self._rejoin()
            return
        preview = self.preview()
        preview.play(samples, preview.round_and_round if loop else preview.once)
        self._sounding = True

    def _rejoin(self) -> None:
        """Let what sounds along do so in the session as it is now."""
        if self._joined is not None:
            one = self._joined
            session = along(self._workspace.session, one.source, one.frame, loop=one.loop)
            self._workspace.transport.set_session(session)

    def _leave_song(self) -> None:
        if self._joined is not None:
            source, self._joined = self._joined.source, None
            self._workspace.transport.set_session(self._workspace.session)
            self._workspace.project.pool.take_back(source.id)

    def _give_way(self) -> None:
        """Fall silent when the song begins, if alone, or ends, if along with it."""
        playing = self._workspace.is_open and self._workspace.transport.playing
        alone = self._preview is not None and self._preview.playing
        if (alone and playing) or (self._joined is not None and not playing):
            self.stop()

    def _notice_end(self) -> None:
        """Notice that a one-shot has ended."""
        if self.heard and self._sounding and self._preview is not None and not self._preview.playing:
            self._set_heard("")
        elif self._joined is not None and self._joined.is_over(self._workspace.playhead):
            self.stop()

    def _notice_tempo(self) -> None:
        """Say once for each tempo that drum patterns keep theirs until they are asked."""
        session = self._workspace.session
        late = drum_grid.out_of_tempo(session)
        bpm = session.tempo[0].bpm if session.tempo else None
        if late and bpm != self._told_bpm:
            count = "A drum pattern keeps" if len(late) == 1 else f"{len(late)} drum patterns keep"
            words = "Track, “Fit drums to the tempo” plays them anew in the new one."
            self._workspace.bridge.noted.emit(f"{count} the old tempo", words)
        self._told_bpm = bpm
