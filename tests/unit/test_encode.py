"""Files out: read back by libraries that are not ours, the same from run to run and at any block size."""

from __future__ import annotations

import hashlib
import struct
from pathlib import Path

import av
import numpy as np
import pytest
import soundfile

from fanstudio.audio import wav
from fanstudio.audio.encode import Encoding, open_encoder, supported_rate
from fanstudio.errors import InputError, StorageError
from tests.support.sounds import noise

RATE = 44_100
FRAMES = RATE + 333
LOSSLESS = {
    Encoding.WAV_FLOAT: ("FLOAT", 200),
    Encoding.WAV_24: ("PCM_24", 120),
    Encoding.WAV_16: ("PCM_16", 70),
    Encoding.FLAC_24: ("PCM_24", 120),
    Encoding.FLAC_16: ("PCM_16", 70),
}


def encode(path: Path, encoding: Encoding, sound: np.ndarray, block: int = 10_000, **more: int) -> Path:
    with open_encoder(path, encoding, RATE, len(sound), **more) as encoder:
        for start in range(0, sound.shape[1], block):
            encoder.write(sound[:, start : start + block])
    return path


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize("encoding", LOSSLESS)
@pytest.mark.parametrize("channels", [1, 2])
def test_lossless_files_are_read_back_by_libsndfile(
    encoding: Encoding, channels: int, tmp_path: Path
) -> None:
    sound = noise(FRAMES, channels)
    path = encode(tmp_path / "x", encoding, sound)
    subtype, quality_db = LOSSLESS[encoding]
    assert soundfile.info(path).subtype == subtype
    got, rate = soundfile.read(path, dtype="float32", always_2d=True)
    assert rate == RATE
    assert got.shape == (FRAMES, channels)
    error = np.sum(np.square(got.T - sound, dtype=np.float64)) + 1e-30
    assert 10 * np.log10(np.sum(np.square(sound, dtype=np.float64)) / error) > quality_db


@pytest.mark.parametrize("encoding", Encoding)
def test_a_file_depends_on_its_samples_alone(encoding: Encoding, tmp_path: Path) -> None:
    sound = noise(FRAMES)
    first = digest(encode(tmp_path / "a", encoding, sound, FRAMES))
    assert digest(encode(tmp_path / "b", encoding, sound, 8_192)) == first
    if encoding in LOSSLESS:
        assert digest(encode(tmp_path / "c", encoding, sound, 777)) == first


def test_dither_follows_its_seed_and_hides_the_rounding(tmp_path: Path) -> None:
    quiet = np.full((1, RATE), 0.3 / 32_768, np.float32)
    one, again, other = (
        soundfile.read(encode(tmp_path / str(n), Encoding.WAV_16, quiet, seed=seed), dtype="int16")[0]
        for n, seed in enumerate((1, 1, 2))
    )
    assert np.array_equal(one, again)
    assert not np.array_equal(one, other)
    assert one.mean() == pytest.approx(0.3, abs=0.02)
    assert set(np.unique(one)) <= {-1, 0, 1}


@pytest.mark.parametrize("encoding", [Encoding.WAV_24, Encoding.WAV_16, Encoding.FLAC_24])
def test_what_is_too_loud_is_clipped_not_wrapped(encoding: Encoding, tmp_path: Path) -> None:
    loud = np.array([[2.0, -2.0, 1.0, -1.0] * 100], np.float32)
    got, _ = soundfile.read(encode(tmp_path / "x", encoding, loud))
    assert np.array_equal(np.sign(got), np.sign(loud[0]))
    assert np.abs(got).min() > 0.99


@pytest.mark.parametrize("bitrate", [128, 192, 256, 320])
@pytest.mark.parametrize("encoding", [Encoding.MP3, Encoding.AAC])
def test_lossy_files_are_aligned_and_have_the_bitrate(
    encoding: Encoding, bitrate: int, tmp_path: Path
) -> None:
    sound = noise(RATE * 4)
    path = encode(tmp_path / "x", encoding, sound, bitrate_kbps=bitrate)
    with av.open(str(path)) as container:
        assert container.bit_rate / 1000 == pytest.approx(bitrate, rel=0.15)
        got = np.concatenate([frame.to_ndarray() for frame in container.decode(audio=0)], axis=1)
    assert sound.shape[1] <= got.shape[1] < sound.shape[1] + 2_500
    near = got[0, :4_000] - sound[0, :4_000]
    assert np.square(near).sum() < 0.1 * np.square(sound[0, :4_000]).sum()


def test_rates_that_an_encoding_does_not_take(tmp_path: Path) -> None:
    assert supported_rate(Encoding.FLAC_24, 37_000) == 37_000
    assert supported_rate(Encoding.MP3, 96_000) == 48_000
    assert supported_rate(Encoding.AAC, 192_000) == 96_000
    assert supported_rate(Encoding.MP3, 22_050) == 32_000
    with pytest.raises(InputError, match="96000"):
        open_encoder(tmp_path / "x", Encoding.MP3, 96_000, 2)


@pytest.mark.parametrize("encoding", Encoding)
def test_a_folder_that_is_gone_is_a_storage_error(encoding: Encoding, tmp_path: Path) -> None:
    with pytest.raises(StorageError):
        open_encoder(tmp_path / "gone" / "x", encoding, RATE, 2)


@pytest.mark.parametrize("encoding", Encoding)
def test_a_full_disk_is_a_storage_error(encoding: Encoding) -> None:
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("no /dev/full here")

    def write() -> None:
        with open_encoder(full, encoding, RATE, 2) as encoder:
            for _ in range(20):
                encoder.write(noise(RATE))

    with pytest.raises(StorageError):
        write()


def test_a_wav_beyond_4_gib_becomes_rf64(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wav, "_MAX_RIFF_BYTES", 100_000)
    sound = noise(FRAMES)
    path = encode(tmp_path / "x", Encoding.WAV_FLOAT, sound)
    head = path.read_bytes()[:80]
    assert head[:4] == b"RF64"
    assert head[12:16] == b"ds64"
    assert struct.unpack("<QQQ", head[20:44]) == (path.stat().st_size - 8, FRAMES * 8, FRAMES)
