"""Where in a file its audio essence lies: past tags, credentials and everything else that is not sound."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from fanstudio.audio.mpeg_frames import parse_header, skip_id3
from fanstudio.errors import AudioFileError

_MOST_PARTS = 10_000
_TO_THE_END = 0
_LARGE = 1
_FARTHEST = 1 << 60


@dataclass(frozen=True, slots=True)
class Layout:
    """A file's container (wav, flac, mp3, mp4), and its essence as (offset, length) in bytes, in order."""

    container: str
    spans: tuple[tuple[int, int], ...]


#: The container of each export format, and the media type by which credentials know it.
CONTAINERS = {"wav": "wav", "flac": "flac", "mp3": "mp3", "m4a": "mp4", "alac": "mp4", "opus": "mp4"}
MEDIA_TYPES = {"wav": "audio/wav", "flac": "audio/flac", "mp3": "audio/mpeg", "mp4": "audio/mp4"}


def container_of(path: Path) -> str | None:
    """Return the container of a file that can hold credentials, by its first bytes, or None.

    Raises:
        AudioFileError: the file cannot be read.

    """
    with opened(path) as stream:
        return _sniff(stream)


def layout_of(path: Path) -> Layout:
    """Find a file's essence, reading headers only.

    Raises:
        AudioFileError: unreadable, of no container that exports have, or damaged.

    """
    with opened(path) as stream:
        container = _sniff(stream)
        if container is None:
            raise AudioFileError(f"“{path.name}” is not WAV, FLAC, MP3 or M4A.")
        spans = tuple(_FINDERS[container](stream, _size(stream)))
    if not sum(length for _offset, length in spans):
        raise AudioFileError(f"“{path.name}” holds no audio, or is damaged.")
    return Layout(container, spans)


def opened(path: Path) -> BinaryIO:
    """Open a file for reading; raises AudioFileError if that cannot be."""
    try:
        return path.open("rb")
    except OSError as error:
        raise AudioFileError(f"“{path.name}” cannot be read: {error.strerror}.") from error


def _sniff(stream: BinaryIO) -> str | None:
    head = _read(stream, 0, 12)
    if head[:4] in (b"RIFF", b"RF64", b"BW64") and head[8:] == b"WAVE":
        return "wav"
    if head[4:8] == b"ftyp":
        return "mp4"
    behind_tags = _read(stream, skip_id3(stream), 4)
    if behind_tags == b"fLaC":
        return "flac"
    return "mp3" if parse_header(behind_tags) is not None else None


def _wav(stream: BinaryIO, size: int) -> Iterator[tuple[int, int]]:
    """Yield the payload of each `data` chunk, without its pad byte."""
    at, large = 12, 0
    for _ in range(_MOST_PARTS):
        head = _read(stream, at, 8)
        if len(head) < 8:
            return
        kind, length = head[:4], int.from_bytes(head[4:], "little")
        if kind == b"ds64":
            large = int.from_bytes(_read(stream, at + 16, 8), "little")
        if kind == b"data":
            length = large if large and length == 0xFFFFFFFF else length
            yield _inside(at + 8, length, size)
        at += 8 + length + length % 2


def _flac(stream: BinaryIO, size: int) -> Iterator[tuple[int, int]]:
    """Yield the frames: all that follows the metadata blocks."""
    at = skip_id3(stream) + 4
    for _ in range(_MOST_PARTS):
        head = _read(stream, at, 4)
        if len(head) < 4:
            return
        at += 4 + int.from_bytes(head[1:], "big")
        if head[0] & 0x80:
            yield _inside(at, _before_id3v1(stream, size) - at, size)
            return


def _mp3(stream: BinaryIO, size: int) -> Iterator[tuple[int, int]]:
    """Yield the frames, the Xing header's among them, between ID3v2 and what APE and ID3v1 append."""
    start, end = skip_id3(stream), size
    while (shorter := _before_ape(stream, _before_id3v1(stream, end))) != end:
        end = shorter
    yield _inside(start, end - start, size)


def _mp4(stream: BinaryIO, size: int) -> Iterator[tuple[int, int]]:
    """Yield the payload of each `mdat` box at the top."""
    at = 0
    for _ in range(_MOST_PARTS):
        head = _read(stream, at, 16)
        if len(head) < 8:
            return
        length, kind, header = int.from_bytes(head[:4], "big"), head[4:8], 8
        if length == _LARGE:
            length, header = int.from_bytes(head[8:], "big"), 16
        elif length == _TO_THE_END:
            length = size - at
        if length < header:
            raise AudioFileError("The file is damaged: a box is smaller than its header.")
        if kind == b"mdat":
            yield _inside(at + header, length - header, size)
        at += length


_FINDERS: dict[str, Callable[[BinaryIO, int], Iterator[tuple[int, int]]]] = {
    "wav": _wav,
    "flac": _flac,
    "mp3": _mp3,
    "mp4": _mp4,
}


def _inside(offset: int, length: int, size: int) -> tuple[int, int]:
    if length < 0 or offset + length > size:
        raise AudioFileError("The file is cut short or damaged: it holds less audio than it declares.")
    return offset, length


def _before_id3v1(stream: BinaryIO, end: int) -> int:
    return end - 128 if end >= 128 and _read(stream, end - 128, 3) == b"TAG" else end


def _before_ape(stream: BinaryIO, end: int) -> int:
    footer = _read(stream, end - 32, 32) if end >= 32 else b""
    if footer[:8] != b"APETAGEX":
        return end
    header = 32 if footer[23] & 0x80 else 0
    return max(0, end - max(32, int.from_bytes(footer[12:16], "little")) - header)


def _size(stream: BinaryIO) -> int:
    return stream.seek(0, 2)


def _read(stream: BinaryIO, at: int, length: int) -> bytes:
    """Read `length` bytes at `at`, or what there is; a place that no file can have holds nothing."""
    if at > _FARTHEST:
        return b""
    stream.seek(at)
    return stream.read(length)
