"""Files in: every format to the sample, and one clear line for what is no usable sound."""

from __future__ import annotations

import contextlib
import io
import struct
from pathlib import Path

import av
import numpy as np
import pytest
import soundfile

from fanstudio.audio.decode import decode_file, open_audio, probe
from fanstudio.audio.mpeg_frames import skip_id3
from fanstudio.audio.rendition import RenditionFile
from fanstudio.errors import AudioFileError, Cancelled, StorageError
from fanstudio.jobs import Work
from fanstudio.model.timebase import rescale
from tests.support.sounds import noise, write_m4a, write_sound

RATE = 44_100
FRAMES = RATE + 777

WRITTEN = {
    "wav16": ("WAV", "PCM_16", 70),
    "wav24": ("WAV", "PCM_24", 110),
    "float": ("WAV", "FLOAT", 200),
    "rf64": ("RF64", "PCM_16", 70),
    "aiff": ("AIFF", "PCM_16", 70),
    "flac": ("FLAC", "PCM_24", 110),
    "vorbis": ("OGG", "VORBIS", 10),
    "mp3": ("MP3", None, 10),
}


def read(path: Path, block: int = 5_000) -> np.ndarray:
    with open_audio(path) as reader:
        return np.concatenate(list(reader.blocks(block)), axis=1)


def snr_db(wanted: np.ndarray, got: np.ndarray) -> float:
    error = np.sum(np.square(wanted - got, dtype=np.float64)) + 1e-30
    return 10 * np.log10(np.sum(np.square(wanted, dtype=np.float64)) / error)


@pytest.mark.parametrize("kind", WRITTEN)
@pytest.mark.parametrize("channels", [1, 2])
def test_every_format_comes_back_aligned_and_whole(kind: str, channels: int, tmp_path: Path) -> None:
    form, subtype, quality_db = WRITTEN[kind]
    sound = noise(FRAMES, channels)
    path = write_sound(tmp_path / "x", sound, RATE, form, subtype)
    info = probe(path)
    assert (info.sample_rate, info.channels, info.frames) == (RATE, channels, FRAMES)
    got = read(path)
    assert got.dtype == np.float32
    assert got.shape == sound.shape
    assert snr_db(sound, got) > quality_db


def test_opus_comes_back_aligned_and_whole(tmp_path: Path) -> None:
    sound = noise(48_000 + 77)
    path = write_sound(tmp_path / "x.opus", sound, 48_000, "OGG", "OPUS")
    got = read(path)
    assert got.shape == sound.shape
    assert snr_db(sound, got) > 8


@pytest.mark.parametrize(("codec", "quality_db"), [("aac", 12), ("alac", 70)])
@pytest.mark.parametrize("frames", [44_100, 44_877, 300])
def test_m4a_priming_and_padding_are_trimmed(
    codec: str, quality_db: float, frames: int, tmp_path: Path
) -> None:
    sound = noise(frames)
    path = write_m4a(tmp_path / "x.m4a", sound, RATE, codec)
    assert probe(path).frames == frames
    got = read(path)
    assert got.shape == sound.shape
    assert snr_db(sound, got) > quality_db


def test_an_itunes_tag_decides_the_length_of_an_m4a(tmp_path: Path) -> None:
    sound = noise(44_100)
    plain = write_m4a(tmp_path / "plain.m4a", sound, RATE)
    tagged = tmp_path / "tagged.m4a"
    with (
        av.open(str(plain)) as source,
        av.open(str(tagged), "w", format="ipod", options={"movflags": "use_metadata_tags"}) as target,
    ):
        target.metadata["iTunSMPB"] = " 00000000 00000400 00000100 000000000000AB00 00000000"
        stream = target.add_stream_from_template(source.streams.audio[0])
        for packet in source.demux(source.streams.audio[0]):
            if packet.dts is not None:
                packet.stream = stream
                target.mux(packet)
    with av.open(str(tagged)) as written:
        assert "iTunSMPB" in written.metadata
    assert probe(tagged).frames == 0xAB00
    assert read(tagged).shape[1] == 0xAB00


