"""Sources' files that are open: WAV that is read as it is, and renditions, decoded first where they lack."""

from __future__ import annotations

import threading
from collections import defaultdict
from pathlib import Path

from fanstudio.audio.file_samples import FileSamples
from fanstudio.audio.pool.originals import Originals, changed
from fanstudio.audio.pool.renditions import Renditions
from fanstudio.audio.rendition import RenditionFile
from fanstudio.audio.wav_samples import WavLayout, WavSamples, find_layout
from fanstudio.errors import AudioFileError
from fanstudio.files import storage_error
from fanstudio.jobs import RunChild, Work
from fanstudio.model.session import Source


class OpenSources:
    """Samples by source and rate, each opened once; from several threads."""

    def __init__(self, originals: Originals, renditions: Renditions) -> None:
        """Open what lies in a pool and its cache."""
        self._originals = originals
        self._renditions = renditions
        self._open: dict[tuple[str, int], FileSamples] = {}
        self._building: defaultdict[tuple[str, int], threading.Lock] = defaultdict(threading.Lock)

    def place(self, source: Source, session_rate: int) -> Path:
        """Return where a source's samples lie once they are ready: a rendition, or the WAV itself."""
        if self._plain(source, session_rate) is None:
            return self._renditions.path(source.id, session_rate)
        return self._originals.path(source)

    def find(self, source: Source, session_rate: int) -> FileSamples | None:
        """Return samples whose file is open, unless it could not be read the last time."""
        held = self._open.get((source.id, session_rate))
        return None if held is None or held.failed else held

    def ready(self, source: Source, session_rate: int) -> bool:
        """Tell whether `prepare` answers at once."""
        if self.find(source, session_rate) is not None:
            return True
        if self._plain(source, session_rate) is not None:
            return self._originals.is_checked(source)
        return self._renditions.find(source, session_rate) is not None

    def prepare(self, work: Work, source: Source, session_rate: int, in_child: RunChild) -> FileSamples:
        """Return a source's samples, decoded first where the cache lacks them; raises as `Pool.prepare`."""
        key = source.id, session_rate
        with self._building[key]:
            held = self.find(source, session_rate)
            if held is None:
                held = self._open[key] = self._opened(work, source, session_rate, in_child)
                held.name = source.name
        return held

    def verify(self, work: Work, source: Source) -> None:
        """Compare a source's file with its hash; raises as `Originals.verify`."""
        try:
            self._originals.verify(work, source)
        except AudioFileError:
            if self._originals.is_wrong(source):
                self._let_go(source)
            raise

    def _let_go(self, source: Source) -> None:
        """Read a source's file no more: it holds something else. A rendition was made before, and stays."""
        for (source_id, _rate), held in tuple(self._open.items()):
            if source_id == source.id and isinstance(held, WavSamples):
                held.failed = True

    def _plain(self, source: Source, session_rate: int) -> WavLayout | None:
        """Return the layout of a source's file where that needs no rendition."""
        layout = find_layout(self._originals.path(source)) if source.sample_rate == session_rate else None
        fits = layout is not None and (layout.sample_rate, layout.channels, layout.frames) == (
            session_rate,
            source.channels,
            source.length,
        )
        return layout if fits else None

    def _opened(self, work: Work, source: Source, session_rate: int, in_child: RunChild) -> FileSamples:
        plain = self._plain(source, session_rate)
        rendition = self._renditions.path(source.id, session_rate)
        try:
            if plain is not None:
                if not self._originals.is_checked(source):
                    self.verify(work, source)
                return WavSamples(self._originals.path(source), plain)
            if self._renditions.find(source, session_rate) is None:
                self._decode_again(work, source, session_rate, in_child)
            return RenditionFile(rendition, source.channels, source.length)
        except OSError as error:
            raise storage_error(error, rendition) from error

    def _decode_again(self, work: Work, source: Source, session_rate: int, in_child: RunChild) -> None:
        self.verify(work.part(0.0, 0.1, "Checking"), source)
        decoded = self._renditions.decode_foreign(
            work.part(0.1, 1.0), self._originals.path(source), source.id, session_rate, in_child, downmix=True
        )
        if (decoded.channels, decoded.length) != (source.channels, source.length):
            raise changed(source)
