"""The line to the loudspeaker: opened aside, lost, found again, changed, and never without an output."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

import pytest

from fanstudio.audio import line as line_module
from fanstudio.audio.device import AwaitedOutput, NullOutput, Output
from fanstudio.audio.line import Line
from fanstudio.errors import DeviceError

RATE = 48_000


class Speaker(NullOutput):
    """An output that counts as heard and notes that it was closed."""

    silent = False

    def __init__(self, sample_rate: int, name: str = "speaker") -> None:
        super().__init__(sample_rate, "")
        self.name = name
        self.closed = threading.Event()

    def close(self) -> None:
        self.closed.set()


class Plug:
    """Opens speakers while it is in, and waits while it is told to."""

    def __init__(self) -> None:
        self.is_in = True
        self.may_open = threading.Event()
        self.may_open.set()
        self.opened: list[Speaker] = []

    def __call__(self, sample_rate: int) -> Output:
        self.may_open.wait(10)
        if not self.is_in:
            raise DeviceError("No sound device")
        self.opened.append(Speaker(sample_rate))
        return self.opened[-1]


@pytest.fixture
def plug() -> Plug:
    return Plug()


@pytest.fixture
def line(plug: Plug, monkeypatch: pytest.MonkeyPatch) -> Iterator[Line]:
    monkeypatch.setattr(line_module, "_RETRY_S", 0.05)
    made = Line(RATE, plug)
    yield made
    plug.may_open.set()
    made.close()
    assert all(speaker.closed.is_set() for speaker in plug.opened)
    assert "sound line" not in {thread.name for thread in threading.enumerate()}


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.005)


def test_opening_holds_nobody_up(plug: Plug) -> None:
    plug.may_open.clear()
    line = Line(RATE, plug)
    assert isinstance(line.output, AwaitedOutput)
    assert line.notice == ""
    plug.may_open.set()
    until(lambda: line.output.name == "speaker")
    line.close()
    assert plug.opened[0].closed.is_set()


def test_who_plays_is_told(plug: Plug) -> None:
    told = threading.Event()
    line = Line(RATE, plug, told.set)
    assert told.wait(10)
    assert line.output is plug.opened[0]
    line.close()


def test_without_a_device_there_is_a_clock_until_one_is_plugged_in(plug: Plug, line: Line) -> None:
    until(lambda: bool(plug.opened))
    plug.is_in = False
    line.choose()
    until(lambda: bool(line.notice))
    clock = line.output
    assert line.notice == "No sound device: playing silently."
    time.sleep(0.2)
    assert line.output is clock
    plug.is_in = True
    until(lambda: not line.output.silent)
    assert line.notice == ""


def test_a_device_that_is_gone_comes_back(plug: Plug, line: Line) -> None:
    until(lambda: bool(plug.opened) and line.output is plug.opened[0])
    plug.is_in = False
    line.lose(plug.opened[0], DeviceError("The sound device is gone"))
    assert (line.output.silent, line.notice) == (True, "The sound device is gone: playing silently.")
    assert plug.opened[0].closed.wait(10)
    time.sleep(0.2)
    assert line.notice == "The sound device is gone: playing silently."
    plug.is_in = True
    until(lambda: line.output is plug.opened[-1])
    assert len(plug.opened) == 2


def test_losing_what_was_replaced_already_changes_nothing(plug: Plug, line: Line) -> None:
    until(lambda: bool(plug.opened) and line.output is plug.opened[0])
    line.choose()
    until(lambda: line.output is plug.opened[-1] and len(plug.opened) == 2)
    line.lose(plug.opened[0], DeviceError("The sound device is gone"))
    assert line.output is plug.opened[1]


def test_another_choice_and_another_rate_close_the_old_before_the_new_opens(plug: Plug, line: Line) -> None:
    until(lambda: bool(plug.opened) and line.output is plug.opened[0])

    def open_other(sample_rate: int) -> Output:
        assert plug.opened[-1].closed.is_set()
        plug.opened.append(Speaker(sample_rate, "other"))
        return plug.opened[-1]

    line.choose(open_other)
    until(lambda: line.output.name == "other")
    line.want(44_100)
    assert line.output.sample_rate == 44_100
    until(lambda: line.output.name == "other")
    assert line.output.sample_rate == 44_100


def test_the_latest_wish_wins(plug: Plug, line: Line) -> None:
    until(lambda: bool(plug.opened) and line.output is plug.opened[0])
    plug.may_open.clear()
    for rate in (44_100, 8_000, 96_000):
        line.want(rate)
        time.sleep(0.02)
    plug.may_open.set()
    until(lambda: not isinstance(line.output, AwaitedOutput))
    assert line.output.sample_rate == 96_000
