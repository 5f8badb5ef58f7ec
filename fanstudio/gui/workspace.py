"""The workspace: the project that is open, how it plays, and what is selected."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from fanstudio.errors import FanstudioError
from fanstudio.gui.actions import Situation
from fanstudio.gui.bridge import Bridge
from fanstudio.gui.live_splits import LiveSplits
from fanstudio.gui.offline import Offline
from fanstudio.gui.warps import Warps
from fanstudio.model.document import Document, Edit
from fanstudio.model.session import Session

if TYPE_CHECKING:
    from fanstudio.audio.transport import Transport
    from fanstudio.settings import Settings
    from fanstudio.studio.account import AccountStatus
    from fanstudio.studio.context import Studio
    from fanstudio.studio.preview import Preview
    from fanstudio.studio.project import Project

MakeTransport = Callable[["Project", "Settings"], "Transport"]


class Workspace(QObject):
    """Holds at most one open project; panels listen to its signals and call its methods."""

    opened = Signal()
    #: The open project is about to be closed.
    closing = Signal()
    session_changed = Signal()
    selection_changed = Signal()
    transport_changed = Signal()
    account_changed = Signal()
    settings_changed = Signal(str)
    splitting_changed = Signal()
    #: Ids of sources whose missing files are there again.
    sources_found = Signal(list)
    #: Something a first-time user may tick off: "play", "stems", "move", "undo" or "export".
    did = Signal(str)

    def __init__(
        self, studio: Studio, bridge: Bridge, make_transport: MakeTransport, parent: QObject | None = None
    ) -> None:
        """Start with nothing open."""
        super().__init__(parent)
        self.studio = studio
        self.bridge = bridge
        self.account: AccountStatus | None = None
        self._make_transport = make_transport
        self._project: Project | None = None
        self._transport: Transport | None = None
        self._unsubscribe: Callable[[], None] = lambda: None
        self._clips: frozenset[str] = frozenset()
        self._track: str | None = None
        self._splitting: frozenset[str] = frozenset()
        #: Whether a recording is under way.
        self.recording = False
        #: The splits that are heard while they run.
        self.live = LiveSplits(self, bridge)
        #: Renders stretched clips as soon as they stay as they are.
        self.warps = Warps(self, bridge)
        #: Knows which audio files are missing or changed.
        self.offline = Offline(self, bridge)

    # ── what is open ─────────────────────────────────────────────────────────────────────────

    @property
    def settings(self) -> Settings:
        """Return the user's settings."""
        return self.studio.settings

    @property
    def project(self) -> Project:
        """Return the open project; an assertion fails where none is."""
        assert self._project is not None
        return self._project

    @property
    def is_open(self) -> bool:
        """Tell whether a project is open."""
        return self._project is not None

    @property
    def document(self) -> Document:
        """Return the open project's document."""
        return self.project.document

    @property
    def session(self) -> Session:
        """Return the present session."""
        return self.document.session

    @property
    def transport(self) -> Transport:
        """Return the open project's transport."""
        assert self._transport is not None
        return self._transport

    def open(self, project: Project) -> None:
        """Put a project in place of the one that is open."""
        self.close()
        self._transport = self._make_transport(project, self.settings)
        self._project = project
        self._unsubscribe = project.document.subscribe(self._heard)
        self._clips, self._track = frozenset(), None
        self.opened.emit()
        self.session_changed.emit()
        self.selection_changed.emit()
        self.transport_changed.emit()

    def close(self) -> None:
        """Stop playing and let go of the project."""
        if self.is_open:
            self.closing.emit()
        self._unsubscribe()
        self._unsubscribe = lambda: None
        if self._transport is not None:
            self._transport.close()
        self._project = self._transport = None

    def make_preview(self) -> Preview:
        """Return what plays beside the song: sounds that are not in the session."""
        from fanstudio.studio.preview import Preview

        return Preview(self.project, lambda project: self._make_transport(project, self.settings))

    # ── editing ──────────────────────────────────────────────────────────────────────────────

    def apply(self, label: str, edit: Edit) -> bool:
        """Apply an edit; one that the session does not allow is shown, and False returned."""
        try:
            self.document.apply(label, edit)
        except FanstudioError as error:
            self.bridge.report(label, error)
            return False
        return True

    def begin_interaction(self, label: str) -> None:
        """Start a gesture, such as the drag of a fader, that will be one undo step."""
        if self.is_open:
            self.document.begin_interaction(label)

    def end_interaction(self) -> None:
        """Turn the gesture into an undo step; the project may be gone meanwhile."""
        if self.is_open:
            self.document.end_interaction()

    def _heard(self, session: Session) -> None:
        self.transport.set_session(session)
        self._drop_gone(session)
        if (self.document.history.undo_label or "").startswith("Move clip"):
            self.did.emit("move")
        self.session_changed.emit()

    def _drop_gone(self, session: Session) -> None:
        clips = self._clips & {clip.id for clip in session.clips()}
        track = self._track if any(track.id == self._track for track in session.tracks) else None
        self._select(clips, track)

    # ── selection ────────────────────────────────────────────────────────────────────────────

    @property
    def selected_clips(self) -> frozenset[str]:
        """Return the ids of the selected clips."""
        return self._clips

    @property
    def selected_track(self) -> str | None:
        """Return the id of the selected track, or of the one that holds the selected clip."""
        if self._track is None and len(self._clips) and self.is_open:
            found = self.session.find_clip(next(iter(self._clips)))
            return found[0].id if found else None
        return self._track

    def select_clips(self, clip_ids: Iterable[str]) -> None:
        """Select these clips, and no track."""
        self._select(frozenset(clip_ids), None)

    def select_track(self, track_id: str | None) -> None:
        """Select a track, and no clips."""
        self._select(frozenset(), track_id)

    def _select(self, clips: frozenset[str], track: str | None) -> None:
        if (clips, track) != (self._clips, self._track):
            self._clips, self._track = clips, track
            self.selection_changed.emit()

    # ── state ────────────────────────────────────────────────────────────────────────────────

    @property
    def playhead(self) -> int:
        """Return the frame that is heard now."""
        return self._transport.position if self._transport else 0

    @property
    def situation(self) -> Situation:
        """Return what decides which actions are possible."""
        signed_in = self.account is not None and self.account.signed_in
        if not self.is_open:
            return Situation(signed_in=signed_in)
        history = self.document.history
        return Situation(
            session=self.session,
            selected_clips=self._clips,
            selected_track=self.selected_track,
            playhead=self.playhead,
            playing=self.transport.playing,
            recording=self.recording,
            undo_label=history.undo_label,
            redo_label=history.redo_label,
            signed_in=signed_in,
            splitting=self._splitting.union(*(pending.stem_ids for pending in self.document.pending)),
        )

    def begin_splitting(self, source_id: str) -> None:
        """Take note that a source is being split, so that nobody starts it twice."""
        self._splitting |= {source_id}
        self.splitting_changed.emit()

    def end_splitting(self, source_id: str) -> None:
        """Take note that this ended, however it did."""
        self._splitting -= {source_id}
        self.splitting_changed.emit()

    def set_account(self, status: AccountStatus | None) -> None:
        """Take note of who is signed in."""
        self.account = status
        self.account_changed.emit()

    def set_setting(self, name: str, value: str | int | float | bool) -> None:
        """Change a setting and save it; a failure is shown."""
        try:
            self.settings.set(name, value)
        except FanstudioError as error:
            self.bridge.report("Settings", error)
        if name == "sound_output" and self._transport is not None:
            self._transport.choose_output()
        self.settings_changed.emit(name)
