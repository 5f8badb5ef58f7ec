"""Streams samples into a pool, or into a file that a pool takes."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING

from fanstudio.audio.encode import Encoder, Encoding, open_encoder
from fanstudio.audio.samples import Samples
from fanstudio.jobs import Work
from fanstudio.model.lineage import Lineage
from fanstudio.model.rights import Origin
from fanstudio.model.session import Source, Stem

if TYPE_CHECKING:
    from fanstudio.audio.pool.pool import Pool


class PoolWriter:
    """Streams samples into a new source: `write` blocks, then `finish`, or `discard`."""

    def __init__(self, pool: Pool, sample_rate: int, channels: int) -> None:
        """Open a file beside the pool's."""
        self._pool = pool
        self._part = pool.new_part()
        self._encoder = open_stem_file(self._part, sample_rate, channels)

    def write(self, block: Samples) -> None:
        """Append a block `(channels, frames)`; raise StorageError where the disk is full or gone."""
        self._encoder.write(block)

    def finish(
        self,
        work: Work,
        name: str,
        session_rate: int,
        origin: Origin,
        stem: Stem = Stem.MIX,
        lineage: Lineage | None = None,
    ) -> Source:
        """Close the file and move it into the pool; raises as `Pool.adopt` does."""
        try:
            self._encoder.close()
            return self._pool.adopt(work, self._part, name, session_rate, origin, stem, lineage)
        finally:
            self.discard()

    def discard(self) -> None:
        """Remove what was written; does nothing after `finish`."""
        with contextlib.suppress(Exception):
            self._encoder.close()
        self._part.unlink(missing_ok=True)


def open_stem_file(path: Path, sample_rate: int, channels: int) -> Encoder:
    """Open a float32 WAV that `Pool.adopt` takes; also from a child process."""
    return open_encoder(path, Encoding.WAV_FLOAT, sample_rate, channels)
