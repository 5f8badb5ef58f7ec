"""Waveforms: what the timeline draws of each source, made in the background."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, Signal

from fanstudio.audio.peaks import Peaks
from fanstudio.audio.samples import Readable
from fanstudio.gui.workspace import Workspace
from fanstudio.jobs import Work
from fanstudio.model.session import Source
from fanstudio.studio.project import Project


class Waveforms(QObject):
    """Peaks and samples that are ready; what is not is made in the background, one source at a time."""

    #: The id of a source that can be drawn now.
    arrived = Signal(str)

    def __init__(self, workspace: Workspace) -> None:
        """Make them for the workspace's project."""
        super().__init__(workspace)
        self._workspace = workspace
        workspace.sources_found.connect(self._ask_again)
        self._ready: dict[str, tuple[Peaks, Readable]] = {}
        self._asked: set[str] = set()
        self._waiting: list[Source] = []
        self._busy = False

    def peaks(self, source: Source) -> Peaks | None:
        """Return a source's peaks if they are there, as far as it is there itself."""
        found = self._ready.get(source.id)
        return found[0] if found else self._workspace.live.peaks(source.id)

    def samples(self, source: Source) -> Readable | None:
        """Return a source's samples if they are there."""
        found = self._ready.get(source.id)
        return found[1] if found else None

    def forget(self) -> None:
        """Let go of everything: another project is open."""
        self._ready.clear()
        self._asked.clear()
        self._waiting.clear()

    def want(self, sources: Sequence[Source]) -> None:
        """See to it that these sources can be drawn; those that are being made draw themselves."""
        for source in sources:
            if source.id not in self._asked and not self._workspace.live.is_pending(source.id):
                self._asked.add(source.id)
                self._make(source)
        self._next()

    def _ask_again(self, found: Sequence[str]) -> None:
        """Draw sources whose files were missing."""
        self._asked.difference_update(found)
        self.want(self._workspace.session.sources)

    def _make(self, source: Source) -> None:
        made = self._workspace.project.pool.at_hand(source, self._workspace.session.sample_rate)
        if made is None:
            self._waiting.append(source)
        else:
            self._ready[source.id] = made

    def _next(self) -> None:
        if self._busy or not self._waiting or not self._workspace.is_open:
            return
        self._busy = True
        project, source = self._workspace.project, self._waiting.pop(0)
        rate = self._workspace.session.sample_rate
        self._workspace.bridge.run(
            f"Drawing “{source.name}”",
            _drawing(project, source, rate),
            done=lambda made: self._take(project, source, made),
            failed=lambda error: self._give_up(project, source, error),
            shown=False,
        )

    def _take(self, project: Project, source: Source, made: tuple[Peaks, Readable]) -> None:
        self._busy = False
        if self._workspace.is_open and self._workspace.project is project:
            self._ready[source.id] = made
            self.arrived.emit(source.id)
        self._next()

    def _give_up(self, project: Project, source: Source, _error: BaseException) -> bool:
        """Leave it undrawn; of files that are missing the timeline itself tells."""
        self._busy = False
        self._next()
        self._workspace.offline.look()
        return not project.pool.path(source).is_file()


def _drawing(project: Project, source: Source, rate: int) -> Callable[[Work], tuple[Peaks, Readable]]:
    def draw(work: Work) -> tuple[Peaks, Readable]:
        peaks = project.pool.build_peaks(work, source, rate)
        return peaks, project.pool.samples(source, rate)

    return draw
