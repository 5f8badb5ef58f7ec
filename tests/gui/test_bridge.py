"""The bridge: work in the background, everything else on the main thread."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from fanstudio.errors import AudioFileError, EditError
from fanstudio.gui.bridge import Bridge
from fanstudio.jobs import JobRunner, Work


@pytest.fixture
def bridge(qapp: QApplication) -> Iterator[Bridge]:
    made = Bridge(JobRunner())
    yield made
    made.stop()


def wait_for_cancel(work: Work) -> None:
    while True:
        work.check()
        time.sleep(0.005)


def test_results_arrive_on_the_main_thread(qtbot: QtBot, bridge: Bridge) -> None:
    threads: list[threading.Thread] = []
    results: list[int] = []

    def work(_work: Work) -> int:
        threads.append(threading.current_thread())
        return 42

    def done(value: int) -> None:
        threads.append(threading.current_thread())
        results.append(value)

    bridge.run("Count", work, done=done)
    assert len(bridge.tasks) == 1
    qtbot.waitUntil(lambda: results == [42])
    assert threads[0] is not threading.main_thread()
    assert threads[1] is threading.main_thread()
    assert bridge.tasks == ()


def test_errors_are_told_with_what_is_safe(qtbot: QtBot, bridge: Bridge) -> None:
    def fail(_work: Work) -> None:
        raise AudioFileError("Not audio.")

    with qtbot.waitSignal(bridge.failed) as told:
        bridge.run("Import", fail, safe="Nothing was imported.")
    title, error, safe = told.args
    assert (title, error.message, safe) == ("Import", "Not audio.", "Nothing was imported.")


def test_an_error_that_was_dealt_with_is_not_told(qtbot: QtBot, bridge: Bridge) -> None:
    seen: list[BaseException] = []

    def fail(_work: Work) -> None:
        raise AudioFileError("Not audio.")

    def deal(error: BaseException) -> bool:
        seen.append(error)
        return True

    with qtbot.assertNotEmitted(bridge.failed, wait=50):
        bridge.run("Import", fail, failed=deal)
        qtbot.waitUntil(lambda: len(seen) == 1)


def test_cancelling_ends_a_job_silently(qtbot: QtBot, bridge: Bridge) -> None:
    with qtbot.assertNotEmitted(bridge.failed, wait=50):
        task = bridge.run("Wait", wait_for_cancel)
        task.job.cancel()
        qtbot.waitUntil(lambda: bridge.tasks == ())


def test_a_result_that_no_longer_fits_is_told_as_an_error(qtbot: QtBot, bridge: Bridge) -> None:
    def done(_value: None) -> None:
        raise EditError("That clip is no longer in the session.")

    with qtbot.waitSignal(bridge.failed) as told:
        bridge.run("Split", lambda _work: None, done=done)
    assert told.args[1].message == "That clip is no longer in the session."


def test_nothing_is_called_back_after_the_end(qtbot: QtBot, bridge: Bridge) -> None:
    called: list[str] = []
    bridge.run(
        "Wait",
        wait_for_cancel,
        done=lambda _: called.append("done"),
        failed=lambda _: bool(called.append("f")),
    )
    bridge.stop()
    qtbot.wait(50)
    assert called == []
    assert bridge.tasks == ()


def test_calls_are_posted_to_the_main_thread(qtbot: QtBot, bridge: Bridge) -> None:
    threads: list[threading.Thread] = []
    bridge.run("Post", lambda _work: bridge.post(lambda: threads.append(threading.current_thread())))
    qtbot.waitUntil(lambda: threads == [threading.main_thread()])


def test_the_clock_ticks_about_thirty_times_a_second(qtbot: QtBot, bridge: Bridge) -> None:
    ticks: list[float] = []
    bridge.tick.connect(lambda: ticks.append(time.monotonic()))
    qtbot.waitUntil(lambda: len(ticks) >= 5)
    assert ticks[4] - ticks[0] >= 4 * 0.025
