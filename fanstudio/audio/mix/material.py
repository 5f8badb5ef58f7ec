"""What a session's tracks are made of: lanes of clips, made where they are not at hand."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from fanstudio.audio.mix.lane import Lane, Level
from fanstudio.audio.samples import Readable, SampleSource
from fanstudio.model.session import Clip, Session, Track


class Material:
    """Gives tracks their lanes; those of source ids in `stale` are made anew."""

    def __init__(
        self,
        session: Session,
        samples: SampleSource,
        at_hand: Mapping[str, Lane],
        stale: Collection[str] = (),
    ) -> None:
        """Take a session, and the lanes of it or of a similar one by track id."""
        self._sources = {source.id: source for source in session.sources}
        self._samples = samples
        self._at_hand = at_hand
        self._stale = stale

    def lane(self, track: Track, level: Level) -> Lane:
        """Return a track's lane at a level.

        Raises:
            AudioFileError: a source's samples are missing or damaged.

        """
        lane = self._at_hand.get(track.id)
        if lane is None or lane.clips != track.clips or lane.level != level or lane.uses(self._stale):
            return Lane(track.clips, level, self._of)
        return lane

    def is_mono(self, track: Track) -> bool:
        """Tell whether all that a track plays is mono."""
        return all(self._sources[clip.source].channels == 1 for clip in track.clips if not clip.muted)

    def _of(self, clip: Clip) -> Readable:
        return self._samples(self._sources[clip.source], clip.warp)
