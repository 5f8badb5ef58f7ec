"""Sound before pictures: the rank of threads, with the system's leave and without."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable

import pytest

from fanstudio.audio.priority import put_sound_first

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux ranks threads")


def ranks_after(call: Callable[[], None]) -> tuple[int, int]:
    """Return the nice values of a thread that made a call, and of the main thread, which are put back."""
    ranks: list[int] = []
    main = threading.main_thread().native_id

    def run() -> None:
        call()
        for thread in (threading.get_native_id(), main):
            ranks.append(os.getpriority(os.PRIO_PROCESS, thread))

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    return ranks[0], ranks[1]


def test_the_thread_of_the_sound_goes_before_the_main_one() -> None:
    if os.geteuid():
        pytest.skip("the main thread would go down for the rest of the run")
    sound, main = ranks_after(put_sound_first)
    assert sound < main


def test_without_leave_the_main_thread_goes_down(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[int, int]] = []

    def no_leave(_which: int, thread: int, nice: int) -> None:
        if nice < 0:
            raise PermissionError
        asked.append((thread, nice))

    monkeypatch.setattr(os, "setpriority", no_leave)
    ranks_after(put_sound_first)
    main = threading.main_thread().native_id
    assert asked == [(main, os.getpriority(os.PRIO_PROCESS, main) + 5)]


_RANKS = """
import os, threading
from fanstudio.audio.priority import put_sound_first, start_for_sound
if not os.geteuid():
    os.setuid(65534)
def run():
    put_sound_first()
    print(os.getpriority(os.PRIO_PROCESS, threading.get_native_id()))
for _ in range(2):
    start_for_sound(run, "render").join()
print(os.getpriority(os.PRIO_PROCESS, 0))
"""


def test_the_second_project_is_heard_first_as_well() -> None:
    """Without leave to go up: what the lowered main thread starts would be as low as itself."""
    done = subprocess.run([sys.executable, "-c", _RANKS], capture_output=True, text=True, check=True)
    first, second, main = (int(rank) for rank in done.stdout.split())
    assert first == second < main
