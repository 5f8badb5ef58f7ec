"""A bounce on threads: the samples of one thread, in bounded memory, ended by errors and by cancelling."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import numpy as np
import pytest

from fanstudio.audio import parallel_bounce
from fanstudio.audio.parallel_bounce import BLOCK_FRAMES, bounce_in_parallel
from fanstudio.audio.render import bounce
from fanstudio.audio.samples import Samples
from fanstudio.errors import AudioFileError, Cancelled
from fanstudio.jobs import Work
from fanstudio.model import automation_edits, edits, mixer_edits
from fanstudio.model.mixer import GAIN, Point
from fanstudio.model.session import Session, Source, new_session
from fanstudio.model.warp import Warp
from tests.support.sounds import a_source, noise

RATE = 44_100
FRAMES = 900_001
SOUNDS = {1: noise(FRAMES, 1, seed=1), 2: noise(FRAMES, 2, seed=2)}


def sounds(source: Source, _warp: Warp | None) -> Samples:
    return SOUNDS[source.channels]


@pytest.fixture
def session() -> Session:
    """Gains, pans, fades, a split clip, a bus with a send, and automation: all but effects."""
    session = new_session("x", RATE)
    for channels in (1, 2, 2):
        session = edits.import_source(session, a_source(str(channels), FRAMES, channels))
    mono, stereo, other = session.tracks
    session = edits.set_track_gain(session, mono.id, -4.5)
    session = edits.set_pan(session, stereo.id, 0.3)
    session = edits.set_fades(session, stereo.clips[0].id, fade_in=300_000)
    session = edits.set_fades(session, stereo.clips[0].id, fade_out=400_000)
    session = edits.move_clip(session, other.clips[0].id, 123_457)
    session = mixer_edits.add_bus(session, "Room")
    session = mixer_edits.set_send(session, mono.id, session.buses[0].id, -9.0)
    points = (Point(0, -20.0), Point(500_000, 3.0))
    session = automation_edits.set_automation(session, other.id, GAIN, points)
    return edits.set_master_gain(session, -6)


@pytest.mark.parametrize("threads", [2, 3])
@pytest.mark.parametrize("start", [0, 77_777])
def test_threads_give_the_samples_of_one(threads: int, start: int, session: Session) -> None:
    end = FRAMES + 123_457
    alone = np.concatenate(list(bounce(Work(), session, sounds, start, end)), axis=1)
    blocks = list(bounce_in_parallel(Work(), session, sounds, start, end, threads))
    assert max(block.shape[1] for block in blocks) == BLOCK_FRAMES
    assert np.array_equal(np.concatenate(blocks, axis=1), alone)
    assert np.abs(alone[:, -100:]).max() > 0


def test_effects_remember_and_so_run_on_one_thread(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parallel_bounce, "ThreadPoolExecutor", None)
    session = mixer_edits.add_effect(session, session.buses[0].id, "delay")
    whole = np.concatenate(list(bounce_in_parallel(Work(), session, sounds, 0, 50_000, 2)), axis=1)
    assert np.array_equal(whole, np.concatenate(list(bounce(Work(), session, sounds, 0, 50_000)), axis=1))


def test_who_writes_slowly_is_not_run_over(session: Session) -> None:
    asked: list[int] = []

    class Told:
        shape = SOUNDS[2].shape

        def __getitem__(self, key: tuple[slice, slice]) -> Samples:
            asked.append(key[1].start)
            return SOUNDS[2][key]

    blocks = bounce_in_parallel(Work(), session, lambda _source, _warp: Told(), 0, FRAMES, 2)
    next(blocks)
    threading.Event().wait(0.3)
    assert max(asked) < 3 * 8 * BLOCK_FRAMES < FRAMES
    blocks.close()


def test_it_can_be_cancelled(session: Session) -> None:
    work = Work()
    blocks = bounce_in_parallel(work, session, sounds, 0, 10_000_000, 2)
    next(blocks)
    work.cancel()
    with pytest.raises(Cancelled):
        list(blocks)
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("bounce")]


def test_an_error_of_a_source_is_raised(session: Session) -> None:
    def lost(_source: Source, _warp: Warp | None) -> Samples:
        raise AudioFileError("gone")

    def blocks() -> Iterator[Samples]:
        return bounce_in_parallel(Work(), session, lost, 0, FRAMES, 2)

    with pytest.raises(AudioFileError, match="gone"):
        next(blocks())
