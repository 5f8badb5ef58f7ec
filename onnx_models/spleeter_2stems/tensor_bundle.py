"""Reads TensorFlow's tensor bundle (the V2 checkpoint format) with numpy alone.

The index is a LevelDB table of `BundleEntryProto`, the data file holds raw tensors
(tensorflow/core/util/tensor_bundle, tensorflow/core/lib/io/table_format.txt).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

_MAGIC = 0xDB4775248B80FB57
_FOOTER_BYTES = 48
_FLOAT32 = 1
_LANES = 4096


class DamagedCheckpoint(Exception):
    """A checkpoint whose bytes do not say what they should."""


@dataclass
class Entry:
    """Where one tensor lies in the data file."""

    dtype: int = 0
    shape: list[int] = field(default_factory=list)
    offset: int = 0
    size: int = 0
    checksum: int = 0


def read_bundle(prefix: Path) -> dict[str, NDArray[np.float32]]:
    """Return the float32 tensors of `prefix`.index and .data-00000-of-00001 by name.

    Raises:
        DamagedCheckpoint: a block or a tensor does not match its CRC32C, or the format is another.

    """
    index = prefix.with_name(prefix.name + ".index").read_bytes()
    data = prefix.with_name(prefix.name + ".data-00000-of-00001").read_bytes()
    tensors = {}
    for name, value in _table_items(index):
        if not name:
            continue
        entry = _parse_entry(value)
        if entry.dtype == _FLOAT32:
            tensors[name.decode()] = _tensor(name.decode(), entry, data)
    return tensors


def crc32c(data: bytes) -> int:
    """Return the Castagnoli CRC of at least 4 bytes.

    A CRC without its initial value is linear and blind to leading zeros, so the bytes are laid
    out as equal lanes, the lanes run side by side, and neighbours are merged pair by pair.
    """
    steps = -(-len(data) // _LANES)
    padded = np.zeros(_LANES * steps, np.uint8)
    padded[-len(data) :] = np.frombuffer(data, np.uint8)
    start = len(padded) - len(data)
    padded[start : start + 4] ^= 0xFF
    lanes = _feed(np.zeros(_LANES, np.uint32), padded.reshape(_LANES, steps))
    shift = _feed(_BASIS, np.zeros((32, steps), np.uint8))
    while len(lanes) > 1:
        lanes = _apply(shift, lanes[0::2]) ^ lanes[1::2]
        shift = _apply(shift, shift)
    return int(lanes[0]) ^ 0xFFFFFFFF


def _crc_table() -> NDArray[np.uint32]:
    table = np.arange(256, dtype=np.uint32)
    for _ in range(8):
        table = (table >> 1) ^ np.where(table & 1, np.uint32(0x82F63B78), np.uint32(0))
    return table


_TABLE = _crc_table()
_BASIS = np.uint32(1) << np.arange(32, dtype=np.uint32)


def _feed(registers: NDArray[np.uint32], lanes: NDArray[np.uint8]) -> NDArray[np.uint32]:
    for column in lanes.T:
        registers = _TABLE[(registers ^ column) & 0xFF] ^ (registers >> 8)
    return registers


def _apply(matrix: NDArray[np.uint32], vectors: NDArray[np.uint32]) -> NDArray[np.uint32]:
    result = np.zeros_like(vectors)
    for bit in range(32):
        result ^= np.where((vectors >> np.uint32(bit)) & 1, matrix[bit], np.uint32(0))
    return result


def _unmask(checksum: int) -> int:
    rotated = (checksum - 0xA282EAD8) & 0xFFFFFFFF
    return ((rotated >> 17) | (rotated << 15)) & 0xFFFFFFFF


def _tensor(name: str, entry: Entry, data: bytes) -> NDArray[np.float32]:
    raw = data[entry.offset : entry.offset + entry.size]
    if len(raw) != entry.size or len(raw) != 4 * int(np.prod(entry.shape)):
        raise DamagedCheckpoint(f"{name}: the data file is truncated or the shape is wrong")
    if crc32c(raw) != _unmask(entry.checksum):
        raise DamagedCheckpoint(f"{name}: CRC32C does not match")
    return np.frombuffer(raw, "<f4").reshape(entry.shape)


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7


def _table_items(table: bytes) -> Iterator[tuple[bytes, bytes]]:
    footer = table[-_FOOTER_BYTES:]
    if len(footer) < _FOOTER_BYTES or int.from_bytes(footer[-8:], "little") != _MAGIC:
        raise DamagedCheckpoint("the index is not a table")
    _, at = _varint(footer, 0)
    _, at = _varint(footer, at)
    for _key, handle in _block_items(table, footer[at:]):
        yield from _block_items(table, handle)


def _block_items(table: bytes, handle: bytes) -> Iterator[tuple[bytes, bytes]]:
    offset, at = _varint(handle, 0)
    size, _ = _varint(handle, at)
    block, trailer = table[offset : offset + size], table[offset + size : offset + size + 5]
    if crc32c(block + trailer[:1]) != _unmask(int.from_bytes(trailer[1:], "little")):
        raise DamagedCheckpoint("the index has a damaged block")
    if trailer[0] != 0:
        raise DamagedCheckpoint("the index is compressed")
    end = len(block) - 4 * (int.from_bytes(block[-4:], "little") + 1)
    at, key = 0, b""
    while at < end:
        shared, at = _varint(block, at)
        own, at = _varint(block, at)
        length, at = _varint(block, at)
        key = key[:shared] + block[at : at + own]
        at += own
        yield key, block[at : at + length]
        at += length


def _fields(message: bytes) -> Iterator[tuple[int, int | bytes]]:
    at = 0
    while at < len(message):
        tag, at = _varint(message, at)
        value: int | bytes
        if tag & 7 == 0:
            value, at = _varint(message, at)
        elif tag & 7 == 5:
            value, at = int.from_bytes(message[at : at + 4], "little"), at + 4
        elif tag & 7 == 2:
            length, at = _varint(message, at)
            value, at = message[at : at + length], at + length
        else:
            raise DamagedCheckpoint("the index holds an unknown wire type")
        yield tag >> 3, value


def _parse_entry(message: bytes) -> Entry:
    entry = Entry()
    for number, value in _fields(message):
        if isinstance(value, bytes):
            if number == 2:
                entry.shape = _parse_shape(value)
        elif number == 1:
            entry.dtype = value
        elif number == 4:
            entry.offset = value
        elif number == 5:
            entry.size = value
        elif number == 6:
            entry.checksum = value
    return entry


def _parse_shape(message: bytes) -> list[int]:
    dims = [value for number, value in _fields(message) if number == 2 and isinstance(value, bytes)]
    return [next((v for n, v in _fields(dim) if n == 1 and isinstance(v, int)), 0) for dim in dims]
