"""Receipts: what the platform countersigned of an export, verified before it is believed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fanstudio.errors import PermitError
from fanstudio.platform.contract import (
    LEEWAY_SECONDS,
    RECEIPT_TYPE,
    ExportRequest,
    FinaliseRequest,
    Receipt,
    peek,
)
from fanstudio.platform.keys import PlatformKeys


@dataclass(frozen=True, slots=True)
class SignedReceipt:
    """A receipt and the token that proves it."""

    token: str
    receipt: Receipt


@dataclass(frozen=True, slots=True)
class PublishedReceipt:
    """A receipt as the platform shows it to anyone, with its state: "active" or "revoked"."""

    status: str
    signed: SignedReceipt


def check_receipt(token: str, keys: PlatformKeys, *, issuer: str, export_id: str = "") -> SignedReceipt:
    """Verify a receipt of the platform at `issuer`, and that it is of `export_id` where that is given.

    Raises:
        PermitError: it must not be trusted.

    """
    receipt = Receipt.parse(keys.verified(token, RECEIPT_TYPE))
    if receipt.iss != issuer:
        raise PermitError("The receipt comes from another platform.")
    if export_id and receipt.export_id != export_id:
        raise PermitError("The receipt is of another export.")
    return SignedReceipt(token, receipt)


def peek_receipt(token: str) -> Receipt:
    """Read what a receipt says without knowing who signed it: to show, never to trust.

    Raises:
        PermitError: it is not a receipt at all.

    """
    return Receipt.parse(peek(token, RECEIPT_TYPE))


def check_countersigned(
    signed: SignedReceipt, request: ExportRequest, made: FinaliseRequest, *, now: float
) -> None:
    """Check that a receipt says of the file and of its sources what was reported.

    Raises:
        PermitError: it says something else.

    """
    receipt, usage = signed.receipt, request.usage
    expected = (
        (receipt.essence == made.essence and receipt.pcm_sha256 == made.pcm_sha256, "another file"),
        (receipt.sample_rate == made.sample_rate, "another sample rate"),
        (receipt.length_frames == made.length_frames, "another length"),
        (receipt.format == request.format, "another format"),
        (receipt.destination == request.destination, "another destination"),
        (receipt.territory == request.territory, "another territory"),
        (receipt.title == request.title, "another title"),
        (_ops(receipt.tracks) == _ops(usage.tracks), "other tracks"),
        (receipt.works == usage.works, "other works"),
        (receipt.declared == usage.declared, "other declared sources"),
        (receipt.iat <= now + LEEWAY_SECONDS, "another time"),
    )
    for good, what in expected:
        if not good:
            raise PermitError(f"The platform's receipt is about {what}.")


def read_published(value: Any, keys: PlatformKeys, *, issuer: str, export_id: str) -> PublishedReceipt:
    """Verify the public answer about one export.

    Raises:
        PermitError: it must not be trusted.

    """
    if not isinstance(value, dict) or value.get("status") not in ("active", "revoked"):
        raise PermitError("The platform's answer about the receipt cannot be read.")
    token = value.get("receipt")
    if not isinstance(token, str):
        raise PermitError("The platform's answer about the receipt holds none.")
    return PublishedReceipt(
        str(value["status"]), check_receipt(token, keys, issuer=issuer, export_id=export_id)
    )


def _ops(tracks: tuple[Any, ...]) -> dict[str, tuple[str, ...]]:
    return {track.isrc: track.ops for track in tracks}
