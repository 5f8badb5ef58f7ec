"""What a session's clips are made of."""

from __future__ import annotations

from collections.abc import Collection

from fanstudio.audio.samples import Readable, SampleSource
from fanstudio.model.session import Clip, Session, Track


class Material:
    """Gives clips their samples; the source ids in `stale` are to be asked for again."""

    def __init__(self, session: Session, samples: SampleSource, stale: Collection[str] = ()) -> None:
        """Take a session's sources."""
        self.stale = stale
        self._samples = samples
        self._sources = {source.id: source for source in session.sources}

    def of(self, clip: Clip) -> Readable:
        """Return a clip's samples, in which its offset counts; raises as where they come from."""
        return self._samples(self._sources[clip.source], clip.warp)

    def is_mono(self, track: Track) -> bool:
        """Tell whether all that a track plays is mono."""
        return all(self._sources[clip.source].channels == 1 for clip in track.clips if not clip.muted)
