"""Playback: a transport on an open project."""

from __future__ import annotations

from fanstudio.audio.device import ChosenOutput, OpenDevice
from fanstudio.audio.transport import Transport
from fanstudio.settings import Settings
from fanstudio.studio.project import Project


def make_transport(project: Project, settings: Settings, open_device: OpenDevice | None = None) -> Transport:
    """Return a transport on the project's session; without a sound device it plays silently and says so.

    The device that the settings name is opened in the background; `Transport.choose_output` follows a
    change of the setting. Stems that are still being made play as far as they are there. The caller hands
    it each new session (`set_session`) and closes it.
    """
    chosen = open_device or ChosenOutput(lambda: settings.text("sound_output"))
    return Transport(project.document.session, project.pool.samples_now, chosen)
