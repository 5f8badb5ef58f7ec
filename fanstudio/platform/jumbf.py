"""JUMBF boxes (ISO 19566-5), read from hostile bytes with bounds on depth, number and size."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from fanstudio.errors import CredentialsError

_MAX_BOXES = 4096
_MAX_DEPTH = 4
_HEAD = 8
#: In a description box: 16 bytes of type, one of toggles, then the label.
_LABEL_AT = 17


@dataclass(frozen=True, slots=True)
class Superbox:
    """A `jumb` box: its label, the superboxes in it, its CBOR contents, and all that is inside it.

    `body` is what C2PA hashes: everything inside the box, its description included.
    """

    label: str
    boxes: tuple[Superbox, ...]
    cbor: tuple[bytes, ...]
    body: bytes

    def box(self, label: str) -> Superbox:
        """Return the one superbox inside with this label; raises CredentialsError if there is none."""
        for box in self.boxes:
            if box.label == label:
                return box
        raise CredentialsError(f"The manifest store has no box {label!r}.")


def parse(data: bytes) -> Superbox:
    """Read one superbox that fills `data` to its last byte.

    Raises:
        CredentialsError: boxes that overlap, overrun, nest too deep, repeat a label or are too many.

    """
    budget = iter(range(_MAX_BOXES))
    found = list(_split(data, budget))
    if len(found) != 1 or found[0][0] != b"jumb":
        raise CredentialsError("The manifest store is not one JUMBF superbox.")
    return _superbox(found[0][1], budget, _MAX_DEPTH)


def _superbox(body: bytes, budget: Iterator[int], depth: int) -> Superbox:
    if depth == 0:
        raise CredentialsError("The manifest store is nested too deep.")
    parts = list(_split(body, budget))
    if not parts or parts[0][0] != b"jumd":
        raise CredentialsError("A JUMBF superbox does not begin with its description.")
    boxes = tuple(_superbox(inner, budget, depth - 1) for kind, inner in parts[1:] if kind == b"jumb")
    labels = [box.label for box in boxes]
    if len(set(labels)) != len(labels):
        raise CredentialsError("The manifest store has two boxes of one name.")
    cbor = tuple(inner for kind, inner in parts[1:] if kind == b"cbor")
    if len(boxes) + len(cbor) != len(parts) - 1:
        raise CredentialsError("The manifest store holds a kind of box that is not expected in it.")
    return Superbox(_label(parts[0][1]), boxes, cbor, body)


def _split(data: bytes, budget: Iterator[int]) -> Iterator[tuple[bytes, bytes]]:
    at = 0
    while at < len(data):
        if next(budget, None) is None:
            raise CredentialsError("The manifest store has too many boxes.")
        size = int.from_bytes(data[at : at + 4], "big")
        if size < _HEAD or at + size > len(data):
            raise CredentialsError("A box of the manifest store overruns it.")
        yield data[at + 4 : at + _HEAD], data[at + _HEAD : at + size]
        at += size


def _label(description: bytes) -> str:
    end = description.find(b"\0", _LABEL_AT)
    if len(description) <= _LABEL_AT or end < 0:
        raise CredentialsError("A JUMBF superbox has no label.")
    try:
        return description[_LABEL_AT:end].decode("ascii")
    except UnicodeDecodeError:
        raise CredentialsError("The label of a JUMBF superbox is not ASCII.") from None
