"""What kind of file it is by its first bytes, and whether it is all there."""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from fanstudio.audio.mpeg_frames import find_mpeg, mpeg_shortfall, skip_id3
from fanstudio.errors import AudioFileError

#: How files are called that hold what we read; one that is named by hand is tried whatever its suffix.
SUFFIXES = frozenset(
    {".aac", ".aif", ".aifc", ".aiff", ".ape", ".caf", ".flac", ".m4a", ".mp3", ".mp4"}
    | {".oga", ".ogg", ".opus", ".wav", ".wave", ".webm", ".wma", ".wv"}
)
_OGG_TAIL_BYTES = 1 << 17
_MOST_BOXES = 10_000
_UNKNOWN_SIZES = (0, 0xFFFFFFFF, 0x7FFFFFFF)


@dataclass(frozen=True, slots=True)
class Container:
    """A kind of file: its name for people, and FFmpeg's demuxer where libsndfile cannot read it."""

    name: str
    demuxer: str = ""


WAV = Container("WAV", "wav")
AIFF = Container("AIFF", "aiff")
FLAC = Container("FLAC", "flac")
OGG = Container("OGG", "ogg")
MP3 = Container("MP3", "mp3")
M4A = Container("M4A", "mov")

_MAGIC: tuple[tuple[int, bytes, Container], ...] = (
    (8, b"WAVE", WAV),
    (8, b"AIFF", AIFF),
    (8, b"AIFC", AIFF),
    (0, b"fLaC", FLAC),
    (0, b"OggS", OGG),
    (4, b"ftyp", M4A),
    (0, b"\x1aE\xdf\xa3", Container("WebM", "matroska")),
    (0, b"0&\xb2u\x8ef\xcf\x11", Container("WMA", "asf")),
    (0, b"wvpk", Container("WavPack", "wv")),
    (0, b"MAC ", Container("APE", "ape")),
    (0, b"caff", Container("CAF", "caf")),
)


def not_audio(path: Path) -> AudioFileError:
    """Return the error for a file that is no audio we know."""
    return AudioFileError(
        f"“{path.name}” is not audio that fanstudio can read.",
        hint="Use WAV, FLAC, OGG, Opus, MP3, AIFF or M4A.",
    )


def cut_short(path: Path, detail: str = "its end is missing") -> AudioFileError:
    """Return the error for a file that holds less than it declares."""
    return AudioFileError(f"“{path.name}” is cut short: {detail}.", hint="Copy or download it again.")


def identify(path: Path) -> Container:
    """Return the kind of a file and make sure that it is whole, reading headers only.

    Raises:
        AudioFileError: unreadable, empty, not audio, without channels, or shorter than it declares.

    """
    try:
        size = path.stat().st_size
        with path.open("rb") as stream:
            container = _sniff(stream)
            if size == 0:
                raise AudioFileError(f"“{path.name}” is empty.", hint="Choose another file.")
            if container is None:
                raise not_audio(path)
            check = _CHECKS.get(container.name)
            if check is not None:
                check(path, stream, size)
    except OSError as error:
        raise AudioFileError(
            f"“{path.name}” cannot be read: {error.strerror}.", hint="Check that it is still there."
        ) from error
    return container


def _sniff(stream: BinaryIO) -> Container | None:
    """Tell the kind by the bytes behind ID3 tags, which FLAC files have as well."""
    skip_id3(stream)
    head = stream.read(16)
    for offset, magic, container in _MAGIC:
        if head[offset : offset + len(magic)] == magic:
            return container
    if head[:1] == b"\xff" and len(head) > 1 and head[1] & 0xF6 == 0xF0:
        return Container("AAC", "aac")
    return MP3 if find_mpeg(stream) is not None else None


def _check_riff(path: Path, stream: BinaryIO, size: int) -> None:
    stream.seek(0)
    form = stream.read(12)[:4]
    if form not in (b"RIFF", b"RF64"):
        return
    long_data = 0
    for kind, start, length in riff_chunks(stream, size):
        if kind == b"ds64" and length >= 16:
            long_data = int.from_bytes(_read_at(stream, start + 8, 8), "little")
        elif kind == b"fmt " and length >= 4:
            _check_channels(path, int.from_bytes(_read_at(stream, start + 2, 2), "little"))
        elif kind == b"data":
            declared = long_data or (0 if length in _UNKNOWN_SIZES else length)
            if start + declared > size:
                raise cut_short(path, _share(size - start, declared))
            return
    raise cut_short(path, "it holds no samples")


def _check_aiff(path: Path, stream: BinaryIO, size: int) -> None:
    for kind, start, length in _chunks(stream, ">", size):
        if kind == b"COMM" and length >= 2:
            _check_channels(path, int.from_bytes(_read_at(stream, start, 2), "big"))
        elif kind == b"SSND" and start + length > size:
            raise cut_short(path, _share(size - start, length))


def riff_chunks(stream: BinaryIO, size: int) -> list[tuple[bytes, int, int]]:
    """Return kind, place and length of each chunk of a RIFF file of `size` bytes, as they are declared."""
    return _chunks(stream, "<", size)


def _chunks(stream: BinaryIO, order: str, size: int) -> list[tuple[bytes, int, int]]:
    found: list[tuple[bytes, int, int]] = []
    at = 12
    while at + 8 <= size and len(found) < 1000:
        kind, length = struct.unpack(f"{order}4sI", _read_at(stream, at, 8))
        found.append((kind, at + 8, length))
        at += 8 + length + length % 2
    return found


def _check_ogg(path: Path, stream: BinaryIO, size: int) -> None:
    start = max(0, size - _OGG_TAIL_BYTES)
    tail = _read_at(stream, start, size - start)
    at = tail.rfind(b"OggS")
    page = tail[at:] if at >= 0 else b""
    if len(page) < 27 or len(page) < 27 + page[26]:
        raise cut_short(path)
    body = sum(page[27 : 27 + page[26]])
    ends_stream = bool(page[5] & 4)
    if not ends_stream or len(page) < 27 + page[26] + body:
        raise cut_short(path)


def _check_mp4(path: Path, stream: BinaryIO, size: int) -> None:
    at, kinds = 0, set[bytes]()
    for _ in range(_MOST_BOXES):
        if at + 8 > size:
            break
        length, kind = struct.unpack(">I4s", _read_at(stream, at, 8))
        if length == 1:
            length = int.from_bytes(_read_at(stream, at + 8, 8), "big")
        elif length == 0:
            length = size - at
        kinds.add(kind)
        if at + length > size:
            raise cut_short(path)
        at += max(8, length)
    if b"moov" not in kinds:
        raise cut_short(path, "its index is missing")


def _check_mpeg(path: Path, stream: BinaryIO, size: int) -> None:
    missing = mpeg_shortfall(stream, size)
    if missing > 0:
        raise cut_short(path, f"{missing} bytes are missing at the end")


def _check_channels(path: Path, channels: int) -> None:
    if channels == 0:
        raise AudioFileError(f"“{path.name}” declares no channels.", hint="Choose another file.")


def _share(held: int, declared: int) -> str:
    return f"it holds {100 * max(0, held) // declared} % of what it declares"


def _read_at(stream: BinaryIO, at: int, length: int) -> bytes:
    stream.seek(at)
    return stream.read(length)


_CHECKS: dict[str, Callable[[Path, BinaryIO, int], None]] = {
    "WAV": _check_riff,
    "AIFF": _check_aiff,
    "OGG": _check_ogg,
    "MP3": _check_mpeg,
    "M4A": _check_mp4,
}
