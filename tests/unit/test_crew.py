"""A crew's children do one piece of work after the other, and none that follows one that went wrong."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from pathlib import Path

import pytest

from fanstudio.errors import AudioFileError, Cancelled, ChildError
from fanstudio.jobs import Crew, Limits, Work, side_by_side

LIMITS = Limits(memory_mb=1_000, seconds=60)


def _pid(_work: Work) -> int:
    return os.getpid()


def _refuse(_work: Work) -> None:
    raise AudioFileError("Not audio.", hint="Choose another.")


def _crash(_work: Work) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _fill_memory(_work: Work) -> int:
    return len(bytearray(3_000_000_000))


def _sleep(work: Work, noted: Path | None = None) -> None:
    if noted is not None:
        noted.write_text(str(os.getpid()))
    time.sleep(60)


def _niceness(_work: Work) -> int:
    return os.nice(0)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_one_child_does_piece_after_piece_and_goes_with_the_crew() -> None:
    with Crew() as crew:
        pids = {crew.run_child(Work(), _pid, limits=LIMITS) for _ in range(4)}
        assert len(pids) == 1
        assert _is_alive(*pids)
    assert not _is_alive(*pids)


def test_each_thread_has_a_child_of_its_own() -> None:
    meet = threading.Barrier(2, timeout=60)

    def run(part: Work, _item: int) -> tuple[int, int]:
        first = crew.run_child(part, _pid)
        meet.wait()
        return first, crew.run_child(part, _pid)

    with Crew() as crew:
        (one, again), (other, once_more) = side_by_side(Work(), range(2), run, at_once=2)
    assert (one, other) == (again, once_more)
    assert one != other


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
@pytest.mark.parametrize(
    ("function", "error"), [(_refuse, AudioFileError), (_crash, ChildError), (_fill_memory, ChildError)]
)
def test_what_goes_wrong_takes_its_child_along_and_no_other(function, error: type[Exception]) -> None:
    with Crew() as crew:
        before = crew.run_child(Work(), _pid, limits=LIMITS)
        with pytest.raises(error):
            crew.run_child(Work(), function, limits=LIMITS)
        assert not _is_alive(before)
        assert crew.run_child(Work(), _pid, limits=LIMITS) != before


def test_each_piece_has_its_own_time() -> None:
    with Crew() as crew:
        crew.run_child(Work(), _pid, limits=LIMITS)
        with pytest.raises(ChildError, match="longer than 0 s"):
            crew.run_child(Work(), _sleep, limits=Limits(memory_mb=1_000, seconds=0.3))
        crew.run_child(Work(), _pid, limits=LIMITS)


def test_a_child_that_died_while_idle_is_replaced() -> None:
    with Crew() as crew:
        before = crew.run_child(Work(), _pid)
        os.kill(before, signal.SIGKILL)
        while Path(f"/proc/{before}/stat").exists() and " Z " not in Path(f"/proc/{before}/stat").read_text():
            time.sleep(0.01)
        assert crew.run_child(Work(), _pid) != before


def test_other_limits_want_another_child() -> None:
    with Crew() as crew:
        before = crew.run_child(Work(), _pid, limits=LIMITS)
        assert crew.run_child(Work(), _pid, limits=Limits(memory_mb=2_000)) != before


def test_the_crew_says_how_nice_its_children_are() -> None:
    with Crew() as crew:
        nice = crew.run_child(Work(), _niceness)
    with Crew(niceness=0) as crew:
        assert nice - crew.run_child(Work(), _niceness) == Limits().niceness


def test_cancelling_ends_a_child_at_its_second_piece(tmp_path: Path) -> None:
    noted, work = tmp_path / "pid", Work()
    with Crew() as crew:
        crew.run_child(work, _pid)

        def cancel() -> None:
            while not noted.exists() or not noted.read_text():
                time.sleep(0.01)
            work.cancel()

        thread = threading.Thread(target=cancel)
        thread.start()
        with pytest.raises(Cancelled):
            crew.run_child(work, _sleep, noted)
        thread.join()
        assert not _is_alive(int(noted.read_text()))


def test_a_crew_that_is_gone_keeps_no_child() -> None:
    crew = Crew()
    with crew:
        pass
    assert not _is_alive(crew.run_child(Work(), _pid))
