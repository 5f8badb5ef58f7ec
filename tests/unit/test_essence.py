from __future__ import annotations

import contextlib
import hashlib
import random
import struct
from pathlib import Path

import numpy as np
import pytest
import soundfile
from mutagen.apev2 import APEv2
from mutagen.flac import FLAC
from mutagen.id3 import ID3, TIT2
from mutagen.mp4 import MP4

from fanstudio.errors import AudioFileError, Cancelled
from fanstudio.export.essence import essence_of, pcm_digest
from fanstudio.export.layout import container_of, layout_of
from fanstudio.jobs import Work
from tests.support.audio_files import RATE, chord, write_audio

FORMATS = ("wav", "flac", "mp3", "m4a")


@pytest.mark.parametrize("name", FORMATS)
def test_the_essence_names_its_format_and_changes_with_the_sound(tmp_path: Path, name: str) -> None:
    first = essence_of(Work(), write_audio(tmp_path / f"a.{name}"), name)
    same = essence_of(Work(), write_audio(tmp_path / f"b.{name}"), name)
    other = essence_of(Work(), write_audio(tmp_path / f"c.{name}", chord(seed=2)), name)
    assert first.format == name
    assert first == same
    assert first.sha256 != other.sha256


def test_the_essence_of_wav_is_its_samples_without_the_pad_byte(tmp_path: Path) -> None:
    path = tmp_path / "odd.wav"
    mono = np.arange(1001, dtype=np.uint8)
    head = struct.pack("<4sI4s4sIHHIIHH", b"RIFF", 0, b"WAVE", b"fmt ", 16, 1, 1, RATE, RATE, 1, 8)
    path.write_bytes(head + struct.pack("<4sI", b"data", 1001) + mono.tobytes() + b"\0junk\x02\0\0\0ab")
    assert essence_of(Work(), path, "wav").sha256 == hashlib.sha256(mono.tobytes()).hexdigest()


def _tag(path: Path) -> None:
    if path.suffix == ".flac":
        file = FLAC(path)
        file["TITLE"] = "x" * 20_000
        file.save()
    elif path.suffix == ".m4a":
        tags = MP4(path)
        tags["\xa9nam"] = "x" * 20_000
        tags.save()
    elif path.suffix == ".mp3":
        id3 = ID3()
        id3.add(TIT2(encoding=3, text="x" * 20_000))
        id3.save(path, v1=2)
        ape = APEv2()
        ape["Title"] = "y" * 500
        ape.save(path)
    else:
        data = bytearray(path.read_bytes())
        data[12:12] = b"note" + struct.pack("<I", 4) + b"abcd"
        path.write_bytes(data)


@pytest.mark.parametrize("name", FORMATS)
def test_tags_do_not_touch_the_essence(tmp_path: Path, name: str) -> None:
    path = write_audio(tmp_path / f"a.{name}")
    before, size = essence_of(Work(), path, name), path.stat().st_size
    _tag(path)
    assert path.stat().st_size != size
    assert essence_of(Work(), path, name) == before


def test_flac_behind_an_id3_prefix_keeps_its_essence_and_samples(tmp_path: Path) -> None:
    path = write_audio(tmp_path / "a.flac")
    before = essence_of(Work(), path, "flac"), pcm_digest(Work(), path)
    prefix = b"ID3\x04\0\0" + bytes([0, 0, 2, 10]) + b"\0" * 266
    path.write_bytes(prefix + path.read_bytes())
    assert container_of(path) == "flac"
    assert (essence_of(Work(), path, "flac"), pcm_digest(Work(), path)) == before


def test_wav_and_flac_of_the_same_samples_decode_to_one_digest(tmp_path: Path) -> None:
    wav, flac = tmp_path / "a.wav", write_audio(tmp_path / "a.flac")
    decoded, _rate = soundfile.read(flac, dtype="int32")
    soundfile.write(wav, decoded, RATE, subtype="PCM_24")
    assert pcm_digest(Work(), wav) == pcm_digest(Work(), flac)
    assert pcm_digest(Work(), wav) == hashlib.sha256(decoded.astype("<i4").tobytes()).hexdigest()


@pytest.mark.parametrize("name", ["mp3", "m4a"])
def test_lossy_formats_have_no_pcm_digest(tmp_path: Path, name: str) -> None:
    assert pcm_digest(Work(), write_audio(tmp_path / f"a.{name}")) is None


def test_floating_point_samples_are_digested_as_they_are(tmp_path: Path) -> None:
    loud, louder = tmp_path / "a.wav", tmp_path / "b.wav"
    soundfile.write(loud, chord().T * 4, RATE, subtype="FLOAT")
    soundfile.write(louder, chord().T * 5, RATE, subtype="FLOAT")
    assert pcm_digest(Work(), loud) != pcm_digest(Work(), louder)


def test_another_format_than_the_one_asked_for_is_refused(tmp_path: Path) -> None:
    with pytest.raises(AudioFileError, match="is flac, not wav"):
        essence_of(Work(), write_audio(tmp_path / "a.flac"), "wav")


@pytest.mark.parametrize("content", [b"", b"RIFF", b"not audio at all, but long enough", b"\0" * 64])
def test_what_is_not_audio_is_refused_in_one_line(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(content)
    with pytest.raises(AudioFileError) as caught:
        essence_of(Work(), path, "wav")
    assert "\n" not in caught.value.message


@pytest.mark.parametrize("name", ["wav", "m4a"])
def test_a_truncated_file_is_noticed(tmp_path: Path, name: str) -> None:
    path = write_audio(tmp_path / f"a.{name}")
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    with pytest.raises(AudioFileError):
        essence_of(Work(), path, name)


def test_truncated_flac_is_noticed_by_its_samples(tmp_path: Path) -> None:
    path = write_audio(tmp_path / "a.flac")
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    with pytest.raises(AudioFileError):
        pcm_digest(Work(), path)


@pytest.mark.parametrize("name", FORMATS)
def test_damaged_headers_end_in_an_answer_or_a_typed_error(tmp_path: Path, name: str) -> None:
    original = write_audio(tmp_path / f"a.{name}", chord(0.1)).read_bytes()
    path, dice = tmp_path / f"b.{name}", random.Random(7)
    for _ in range(150):
        data = bytearray(original)
        for _ in range(dice.randrange(1, 6)):
            data[dice.randrange(min(len(data), 200))] = dice.choice((0, 1, 0x7F, 0x80, 0xFF))
        path.write_bytes(data[: dice.randrange(len(data) // 2, len(data))])
        with contextlib.suppress(AudioFileError):
            layout = layout_of(path)
            assert all(offset + length <= path.stat().st_size for offset, length in layout.spans)
            pcm_digest(Work(), path)


def test_it_can_be_cancelled(tmp_path: Path) -> None:
    work = Work()
    work.cancel()
    with pytest.raises(Cancelled):
        essence_of(work, write_audio(tmp_path / "a.wav"), "wav")
