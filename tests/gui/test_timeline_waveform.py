from __future__ import annotations

import threading
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.plugin import QtBot

from fanstudio.audio.gains import fade_gains
from fanstudio.audio.peaks import build_peaks
from fanstudio.gui.timeline.fades import fade_gain
from fanstudio.gui.timeline.tile_jobs import (
    TILE,
    LaneImage,
    Material,
    SourceImage,
    Strip,
    TileKey,
    lane_tile,
    source_tile,
)
from fanstudio.gui.timeline.tiles import TileStore, to_pixmap
from fanstudio.gui.timeline.waveform import bend, columns, coverage, sample_columns, tint
from fanstudio.jobs import Work
from fanstudio.model.session import Clip
from fanstudio.model.warp import Warp
from tests.support.timelines import make_session


def test_columns_hold_the_extremes_of_their_samples() -> None:
    samples = np.random.default_rng(3).uniform(-1, 1, (2, 10_000)).astype(np.float32)
    lows, highs = sample_columns(samples, 1000, 40, 100)
    parts = samples[:, 1000:5000].reshape(2, 100, 40)
    assert np.all(lows <= parts.min(axis=(0, 2)))
    assert np.all(highs >= parts.max(axis=(0, 2)))
    beyond = samples[:, 999:5002]
    assert lows.min() >= beyond.min()
    assert highs.max() <= beyond.max()


def test_columns_of_peaks_and_samples_agree() -> None:
    samples = np.random.default_rng(4).uniform(-1, 1, (2, 200_000)).astype(np.float32)
    peaks = build_peaks(Work(), samples)
    fine = columns(None, samples, 0, 512.0, 300)
    coarse = columns(peaks, samples, 0, 512.0, 300)
    np.testing.assert_allclose(fine, coarse, atol=0.02)


def test_columns_join_between_samples() -> None:
    samples = np.array([[0.0, 1.0, -1.0, 0.0]], np.float32)
    lows, highs = sample_columns(samples, 0.0, 0.1, 31)
    assert np.all(lows[1:] <= highs[:-1] + 1e-6)
    assert np.all(highs[1:] >= lows[:-1] - 1e-6)
    assert highs.max() == pytest.approx(1.0)
    assert lows.min() == pytest.approx(-1.0)


@pytest.mark.parametrize("start", [-5000.0, 900.0, 50_000.0])
@pytest.mark.parametrize("scale", [0.5, 7.0, 300.0])
def test_columns_outside_the_source_are_silent(start: float, scale: float) -> None:
    samples = np.ones((1, 1000), np.float32)
    lows, highs = sample_columns(samples, start, scale, 64)
    edges = start + np.arange(65) * scale
    outside = (edges[1:] < 0) | (edges[:-1] > 999)
    assert not highs[outside].any()
    assert not lows[outside].any()


def test_columns_of_nothing_are_silent() -> None:
    lows, highs = columns(None, None, 0, 100, 8)
    assert lows.tolist() == highs.tolist() == [0.0] * 8


def test_coverage_fills_from_low_to_high() -> None:
    mask = coverage(np.array([-1.0, 0.0, -0.5], np.float32), np.array([1.0, 0.5, -0.5], np.float32), 8)
    assert mask[:, 0].tolist() == [255] * 8
    assert mask[:, 1].tolist() == [0, 0, 255, 255, 0, 0, 0, 0]
    assert int(mask[:, 2].sum()) == pytest.approx(255, abs=2)


def test_coverage_of_half_a_pixel_is_half() -> None:
    mask = coverage(np.array([0.0], np.float32), np.array([0.375], np.float32), 8)
    assert mask[:, 0].tolist() == [0, 0, 128, 255, 0, 0, 0, 0]


def test_coverage_of_loud_audio_stays_inside() -> None:
    mask = coverage(np.array([-9.0], np.float32), np.array([9.0], np.float32), 6)
    assert mask[:, 0].tolist() == [255] * 6


def test_quiet_sound_can_be_seen_from_afar_and_is_true_close_up() -> None:
    values = np.array([-1.0, -0.1, 0.0, 0.1, 1.0], np.float32)
    np.testing.assert_allclose(bend(values, 0.5), values)
    far = bend(values, 1000.0)
    np.testing.assert_allclose(far, [-1.0, -(0.1**0.65), 0.0, 0.1**0.65, 1.0], rtol=1e-5)
    between = bend(values, 8.0)
    assert values[3] < between[3] < far[3]


