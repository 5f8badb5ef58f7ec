"""Playback: a transport on an open project."""

from __future__ import annotations

from fanstudio.audio.transport import Transport
from fanstudio.settings import Settings
from fanstudio.studio.project import Project


def make_transport(project: Project, _settings: Settings) -> Transport:
    """Return a transport on the project's session; without a sound device it plays silently and says so.

    The caller hands it each new session (`set_session`) and closes it.
    """
    return Transport(project.document.session, project.pool.samples_now)
