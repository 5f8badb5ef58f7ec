"""The cycle collector leaves alone what stays, and still finds what was let go of."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import pytest

from fanstudio.gui.collector import spare_what_stays


class _Knot:
    def __init__(self) -> None:
        self.me = self


@pytest.fixture(autouse=True)
def thaw() -> Iterator[None]:
    yield
    gc.unfreeze()


def test_what_is_there_is_not_looked_at_again() -> None:
    kept = _Knot()
    spare_what_stays()
    assert gc.get_freeze_count() > 0
    assert kept not in gc.get_objects()


def test_what_was_let_go_of_is_collected_the_next_time() -> None:
    knot = _Knot()
    spare_what_stays()
    gone = weakref.ref(knot)
    del knot
    spare_what_stays()
    assert gone() is None
