"""The transport: what is played is the mix, from the right place, through edits, loops and faults."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Iterator

import numpy as np
import pytest

from fanstudio.audio.device import BLOCK_FRAMES
from fanstudio.audio.levels import Levels
from fanstudio.audio.meters import LoudnessReading, MasterMeter
from fanstudio.audio.mix.turn import RAMP_S
from fanstudio.audio.route import Route
from fanstudio.audio.schedule import Schedule
from fanstudio.audio.transport import Transport
from fanstudio.errors import AudioFileError
from fanstudio.model import edits
from fanstudio.model.session import Session, Source, new_session
from fanstudio.model.warp import Warp
from tests.support.mixes import render
from tests.support.outputs import Recording, opener, wait_until
from tests.support.sounds import a_source, noise

RATE = 48_000
SECONDS = 1.5
SOUND = noise(int(RATE * SECONDS))


def session_of(*names: str) -> Session:
    session = new_session("x", RATE)
    for name in names:
        session = edits.import_source(session, a_source(name, SOUND.shape[1]))
    return session


def sounds(source: Source, rate: int, _warp: Warp | None) -> np.ndarray:
    assert rate == RATE
    return SOUND


@pytest.fixture
def outputs() -> list[Recording]:
    return []


@pytest.fixture
def transport(outputs: list[Recording]) -> Iterator[Transport]:
    made = Transport(session_of("a"), sounds, opener(outputs))
    yield made
    made.close()
    assert outputs[-1].closed
    assert "render" not in {thread.name for thread in threading.enumerate()}


def test_it_plays_the_mix_to_the_end_and_stops(transport: Transport, outputs: list[Recording]) -> None:
    assert (transport.playing, transport.position, transport.levels()) == (False, 0, Levels())
    transport.locate(RATE)
    assert transport.position == RATE
    transport.play()
    assert transport.playing
    wait_until(lambda: not transport.playing)
    assert transport.position == SOUND.shape[1]
    assert np.array_equal(outputs[0].heard_so_far(), SOUND[:, RATE:])


def test_position_is_what_is_heard_not_what_is_rendered(
    transport: Transport, outputs: list[Recording]
) -> None:
    transport.play()
    wait_until(lambda: transport.position > 5_000)
    assert transport.position < outputs[0].heard_so_far().shape[1]
    started, before = time.monotonic(), transport.position
    time.sleep(0.1)
    moved = transport.position - before
    assert 0 < moved <= (time.monotonic() - started) * RATE + 1


def test_stop_stays_and_play_goes_on_from_there(transport: Transport, outputs: list[Recording]) -> None:
    transport.play()
    wait_until(lambda: transport.position > 3_000)
    transport.stop()
    stopped = transport.position
    assert not transport.playing
    time.sleep(0.05)
    assert transport.position == stopped
    transport.play()
    wait_until(lambda: transport.position > stopped)
    first = outputs[0].takes[-1][0]
    assert np.array_equal(first, SOUND[:, stopped : stopped + BLOCK_FRAMES])


def test_locate_while_playing_jumps_at_once(transport: Transport, outputs: list[Recording]) -> None:
    transport.play()
    wait_until(lambda: transport.position > 1_000)
    transport.locate(40_000)
    assert transport.position == 40_000
    wait_until(lambda: transport.position > 41_000)
    assert np.array_equal(outputs[0].takes[-1][0], SOUND[:, 40_000 : 40_000 + BLOCK_FRAMES])
    transport.locate(-5)
    assert 0 <= transport.position < 20_000


def test_play_at_the_end_starts_over(transport: Transport) -> None:
    transport.locate(SOUND.shape[1])
    transport.play()
    assert transport.position < RATE
    wait_until(lambda: 0 < transport.position < RATE)


def test_an_empty_session_stops_at_once(transport: Transport) -> None:
    transport.set_session(new_session("empty", RATE))
    transport.play()
    wait_until(lambda: not transport.playing)
    assert transport.position == 0


def test_an_edit_is_heard_within_the_ring(transport: Transport, outputs: list[Recording]) -> None:
    session = session_of("a")
    transport.set_session(session)
    transport.play()
    wait_until(lambda: transport.position > 2_000)
    edited = edits.set_master_gain(session, -6)
    transport.set_session(edited)
    told_at = outputs[0].heard()
    wait_until(lambda: outputs[0].heard() > told_at + RATE // 4)
    heard = outputs[0].heard_so_far()[:, : outputs[0].heard()]
    whole = render(edited, lambda _source, _warp: SOUND, 0, SOUND.shape[1])
    late = slice(told_at + RATE // 4, heard.shape[1])
    assert heard[:, late].size
    assert np.array_equal(heard[:, late], whole[:, late])


def test_the_loop_repeats_seamlessly(transport: Transport, outputs: list[Recording]) -> None:
    session = edits.set_loop(session_of("a"), 10_000, 13_000)
    transport.set_session(session)
    transport.locate(9_000)
    transport.play()
    wait_until(lambda: outputs[0].heard() > 12_000)
    assert transport.playing
    assert 10_000 <= transport.position <= 13_000
    places = np.concatenate((np.arange(9_000, 13_000), *[np.arange(10_000, 13_000)] * 20))
    heard = outputs[0].heard_so_far()
    assert np.array_equal(heard, SOUND[:, places[: heard.shape[1]]])


def test_levels_are_those_of_what_is_heard(transport: Transport) -> None:
    session = session_of("a")
    transport.set_session(session)
    transport.play()
    wait_until(lambda: transport.position > 10_000)
    levels = transport.levels()
    high = float(np.abs(SOUND).max())
    assert 0 < levels.master[0] <= high
    assert set(levels.tracks) == {session.tracks[0].id}
    transport.stop()
    assert transport.levels() == Levels()


def test_the_loudness_is_that_of_what_was_heard_and_stays_after(transport: Transport) -> None:
    assert transport.loudness() == LoudnessReading()
    transport.play()
    wait_until(lambda: transport.loudness().momentary_lufs > -60)
    assert transport.position >= 0.4 * RATE - BLOCK_FRAMES
    wait_until(lambda: not transport.playing)
    meter = MasterMeter(RATE)
    meter.push(render(session_of("a"), lambda _source, _warp: SOUND, 0, SOUND.shape[1]))
    whole, over = meter.reading(), transport.loudness()
    assert over.integrated_lufs == pytest.approx(whole.integrated_lufs, abs=1e-6)
    assert over.true_peak_dbtp == pytest.approx(whole.true_peak_dbtp, abs=1e-4)
    assert over.sample_peaks_dbfs == whole.sample_peaks_dbfs
    assert over.momentary_lufs == -math.inf
    transport.locate(SOUND.shape[1] - RATE // 5)
    transport.play()
    wait_until(lambda: not transport.playing)
    assert transport.loudness().integrated_lufs == -math.inf, "measured anew, and less than 0.4 s"
    assert transport.loudness().true_peak_dbtp > -60


def test_a_source_that_cannot_be_read_is_silent_and_told(outputs: list[Recording]) -> None:
    def some(source: Source, rate: int, _warp: Warp | None) -> np.ndarray:
        if source.name == "lost":
            raise AudioFileError("The audio file of “lost” is missing.")
        return SOUND

    transport = Transport(session_of("a", "lost"), some, opener(outputs))
    assert transport.notice == "No sound device: playing silently."
    assert transport.output_name == "No sound"
    transport.play()
    wait_until(lambda: transport.position > 1_000)
    assert transport.notice == "No sound device: playing silently. The audio file of “lost” is missing."
    heard = outputs[0].heard_so_far()
    transport.close()
    assert np.array_equal(heard, SOUND[:, : heard.shape[1]])


def test_a_source_that_gets_ready_is_heard_from_then_on(outputs: list[Recording]) -> None:
    ready = threading.Event()

    def when_ready(source: Source, _rate: int, _warp: Warp | None) -> np.ndarray:
        if not ready.is_set():
            raise AudioFileError(f"“{source.name}” is still being prepared.")
        return SOUND

    transport = Transport(session_of("a"), when_ready, opener(outputs))
    transport.play()
    wait_until(lambda: "“a” is still being prepared." in transport.notice)
    ready.set()
    wait_until(lambda: bool(outputs[0].heard_so_far().any()))
    assert "prepared" not in transport.notice
    heard = outputs[0].heard_so_far()
    transport.close()
    first = int(np.flatnonzero(heard.any(axis=0))[0])
    first += round(RAMP_S * RATE)
    assert np.array_equal(heard[:, first:], SOUND[:, first : heard.shape[1]])


class Fragile:
    """Samples whose file can be pulled out."""

    shape = SOUND.shape
    gone = False

    def __getitem__(self, key: tuple[slice, slice]) -> np.ndarray:
        if self.gone:
            raise AudioFileError("“a” cannot be read.")
        return SOUND[key]


def test_a_source_that_is_pulled_out_while_it_plays_is_silent_until_it_is_back(
    outputs: list[Recording],
) -> None:
    file = Fragile()
    transport = Transport(session_of("a"), lambda _source, _rate, _warp: file, opener(outputs))
    transport.play()
    wait_until(lambda: transport.position > 5_000)
    file.gone = True
    wait_until(lambda: "cannot be read" in transport.notice)
    wait_until(lambda: not outputs[0].heard_so_far()[:, -100:].any())
    file.gone = False
    wait_until(lambda: "cannot be read" not in transport.notice and transport.playing)
    wait_until(lambda: bool(outputs[0].heard_so_far()[:, -100:].any()))
    transport.close()


def test_a_device_that_vanishes_is_replaced_by_the_clock(
    transport: Transport, outputs: list[Recording]
) -> None:
    transport.play()
    wait_until(lambda: transport.position > 1_000)
    outputs[0].fails = True
    wait_until(lambda: "gone" in transport.notice)
    at = transport.position
    wait_until(lambda: transport.position > at)
    assert transport.playing


def test_a_session_of_another_rate_reopens_the_output(outputs: list[Recording]) -> None:
    transport = Transport(session_of("a"), lambda _source, _rate, _warp: SOUND, opener(outputs))
    session = edits.import_source(new_session("y", 44_100), a_source("b", SOUND.shape[1], rate=44_100))
    transport.set_session(session)
    transport.play()
    wait_until(lambda: transport.position > 1_000)
    transport.close()
    assert [output.sample_rate for output in outputs] == [48_000, 44_100]


# ── the parts ────────────────────────────────────────────────────────────────────────────────


def route(length: int, loop: tuple[int, int] | None = None) -> Route:
    session = edits.import_source(new_session("x"), a_source("a", length))
    return Route(session if loop is None else edits.set_loop(session, *loop))


def test_a_route_ends_with_the_session() -> None:
    assert list(route(1_000).stretches(900, 512)) == [(900, 100)]
    assert route(1_000).is_over(1_000)
    assert not route(1_000).is_over(999)


def test_a_route_goes_round_the_loop_but_not_from_behind_it() -> None:
    looped = route(5_000, (1_000, 1_300))
    assert list(looped.stretches(1_200, 512)) == [(1_200, 100), (1_000, 300), (1_000, 112)]
    assert list(looped.stretches(1_300, 10)) == [(1_000, 10)]
    assert list(looped.stretches(1_301, 10)) == [(1_301, 10)]
    assert not route(5_000, (6_000, 7_000)).is_over(6_999)


def test_a_loop_too_short_to_be_one_is_passed_over() -> None:
    assert list(route(5_000, (100, 200)).stretches(50, 512)) == [(50, 512)]


def test_a_schedule_maps_what_is_heard_to_the_timeline() -> None:
    schedule = Schedule()
    assert schedule.position(0) is None
    schedule.add(500, 100, Levels(master=(0.5, 0.1)))
    schedule.add(0, 100, Levels(master=(0.2, 0.4)))
    assert [schedule.position(heard) for heard in (0, 99, 100, 150, 999)] == [500, 599, 0, 50, 100]
    assert schedule.levels(150, 40).master == (0.2, 0.4)
    assert schedule.levels(150, 80).master == (0.5, 0.4)
    schedule.forget(150)
    assert schedule.position(150) == 50


def test_many_sources_that_fail_are_told_in_a_few_words(outputs: list[Recording]) -> None:
    def samples(source: Source, _rate: int, _warp: Warp | None) -> np.ndarray:
        raise AudioFileError(f"“{source.name}” is missing.")

    transport = Transport(session_of(*map(str, range(50))), samples, opener(outputs))
    transport.play()
    wait_until(lambda: "And 47 more." in transport.notice)
    assert len(transport.notice) < 200
    transport.close()


class Slow:
    """Samples that are read more slowly than they play."""

    shape = SOUND.shape

    def __getitem__(self, key: tuple[slice, slice]) -> np.ndarray:
        time.sleep(0.15)
        return SOUND[key]


def test_another_output_is_taken_though_the_ring_never_gets_full(outputs: list[Recording]) -> None:
    transport = Transport(session_of("a"), lambda _source, _rate, _warp: Slow(), opener(outputs))
    transport.play()
    wait_until(lambda: transport.interruptions.starved > 0)
    transport.choose_output()
    wait_until(lambda: len(outputs) == 2 and bool(outputs[1].takes) and bool(outputs[1].takes[-1]))
    transport.stop()
    wait_until(lambda: not transport.playing)
    transport.close()
