"""A window on a project with sound in it: everything real, the clocked null output for a device."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog

from fanstudio.audio.device import NullOutput
from fanstudio.audio.transport import Transport
from fanstudio.gui.app import make_window
from fanstudio.gui.main_window import MainWindow
from fanstudio.gui.workspace import MakeTransport
from fanstudio.jobs import Work
from fanstudio.model import edits
from fanstudio.model.rights import Basis, Origin
from fanstudio.model.session import Stem
from fanstudio.settings import Settings
from fanstudio.studio.context import Studio
from fanstudio.studio.playback import make_transport
from fanstudio.studio.project import Project, create_project, save_project

RATE = 8_000
SECONDS = 4
#: A port on which nobody answers: the window must be usable without a platform.
NOWHERE = "http://127.0.0.1:9"


def make_project(
    folder: Path, stems: tuple[Stem, ...] = (Stem.MIX,), title: str = "Night Drive", seconds: int = SECONDS
) -> Project:
    """Return a saved project with a track of noise for each stem, at 120 beats a minute."""
    project = create_project(folder / title, title, RATE)
    for stem in stems:
        source = add_noise(project, stem.value.capitalize(), stem, seconds)
        project.document.apply("Import", lambda session, source=source: edits.import_source(session, source))
    project.document.apply("Set tempo", lambda session: edits.set_tempo(session, 120))
    save_project(project)
    return project


def add_noise(project: Project, name: str, stem: Stem, seconds: int = SECONDS):
    """Put noise into the project's pool and return its source."""
    samples = np.random.default_rng(len(name)).uniform(-0.5, 0.5, (2, RATE * seconds)).astype(np.float32)
    writer = project.pool.writer(RATE, 2)
    writer.write(samples)
    return writer.finish(Work(), name, RATE, Origin(Basis.OWN, name), stem)


def silent_transport(project: Project, settings: Settings) -> Transport:
    """Return the project's transport on the clocked null output."""
    return make_transport(
        project, settings, lambda rate: NullOutput(rate, "No sound device: playing silently.")
    )


@contextmanager
def open_window(
    app: QApplication,
    project: Project | None = None,
    platform_url: str = NOWHERE,
    transport_of: MakeTransport = silent_transport,
) -> Iterator[MainWindow]:
    """Show a window, on a project if one is given, and close it without questions."""
    studio = Studio(platform_url=platform_url)
    window = make_window(app, studio, transport_of)
    window.show()
    window.activateWindow()
    QTest.qWaitForWindowActive(window, 2000)
    try:
        if project is not None:
            window.workspace.open(project)
        yield window
    finally:
        for dialog in window.findChildren(QDialog):
            dialog.close()
        window.leave()
        studio.close()
        window.deleteLater()


def dialog_of(window: MainWindow, kind: type[QDialog]) -> QDialog:
    """Return the dialog of a kind that is open."""
    (found,) = [dialog for dialog in window.findChildren(kind) if dialog.isVisible()]
    return found
