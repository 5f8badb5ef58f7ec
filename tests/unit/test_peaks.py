"""Peaks: never smaller than the sound, at every zoom, and read back from their file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from fanstudio.audio.peaks import BASE_FRAMES, Peaks, build_peaks, load_peaks, pack_peaks
from fanstudio.errors import Cancelled
from fanstudio.jobs import Work
from tests.support.sounds import noise

FRAMES = 300_077


@pytest.fixture(scope="module")
def sound() -> np.ndarray:
    return noise(FRAMES)


@pytest.fixture(scope="module")
def peaks(sound: np.ndarray) -> Peaks:
    return build_peaks(Work(), sound)


def exact(sound: np.ndarray, first: float, last: float) -> tuple[float, float]:
    piece = sound[:, max(0, int(np.ceil(first))) : max(0, int(np.floor(last)))]
    return (float(piece.min()), float(piece.max())) if piece.size else (0.0, 0.0)


@pytest.mark.parametrize("frames_per_pixel", [256, 300.7, 1024, 5000.1])
@pytest.mark.parametrize("start", [0, 12_345.6, FRAMES - 20_000, -7_000])
def test_a_window_covers_the_sound_and_not_much_more(
    sound: np.ndarray, peaks: Peaks, frames_per_pixel: float, start: float
) -> None:
    low, high = peaks.window(start, frames_per_pixel, 40)
    assert low.dtype == np.float32
    assert low.shape == high.shape == (40,)
    size = BASE_FRAMES
    while size * 4 <= frames_per_pixel:
        size *= 4
    for pixel in range(40):
        first, last = start + pixel * frames_per_pixel, start + (pixel + 1) * frames_per_pixel
        if last <= 0 or first >= FRAMES:
            continue
        inner = exact(sound, first, min(last, FRAMES))
        outer = exact(sound, first - size, last + size)
        assert outer[0] - 1e-4 <= low[pixel] <= inner[0] + 1e-6
        assert inner[1] - 1e-6 <= high[pixel] <= outer[1] + 1e-4


def test_outside_the_sound_there_is_nothing(peaks: Peaks) -> None:
    low, high = peaks.window(-2_560, 256, 10)
    assert not low.any()
    assert not high.any()
    low, high = peaks.window(FRAMES + 512, 256, 10)
    assert not low.any()
    assert not high.any()
    assert peaks.window(0, 256, 0)[0].shape == (0,)


def test_channels_are_kept_apart_on_request() -> None:
    left_only = np.zeros((2, 10_000), np.float32)
    left_only[0] = 0.5
    peaks = build_peaks(Work(), left_only)
    low, high = peaks.window(0, 256, 8, channel_mix=False)
    assert high[0] == pytest.approx(np.full(8, 0.5), abs=1e-4)
    assert not high[1].any()
    assert low.shape == (2, 8)


def test_what_is_beyond_full_scale_clips() -> None:
    peaks = build_peaks(Work(), np.full((1, 1_000), 3.0, np.float32))
    assert peaks.window(0, 256, 3)[1] == pytest.approx(np.ones(3))


@pytest.mark.parametrize("frames", [1, 255, 256, 257, 70_000])
def test_any_length_has_peaks_that_survive_their_file(frames: int, tmp_path: Path) -> None:
    peaks = build_peaks(Work(), noise(frames, 1))
    path = tmp_path / "x.peaks"
    path.write_bytes(pack_peaks(peaks))
    loaded = load_peaks(path, 1, frames)
    assert loaded is not None
    assert len(loaded.levels) == len(peaks.levels)
    assert all(np.array_equal(a, b) for a, b in zip(loaded.levels, peaks.levels, strict=True))


@pytest.mark.parametrize("damage", ["missing", "short", "long", "other", "text"])
def test_a_peak_file_that_does_not_fit_is_not_used(damage: str, tmp_path: Path) -> None:
    data = pack_peaks(build_peaks(Work(), noise(70_000, 2)))
    written = {"short": data[:-2], "long": data + b"\0\0", "text": b"hello", "other": data}
    path = tmp_path / "x.peaks"
    if damage in written:
        path.write_bytes(written[damage])
    assert load_peaks(path, 2, 70_001 + 256 if damage == "other" else 70_000) is None


def test_drawing_can_be_cancelled() -> None:
    work = Work()
    work.cancel()
    with pytest.raises(Cancelled):
        build_peaks(work, noise(1_000))
