"""Surround sound: refused, or mixed down to stereo by choice, as ITU-R BS.775 has it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from fanstudio.audio.decode import open_audio
from fanstudio.audio.downmix import downmix_matrix
from fanstudio.errors import AudioFileError, TooManyChannels

RATE = 48_000
C = 2**-0.5
#: FL FR FC LFE BL BR, as WAV and FLAC have them.
FIVE_ONE = np.array([[1, 0, C, 0, C, 0], [0, 1, C, 0, 0, C]])


def _surround(path: Path, channels: int, subtype: str, frames: int = 5_001) -> np.ndarray:
    sound = np.random.default_rng(channels).uniform(-0.3, 0.3, (frames, channels))
    soundfile.write(path, sound, RATE, subtype=subtype)
    return soundfile.read(path, always_2d=True)[0]


def _read(path: Path) -> np.ndarray:
    with open_audio(path, downmix=True) as reader:
        assert reader.channels == 2
        return np.concatenate(list(reader.blocks(1_000)), axis=1)


@pytest.mark.parametrize(
    ("name", "subtype"), [("s.wav", "FLOAT"), ("s.wav", "PCM_24"), ("s.flac", "PCM_24"), ("s.aiff", "PCM_16")]
)
def test_five_one_is_mixed_down_to_the_sample(name: str, subtype: str, tmp_path: Path) -> None:
    sound = _surround(tmp_path / name, 6, subtype)
    np.testing.assert_allclose(_read(tmp_path / name), FIVE_ONE @ sound.T, atol=1e-6)


@pytest.mark.parametrize("channels", range(3, 9))
def test_the_effects_channel_is_left_out_and_nothing_else(channels: int, tmp_path: Path) -> None:
    sound = np.zeros((100, channels))
    heard = []
    for channel in range(channels):
        sound[:] = 0
        sound[:, channel] = 0.5
        soundfile.write(tmp_path / "s.wav", sound, RATE, subtype="FLOAT")
        heard.append(float(np.abs(_read(tmp_path / "s.wav")).max()))
    silent = [channel for channel, level in enumerate(heard) if level == 0]
    assert silent == ([3] if channels >= 6 else [])


def test_without_the_choice_it_is_refused_with_the_way_out(tmp_path: Path) -> None:
    _surround(tmp_path / "s.wav", 6, "FLOAT")
    with pytest.raises(TooManyChannels, match="6 channels") as caught:
        open_audio(tmp_path / "s.wav")
    assert "--downmix" in caught.value.hint


@pytest.mark.parametrize("channels", [1, 2])
def test_mono_and_stereo_are_left_alone(channels: int, tmp_path: Path) -> None:
    sound = _surround(tmp_path / "s.wav", channels, "FLOAT")
    with open_audio(tmp_path / "s.wav", downmix=True) as reader:
        heard = np.concatenate(list(reader.blocks()), axis=1)
    np.testing.assert_array_equal(heard, sound.T.astype(np.float32))


def test_a_layout_without_a_rule_is_refused(tmp_path: Path) -> None:
    assert downmix_matrix(("FL", "FR", "TFL")) is None
    _surround(tmp_path / "s.wav", 16, "FLOAT")
    with pytest.raises(AudioFileError, match="cannot be mixed down"):
        open_audio(tmp_path / "s.wav", downmix=True)


@pytest.mark.parametrize("channel", [0, 3])
def test_what_is_no_number_is_refused_in_every_channel(channel: int, tmp_path: Path) -> None:
    sound = np.zeros((100, 6), np.float32)
    sound[50, channel] = np.inf
    soundfile.write(tmp_path / "s.wav", sound, RATE, subtype="FLOAT")
    with pytest.raises(AudioFileError, match="not numbers"):
        _read(tmp_path / "s.wav")


def test_surround_that_is_cut_short_is_noticed(tmp_path: Path) -> None:
    _surround(tmp_path / "s.flac", 6, "PCM_24", frames=100_000)
    data = (tmp_path / "s.flac").read_bytes()
    (tmp_path / "s.flac").write_bytes(data[: len(data) // 2])
    with pytest.raises(AudioFileError, match="cut short"):
        _read(tmp_path / "s.flac")
