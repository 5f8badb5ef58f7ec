"""WAV files read in slices hold what a decoder gives, bit for bit, whatever is asked for and by whom."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from fanstudio.audio.rendition import RenditionFile, RenditionWriter
from fanstudio.audio.wav_samples import WavLayout, WavSamples, find_layout
from fanstudio.errors import AudioFileError
from tests.support.sounds import noise

RATE = 44_100
FRAMES = 30_001
SUBTYPES = ("PCM_16", "PCM_24", "PCM_32", "FLOAT")


def wav(folder: Path, subtype: str, channels: int = 2, container: str = "WAV") -> Path:
    path = folder / f"{subtype}{channels}{container}.wav"
    sound = 0.99 * noise(FRAMES, channels)
    sound[0, :3] = 1, -1, -1
    soundfile.write(path, sound.T, RATE, subtype, format=container)
    return path


def opened(path: Path) -> WavSamples:
    layout = find_layout(path)
    assert layout is not None
    return WavSamples(path, layout)


def decoded(path: Path) -> np.ndarray:
    return soundfile.read(path, dtype="float32", always_2d=True)[0].T


@pytest.mark.parametrize("container", ["WAV", "WAVEX", "RF64"])
@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("subtype", SUBTYPES)
def test_samples_are_those_of_a_decoder(subtype: str, channels: int, container: str, tmp_path: Path) -> None:
    path = wav(tmp_path, subtype, channels, container)
    samples, whole = opened(path), decoded(path)
    assert samples.shape == whole.shape == (channels, FRAMES)
    assert samples.layout.sample_rate == RATE
    assert np.array_equal(np.asarray(samples), whole)
    assert np.array_equal(samples[:, 5:7], whole[:, 5:7])
    assert np.array_equal(samples[:1, 20_000:], whole[:1, 20_000:])
    assert samples[:, 5:7].dtype == np.float32


@settings(max_examples=30, deadline=None)
@given(spans=st.lists(st.tuples(st.integers(0, FRAMES + 9), st.integers(0, 20_000)), max_size=8))
def test_any_slices_in_any_order(
    spans: list[tuple[int, int]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.getbasetemp() / "slices.wav"
    if not path.exists():
        soundfile.write(path, noise(FRAMES).T, RATE, "PCM_16")
    samples, whole = opened(path), decoded(path)
    for start, frames in spans:
        assert np.array_equal(samples[:, start : start + frames], whole[:, start : start + frames])


def test_a_rendition_is_read_alike(tmp_path: Path) -> None:
    sound = noise(FRAMES)
    writer = RenditionWriter(tmp_path / "r.f32", 2)
    writer.write(sound)
    writer.close()
    file = RenditionFile(tmp_path / "r.f32", 2, FRAMES)
    for start, stop in ((0, 10), (10, 20), (100, 25_000), (FRAMES - 5, FRAMES + 5), (7, 7)):
        assert np.array_equal(file[:, start:stop], sound[:, start:stop])
    file.close()


def test_threads_share_a_file(tmp_path: Path) -> None:
    path = wav(tmp_path, "PCM_24")
    samples, whole = opened(path), decoded(path)
    starts = np.random.default_rng(1).integers(0, FRAMES, 400).tolist()

    def right(start: int) -> bool:
        frames = 100 + start % 12_000
        return np.array_equal(samples[:, start : start + frames], whole[:, start : start + frames])

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(right, starts))


def test_what_must_be_decoded_has_no_layout(tmp_path: Path) -> None:
    for subtype in ("PCM_U8", "DOUBLE", "ULAW", "IMA_ADPCM"):
        assert find_layout(wav(tmp_path, subtype)) is None
    soundfile.write(tmp_path / "x.flac", noise(100).T, RATE)
    soundfile.write(tmp_path / "surround.wav", noise(100, 6).T, RATE)
    assert find_layout(tmp_path / "x.flac") is None
    assert find_layout(tmp_path / "surround.wav") is None
    assert find_layout(tmp_path / "gone.wav") is None


@settings(max_examples=200, deadline=None)
@given(at=st.integers(0, 60), value=st.integers(0, 255), cut=st.integers(0, 400))
def test_a_damaged_header_is_no_layout_or_lies_in_the_file(
    at: int, value: int, cut: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.getbasetemp() / "damaged.wav"
    soundfile.write(path, noise(80).T, RATE, "PCM_16")
    data = bytearray(path.read_bytes())[: 400 - cut]
    if at < len(data):
        data[at] = value
    path.write_bytes(data)
    layout = find_layout(path)
    if layout is not None:
        assert layout.start + layout.frames * layout.frame_bytes <= len(data)
        assert np.asarray(WavSamples(path, layout)).shape == (layout.channels, layout.frames)


def test_a_file_that_shrinks_is_told_and_ends_nothing(tmp_path: Path) -> None:
    path = wav(tmp_path, "PCM_16")
    samples = opened(path)
    path.write_bytes(path.read_bytes()[:1_000])
    with pytest.raises(AudioFileError, match="cut short"):
        _ = samples[:, 10_000:10_010]


def test_a_layout_says_how_long_a_frame_is() -> None:
    assert WavLayout(RATE, 2, 24, floating=False, start=44, frames=1).frame_bytes == 6
