"""A voice's pitch is heard while it is recorded, in its place, a moment behind."""

import threading
import time

import numpy as np
import pytest

from fanstudio.audio.wav import GrowingWav, read_growing
from fanstudio.errors import Cancelled
from fanstudio.jobs import Work
from fanstudio.studio.live_pitch import LivePitch
from fanstudio.studio.pitch import Agreement
from fanstudio.studio.pitch_lane import Line, PitchLane
from tests.support.booth import Booth

NOTES = [57, 64]
#: The song was at this frame when the input was at its first.
STARTED_AT = 40_000
RATE = 16_000


def wait_for(true) -> None:
    end = time.monotonic() + 20
    while not true():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


def test_notes_are_heard_while_they_are_recorded(tmp_path):
    booth = Booth(tmp_path / "a.wav", NOTES, RATE, STARTED_AT)
    live = LivePitch(booth, RATE)
    worker = threading.Thread(target=live.run, args=(Work(),))
    worker.start()

    def heard() -> set[int]:
        line = live.line()
        return set() if line is None else set(np.rint(line.notes[~np.isnan(line.notes)]).astype(int))

    wait_for(lambda: set(NOTES) <= heard())
    line = live.line()
    first = line.frames[np.flatnonzero(~np.isnan(line.notes))[0]]
    sung_at = STARTED_AT + 0.06 * RATE
    assert first == pytest.approx(sung_at, abs=0.05 * RATE)
    assert (np.diff(line.frames) > 0).all()
    live.end()
    worker.join(5)
    assert not worker.is_alive()
    booth.recorder.close()


def test_it_ends_where_the_file_goes_or_the_work_is_cancelled(tmp_path):
    booth = Booth(tmp_path / "a.wav", NOTES, RATE, STARTED_AT)
    booth.recorder.close()
    (tmp_path / "a.wav").unlink()
    LivePitch(booth, RATE).run(Work())
    booth = Booth(tmp_path / "b.wav", NOTES, RATE, STARTED_AT)
    work = Work()
    work.cancel()
    with pytest.raises(Cancelled):
        LivePitch(booth, RATE).run(work)
    booth.recorder.close()


def test_what_is_there_of_a_growing_file_is_read(tmp_path):
    sound = np.random.default_rng(0).uniform(-1, 1, (2, 1000)).astype(np.float32)
    growing = GrowingWav(tmp_path / "a.wav", RATE, 2)
    growing.write(sound[:, :600])
    assert np.array_equal(read_growing(tmp_path / "a.wav", 2, 100, 10_000), sound[:, 100:600])
    growing.write(sound[:, 600:])
    assert np.array_equal(read_growing(tmp_path / "a.wav", 2, 600, 100), sound[:, 600:700])
    assert read_growing(tmp_path / "a.wav", 2, 1000, 100).shape == (2, 0)
    growing.close()


def test_a_voice_an_octave_away_is_shown_in_the_lane():
    lane = PitchLane((), (), 0, Agreement(0.0, 0.0), 55.0, 70.0)
    frames = np.arange(10.0)
    low = Line(frames, np.full(10, 48.0, np.float32))
    assert np.array_equal(lane.beside(low).notes, low.notes + 12)
    inside = Line(frames, np.full(10, 60.0, np.float32))
    assert lane.beside(inside) is inside
    silent = Line(frames, np.full(10, np.nan, np.float32))
    assert lane.beside(silent) is silent
