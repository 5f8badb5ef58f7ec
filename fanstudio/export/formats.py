"""The formats that an export can have: one row each."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from fanstudio.audio.encode import Encoding
from fanstudio.errors import InputError


@dataclass(frozen=True, slots=True)
class Format:
    """A row: its `name`, what the platform calls its container, the suffix, the media type, the encoding.

    `title` is what a person reads.
    """

    name: str
    wire: str
    suffix: str
    media_type: str
    encoding: Encoding
    title: str


BITRATE_KBPS = 256

FORMATS: tuple[Format, ...] = (
    Format("flac", "flac", ".flac", "audio/flac", Encoding.FLAC_24, "FLAC, 24 bit, lossless"),
    Format("wav", "wav", ".wav", "audio/wav", Encoding.WAV_24, "WAV, 24 bit, uncompressed"),
    Format("wav16", "wav", ".wav", "audio/wav", Encoding.WAV_16, "WAV, 16 bit, dithered, as on a CD"),
    Format("mp3", "mp3", ".mp3", "audio/mpeg", Encoding.MP3, "MP3, 256 kbit/s"),
    Format("m4a", "m4a", ".m4a", "audio/mp4", Encoding.AAC, "M4A (AAC), 256 kbit/s"),
)


def find_format(name: str) -> Format:
    """Return the row of a format's name; raise InputError for one that cannot be written."""
    for row in FORMATS:
        if row.name == name:
            return row
    offered = ", ".join(row.name for row in FORMATS)
    raise InputError(f"“{name}” is not a format that can be exported.", hint=f"Choose one of: {offered}.")


def format_of(path: Path, name: str | None = None) -> Format:
    """Return the format that is named, or the one that the file's suffix says, or FLAC.

    Raises:
        InputError: suffix and name disagree, or the format cannot be written.

    """
    suffix = path.suffix.lower().removeprefix(".")
    row = find_format(name or suffix or FORMATS[0].name)
    if suffix and f".{suffix}" != row.suffix:
        raise InputError(f"The file ends in .{suffix}, but the format asked for is {name}.")
    return row
