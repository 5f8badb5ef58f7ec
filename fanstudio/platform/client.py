"""A platform as the app uses it: who I am, what there is, what I may export, and what was exported."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from keyring.backend import KeyringBackend

from fanstudio.errors import InputError, NetworkError, PlatformError
from fanstudio.files import part_file
from fanstudio.jobs import Work
from fanstudio.net import Http
from fanstudio.platform.account import Account
from fanstudio.platform.catalogue import CatalogueTrack, read_track, read_tracks
from fanstudio.platform.contract import EXPORT_ID, ISRC
from fanstudio.platform.exports import Exports
from fanstudio.platform.keys import PlatformKeys
from fanstudio.platform.metadata import read_metadata
from fanstudio.platform.problems import expect
from fanstudio.platform.receipts import PublishedReceipt, SignedReceipt, check_receipt, read_published
from fanstudio.text import one_line

_MOST_AUDIO_BYTES = 2 * 1024**3
_MOST_PEM_CHARS = 65_536
_PEM_HEAD = "-----BEGIN CERTIFICATE-----"


@dataclass(frozen=True, slots=True)
class Profile:
    """The fan as the platform knows them; exporting needs plan "premium" and the add-on "remix"."""

    sub: str
    name: str
    plan: str
    addons: tuple[str, ...]
    territory: str


@dataclass(frozen=True, slots=True)
class SigningCertificates:
    """The certificates of the platform's Content Credentials: leaf and root, and the root alone; PEM."""

    chain_pem: str
    anchor_pem: str


class Platform:
    """One platform: its account, its catalogue, its exports, its keys; safe to use from any thread."""

    def __init__(
        self, base_url: str, *, http: Http | None = None, backend: KeyringBackend | None = None
    ) -> None:
        """Use the platform at `base_url`; nothing is sent yet.

        `backend` replaces the system's keyring, `http` the connection.

        Raises:
            SettingsError: the address is not TLS or loopback.

        """
        self.http = http or Http(base_url)
        self.account = Account(self.http, backend)
        self.keys = PlatformKeys(self._fetch_keys)
        self.exports = Exports(self.account, self.http, self.keys)

    @property
    def issuer(self) -> str:
        """Return the platform's address, which its permits and receipts name."""
        return self.http.base_url

    def close(self) -> None:
        """Close the connections."""
        self.http.close()

    def check(self) -> None:
        """Ask whether a platform answers at the address; raises NetworkError if none does."""
        read_metadata(self.http)

    def me(self) -> Profile:
        """Return the signed-in fan.

        Raises:
            SignInRequired: nobody is signed in.
            NetworkError: nothing or nonsense came back.

        """
        value = self.account.send("GET", "/v1/me")
        try:
            texts = {name: _text(value[name]) for name in ("sub", "name", "plan", "territory")}
            return Profile(**texts, addons=tuple(_text(item) for item in value["addons"]))
        except (KeyError, TypeError):
            raise NetworkError("The platform's answer about the account cannot be read.") from None

    def catalogue(self, *, op: str = "", territory: str = "") -> tuple[CatalogueTrack, ...]:
        """Return the tracks on offer, those that permit `op` in `territory` where these are given."""
        query = {name: value for name, value in (("op", op), ("territory", territory)) if value}
        return read_tracks(self.account.send("GET", f"/v1/catalog?{urlencode(query)}"))

    def track(self, isrc: str) -> CatalogueTrack:
        """Return one track of the catalogue; PlatformError of kind "not-found" if there is none."""
        return read_track(self.account.send("GET", f"/v1/catalog/{_checked_isrc(isrc)}"))

    def track_audio(self, work: Work, isrc: str, path: Path) -> None:
        """Write a track's audio (FLAC) to `path`, whole or not at all.

        Raises:
            PlatformError: the platform refused.
            NetworkError: it stopped early or never came.
            StorageError: it cannot be written.
            Cancelled: the work was cancelled.

        """
        with part_file(path) as part, part.open("wb") as stream:
            got = 0

            def sink(piece: bytes, announced: int | None) -> None:
                nonlocal got
                got += len(piece)
                work.report(got / announced if announced else 0.0, "Fetching the track")
                stream.write(piece)

            address = f"/v1/catalog/{_checked_isrc(isrc)}/audio"
            self.account.fetch(address, sink, max_bytes=_MOST_AUDIO_BYTES)

    def certificates(self) -> SigningCertificates:
        """Return the certificates that the platform signs Content Credentials with.

        Raises:
            NetworkError: nothing or nonsense came back.

        """
        value = expect(self.http.send("GET", "/v1/signing/certificates"))
        pems = [value.get(name) for name in ("chain_pem", "anchor_pem")] if isinstance(value, dict) else []
        if not pems or not all(_is_pem(pem) for pem in pems):
            raise NetworkError("The platform's certificates cannot be read.")
        return SigningCertificates(str(pems[0]), str(pems[1]))

    def receipt(self, export_id: str) -> PublishedReceipt | None:
        """Return the verified public receipt of an export, or None if the platform has none; no sign-in.

        Raises:
            PermitError: the answer must not be trusted.
            NetworkError: nothing or nonsense came back.

        """
        if not EXPORT_ID.fullmatch(export_id):
            return None
        try:
            value = expect(self.http.send("GET", f"/v1/receipts/{export_id}"))
        except PlatformError as error:
            if error.kind == "not-found":
                return None
            raise
        return read_published(value, self.keys, issuer=self.issuer, export_id=export_id)

    def check_receipt(self, token: str, *, export_id: str = "") -> SignedReceipt:
        """Verify a receipt that was found in a file.

        Raises:
            PermitError: it must not be trusted.
            NetworkError: the platform's keys cannot be fetched.

        """
        return check_receipt(token, self.keys, issuer=self.issuer, export_id=export_id)

    def _fetch_keys(self) -> Any:
        return expect(self.http.send("GET", read_metadata(self.http).jwks_path))


def _checked_isrc(isrc: str) -> str:
    if not ISRC.fullmatch(isrc):
        raise InputError(f"{one_line(isrc, 40)!r} is not an ISRC.")
    return isrc


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return one_line(value)


def _is_pem(value: object) -> bool:
    return isinstance(value, str) and len(value) <= _MOST_PEM_CHARS and value.startswith(_PEM_HEAD)
