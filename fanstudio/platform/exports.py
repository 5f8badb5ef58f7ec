"""The steps of an export at the platform: reserve, renew, finalise, sign; each safe to repeat."""

from __future__ import annotations

import base64
import binascii
import contextlib
from collections.abc import Iterator
from typing import Any

from fanstudio.errors import NetworkError, PermitError, PermitExpired
from fanstudio.net import Http
from fanstudio.platform.account import Account
from fanstudio.platform.contract import Essence, ExportRequest, FinaliseRequest, SignRequest
from fanstudio.platform.keys import PlatformKeys
from fanstudio.platform.permits import Granted, check_reservation
from fanstudio.platform.receipts import SignedReceipt, check_countersigned, check_receipt

_SIGNATURE_BYTES = 64
_HELD = "What was rendered is kept: export again to finish it."


class Exports:
    """Asks one platform for permits, receipts and signatures, in the fan's name."""

    def __init__(self, account: Account, http: Http, keys: PlatformKeys) -> None:
        """Use a fan's account at a platform, and that platform's keys."""
        self._account = account
        self._http = http
        self._keys = keys

    def reserve(self, request: ExportRequest, idempotency_key: str, *, subject: str = "") -> Granted:
        """Ask for a permit for the fan whose `sub` is `subject`; the same key brings the same export again.

        Raises:
            SignInRequired, AddonRequired, NotPermitted, Throttled, Conflict: the platform refused.
            PermitError: what it sent must not be trusted.
            NetworkError: it cannot be reached; nothing is reserved, or the same key finds it.

        """
        value = self._account.send(
            "POST", "/v1/exports", json=request.to_json(), idempotency_key=idempotency_key
        )
        return self._checked(value, request, subject)

    def renew(self, granted: Granted, request: ExportRequest) -> Granted:
        """Return a new permit for the same export.

        Raises:
            PlatformError: the platform refuses now, or the reservation is over.
            PermitError: what it sent must not be trusted.
            NetworkError: it cannot be reached.

        """
        path = f"/v1/exports/{granted.export_id}/renew"
        value = self._account.send("POST", path, repeatable=True)
        renewed = self._checked(value, request, granted.permit.sub)
        if renewed.export_id != granted.export_id or renewed.mark != granted.mark:
            raise PermitError("The renewed permit is for another export.")
        return renewed

    def finalise(
        self,
        granted: Granted,
        request: ExportRequest,
        *,
        essence: Essence,
        pcm_sha256: str | None,
        sample_rate: int,
        length_frames: int,
        loudness_lufs: float | None,
    ) -> SignedReceipt:
        """Report the finished file and return its verified receipt; a permit that ran out is renewed once.

        The same digests bring the same receipt again.

        Raises:
            PlatformError: the platform refused; Conflict where the export has another file already.
            PermitError: the receipt must not be trusted.
            NetworkError: the platform cannot be reached; what was rendered can be finalised later.

        """

        def finish(permission: Granted) -> SignedReceipt:
            made = FinaliseRequest(
                permission.token, essence, pcm_sha256, sample_rate, length_frames, loudness_lufs
            )
            return self._finish(permission, request, made)

        with _held():
            try:
                return finish(granted)
            except PermitExpired:
                return finish(self.renew(granted, request))

    def sign(self, export_id: str, sig_structure: bytes, manifest_store: bytes) -> bytes:
        """Return the platform's ES256 signature (64 bytes, r‖s) over a claim of a finalised export.

        Raises:
            PlatformError: kind "claim-refused" where the claim does not say what the export is.
            NetworkError: the platform cannot be reached; the same claim can be signed later.

        """
        body = SignRequest.of(sig_structure, manifest_store).to_json()
        with _held():
            value = self._account.send("POST", f"/v1/exports/{export_id}/sign", json=body, repeatable=True)
            return _signature(value)

    def state(self, export_id: str) -> str:
        """Return an export's state as the platform has it.

        Raises:
            PlatformError: kind "not-found" where it is not the fan's.
            NetworkError: nothing or nonsense came back.

        """
        value = self._account.send("GET", f"/v1/exports/{export_id}")
        if not isinstance(value, dict) or not isinstance(value.get("state"), str):
            raise NetworkError("The platform's answer about the export cannot be read.")
        return str(value["state"])

    def abandon(self, export_id: str) -> None:
        """Give an export back: a reservation ends, a finalised one is reversed."""
        self._account.send("DELETE", f"/v1/exports/{export_id}")

    def _checked(self, value: object, request: ExportRequest, subject: str) -> Granted:
        issuer, now = self._http.base_url, self._http.now()
        return check_reservation(value, request, self._keys, issuer=issuer, now=now, subject=subject)

    def _finish(self, granted: Granted, request: ExportRequest, made: FinaliseRequest) -> SignedReceipt:
        path = f"/v1/exports/{granted.export_id}/finalise"
        value = self._account.send("POST", path, json=made.to_json(), repeatable=True)
        token = value.get("receipt") if isinstance(value, dict) else None
        if not isinstance(token, str):
            raise NetworkError("The platform's answer holds no receipt.")
        signed = check_receipt(token, self._keys, issuer=self._http.base_url, export_id=granted.export_id)
        check_countersigned(signed, request, made, now=self._http.now())
        return signed


@contextlib.contextmanager
def _held() -> Iterator[None]:
    """Say, where the platform fails after the render, that the work is kept."""
    try:
        yield
    except NetworkError as error:
        raise NetworkError(error.message, hint=_HELD) from error


def _signature(value: Any) -> bytes:
    text = value.get("signature") if isinstance(value, dict) else None
    try:
        signature = base64.b64decode(text, validate=True) if isinstance(text, str) else b""
    except (binascii.Error, ValueError):
        signature = b""
    if len(signature) != _SIGNATURE_BYTES:
        raise NetworkError("The platform's answer holds no signature.")
    return signature
