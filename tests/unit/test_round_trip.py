"""The round trip: how far what is heard lies behind what was played."""

from __future__ import annotations

import numpy as np
import pytest

from fanstudio.audio.round_trip import find_round_trip, sweeps
from fanstudio.errors import DeviceError

RATES = (16_000, 44_100, 48_000, 96_000)


def later(signal: np.ndarray, frames: float) -> np.ndarray:
    """Return a signal that comes `frames` later, by its spectrum."""
    size = 1 << (signal.shape[1] + 200_000).bit_length()
    turn = np.exp(-2j * np.pi * np.fft.rfftfreq(size) * frames)
    return np.fft.irfft(np.fft.rfft(signal, size) * turn, size)[:, : signal.shape[1]].astype(np.float32)


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("seconds", [0.0, 0.0031, 0.05, 0.31, 0.9])
def test_a_whole_frame_is_found_exactly(rate: int, seconds: float) -> None:
    played = sweeps(rate)
    frames = round(seconds * rate)
    heard = np.pad(played, ((0, 0), (frames, 0)))[:, : played.shape[1]]
    assert round(find_round_trip(heard, rate)) == frames


def test_a_fraction_of_a_frame_is_found() -> None:
    assert find_round_trip(later(sweeps(48_000), 700.4), 48_000) == pytest.approx(700.4, abs=0.05)


def test_a_small_speaker_in_a_noisy_room_is_heard() -> None:
    rate = 48_000
    played = sweeps(rate)
    room = np.zeros(9_600)
    room[0], room[400], room[1_900], room[5_000] = 1.0, 0.5, -0.4, 0.3
    heard = np.convolve(later(played, 1_500)[0], room)[: played.shape[1]]
    spectrum = np.fft.rfft(heard)
    frequencies = np.fft.rfftfreq(heard.size, 1 / rate)
    spectrum *= (frequencies > 400) & (frequencies < 6_000)
    heard = 0.1 * np.fft.irfft(spectrum, heard.size) + np.random.default_rng(1).normal(0, 0.02, heard.size)
    assert find_round_trip(heard[None].astype(np.float32), rate) == pytest.approx(1_500, abs=2)


def test_an_inverted_microphone_is_heard() -> None:
    played = sweeps(44_100)
    assert round(find_round_trip(-0.01 * later(played, 800), 44_100)) == 800


@pytest.mark.parametrize("level", [0.0, 1e-3, 0.3])
def test_without_the_test_sound_it_says_so(level: float) -> None:
    frames = sweeps(48_000).shape[1]
    noise = np.random.default_rng(2).normal(0, level, (1, frames)).astype(np.float32)
    with pytest.raises(DeviceError, match="did not come back"):
        find_round_trip(noise, 48_000)
