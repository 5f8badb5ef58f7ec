"""The watermark's message: which export this is, in 16 bytes that prove themselves."""

from __future__ import annotations

import base64
import hashlib
import hmac

from fanstudio.errors import InputError
from fanstudio.platform.vocabulary import EXPORT_ID

#: Public, so that anyone can find the mark; the message's tag excludes chance, not forgery.
WATERMARK_KEY = hashlib.sha256(b"fanstudio watermark, public key 1").digest()
MARK_BYTES = 16
#: Version and key epoch, the first byte of the message.
MARK_EPOCH = 1

_TAG_BYTES = 5


def pack_mark(export_id: str) -> bytes:
    """Return the 16 bytes that a mark carries: epoch, export id (80 bits), 40-bit HMAC-SHA-256 tag.

    Raises:
        InputError: this is not an export id.

    """
    if not EXPORT_ID.fullmatch(export_id):
        raise InputError(f"{export_id!r} is not an export id.")
    head = bytes([MARK_EPOCH]) + base64.b32decode(export_id.upper())
    return head + _tag(head)


def unpack_mark(message: bytes) -> str | None:
    """Return the export id in a decoded message, or None where epoch or tag do not prove it."""
    if len(message) != MARK_BYTES or message[0] != MARK_EPOCH:
        return None
    head, tag = message[:-_TAG_BYTES], message[-_TAG_BYTES:]
    if not hmac.compare_digest(tag, _tag(head)):
        return None
    return base64.b32encode(head[1:]).decode().lower()


def _tag(head: bytes) -> bytes:
    return hmac.digest(WATERMARK_KEY, head, "sha256")[:_TAG_BYTES]
