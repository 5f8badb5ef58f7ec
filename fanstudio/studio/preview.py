"""Preview: hears what is not in the session yet, beside the project's own playback."""

from __future__ import annotations

from collections.abc import Callable

from fanstudio.audio.samples import Samples
from fanstudio.audio.transport import Transport
from fanstudio.model import edits
from fanstudio.model.document import Document
from fanstudio.model.rights import Basis, Origin
from fanstudio.model.session import Session, Source, Stem, new_id, new_session
from fanstudio.studio.project import Project

#: Makes the session that is heard from the source that stands for the samples.
Arrange = Callable[[Source], Session]

#: The render thread may still plan with the one before.
_KEPT = 2


class Preview:
    """Plays samples, alone or arranged with the song, and changes them while they play; on one thread."""

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
        transport = self._show(samples, arrange)
        transport.stop()
        transport.locate(start)
        transport.play()

    def change(self, samples: Samples, arrange: Arrange) -> None:
        """Put other samples in place of those that are heard; where nothing is, nothing happens."""
        if not self.playing:
            return
        transport = self._show(samples, arrange)
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

    def _show(self, samples: Samples, arrange: Arrange) -> Transport:
        self._session = session = arrange(self._lend(samples))
        if self._transport is None:
            stage = Project(self._project.folder, Document(session), self._project.pool)
            self._transport = self._make_transport(stage)
        self._transport.set_session(session)
        return self._transport

    def _lend(self, samples: Samples) -> Source:
        channels, frames = samples.shape
        rate = self._project.document.session.sample_rate
        source_id = new_id()
        self._project.pool.lend(source_id, samples)
        self._lent.append(source_id)
        while len(self._lent) > _KEPT:
            self._project.pool.take_back(self._lent.pop(0))
        return Source(
            source_id, "Preview", "", rate, channels, frames, Origin(Basis.OWN, "Preview"), Stem.DRUMS
        )