def test_tint_is_premultiplied() -> None:
    pixels = tint(np.array([[0, 255, 128]], np.uint8), 255, 128, 0)
    assert [f"{value:08X}" for value in pixels[0]] == ["00000000", "FFFF8000", "80804000"]


def test_fades_are_drawn_as_they_sound() -> None:
    clip = Clip("c", "s", "C", 0, 0, 1000, fade_in=300, fade_out=200)
    drawn = [fade_gain(clip, frame + 0.5) for frame in range(1000)]
    np.testing.assert_allclose(drawn, fade_gains(clip, 0, 1000), atol=1e-12)


def test_a_tile_shows_its_own_stretch() -> None:
    samples = np.zeros((1, 4 * TILE * 10), np.float32)
    samples[:, TILE * 10 : 2 * TILE * 10] = np.resize((1.0, -1.0), TILE * 10)
    key = TileKey(SourceImage("s", "#FF0000"), 10.0, 20, 1.0, 1)
    loud = source_tile(key, Material(samples=samples), "#FF0000")
    assert loud.shape == (20, TILE)
    assert np.all(loud[2, 2:-2] == 0xFFFF0000)
    quiet = source_tile(TileKey(key.subject, 10.0, 20, 1.0, 3), Material(samples=samples), "#FF0000")
    assert not quiet[2].any()


def test_a_lane_tile_shows_bodies_gaps_and_silent_clips() -> None:
    clips = (Clip("a", "s", "A", 0, 0, 1000), Clip("b", "s", "B", 2000, 0, 1000))
    material = Material(samples=np.resize((1.0, -1.0), (1, 5000)).astype(np.float32))
    strips = [Strip(clips[0], material, "#FFFFFF", False), Strip(clips[1], material, "#FFFFFF", True)]
    key = TileKey(LaneImage(clips, "x"), 10.0, 40, 1.0, 0)
    alpha = lane_tile(key, strips, 10, 20) >> 24
    assert alpha[2, 50] == round(255 * 0.16)
    assert alpha[2, 150] == 0
    assert alpha[2, 250] == round(255 * 0.07)
    assert alpha[12, 50] > alpha[12, 250] > alpha[2, 250]
    assert alpha[2, 99] == 0  # a gap of one pixel after each clip


def test_lane_images_are_told_apart_by_identity() -> None:
    session, again = make_session(), make_session()
    clips, others = session.tracks[0].clips, again.tracks[0].clips
    assert clips == others
    assert LaneImage(clips, "dark") == LaneImage(clips, "dark")
    assert LaneImage(clips, "dark") != LaneImage(others, "dark")
    assert LaneImage(clips, "dark") != LaneImage(clips, "light")


# ── the store ──

SUBJECT = SourceImage("s", "#00FF00")


def key(index: int, scale: float = 10.0) -> TileKey:
    return TileKey(SUBJECT, scale, 8, 1.0, index)


def plain(height: int = 8) -> np.ndarray:
    return np.full((height, TILE), 0xFF00FF00, np.uint32)


def test_a_tile_is_made_off_the_main_thread_once(qtbot: QtBot) -> None:
    store, made_on = TileStore(), []

    def job() -> np.ndarray:
        made_on.append(threading.get_ident())
        return plain()

    with qtbot.waitSignal(store.arrived):
        assert store.find(key(0), lambda: job) is None
        assert store.find(key(0), lambda: job) is None
    assert store.find(key(0), lambda: job) is not None
    assert len(made_on) == 1
    assert made_on[0] != threading.get_ident()


def test_nothing_is_made_where_nothing_is_known(qtbot: QtBot) -> None:
    store = TileStore()
    assert store.find(key(0), lambda: None) is None
    assert len(store) == 0


def test_the_store_is_bounded(qtbot: QtBot) -> None:
    size = 8 * TILE * 4
    store = TileStore(capacity_bytes=10 * size)
    for index in range(40):
        store._keep(key(index), to_pixmap(plain()))
        store.find(key(0), lambda: None)
    assert store.held_bytes <= 10 * size
    assert len(store) == 10
    assert store.find(key(0), lambda: None) is not None
    assert store.find(key(5), lambda: None) is None


def test_other_zooms_stand_in_nearest_first(qtbot: QtBot) -> None:
    store = TileStore()
    for scale in (1.0, 12.0, 400.0):
        store._keep(key(0, scale), to_pixmap(plain()))
    [other] = store.stand_ins(key(0, 10.0))
    assert other.frames_per_column == 12.0
    assert not store.stand_ins(TileKey(SourceImage("t", "#00FF00"), 10.0, 8, 1.0, 0))


