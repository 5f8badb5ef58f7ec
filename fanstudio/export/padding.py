"""The one part of a manifest store that no hash covers, the padding of its signature, must hold nothing."""

from __future__ import annotations

import mmap
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import cbor2

from fanstudio.errors import CredentialsError
from fanstudio.export.layout import opened
from fanstudio.platform import jumbf

#: How a manifest store's description begins, after its size; the store's own head is 12 bytes before.
STORE_MARK = b"jumdc2pa"

_HEAD = 12


def padding_is_empty(path: Path) -> bool:
    """Tell whether the padding of each signature in a file's manifest store is all zeros.

    The store is one that its reader found intact; one that is not of the expected shape tells False.
    """
    with opened(path) as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as view:
        start = view.find(STORE_MARK) - _HEAD
        size = int.from_bytes(view[start : start + 4], "big") if start >= 0 else 0
        store = view[start : start + size] if size else b""
    try:
        manifests = jumbf.parse(store).boxes
        return all(_is_empty(manifest.box("c2pa.signature").cbor[0]) for manifest in manifests)
    except (CredentialsError, cbor2.CBORError, IndexError):
        return False


def _is_empty(signature: bytes) -> bool:
    """Check the unprotected header of a COSE_Sign1: only padding, and only zeros in it."""
    message: Any = cbor2.loads(signature)
    parts = message.value if isinstance(message, cbor2.CBORTag) else None
    if not isinstance(parts, list | tuple) or len(parts) != 4 or not isinstance(parts[1], Mapping):
        return False
    header = parts[1]
    return header.keys() <= {"pad", "pad2"} and not any(
        not isinstance(pad, bytes) or pad.strip(b"\0") for pad in header.values()
    )
