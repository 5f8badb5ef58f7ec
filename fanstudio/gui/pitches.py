"""Pitch for the window: heard in the background, one source after another, as it is wanted."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, Signal

from fanstudio.gui.workspace import Workspace
from fanstudio.inference.pitch import PitchTrack
from fanstudio.jobs import Work
from fanstudio.model.session import Source
from fanstudio.studio.pitch import Pitches


class PitchHearing(QObject):
    """The pitch of the open project's sources; what is not known is heard in a job that can be cancelled."""

    #: A source's pitch is there, or will not be: its id.
    settled = Signal(str)

    def __init__(self, workspace: Workspace) -> None:
        """Hear the sources of a workspace's project."""
        super().__init__(workspace)
        self._workspace = workspace
        self._pitches: Pitches | None = None
        self._waiting: list[Source] = []
        self._hearing: str | None = None
        #: Sources whose hearing failed or was cancelled; they are not asked for again of themselves.
        self._given_up: set[str] = set()
        #: What is to be said of a source beside its pitch, by its id.
        self.said: dict[str, str] = {}
        workspace.opened.connect(self._forget)

    @property
    def pitches(self) -> Pitches:
        """Return the pitches of the open project."""
        if self._pitches is None:
            workspace = self._workspace
            self._pitches = Pitches(workspace.project.pool, workspace.session.sample_rate)
        return self._pitches

    def at_hand(self, source: Source) -> PitchTrack | None:
        """Return a source's pitch if it was heard."""
        return self.pitches.at_hand(source)

    def is_wanted(self, source: Source) -> bool:
        """Tell whether a source's pitch is being heard, or waits for it."""
        return source.id == self._hearing or any(waiting.id == source.id for waiting in self._waiting)

    def want(self, sources: Sequence[Source]) -> None:
        """See to it that these sources are heard; those that wait and are not among them no longer do."""
        live = self._workspace.live
        self._waiting = [
            source
            for source in sources
            if self.at_hand(source) is None
            and source.id not in self._given_up
            and source.id != self._hearing
            and not live.is_pending(source.id)
        ]
        self._next()

    def _forget(self) -> None:
        self._pitches, self._waiting, self._hearing = None, [], None
        self._given_up.clear()

    def _next(self) -> None:
        if self._hearing is not None or not self._waiting:
            return
        source, pitches = self._waiting.pop(0), self.pitches
        self._hearing = source.id
        self._workspace.bridge.run(
            f"Hearing the pitch of “{source.name}”",
            _hear(pitches, source),
            done=lambda _track: self._settle(pitches, source),
            failed=lambda _error: self._give_up(pitches, source),
        )

    def _give_up(self, pitches: Pitches, source: Source) -> bool:
        self._given_up.add(source.id)
        self._settle(pitches, source)
        return False

    def _settle(self, pitches: Pitches, source: Source) -> None:
        if pitches is self._pitches:
            self._hearing = None
            self.settled.emit(source.id)
            self._next()


def _hear(pitches: Pitches, source: Source) -> Callable[[Work], PitchTrack]:
    return lambda work: pitches.hear(work, source)