def test_blocks_have_the_size_asked_for(tmp_path: Path) -> None:
    for path in (
        write_sound(tmp_path / "x.wav", noise(FRAMES), RATE),
        write_m4a(tmp_path / "x.m4a", noise(FRAMES), RATE),
    ):
        with open_audio(path) as reader:
            sizes = [block.shape[1] for block in reader.blocks(4_000)]
        assert sizes == [4_000] * (FRAMES // 4_000) + [FRAMES % 4_000]


# ── bad input ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("kind", [*WRITTEN, "opus", "m4a", "mp3 without its header"])
@pytest.mark.parametrize("share", [0.25, 0.6, 0.97])
def test_a_truncated_file_is_noticed(kind: str, share: float, tmp_path: Path) -> None:
    whole = tmp_path / "whole"
    if kind == "m4a":
        write_m4a(whole, noise(RATE * 2), RATE)
    elif kind == "opus":
        write_sound(whole, noise(96_000), 48_000, "OGG", "OPUS")
    elif kind == "mp3 without its header":
        write_sound(whole, noise(RATE * 2), RATE, "MP3")
        data = whole.read_bytes()
        whole.write_bytes(data[data.index(b"\xff\xfb", 4) :])
    else:
        form, subtype, _ = WRITTEN[kind]
        write_sound(whole, noise(RATE * 2), RATE, form, subtype)
    data = whole.read_bytes()
    cut = tmp_path / "cut"
    cut.write_bytes(data[: int(len(data) * share)])
    with pytest.raises(AudioFileError, match="cut short") as caught:
        read(cut)
    assert caught.value.hint
    assert "\n" not in caught.value.message


def test_a_faststart_m4a_that_is_truncated_is_noticed(tmp_path: Path) -> None:
    whole = tmp_path / "whole.m4a"
    with av.open(str(whole), "w", format="ipod", options={"movflags": "+faststart"}) as container:
        stream = container.add_stream("aac", rate=RATE, layout="mono")
        frame = av.AudioFrame.from_ndarray(noise(RATE * 2, 1), format="fltp", layout="mono")
        frame.sample_rate = RATE
        for piece in (frame, None):
            container.mux(stream.encode(piece))
    data = whole.read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")
    (tmp_path / "cut.m4a").write_bytes(data[: len(data) * 2 // 3])
    with pytest.raises(AudioFileError, match="cut short"):
        read(tmp_path / "cut.m4a")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty"),
        (b"hello, this is a text file\n" * 50, "is not audio"),
        (b"\x89PNG\r\n\x1a\n" + bytes(200), "is not audio"),
        (b"fLaC" + bytes(200), "is not audio"),
        (b"OggS" + bytes(200), "cut short"),
        (b"RIFF\x24\0\0\0WAVE", "cut short"),
        (b"ID3\x04\0\0\0\0\0\x0a" + bytes(100), "is not audio"),
        (b"\0\0\0\x18ftypM4A " + bytes(400), "cut short"),
        (b"#EXTM3U\n#EXT-X-VERSION:3\nhttp://127.0.0.1:9/a.ts\n", "is not audio"),
    ],
)
def test_what_is_not_audio_gets_one_line(content: bytes, says: str, tmp_path: Path) -> None:
    path = tmp_path / "thing.wav"
    path.write_bytes(content)
    with pytest.raises(AudioFileError, match=says) as caught:
        read(path)
    assert "thing.wav" in caught.value.message
    assert "\n" not in caught.value.message


def test_a_missing_file_and_a_folder_are_told_apart_from_damage(tmp_path: Path) -> None:
    with pytest.raises(AudioFileError, match="No such file"):
        probe(tmp_path / "gone.wav")
    with pytest.raises(AudioFileError, match="directory"):
        probe(tmp_path)


def wav_header(channels: int, rate: int, data: bytes = bytes(64)) -> bytes:
    form = struct.pack("<HHIIHH", 3, channels, rate, (rate * channels * 4) % 2**32, channels * 4 % 65536, 32)
    body = b"WAVEfmt " + struct.pack("<I", 16) + form + b"data" + struct.pack("<I", len(data)) + data
    return b"RIFF" + struct.pack("<I", len(body)) + body


@pytest.mark.parametrize(
    ("channels", "rate", "says"),
    [(0, 44_100, "no channels"), (6, 44_100, "6 channels"), (2, 50, "50 Hz"), (1, 4_000_000, "Hz")],
)
def test_absurd_headers_are_refused(channels: int, rate: int, says: str, tmp_path: Path) -> None:
    path = tmp_path / "odd.wav"
    path.write_bytes(wav_header(channels, rate, bytes(24 * 16)))
    with pytest.raises(AudioFileError, match=says):
        probe(path)


def test_a_file_without_samples_is_refused(tmp_path: Path) -> None:
    path = write_sound(tmp_path / "none.wav", noise(10)[:, :0], RATE)
    with pytest.raises(AudioFileError, match=r"no sound|no samples"):
        read(path)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1e30])
