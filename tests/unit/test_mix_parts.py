"""The parts of the mix: paths, turns, taps and queues."""

from __future__ import annotations

import numpy as np
import pytest

from fanstudio.audio.mix.blocks import Block, Fifo
from fanstudio.audio.mix.path import Path
from fanstudio.audio.mix.tap import Tap
from fanstudio.audio.mix.turn import Turn
from fanstudio.audio.route import Route
from fanstudio.model import edits
from fanstudio.model.session import Session, new_session
from tests.support.sounds import a_source


def looped(*loop: int, length: int = 5_000) -> Session:
    session = edits.import_source(new_session("x"), a_source("a", length))
    return edits.set_loop(session, *loop) if loop else session


def test_a_path_follows_the_loop_and_remembers_where_it_was() -> None:
    path = Path(Route(looped(1_000, 1_300)), 900, 100)
    assert path.over(0, 500) == ((900, 400), (1_000, 100))
    assert path.over(300, 200) == ((1_200, 100), (1_000, 100))
    assert path.position(450) == 1_050
    assert path.known == 500
    assert path.end is None


def test_a_path_goes_on_behind_the_end_and_tells_where_it_was() -> None:
    path = Path(Route(looped()), 4_900, 100)
    assert path.over(0, 300) == ((4_900, 300),)
    assert path.end == 100
    path.follow(Route(looped(length=9_000)))
    assert path.end is None
    assert path.over(300, 100) == ((5_200, 100),)


def test_a_changed_route_counts_from_where_nobody_has_asked() -> None:
    path = Path(Route(looped()), 0, 100)
    path.over(0, 1_100)
    path.follow(Route(looped(200, 1_200)))
    assert path.over(1_000, 300) == ((1_000, 200), (200, 100))


def test_a_path_leads_in_on_the_timelines_grid() -> None:
    path = Path(None, 1_000, 100, 600)
    assert path.over(0, 700) == ((400, 700),)
    assert [path.into_chunk(stream) for stream in (0, 112, 624)] == [400, 0, 0]
    path.forget(600)
    assert path.over(500, 10) == ((900, 10),)


def ones(value: float, _stream: int, frames: int) -> Block:
    return np.full((2, frames), value, np.float32) if value else None


def test_a_turn_rises_from_one_value_to_the_other_in_any_cut() -> None:
    def turned(block: int) -> np.ndarray:
        turn = Turn(0.0, 10_000)
        turn.change(1.0, 50)
        turn.change(0.5, 60)
        blocks = [turn.over(at, block, ones) for at in range(0, 400, block)]
        return np.concatenate([np.zeros((2, block)) if row is None else row for row in blocks], axis=1)

    whole = turned(400)
    assert np.array_equal(turned(1), whole)
    assert np.array_equal(turned(80), whole)
    assert not whole[:, :50].any()
    assert (np.diff(whole[0, 50:150]) > 0).all()
    assert (np.diff(whole[0, 150:250]) < 0).all()
    assert (whole[:, 250:] == 0.5).all()


class Count:
    """A stream of the numbers from `start` on."""

    def __init__(self, start: int) -> None:
        self.at = start
        self.closed = False

    def read(self, frames: int) -> Block:
        self.at += frames
        return np.broadcast_to(np.arange(self.at - frames, self.at, dtype=np.float32), (2, frames))

    def close(self) -> None:
        self.closed = True


def test_who_reads_a_tap_late_early_or_slowly_hears_the_same() -> None:
    stream = Count(100)
    tap = Tap(stream, 100)
    slow, late = tap.open(100), tap.open(130)
    assert late.read(20)[0].tolist() == list(range(130, 150))
    assert slow.read(10)[0].tolist() == list(range(100, 110))
    early = tap.open(90)
    assert early.read(30)[0].tolist() == [0.0] * 10 + list(range(100, 120))
    assert slow.read(50)[0].tolist() == list(range(110, 160))
    assert late.read(5)[0].tolist() == list(range(150, 155))
    for reader in (slow, late):
        reader.close()
    assert not stream.closed
    early.close()
    assert stream.closed


def test_a_tap_keeps_no_more_than_the_slowest_has_to_read() -> None:
    tap = Tap(Count(0), 0)
    ahead, behind = tap.open(0), tap.open(0)
    for _ in range(100):
        ahead.read(64)
        behind.read(64)
    assert len(tap._kept) <= 1


def test_a_queue_gives_in_any_cut_what_went_in() -> None:
    queue = Fifo()
    queue.push(Count(0).read(5), 5)
    queue.push(None, 3)
    queue.push(Count(8).read(4), 4)
    assert queue.frames == 12
    assert queue.take(2)[0].tolist() == [0, 1]
    assert queue.take(7)[0].tolist() == [2, 3, 4, 0, 0, 0, 8]
    assert queue.take(3)[0].tolist() == pytest.approx([9, 10, 11])
    assert queue.take(0) is None
