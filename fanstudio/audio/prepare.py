"""Makes the samples of many sources ready, several at a time."""

from __future__ import annotations

from collections.abc import Iterable

from fanstudio.audio.pool import Pool
from fanstudio.jobs import Crew, Work, side_by_side
from fanstudio.model.audibility import audible_clips
from fanstudio.model.session import Session, Source
from fanstudio.model.warp import Warp

Need = tuple[Source, Warp | None]


def prepare_session(work: Work, pool: Pool, session: Session) -> None:
    """Do `Pool.prepare` for all that is heard of a session, which somebody waits for; see `prepare_all`."""
    sources = {source.id: source for source in session.sources}
    heard = ((sources[clip.source], clip.warp) for _track, clip in audible_clips(session))
    prepare_all(work, pool, heard, session.sample_rate, niceness=0)


def prepare_all(
    work: Work, pool: Pool, wanted: Iterable[Need], session_rate: int, niceness: int | None = None
) -> None:
    """Do `Pool.prepare` for each source and warp that is wanted, in children of this `niceness` if given.

    Raises:
        AudioFileError: a file is missing, changed or damaged.
        ChildError: a decoder crashed or ran over its limits.
        StorageError: the cache cannot be written.
        Cancelled: the work was cancelled.

    """

    def prepare(step: Work, need: Need) -> None:
        source, warp = need
        pool.prepare(step, source, session_rate, warp, in_child=crew.run_child)

    missing = [need for need in dict.fromkeys(wanted) if not pool.ready(need[0], session_rate, need[1])]
    with Crew(niceness) as crew:
        for _ in side_by_side(work, missing, prepare):
            pass
