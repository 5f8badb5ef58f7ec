"""Background work: progress, cancel, child processes with limits."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from fanstudio.errors import AudioFileError, Cancelled, ChildError, InputError, PlatformError
from fanstudio.jobs import Dial, JobRunner, Limits, Work, run_child, side_by_side


def _sleep(work: Work, seconds: float) -> str:
    for step in range(100):
        work.report(step / 100, "Sleeping")
        time.sleep(seconds / 100)
    return "rested"


def _own_pid(work: Work, path: Path) -> None:
    path.write_text(str(os.getpid()))
    time.sleep(60)


def _refuse(_work: Work) -> None:
    raise AudioFileError("Not audio.", hint="Choose another.")


def _refuse_with_members(_work: Work) -> None:
    raise PlatformError("No.", status=403, kind="not-permitted", members={"denied": [1]})


def _crash(_work: Work) -> None:
    os.kill(os.getpid(), signal.SIGSEGV)


def _fill_memory(_work: Work) -> int:
    return len(bytearray(3_000_000_000))


def _follow_dial(work: Work, dial: Dial) -> int:
    """Tell every value that the dial is set to, up to 3."""
    value = dial.value
    work.tell(value)
    while value < 3:
        work.check()
        if dial.value != value:
            value = dial.value
            work.tell(value)
        time.sleep(0.01)
    return value


def _stumble(_work: Work) -> None:
    raise ZeroDivisionError


def test_a_job_reports_progress_and_result() -> None:
    runner = JobRunner()
    halfway, seen = threading.Event(), threading.Event()

    def count(work: Work) -> int:
        work.report(0.5, "Half")
        halfway.set()
        seen.wait(10)
        return 42

    job = runner.submit("Count", count)
    assert halfway.wait(10)
    assert (job.fraction, job.detail, job.done) == (0.5, "Half", False)
    assert runner.running == (job,)
    seen.set()
    assert job.result(10) == 42
    assert job.fraction == 1.0
    assert runner.running == ()


def test_a_cancelled_job_ends_with_cancelled() -> None:
    runner = JobRunner()
    job = runner.submit("Sleep", lambda work: _sleep(work, 30))
    job.cancel()
    with pytest.raises(Cancelled):
        job.result(5)
    assert isinstance(job.error, Cancelled)


def test_shutdown_cancels_everything() -> None:
    runner = JobRunner()
    jobs = [runner.submit("Sleep", lambda work: _sleep(work, 30)) for _ in range(3)]
    runner.shutdown()
    assert all(isinstance(job.error, Cancelled) for job in jobs)


def test_parts_of_work_share_the_cancel_and_scale_the_progress() -> None:
    seen: list[tuple[float, str]] = []
    work = Work(lambda fraction, text: seen.append((fraction, text)))
    part = work.part(0.5, 1.0, "Second half")
    part.report(0.5)
    part.report(2.0, "More")
    assert seen == [(0.75, "Second half"), (1.0, "More")]
    work.cancel()
    with pytest.raises(Cancelled):
        part.report(0.1)


def test_a_child_returns_its_result_and_reports() -> None:
    seen: list[float] = []
    work = Work(lambda fraction, _text: seen.append(fraction))
    assert run_child(work, _sleep, 0.1) == "rested"
    assert seen[0] == 0
    assert seen[-1] == 0.99


def test_errors_cross_over_whole() -> None:
    with pytest.raises(AudioFileError) as caught:
        run_child(Work(), _refuse)
    assert (caught.value.message, caught.value.hint) == ("Not audio.", "Choose another.")
    with pytest.raises(PlatformError) as refused:
        run_child(Work(), _refuse_with_members)
    assert (refused.value.status, refused.value.kind, refused.value.members) == (
        403,
        "not-permitted",
        {"denied": [1]},
    )


@pytest.mark.parametrize("function", [_crash, _stumble])
def test_a_child_that_dies_is_one_typed_error(function, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ChildError, match="worker process"):
        run_child(Work(), function)


@pytest.mark.skipif(sys.platform != "linux", reason="memory limits are per system")
def test_a_child_cannot_take_more_memory_than_it_may() -> None:
    with pytest.raises(ChildError, match="memory"):
        run_child(Work(), _fill_memory, limits=Limits(memory_mb=1_000))


def test_a_child_cannot_take_longer_than_it_may() -> None:
    with pytest.raises(ChildError, match="longer"):
        run_child(Work(), _sleep, 60, limits=Limits(seconds=0.5))


def test_cancel_kills_a_child_that_does_not_listen(tmp_path: Path) -> None:
    noted = tmp_path / "pid"
    work = Work()
    ended: list[bool] = []

    def follow() -> None:
        with pytest.raises(Cancelled):
            run_child(work, _own_pid, noted)
        ended.append(True)

    thread = threading.Thread(target=follow)
    thread.start()
    while not noted.exists() or not noted.read_text():
        time.sleep(0.02)
    work.cancel()
    thread.join(30)
    assert ended == [True]
    assert not Path(f"/proc/{noted.read_text()}").exists()


@pytest.mark.skipif(sys.platform != "linux", reason="needs the parent-death signal")
def test_a_child_dies_with_its_parent(tmp_path: Path) -> None:
    noted = tmp_path / "pid"
    program = (
        "from pathlib import Path; from fanstudio.jobs import Work, run_child;"
        "from tests.unit.test_jobs import _own_pid\n"
        f"if __name__ == '__main__': run_child(Work(), _own_pid, Path({str(noted)!r}))"
    )
    with subprocess.Popen([sys.executable, "-c", program], stderr=subprocess.DEVNULL) as parent:
        while not noted.exists() or not noted.read_text():
            time.sleep(0.02)
        parent.kill()
    end = time.monotonic() + 30
    while Path(f"/proc/{noted.read_text()}").exists():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_a_child_tells_and_follows_a_dial() -> None:
    dial = Dial(1)
    heard: list[int] = []

    def hear(news: int) -> None:
        heard.append(news)
        dial.set(news + 1)

    assert run_child(Work().heard_by(hear).part(0.0, 0.5), _follow_dial, dial) == 3
    assert heard == [1, 2, 3]


def test_work_side_by_side_comes_in_order_and_adds_up_its_progress() -> None:
    seen: list[float] = []
    work = Work(lambda fraction, _text: seen.append(fraction))

    def run(part: Work, item: int) -> int:
        time.sleep(0.02 * (3 - item))
        part.report(0.5, "half")
        return item * item

    assert list(side_by_side(work, range(4), run)) == [0, 1, 4, 9]
    assert seen
    assert 0 < max(seen) <= 1


def test_an_error_side_by_side_ends_the_others() -> None:
    ended: list[int] = []

    def run(part: Work, item: int) -> int:
        if item == 0:
            raise InputError("no")
        while not part.cancelled:
            time.sleep(0.001)
        ended.append(item)
        return item

    with pytest.raises(InputError):
        list(side_by_side(Work(), range(6), run, at_once=2))
    assert len(ended) <= 2  # those that were under way


def test_cancelling_ends_all_that_runs_side_by_side() -> None:
    work = Work()

    def run(part: Work, _item: int) -> None:
        work.cancel()
        while True:
            part.check()
            time.sleep(0.001)

    with pytest.raises(Cancelled):
        list(side_by_side(work, range(3), run))
