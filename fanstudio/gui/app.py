"""The application: starts Qt, opens a project in the window, and ends cleanly."""

from __future__ import annotations

import logging
import signal
import sys
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from fanstudio.gui.appearance import Appearance
from fanstudio.gui.bridge import Bridge
from fanstudio.gui.collector import spare_what_stays
from fanstudio.gui.main_window import MainWindow
from fanstudio.gui.workspace import MakeTransport, Workspace
from fanstudio.paths import data_dir
from fanstudio.studio.context import Studio
from fanstudio.studio.playback import make_transport

_LOG = logging.getLogger("fanstudio")
_WAKE_MS = 200
#: By then an opened project is drawn.
_SETTLED_MS = 1000


def main(project: Path | None = None, *, platform_url: str | None = None) -> int:
    """Open the window on a project, the last one, or the demo song; return the exit status."""
    app = application()
    log_to_file()
    studio = Studio(platform_url=platform_url)
    window = make_window(app, studio)
    sys.excepthook = _ExceptionHook(window)
    window.resize(window.size().boundedTo(window.screen().availableSize()))
    window.show()
    window.activateWindow()
    window.start()
    window.workspace.opened.connect(lambda: QTimer.singleShot(_SETTLED_MS, spare_what_stays))
    window.commands.project.open_first(project)
    with _Interrupts(app, window):
        status = app.exec()
    studio.close()
    sys.excepthook = sys.__excepthook__
    return status


def application() -> QApplication:
    """Return the application, made and named if there is none yet."""
    existing = QApplication.instance()
    app = existing if isinstance(existing, QApplication) else QApplication(sys.argv[:1])
    app.setApplicationName("fanstudio")
    app.setApplicationDisplayName("fanstudio")
    QGuiApplication.setDesktopFileName("fanstudio")
    return app


def make_window(
    app: QApplication, studio: Studio, transport_of: MakeTransport = make_transport
) -> MainWindow:
    """Return a window, with nothing open in it, on a studio."""
    appearance = Appearance(app, studio.settings.text("theme"))
    workspace = Workspace(studio, Bridge(studio.jobs), transport_of)
    window = MainWindow(workspace, appearance)
    for part in (appearance, workspace, workspace.bridge):
        part.setParent(window)
    return window


def log_to_file() -> None:
    """Write what goes wrong to `fanstudio.log` in the user's data folder."""
    handler = logging.FileHandler(data_dir() / "fanstudio.log", encoding="utf-8", delay=True)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    _LOG.addHandler(handler)


class _ExceptionHook:
    """Turns what nobody caught into a card in the window, and a traceback in the log."""

    def __init__(self, window: MainWindow) -> None:
        self._window = window

    def __call__(
        self, _kind: type[BaseException], error: BaseException, _trace: TracebackType | None
    ) -> None:
        self._window.workspace.bridge.report("Something went wrong", error)


class _Interrupts:
    """Lets Ctrl+C in the terminal close the window: Python sees signals only when it runs."""

    def __init__(self, app: QApplication, window: MainWindow) -> None:
        self._timer = QTimer(app, interval=_WAKE_MS)
        self._timer.timeout.connect(lambda: None)
        self._window = window

    def __enter__(self) -> None:
        self._before = signal.signal(signal.SIGINT, lambda *_: self._window.interrupt())
        self._timer.start()

    def __exit__(self, *_error: object) -> None:
        self._timer.stop()
        signal.signal(signal.SIGINT, self._before)
