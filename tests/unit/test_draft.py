"""The sketch of a warped source: any place at once, the right tempo, no click, and a soft take-over."""

from __future__ import annotations

import numpy as np
import pytest

from fanstudio.audio.draft import Draft
from fanstudio.audio.samples import Samples
from fanstudio.model.warp import Warp

RATE = 16_000
FRAMES = 24_000


def tone(frequency: float) -> Samples:
    return np.sin(2 * np.pi * frequency * np.arange(FRAMES) / RATE).astype(np.float32)[None]


def loudest_hz(sound: Samples) -> float:
    spectrum = np.abs(np.fft.rfft(sound[0] * np.hanning(sound.shape[1])))
    return float(np.argmax(spectrum) * RATE / sound.shape[1])


@pytest.mark.parametrize("block", [1, 333, 8_192])
def test_a_place_sounds_the_same_however_it_is_read(block: int) -> None:
    draft = Draft(
        np.random.default_rng(0).uniform(-1, 1, (2, 2_000)).astype(np.float32), 2_000, RATE, Warp(1.3, 2)
    )
    blocks = [draft[:, start : start + block] for start in range(0, draft.shape[1], block)]
    assert np.array_equal(np.concatenate(blocks, axis=1), draft[:, : draft.shape[1]])


@pytest.mark.parametrize(("warp", "pitch"), [(Warp(1.5), 1.0), (Warp(0.5, 12), 2.0), (Warp(1.0, -12), 0.5)])
def test_length_and_pitch_are_the_warps(warp: Warp, pitch: float) -> None:
    sound = Draft(tone(500), FRAMES, RATE, warp)[:, : warp.length(FRAMES)]
    assert sound.shape == (1, warp.length(FRAMES))
    assert loudest_hz(sound) == pytest.approx(500 * pitch, abs=30)


def test_it_never_jumps() -> None:
    sound = Draft(tone(100), FRAMES, RATE, Warp(1.37, 3.0))[:, :30_000]
    assert np.abs(np.diff(sound)).max() < 0.1


def test_a_beat_lies_where_the_stretched_one_will() -> None:
    sound = np.zeros((1, FRAMES), np.float32)
    sound[0, 12_000:12_400] = 1
    drafted = Draft(sound, FRAMES, RATE, Warp(1.5))[:, :36_000]
    assert abs(int(np.argmax(np.abs(drafted[0]) > 0.3)) - 18_000) < 0.04 * RATE


def test_the_rendition_takes_over_without_a_jump() -> None:
    draft = Draft(tone(100), FRAMES, RATE, Warp(2.0))
    before = draft[:, :4_000]
    whole = np.full((1, 48_000), 0.25, np.float32)
    draft.finish(whole)
    over, after = draft[:, 4_000:5_000], draft[:, 5_000:6_000]
    assert np.abs(np.diff(np.concatenate((before, over, after), axis=1))).max() < 0.1
    assert np.array_equal(after, whole[:, 5_000:6_000])
