"""The peaks of a pool's sources, drawn once and kept in the cache."""

from __future__ import annotations

import contextlib
from pathlib import Path

from fanstudio.audio.peaks import Peaks, build_peaks, load_peaks, pack_peaks
from fanstudio.audio.samples import Readable
from fanstudio.errors import StorageError
from fanstudio.files import own_part
from fanstudio.jobs import Work
from fanstudio.model.session import Source


class Waveforms:
    """Peaks by source; from several threads."""

    def __init__(self, folder: Path) -> None:
        """Keep peak files in `folder`, which is made when first written to."""
        self._folder = folder
        self._drawn: dict[str, Peaks] = {}

    def at_hand(self, source: Source) -> Peaks | None:
        """Return a source's peaks if no file has to be read for them."""
        return self._drawn.get(_key(source))

    def find(self, source: Source) -> Peaks | None:
        """Return a source's peaks, or None while nobody has drawn them."""
        key = _key(source)
        if key not in self._drawn:
            stored = load_peaks(self._folder / key, source.channels, source.length)
            if stored is None:
                return None
            self._drawn[key] = stored
        return self._drawn[key]

    def draw(self, work: Work, source: Source, samples: Readable) -> Peaks:
        """Draw a source's peaks, and keep them for the next time if the cache can be written."""
        peaks = build_peaks(work, samples)
        with contextlib.suppress(StorageError), own_part(self._folder / _key(source)) as part:
            part.write_bytes(pack_peaks(peaks))
        self._drawn[_key(source)] = peaks
        return peaks


def _key(source: Source) -> str:
    return f"{source.id}-{source.length}.peaks"
