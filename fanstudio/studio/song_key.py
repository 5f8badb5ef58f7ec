"""The key of the open song, from what of it tells a key."""

from __future__ import annotations

from fanstudio.inference.chroma import Chroma, hear_chroma
from fanstudio.inference.key import KeyEstimate, judge_key
from fanstudio.jobs import Work
from fanstudio.model.session import Session, Source, Stem, Track
from fanstudio.studio.pitch import is_recorded, semitones
from fanstudio.studio.project import Project


def song_key(work: Work, project: Project) -> KeyEstimate | None:
    """Return the key of the session's backing as it sounds: of all that is neither drums, voice nor recorded.

    Raises:
        AudioFileError: a source's file is missing, changed or damaged.
        Cancelled: within a second.

    """
    session = project.document.session
    chroma: Chroma | None = None
    heard = _backing(session)
    for number, (source, moved) in enumerate(heard):
        part = work.part(number / len(heard), (number + 1) / len(heard))
        found = hear_chroma(part, project.pool.samples(source, session.sample_rate), session.sample_rate)
        found = found.moved(moved)
        chroma = found if chroma is None else chroma + found
    return None if chroma is None else judge_key(chroma)


def _backing(session: Session) -> list[tuple[Source, float]]:
    """Return the sources that tell the key, each with the semitones that its first clip is moved by."""
    found: dict[str, tuple[Source, float]] = {}
    for track in session.tracks:
        for clip in track.clips:
            source = session.source(clip.source)
            if _tells_key(track, source) and not is_recorded(session, source):
                found.setdefault(source.id, (source, semitones(clip)))
    stems = [entry for entry in found.values() if entry[0].stem is not Stem.MIX]
    return stems or list(found.values())


def _tells_key(track: Track, source: Source) -> bool:
    return not {track.stem, source.stem} & {Stem.DRUMS, Stem.VOCALS}
