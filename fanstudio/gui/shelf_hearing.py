"""How an item of the shelf is heard: alone, or along with the song that plays."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from fanstudio.audio.samples import Samples
from fanstudio.gui.workspace import Workspace
from fanstudio.model.session import Source
from fanstudio.model.timebase import beat_length
from fanstudio.studio.drum_machine import DrumMachine
from fanstudio.studio.preview import Preview, along, lend
from fanstudio.studio.project import Project
from fanstudio.studio.shelf import hear, session_tempo
from fanstudio.studio.shelf_table import ShelfItem

#: How late, in beats, a one-shot may begin that joins the song on its next beat.
_LATEST_BEATS = 1.5


@dataclass(frozen=True, slots=True)
class _Joined:
    """What sounds along with the song: a source, and from which frame on; `end` is when it has rung out."""

    project: Project
    source: Source
    frame: int
    loop: bool
    end: int

    def is_over(self, playhead: int) -> bool:
        """Tell whether it has rung out, which a loop never has."""
        return not self.loop and playhead > self.end


class ShelfHearing:
    """Hears one item at a time; `heard` is its id from the moment it is asked for."""

    def __init__(self, workspace: Workspace, machine: DrumMachine, changed: Callable[[], None]) -> None:
        """Follow a workspace, and call `changed` when another item, or none, is heard."""
        self._workspace = workspace
        self.machine = machine
        self._changed = changed
        self.heard = ""
        self._alone = False
        self._preview: Preview | None = None
        self._joined: _Joined | None = None
        workspace.opened.connect(self.close)
        workspace.transport_changed.connect(self._give_way)
        workspace.session_changed.connect(self._rejoin)
        workspace.settings_changed.connect(self._follow_setting)
        workspace.bridge.tick.connect(self._notice_end)

    def preview(self) -> Preview:
        """Return what plays beside the song, which stops for it."""
        if self._workspace.transport.playing:
            self._workspace.transport.stop()
            self._workspace.transport_changed.emit()
        if self._preview is None:
            self._preview = self._workspace.make_preview()
        return self._preview

    def hear(self, item: ShelfItem, failed: Callable[[BaseException], bool]) -> None:
        """Hear an item in the song's tempo, a loop round and round; along with the song where that plays."""
        session = self._workspace.session
        bpm = session_tempo(session, self._workspace.playhead)
        self._set_heard(item.id)
        self._alone = False

        def play(samples: Samples) -> None:
            if self.heard == item.id and self._workspace.is_open:
                self._play(samples, loop=bool(item.bars))

        def fail(error: BaseException) -> bool:
            self.stop()
            return failed(error)

        self._workspace.bridge.run(
            "Preview",
            lambda work: hear(work, self.machine, item, bpm, session.sample_rate),
            done=play,
            failed=fail,
            shown=False,
        )

    def stop(self) -> None:
        """Fall silent."""
        if self._preview is not None:
            self._preview.stop()
        self._leave_song()
        self._set_heard("")

    def close(self) -> None:
        """Fall silent and give the sound device back; the project may be gone already."""
        self._leave_song()
        if self._preview is not None:
            self._preview.close()
            self._preview = None
        self._set_heard("")

    def _play(self, samples: Samples, *, loop: bool) -> None:
        if self._workspace.transport.playing:
            self._join_song(samples, loop=loop)
            return
        preview = self.preview()
        preview.play(samples, preview.round_and_round if loop else preview.once)
        self._alone = True

    def _join_song(self, samples: Samples, *, loop: bool) -> None:
        self._leave_song()
        project, at = self._workspace.project, self._workspace.playhead
        source = lend(project, samples)
        late = round(_LATEST_BEATS * beat_length(self._workspace.session, at))
        self._joined = _Joined(project, source, at, loop, at + late + source.length)
        self._rejoin()

    def _rejoin(self) -> None:
        """Let what sounds along do so in the session as it is now."""
        if self._joined is not None:
            one = self._joined
            session = along(self._workspace.session, one.source, one.frame, loop=one.loop)
            self._workspace.transport.set_session(session)

    def _leave_song(self) -> None:
        if self._joined is not None:
            one, self._joined = self._joined, None
            if self._workspace.is_open and self._workspace.project is one.project:
                self._workspace.transport.set_session(self._workspace.session)
            one.project.pool.take_back(one.source.id)

    def _give_way(self) -> None:
        """Fall silent when the song begins, if alone, or ends, if along with it."""
        playing = self._workspace.is_open and self._workspace.transport.playing
        alone = self._preview is not None and self._preview.playing
        if (alone and playing) or (self._joined is not None and not playing):
            self.stop()

    def _follow_setting(self, name: str) -> None:
        """Let go of a device that is not the chosen one any more."""
        if name == "sound_output":
            self.close()

    def _notice_end(self) -> None:
        """Notice that a one-shot has rung out."""
        if self._alone and self.heard and self._preview is not None and not self._preview.playing:
            self._set_heard("")
        elif self._joined is not None and self._joined.is_over(self._workspace.playhead):
            self.stop()

    def _set_heard(self, item_id: str) -> None:
        if item_id != self.heard:
            self.heard = item_id
            self._changed()
