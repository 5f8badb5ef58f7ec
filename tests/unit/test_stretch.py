"""Stretching and pitching: exact lengths, attacks in place, pure tones, the same bytes on each run."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from numpy.typing import NDArray

from fanstudio.audio.onsets import find_onsets
from fanstudio.audio.samples import Samples, silence
from fanstudio.audio.stretch import stretch
from fanstudio.audio.time_map import TimeMap
from fanstudio.errors import Cancelled
from fanstudio.jobs import Work
from fanstudio.model.warp import Warp

RATE = 22_050


def stretched(sound: Samples, warp: Warp, rate: int = RATE) -> Samples:
    return np.concatenate(list(stretch(Work(), sound, rate, warp)), axis=1)


def tone(frequency: float, seconds: float = 2.0, rate: int = RATE) -> Samples:
    return (0.4 * np.sin(2 * np.pi * frequency * np.arange(round(seconds * rate)) / rate)).astype(np.float32)[
        None
    ]


def snr_db(sound: NDArray[np.float32], frequency: float) -> float:
    """Compare the middle half of a sound with the sine of that frequency that fits it best."""
    middle = sound[len(sound) // 4 : -len(sound) // 4].astype(np.float64)
    angle = 2 * np.pi * frequency * np.arange(len(middle)) / RATE
    waves = np.stack((np.sin(angle), np.cos(angle)), axis=1)
    rest = middle - waves @ np.linalg.lstsq(waves, middle, rcond=None)[0]
    return float(10 * np.log10((middle @ middle) / (rest @ rest)))


def clicks(places: NDArray[np.int64], frames: int) -> Samples:
    sound = silence(1, frames)
    sound[0, places] = 0.9
    return sound


@pytest.mark.parametrize("rate", [8_000, 44_100, 192_000])
@pytest.mark.parametrize("frames", [1, 2, 1_000])
@pytest.mark.parametrize(
    "warp", [Warp(0.25), Warp(4.0), Warp(1.3, 5.0, True), Warp(1.0, -24.0), Warp(0.9, 24.0)]
)
def test_lengths_are_exact_and_samples_finite_whatever_comes_in(rate: int, frames: int, warp: Warp) -> None:
    sound = np.random.default_rng(0).standard_normal((2, frames)).astype(np.float32)
    sound[0, frames // 2], sound[1, 0] = np.nan, np.inf
    out = stretched(sound, warp, rate)
    assert out.shape == (2, warp.length(frames))
    assert out.dtype == np.float32
    assert np.isfinite(out).all()


def test_silence_stays_silent() -> None:
    assert not stretched(silence(2, 30_000), Warp(1.3, 4.0, keep_formants=True)).any()


def test_an_idle_warp_changes_nothing_that_is_heard() -> None:
    sound = np.random.default_rng(1).uniform(-0.5, 0.5, (2, 30_000)).astype(np.float32)
    assert np.abs(stretched(sound, Warp()) - sound).max() < 1e-6


@pytest.mark.parametrize("factor", [0.5, 0.8, 1.25, 2.0])
def test_a_tone_keeps_its_pitch_and_stays_pure(factor: float) -> None:
    assert snr_db(stretched(tone(440), Warp(factor))[0], 440) > 60


@pytest.mark.parametrize("semitones", [-3.0, 3.0, 12.0])
def test_a_tone_moves_by_semitones_and_stays_pure(semitones: float) -> None:
    assert snr_db(stretched(tone(440), Warp(1.0, semitones))[0], 440 * 2 ** (semitones / 12)) > 60


@pytest.mark.parametrize(
    "warp", [Warp(0.6), Warp(0.8), Warp(1.25), Warp(2.0), Warp(1.25, 3.0), Warp(0.8, -3.0)]
)
def test_attacks_come_out_in_time(warp: Warp) -> None:
    places = np.arange(5_000, 55_000, 7_001)
    out = np.abs(stretched(clicks(places, 60_000), warp)[0])
    for place in places:
        target = round(place * warp.stretch)
        found = target - 800 + int(np.argmax(out[target - 800 : target + 800]))
        assert abs(found - target) <= RATE // 1_000


def test_both_sides_of_a_stereo_source_are_turned_alike() -> None:
    left = np.random.default_rng(2).uniform(-0.5, 0.5, 40_000).astype(np.float32)
    out = stretched(np.stack((left, -0.5 * left)), Warp(1.3, 2.0))
    assert np.allclose(out[1], -0.5 * out[0], atol=1e-5)


def test_each_run_gives_the_same_bytes() -> None:
    sound = np.random.default_rng(3).uniform(-0.5, 0.5, (2, 40_000)).astype(np.float32)
    warp = Warp(1.17, 1.5, keep_formants=True)
    assert np.array_equal(stretched(sound, warp), stretched(sound, warp))


def peak_memory(seconds: int) -> int:
    sound = np.broadcast_to(np.float32(0.1), (2, seconds * RATE))
    tracemalloc.start()
    try:
        for _ in stretch(Work(), sound, RATE, Warp(0.3, 2.0)):
            pass
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_memory_does_not_grow_with_the_source() -> None:
    assert peak_memory(120) < 1.05 * peak_memory(30)


def test_it_can_be_cancelled_on_the_way() -> None:
    work = Work()
    blocks = stretch(work, silence(1, 200_000), RATE, Warp(1.5))
    next(blocks)
    work.cancel()
    with pytest.raises(Cancelled):
        list(blocks)


def test_onsets_are_found_where_sounds_begin() -> None:
    rng = np.random.default_rng(4)
    places = np.arange(3_000, 60_000, 9_000)
    sound = 0.05 * tone(220, 3.0)
    for place in places:
        sound[0, place : place + 1_000] += rng.uniform(-0.5, 0.5, 1_000) * np.exp(-np.arange(1_000) / 200)
    found = find_onsets(Work(), sound, RATE)
    assert len(found) == len(places)
    assert np.abs(found - places).max() < RATE / 1_000


def test_onsets_are_found_where_the_sides_are_in_opposite_phase() -> None:
    mono = clicks(np.arange(5_000, 40_000, 9_000), 45_000)
    found = find_onsets(Work(), np.concatenate((mono, -mono)), RATE)
    assert np.abs(found - np.arange(5_000, 40_000, 9_000)).max() < RATE / 1_000


def test_a_steady_tone_begins_nowhere() -> None:
    assert all(place < 600 for place in find_onsets(Work(), tone(330, 3.0), RATE)[:-1])


@pytest.mark.parametrize("ratio", [0.25, 0.8, 1.0, 3.0])
def test_a_time_map_rises_and_puts_attacks_in_their_place(ratio: float) -> None:
    attacks = np.array([1_000, 1_400, 9_000])
    times = TimeMap(12_000, ratio, attacks, 500, 400)
    assert times.source_frames(attacks * ratio).tolist() == attacks.tolist()
    steps = np.diff(times.source_frames(np.arange(-1_000.0, 12_000 * ratio + 1_000)))
    assert steps.min() >= 0
    assert times.source_frames(np.array([-7.0, 12_000 * ratio + 5.0])).tolist() == [-7, 12_005]
    assert times.attacks_begun(np.array([-1, 0, 1_000, 11_999])) == [0, 1, 2, 5]