def test_samples_that_are_no_sound_are_refused(value: float, tmp_path: Path) -> None:
    sound = noise(RATE)
    sound[1, 30_000] = value
    path = write_sound(tmp_path / "bad.wav", sound, RATE, "WAV", "FLOAT")
    with pytest.raises(AudioFileError, match="samples"):
        read(path)


@pytest.mark.parametrize("at", [0.02, 0.3, 0.7])
@pytest.mark.parametrize("kind", ["flac", "vorbis", "mp3", "m4a", "float"])
def test_damage_inside_never_crashes(kind: str, at: float, tmp_path: Path) -> None:
    path = tmp_path / "x"
    if kind == "m4a":
        write_m4a(path, noise(RATE), RATE)
    else:
        form, subtype, _ = WRITTEN[kind]
        write_sound(path, noise(RATE), RATE, form, subtype)
    data = bytearray(path.read_bytes())
    start = int(len(data) * at)
    data[start : start + 200] = np.random.default_rng(3).bytes(200)
    path.write_bytes(data)
    with contextlib.suppress(AudioFileError):
        assert np.isfinite(read(path)).all()


# ── conforming ───────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("rate", [8_000, 22_050, 44_100, 48_000, 96_000])
def test_a_rendition_is_conformed_and_exactly_as_long_as_it_should_be(rate: int, tmp_path: Path) -> None:
    sound = noise(FRAMES)
    path = write_sound(tmp_path / "x.wav", sound, RATE, "WAV", "FLOAT")
    decoded = decode_file(Work(), path, tmp_path / "r.f32", rate)
    assert (decoded.sample_rate, decoded.channels, decoded.frames) == (RATE, 2, FRAMES)
    assert decoded.length == rescale(FRAMES, RATE, rate)
    got = np.asarray(RenditionFile(tmp_path / "r.f32", 2, decoded.length))
    if rate == RATE:
        assert np.array_equal(got, sound)
    else:
        times = np.arange(decoded.length) / rate * RATE
        near = np.stack([np.interp(times, np.arange(FRAMES), channel) for channel in sound])
        assert snr_db(near, got) > 15
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["r.f32", "x.wav"]


def test_a_failed_or_cancelled_decode_leaves_nothing(tmp_path: Path) -> None:
    path = write_sound(tmp_path / "x.flac", noise(RATE * 3), RATE, "FLAC")
    path.write_bytes(path.read_bytes()[:-20_000])
    with pytest.raises(AudioFileError):
        decode_file(Work(), path, tmp_path / "r.f32", 48_000)
    whole = write_sound(tmp_path / "y.wav", noise(RATE * 3), RATE)
    work = Work()
    work.cancel()
    with pytest.raises(Cancelled):
        decode_file(work, whole, tmp_path / "r.f32", 48_000)
    with pytest.raises(StorageError):
        decode_file(Work(), whole, tmp_path / "gone" / "r.f32", 48_000)
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["x.flac", "y.wav"]


def test_libsndfile_knows_every_format_that_the_readers_leave_to_it() -> None:
    assert {"WAV", "RF64", "AIFF", "FLAC", "OGG", "MP3"} <= set(soundfile.available_formats())


@pytest.mark.parametrize(
    ("head", "start"),
    [
        (b"", 0),
        (b"ID3\4\0\0\0\0\0\2xx", 12),
        (b"ID3\4\0\x10\0\0\0\2xx3DI\4\0\x10\0\0\0\2", 22),
        (b"ID3\4\0\0\0\0\0\xff", 0),
        (b"ID3\4\0\0\0\0\0\0" * 1000, 160),
    ],
)
def test_tags_before_the_sound_are_skipped_and_never_without_end(head: bytes, start: int) -> None:
    assert skip_id3(io.BytesIO(head + b"fLaC and more")) == start
