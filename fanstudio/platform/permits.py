"""Strict verification of a permit: it is the platform's, for this project, this device and this moment."""

from __future__ import annotations

from dataclasses import dataclass

from fanstudio.errors import ClockSkew, InputError, PermitError, PermitExpired
from fanstudio.platform.contract import (
    LEEWAY_SECONDS,
    PERMIT_TYPE,
    ExportRequest,
    Permit,
    Reservation,
    decode_base64url,
    unpack_mark,
)
from fanstudio.platform.keys import PlatformKeys


@dataclass(frozen=True, slots=True)
class Granted:
    """A verified permission for one export: the token, its claims, and the watermark's 16 bytes."""

    export_id: str
    token: str
    permit: Permit
    mark: bytes
    reserved_until: int


def check_reservation(
    value: object, request: ExportRequest, keys: PlatformKeys, *, issuer: str, now: float, subject: str = ""
) -> Granted:
    """Verify the platform's answer to `request`.

    Args:
        value: the answer's JSON.
        request: what was asked for.
        keys: the platform's keys.
        issuer: the platform's address.
        now: the platform's time, in seconds since 1970.
        subject: the fan's `sub`, where it is known.

    Raises:
        PermitError: it must not be trusted.
        PermitExpired: the permit's time is over.
        ClockSkew: the permit is of the future: one of the clocks is wrong.

    """
    try:
        reservation = Reservation.parse(value)
    except InputError as error:
        raise PermitError(error.message) from None
    permit = check_permit(reservation.permit, request, keys, issuer=issuer, now=now)
    if subject and permit.sub != subject:
        raise PermitError("The permit is another fan's.")
    if permit.export_id != reservation.export_id:
        raise PermitError("The permit is for another export.")
    mark = decode_base64url(reservation.watermark_payload)
    if unpack_mark(mark) != permit.export_id:
        raise PermitError("The watermark's message does not name the export.")
    return Granted(permit.export_id, reservation.permit, permit, mark, reservation.expires_at)


def check_permit(
    token: str, request: ExportRequest, keys: PlatformKeys, *, issuer: str, now: float
) -> Permit:
    """Verify a permit for `request` and return its claims; arguments and errors as `check_reservation`."""
    permit = Permit.parse(keys.verified(token, PERMIT_TYPE))
    _check_binding(permit, request, issuer)
    _check_times(permit, now)
    return permit


def _check_binding(permit: Permit, request: ExportRequest, issuer: str) -> None:
    expected = (
        (permit.iss == issuer, "comes from another platform"),
        (permit.cnf.jkt == request.device_jkt, "is for another device"),
        (permit.project_digest == request.project_digest, "is for another state of the project"),
        (permit.destination == request.destination, "is for another destination"),
        (permit.territory == request.territory, "is for another territory"),
        (permit.covers(request.usage), "does not cover everything that the project uses"),
    )
    for good, fault in expected:
        if not good:
            raise PermitError(f"The permit {fault}.")


def _check_times(permit: Permit, now: float) -> None:
    if now > permit.exp + LEEWAY_SECONDS:
        raise PermitExpired("The permit has expired.", hint="Ask for a new permit.", kind="permit-expired")
    if permit.nbf > now + LEEWAY_SECONDS:
        raise ClockSkew(
            "The permit begins in the future.", hint="Check this machine's clock.", kind="clock-skew"
        )
