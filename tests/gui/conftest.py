"""What every window test keeps to: no Qt warning, no unexpected log, no widget or thread left behind."""

from __future__ import annotations

import gc
import logging
import threading
from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import QEvent, QThreadPool
from PySide6.QtWidgets import QApplication, QWidget

from fanstudio.gui.theme import apply_theme
from fanstudio.gui.tokens import DARK

#: What the offscreen platform says of itself.
HARMLESS = ("This plugin does not support",)


@pytest.fixture(scope="session")
def qapp(qapp: QApplication) -> QApplication:
    """Return the application in the dark theme."""
    apply_theme(qapp, DARK)
    return qapp


@pytest.fixture(autouse=True)
def _leaves_nothing(qapp: QApplication, qtlog: object, caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Fail a test that leaves a window or thread behind, or in which Qt or a logger warned."""
    widgets = set(qapp.topLevelWidgets())
    threads = set(threading.enumerate())
    yield
    settle(qapp)
    left = [widget for widget in qapp.topLevelWidgets() if widget not in widgets]
    if left:
        gc.collect()
        settle(qapp)
        left = [widget for widget in qapp.topLevelWidgets() if widget not in widgets]
    assert not left, f"left open: {[describe(widget) for widget in left]}"
    started = [thread for thread in threading.enumerate() if thread not in threads and not thread.daemon]
    assert not started, f"still running: {started}"
    warned = [record.message for record in qtlog.records if record.matches_level("WARNING")]
    warned = [message for message in warned if not message.startswith(HARMLESS)]
    assert not warned, f"Qt warned: {warned}"
    logged = [
        record.getMessage() for record in caplog.get_records("call") if record.levelno >= logging.WARNING
    ]
    assert not logged, f"logged: {logged}"


def settle(app: QApplication) -> None:
    """Let tiles be made, events arrive and deleted widgets go."""
    QThreadPool.globalInstance().waitForDone(5000)
    app.processEvents()
    app.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    app.processEvents()


def describe(widget: QWidget) -> str:
    return f"{type(widget).__name__} {widget.objectName()!r} {widget.windowTitle()!r}"


@pytest.fixture
def settled(qapp: QApplication) -> Callable[[], None]:
    """Return a function that waits until nothing is under way."""
    return lambda: settle(qapp)