def test_dropping_a_source_leaves_the_others(qtbot: QtBot, qapp: QApplication) -> None:
    store = TileStore()
    store._keep(key(0), to_pixmap(plain()))
    store._keep(TileKey(SourceImage("t", "#00FF00"), 10.0, 8, 1.0, 0), to_pixmap(plain()))
    store.drop(lambda subject: subject == SUBJECT)
    assert len(store) == 1
    assert store.held_bytes == 8 * TILE * 4
    assert not store.stand_ins(key(0, 20.0))


def test_a_stale_tile_shows_until_the_new_one_is_there(qtbot: QtBot) -> None:
    store = TileStore()
    store._keep(key(0), to_pixmap(plain()))
    old = store.find(key(0), lambda: None)
    store.renew(lambda stale: stale.subject == SUBJECT)
    assert store.is_stale(key(0))
    with qtbot.waitSignal(store.arrived):
        assert store.find(key(0), lambda: plain) is old
    assert not store.is_stale(key(0))
    assert store.find(key(0), lambda: None) is not old
    assert store.held_bytes == 8 * TILE * 4


def test_a_tile_under_way_is_stale_when_its_source_changes(qtbot: QtBot) -> None:
    """It was begun before: it is shown when it comes, and made once more."""
    store, gate = TileStore(), threading.Event()

    def slow() -> np.ndarray:
        gate.wait(5)
        return plain()

    with qtbot.waitSignal(store.arrived):
        store.find(key(0), lambda: slow)
        qtbot.waitUntil(lambda: store._maker._making == key(0))
        store.renew(lambda _key: True)
        store.find(key(0), lambda: plain)
        gate.set()
    assert store.is_stale(key(0))
    with qtbot.waitSignal(store.arrived):
        assert store.find(key(0), lambda: plain) is not None
    assert not store.is_stale(key(0))


def test_a_forgotten_renewal_is_asked_for_again(qtbot: QtBot) -> None:
    store = TileStore()
    store._keep(key(0), to_pixmap(plain()))
    store.renew(lambda _key: True)
    store._stale[key(0)] = True  # asked for, and forgotten with the other wishes
    store.forget_wishes()
    with qtbot.waitSignal(store.arrived):
        store.find(key(0), lambda: plain)
    assert not store.is_stale(key(0))


def test_tiles_are_taken_for_those_of_another_source(qtbot: QtBot) -> None:
    store, other = TileStore(), SourceImage("whole", SUBJECT.colour)
    store._keep(key(0), to_pixmap(plain()))
    store._keep(key(1), to_pixmap(plain()))
    store.renew(lambda stale: stale.index == 1)
    store.rename(lambda subject: other)
    assert store.find(replace(key(0), subject=other), lambda: None) is not None
    assert store.is_stale(replace(key(1), subject=other))
    assert store.find(key(0), lambda: None) is None
    assert len(store.stand_ins(replace(key(0, 20.0), subject=other))) == 2


def test_forgotten_wishes_are_not_made(qtbot: QtBot) -> None:
    store, gate, made = TileStore(), threading.Event(), []

    def slow() -> np.ndarray:
        gate.wait(5)
        return plain()

    def counted() -> np.ndarray:
        made.append(1)
        return plain()

    with qtbot.waitSignal(store.arrived):
        store.find(key(0), lambda: slow)
        qtbot.waitUntil(lambda: store._maker._making == key(0))
        store.find(key(1), lambda: counted)
        store.forget_wishes()
        gate.set()
    assert not made
    assert store.find(key(0), lambda: None) is not None


def test_a_stretched_clip_shows_its_source_wider() -> None:
    samples = np.zeros((1, 6_000), np.float32)
    samples[:, 1_000:2_000] = np.resize((1.0, -1.0), 1_000)
    clips = tuple(Clip("a", "s", "A", 0, offset, 4_000, warp=Warp(2.0)) for offset in (0, 2_000))
    for clip, loud in zip(clips, (slice(200, 400), slice(0, 200)), strict=True):
        key = TileKey(LaneImage((clip,), "x"), 10.0, 40, 1.0, 0)
        alpha = lane_tile(key, [Strip(clip, Material(samples=samples), "#FFFFFF", False)], 10, 20) >> 24
        shown = np.flatnonzero(alpha[12, :399] > alpha[2, :399])
        assert abs(int(shown[0]) - loud.start) <= 1
        assert abs(int(shown[-1]) + 1 - loud.stop) <= 2
