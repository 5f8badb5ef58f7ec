"""Which sources of a project are offline: their files are gone, or hold something else now."""

from __future__ import annotations

from collections.abc import Mapping

from fanstudio.jobs import Work
from fanstudio.studio.project import Project

_MISSING, _CHANGED = "file missing", "file changed"


def look_offline(work: Work, project: Project) -> Mapping[str, str]:
    """Return the ids of sources whose files are missing or changed, and in words how that stands.

    What is heard all the same, from the cache, is not called offline. Only files that were touched since
    they were last compared are read.
    """
    session, pool = project.document.settled, project.pool
    changed = {source.id for source in session.sources if pool.is_changed(work, source)}
    faults = {}
    for source in pool.missing(session.sources):
        words = _CHANGED if source.id in changed else _MISSING
        heard = pool.ready(source, session.sample_rate)
        faults[source.id] = words.capitalize() if heard else f"Offline · {words}"
    return faults
