"""Playback: a transport on an open project."""

from __future__ import annotations

from collections.abc import Callable

from fanstudio.audio.device import Output, open_output
from fanstudio.audio.transport import Transport
from fanstudio.settings import Settings
from fanstudio.studio.project import Project


def make_transport(
    project: Project, _settings: Settings, open_device: Callable[[int], Output] = open_output
) -> Transport:
    """Return a transport on the project's session; without a sound device it plays silently and says so.

    Stems that are still being made play as far as they are there. The caller hands it each new session
    (`set_session`) and closes it.
    """
    return Transport(project.document.session, project.pool.samples_now, open_device)
