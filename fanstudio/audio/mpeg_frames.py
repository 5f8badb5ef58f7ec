"""MPEG audio frames: where they start, and whether the last one is whole.

Header layout: ISO/IEC 11172-3 §2.4.2.3; the Xing/Info header as LAME writes it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import BinaryIO

_KBITS: dict[tuple[bool, int], tuple[int, ...]] = {
    (True, 1): (0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448),
    (True, 2): (0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    (True, 3): (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (False, 1): (0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256),
    (False, 2): (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
    (False, 3): (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
_RATES = {3: (44_100, 48_000, 32_000), 2: (22_050, 24_000, 16_000), 0: (11_025, 12_000, 8_000)}
_SEARCH_BYTES = 1 << 16
_MOST_TAGS = 16


@dataclass(frozen=True, slots=True)
class FrameHeader:
    """What the four bytes of a frame header say; `length` in bytes, header included."""

    mpeg1: bool
    mono: bool
    length: int


def parse_header(data: bytes) -> FrameHeader | None:
    """Read a frame header, or return None where the bytes are none."""
    if len(data) < 4 or data[0] != 0xFF or data[1] & 0xE0 != 0xE0:
        return None
    version, layer = data[1] >> 3 & 3, 4 - (data[1] >> 1 & 3)
    bits, rate, padding = data[2] >> 4, data[2] >> 2 & 3, data[2] >> 1 & 1
    if version == 1 or layer == 4 or bits in (0, 15) or rate == 3:
        return None
    mpeg1 = version == 3
    bits_per_second = _KBITS[mpeg1, layer][bits] * 1000
    sample_rate = _RATES[version][rate]
    if layer == 1:
        length = (12 * bits_per_second // sample_rate + padding) * 4
    else:
        length = (144 if mpeg1 or layer == 2 else 72) * bits_per_second // sample_rate + padding
    return FrameHeader(mpeg1, data[3] >> 6 == 3, length)


def skip_id3(stream: BinaryIO) -> int:
    """Return where a file begins behind its ID3v2 tags, and leave the stream there."""
    start = 0
    for _ in range(_MOST_TAGS):
        stream.seek(start)
        head = stream.read(10)
        if len(head) < 10 or head[:3] != b"ID3" or any(digit & 0x80 for digit in head[6:]):
            break
        footer = 10 if head[5] & 0x10 else 0
        start += 10 + _synchsafe(head[6:]) + footer
    stream.seek(start)
    return start


def find_mpeg(stream: BinaryIO) -> int | None:
    """Return where the first of two frames in a row starts, behind ID3 tags, or None."""
    start = skip_id3(stream)
    window = stream.read(_SEARCH_BYTES)
    at = window.find(b"\xff")
    while at >= 0:
        header = parse_header(window[at : at + 4])
        if header and parse_header(window[at + header.length : at + header.length + 4]):
            return start + at
        at = window.find(b"\xff", at + 1)
    return None


def _synchsafe(digits: bytes) -> int:
    """Read an ID3v2 size: seven bits a byte."""
    value = 0
    for digit in digits:
        value = value << 7 | digit
    return value


def mpeg_shortfall(stream: BinaryIO, size: int) -> int:
    """Return how many bytes are missing at the end; 0 for a whole file."""
    start = find_mpeg(stream)
    if start is None:
        return 0
    declared = _declared_bytes(stream, start)
    if declared is not None:
        return max(0, start + declared - size)
    return _walk(stream, start, size)


def _declared_bytes(stream: BinaryIO, start: int) -> int | None:
    stream.seek(start)
    frame = stream.read(64)
    header = parse_header(frame)
    if header is None:
        return None
    side = (17 if header.mono else 32) if header.mpeg1 else (9 if header.mono else 17)
    xing = frame[4 + side : 4 + side + 16]
    if xing[:4] not in (b"Xing", b"Info") or not xing[7] & 2:
        return None
    at = 12 if xing[7] & 1 else 8
    return int.from_bytes(xing[at : at + 4], "big")


def _walk(stream: BinaryIO, start: int, size: int) -> int:
    at = start
    while at + 4 <= size:
        stream.seek(at)
        header = parse_header(stream.read(4))
        if header is None:
            return 0
        at += header.length
    return max(0, at - size)
