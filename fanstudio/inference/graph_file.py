"""Finds the files that an ONNX graph wants beside itself, before anything loads it."""

from __future__ import annotations

import mmap
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from fanstudio.errors import ModelError

#: The messages of `onnx.proto` that lead to tensors: the numbers of the fields that hold such messages.
_CHILDREN = {
    "model": {7: "graph", 20: "training", 25: "function"},
    "training": {1: "graph", 2: "graph"},
    "function": {7: "node", 11: "attribute"},
    "graph": {1: "node", 5: "tensor", 15: "sparse"},
    "node": {5: "attribute"},
    "attribute": {5: "tensor", 6: "graph", 10: "tensor", 11: "graph", 22: "sparse", 23: "sparse"},
    "sparse": {1: "tensor", 2: "tensor"},
    "tensor": {13: "entry"},
    "entry": {},
}
_OPERATOR = 4
#: An operator that holds a compiled program, perhaps in a file of its own that no hash covers.
_COMPILED = b"EPContext"
_KEY, _VALUE = 1, 2
_FIXED_BYTES = {1: 8, 5: 4}
#: Fields in a whole graph: many times what a large separator has, and held in memory at once.
_MOST_FIELDS = 1 << 20


def find_external_files(path: Path) -> set[str]:
    """Return every location of external data that a graph names, whether it uses it or not.

    Raises:
        ModelError: the file cannot be read, is no ONNX graph, or runs a compiled program.

    """
    try:
        with path.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as data:
            return set(_find_locations(data))
    except (OSError, ValueError, IndexError) as error:
        raise ModelError(f"The model file {path} is not an ONNX graph that can be used.") from error


def _find_locations(data: mmap.mmap) -> Iterator[str]:
    waiting = [("model", 0, len(data))]
    left = _MOST_FIELDS
    while waiting:
        message, start, end = waiting.pop()
        fields = list(islice(_fields(data, start, end), left + 1))
        left -= len(fields)
        if left < 0:
            raise ValueError("more fields than any model has")
        for number, first, last in fields:
            child = _CHILDREN[message].get(number)
            if child is not None:
                waiting.append((child, first, last))
            elif message == "node" and number == _OPERATOR and data[first:last] == _COMPILED:
                raise ValueError("a compiled program")
        if message == "entry" and any(n == _KEY and data[a:b] == b"location" for n, a, b in fields):
            yield from (data[a:b].decode() for n, a, b in fields if n == _VALUE)


def _fields(data: mmap.mmap, at: int, end: int) -> Iterator[tuple[int, int, int]]:
    """Yield (number, start, end) of the fields of a message that have a length of their own."""
    while at < end:
        tag, at = _varint(data, at)
        wire = tag & 7
        if wire == 0:
            _, at = _varint(data, at)
        elif wire in _FIXED_BYTES:
            at += _FIXED_BYTES[wire]
        elif wire == 2:
            length, at = _varint(data, at)
            yield tag >> 3, at, at + length
            at += length
        else:
            raise ValueError("an unknown type of field")
    if at != end:
        raise ValueError("a field that reaches beyond its message")


def _varint(data: mmap.mmap, at: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, at
    raise ValueError("a number that is too long")
