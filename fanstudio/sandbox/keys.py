"""The platform's keys: made at its first start, kept as 0600 files in its own folder, never anywhere else."""

from __future__ import annotations

import datetime
import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from joserfc.jwk import ECKey

from fanstudio.errors import StorageError
from fanstudio.files import storage_error, sync_folder

OPERATOR_SECRET = "operator-secret"

_ROOT_DAYS = 3650
_LEAF_DAYS = 825
_RENEW_DAYS = 30
_ORGANISATION = "fanstudio embedded demo platform"


@dataclass(frozen=True, slots=True)
class ServerKeys:
    """The keys of one platform: tokens are signed with `token_key`, claims with `claim_key`."""

    token_key: ECKey
    token_kid: str
    claim_key: ec.EllipticCurvePrivateKey
    leaf: x509.Certificate
    root: x509.Certificate
    operator_secret: str

    def jwks(self) -> dict[str, Any]:
        """Return the public key set (RFC 7517)."""
        public = {name: self.token_key.as_dict(private=False)[name] for name in ("kty", "crv", "x", "y")}
        return {"keys": [{**public, "kid": self.token_kid, "use": "sig", "alg": "ES256"}]}

    def chain_der(self) -> tuple[bytes, ...]:
        """Return the certificates of claims, leaf first."""
        return tuple(item.public_bytes(Encoding.DER) for item in (self.leaf, self.root))

    def chain_pem(self) -> str:
        """Return the certificates of claims as PEM, leaf first."""
        return _pem(self.leaf) + _pem(self.root)

    def anchor_pem(self) -> str:
        """Return the root certificate as PEM."""
        return _pem(self.root)

    def sign_claim(self, sig_structure: bytes) -> bytes:
        """Return the ES256 signature of `sig_structure` as r‖s, 64 bytes."""
        r, s = decode_dss_signature(self.claim_key.sign(sig_structure, ec.ECDSA(hashes.SHA256())))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def open_keys(folder: Path) -> ServerKeys:
    """Read the keys in `folder`, making those that are not there yet.

    Raises:
        StorageError: the folder cannot be used, or a key in it is damaged.

    """
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return _open(folder)
    except OSError as error:
        raise storage_error(error, folder) from error
    except (ValueError, TypeError) as error:
        raise StorageError(
            f"A key of the platform in {folder} is damaged.",
            hint="Restore the folder; without it, receipts of this platform cannot be countersigned again.",
        ) from error


def _open(folder: Path) -> ServerKeys:
    token_key = ECKey.import_key(_kept(folder / "token-key.pem", _new_key_pem))
    claim_key = _private(_kept(folder / "claim-key.pem", _new_key_pem))
    root_key = _private(_kept(folder / "root-key.pem", _new_key_pem))
    root = x509.load_pem_x509_certificate(
        _kept(folder / "root.pem", lambda: _pem(_certificate("Root", root_key, None, root_key)).encode())
    )
    leaf = _leaf(folder / "leaf.pem", claim_key, root, root_key)
    secret = _kept(folder / OPERATOR_SECRET, lambda: secrets.token_urlsafe(32).encode()).decode()
    return ServerKeys(token_key, token_key.thumbprint()[:16], claim_key, leaf, root, secret)


def _leaf(
    path: Path,
    claim_key: ec.EllipticCurvePrivateKey,
    root: x509.Certificate,
    root_key: ec.EllipticCurvePrivateKey,
) -> x509.Certificate:
    """Return the certificate of the claim key, made anew where it runs out soon."""

    def make() -> bytes:
        return _pem(_certificate("Claims", claim_key, root, root_key)).encode()

    leaf = x509.load_pem_x509_certificate(_kept(path, make))
    soon = datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=_RENEW_DAYS)
    if leaf.not_valid_after_utc < soon:
        path.unlink()
        leaf = x509.load_pem_x509_certificate(_kept(path, make))
    return leaf


def _kept(path: Path, make: Callable[[], bytes]) -> bytes:
    """Return the file's bytes; where it is missing, write it whole, for the owner only, first."""
    if not path.exists():
        part = path.with_name(f"{path.name}.{secrets.token_hex(4)}.part")
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as stream:
            stream.write(make())
            stream.flush()
            os.fsync(stream.fileno())
        part.replace(path)
        sync_folder(path.parent)
    return path.read_bytes()


def _new_key_pem() -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _private(pem: bytes) -> ec.EllipticCurvePrivateKey:
    key = load_pem_private_key(pem, None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise TypeError("not a P-256 key")
    return key


def _certificate(
    what: str,
    key: ec.EllipticCurvePrivateKey,
    issuer: x509.Certificate | None,
    issuer_key: ec.EllipticCurvePrivateKey,
) -> x509.Certificate:
    """Return a root where `issuer` is None, else a leaf for signing claims."""
    is_root = issuer is None
    name = _name(what)
    now = datetime.datetime.now(datetime.UTC)
    days = _ROOT_DAYS if is_root else _LEAF_DAYS
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name if issuer is None else issuer.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=days))
        .add_extension(x509.BasicConstraints(is_root, 0 if is_root else None), critical=True)
        .add_extension(_key_usage(is_root), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False
        )
    )
    if not is_root:
        usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION])
        builder = builder.add_extension(usage, critical=False)
    return builder.sign(issuer_key, hashes.SHA256())


def _name(what: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, _ORGANISATION),
            x509.NameAttribute(NameOID.COMMON_NAME, f"{_ORGANISATION}: {what}"),
        ]
    )


def _key_usage(is_root: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not is_root,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=is_root,
        crl_sign=is_root,
        encipher_only=False,
        decipher_only=False,
    )


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(Encoding.PEM).decode()
