"""Preview: hears what is not in the session yet, in its stead or along with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from fanstudio.audio.samples import Samples
from fanstudio.audio.transport import Transport
from fanstudio.model import edits
from fanstudio.model.audibility import is_soloing
from fanstudio.model.document import Document
from fanstudio.model.rights import Basis, Origin
from fanstudio.model.session import Clip, Session, Source, Stem, Track, new_id, new_session
from fanstudio.model.timebase import beat_length, snap_to_bar, snap_to_beat, tempo_at
from fanstudio.studio.project import Project

#: Makes the session that is heard from the source that stands for the samples.
Arrange = Callable[[Source], Session]

#: The render thread may still plan with the one before.
_KEPT = 2
_MOST_REPEATS = 500


class Preview:
    """Plays samples in sessions of their own, or whole sessions, and changes them while they play.

    Used from one thread.
    """

    def __init__(self, project: Project, make_transport: Callable[[Project], Transport]) -> None:
        """Preview on a project's pool and rate; no device is opened yet."""
        self._project = project
        self._make_transport = make_transport
        self._transport: Transport | None = None
        self._session: Session | None = None
        self._lent: list[str] = []

    @property
    def playing(self) -> bool:
        """Tell whether anything is heard."""
        return self._transport is not None and self._transport.playing

    @property
    def position(self) -> int:
        """Return the frame of the previewed session that is heard now."""
        return self._transport.position if self._transport is not None else 0

    def play(self, samples: Samples, arrange: Arrange, start: int = 0) -> None:
        """Play samples `(channels, frames)` at the session's rate, as they are arranged, from a frame on."""
        self.play_session(arrange(self._lend(samples)), start)

    def play_session(self, session: Session, start: int) -> None:
        """Play a session whose sources are in the pool or lent to it, from a frame on."""
        transport = self._present(session)
        transport.stop()
        transport.locate(start)
        transport.play()

    def change_session(self, session: Session, frame: int | None = None) -> None:
        """Put another session in place of the one that is heard, and go on there or at a frame."""
        if not self.playing:
            return
        transport = self._present(session)
        if frame is not None:
            transport.locate(frame)

    def change(self, samples: Samples, arrange: Arrange) -> None:
        """Put other samples in place of those that are heard; where nothing is, nothing happens."""
        if not self.playing:
            return
        transport = self._present(arrange(self._lend(samples)))
        loop = self._session.loop if self._session else None
        if loop is not None and transport.position >= loop.end:
            transport.locate(loop.start)

    def stop(self) -> None:
        """Fall silent."""
        if self._transport is not None:
            self._transport.stop()

    def close(self) -> None:
        """Fall silent and give the device back."""
        if self._transport is not None:
            self._transport.close()
            self._transport = None
        while self._lent:
            self._project.pool.take_back(self._lent.pop())

    def round_and_round(self, source: Source) -> Session:
        """Arrange a source alone, repeated for ever."""
        session = self.once(source)
        return edits.set_loop(session, 0, source.length)

    def once(self, source: Source) -> Session:
        """Arrange a source alone."""
        session = new_session("Preview", self._project.document.session.sample_rate)
        return edits.import_source(session, source)

    def _present(self, session: Session) -> Transport:
        self._session = session
        if self._transport is None:
            stage = Project(self._project.folder, Document(session), self._project.pool)
            self._transport = self._make_transport(stage)
        self._transport.set_session(session)
        return self._transport

    def _lend(self, samples: Samples) -> Source:
        source = lend(self._project, samples)
        self._lent.append(source.id)
        while len(self._lent) > _KEPT:
            self._project.pool.take_back(self._lent.pop(0))
        return source


def lend(project: Project, samples: Samples) -> Source:
    """Let samples `(channels, frames)` at the session's rate play as a source, until they are taken back."""
    channels, frames = samples.shape
    rate = project.document.session.sample_rate
    source = Source(new_id(), "Preview", "", rate, channels, frames, Origin(Basis.OWN, "Preview"))
    project.pool.lend(source.id, samples)
    return source


def along(session: Session, source: Source, frame: int, *, loop: bool) -> Session:
    """Return a session in which a source sounds along from a frame on.

    A loop repeats from the bar about the frame to the song's end, at least once; what is no loop sounds on
    the next beat.
    """
    first = _bar_at(session, frame) if loop else _next_beat(session, frame)
    count = max(1, -(-(session.length - first) // source.length)) if loop else 1
    places = (first + number * source.length for number in range(min(count, _MOST_REPEATS)))
    clips = tuple(Clip(new_id(), source.id, "Preview", at, 0, source.length) for at in places)
    track = Track(new_id(), "Preview", Stem.MIX, clips, soloed=is_soloing(session))
    return replace(session, sources=(*session.sources, source), tracks=(*session.tracks, track))


def _bar_at(session: Session, frame: int) -> int:
    bar = snap_to_bar(session, frame)
    beats = tempo_at(session, frame).beats_per_bar
    return bar if bar <= frame else max(0, round(bar - beats * beat_length(session, frame)))


def _next_beat(session: Session, frame: int) -> int:
    return snap_to_beat(session, round(frame + beat_length(session, frame)))
