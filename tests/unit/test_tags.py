from __future__ import annotations

import dataclasses
import resource
from collections.abc import Iterator
from pathlib import Path

import av
import pytest

from fanstudio.errors import AudioFileError, StorageError
from fanstudio.export.essence import essence_of
from fanstudio.export.tags import Tags, tags_of, write_tags
from fanstudio.jobs import Work
from fanstudio.platform.contract import UsageReport
from tests.support import wire_samples as samples
from tests.support.audio_files import write_audio

URL = f"http://127.0.0.1:4711/v1/receipts/{samples.EXPORT_ID}"


def _tags(**changes: object) -> Tags:
    usage = UsageReport.parse(samples.usage(**changes))
    return tags_of(
        usage, title="My remix ♪", artist="A Fan", export_id=samples.EXPORT_ID, receipt_url=URL, version="0.1"
    )


def _read_back(path: Path) -> dict[str, str]:
    with av.open(str(path)) as container:
        found = {**container.metadata, **container.streams.audio[0].metadata}
    return {name.lower(): value for name, value in found.items()}


@pytest.mark.parametrize("name", ["wav", "flac", "mp3", "m4a"])
def test_another_reader_finds_the_tags_and_the_audio_is_untouched(tmp_path: Path, name: str) -> None:
    path = write_audio(tmp_path / f"a.{name}")
    before = essence_of(Work(), path, name)
    write_tags(path, _tags())
    found = _read_back(path)
    assert found["title"] == "My remix ♪"
    assert found["artist"] == "A Fan"
    assert "“Neon Tide” by The Fixture, with permission" in found["comment"]
    assert URL in found["comment"]
    assert found["fanstudio_export_id"] == samples.EXPORT_ID
    assert found["source_isrc"] == samples.ISRC
    assert "took sources apart" in found["ai_disclosure"]
    assert essence_of(Work(), path, name) == before


@pytest.mark.parametrize("name", ["wav", "flac", "mp3", "m4a"])
def test_no_isrc_is_invented_for_the_remix(tmp_path: Path, name: str) -> None:
    path = write_audio(tmp_path / f"a.{name}")
    write_tags(path, _tags())
    assert not {"isrc", "tsrc"} & _read_back(path).keys()


@pytest.mark.parametrize("name", ["wav", "flac", "mp3", "m4a"])
def test_writing_again_replaces_what_was_there(tmp_path: Path, name: str) -> None:
    path = write_audio(tmp_path / f"a.{name}")
    write_tags(path, _tags())
    once = _read_back(path)
    write_tags(path, _tags())
    assert _read_back(path) == once


def test_own_material_is_named_as_declared() -> None:
    digest = samples.sha("mine")
    declared = {"source_digest": digest, "title": "Kitchen take", "basis": "own", "licence_url": ""}
    ingredient = {"digest": digest, "title": "Kitchen take", "isrc": None, "stem": None, "ai": False}
    tags = _tags(tracks=[], declared=[declared], ingredients=[ingredient])
    assert tags.fields["SOURCE"] == ("Kitchen take (declared as the maker's own)",)
    assert tags.fields["AI_DISCLOSURE"] == ("No AI was used in fanstudio.",)
    assert "permission" not in tags.comment
    assert "SOURCE_ISRC" not in tags.fields


def test_generative_ai_is_disclosed_by_part() -> None:
    assert _tags(ai=True).fields["AI_DISCLOSURE"] == ("AI contributed to: instrumentation, vocals.",)


@pytest.mark.parametrize(
    "content", [b"", b"nothing like audio", b"RIFF\0\0\0\0WAVE", b"fLaC", b"\0\0\0\x08ftyp"]
)
def test_what_cannot_be_tagged_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(content)
    with pytest.raises(AudioFileError):
        write_tags(path, _tags())
    assert path.read_bytes() == content


def test_a_full_disk_is_named(tmp_path: Path, small_files_only: None) -> None:
    path = tmp_path / "a.mp3"
    path.write_bytes(b"\xff\xfb\x90\x00" + b"\0" * 413 + b"\xff\xfb\x90\x00" + b"\0" * 18_000)
    with pytest.raises(StorageError):
        write_tags(path, dataclasses.replace(_tags(), title="x" * 100_000))


@pytest.fixture
def small_files_only() -> Iterator[None]:
    """Let no file grow beyond 20,000 bytes, which fails as a full disk does."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, hard))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
