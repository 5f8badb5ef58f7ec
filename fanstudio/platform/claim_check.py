"""Does a C2PA claim say exactly what a finalised export is? What the platform asks before it signs."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import Any

import cbor2

from fanstudio.errors import CredentialsError
from fanstudio.platform import claim, jumbf
from fanstudio.platform.claim import ExpectedClaim
from fanstudio.platform.wire_usage import Ingredient

_MAX_STORE = 4 * 1_048_576
_CLAIM = "c2pa.claim.v2"
_ES256 = -7
_ALG, _CHAIN = 1, 33
_HARD_BINDING = "c2pa.hash."
_MANIFEST = re.compile(r"urn:c2pa:[0-9a-f-]{36}")
_INSTANCE = re.compile(r"xmp[.:]iid:[0-9a-f-]{36}")
_INGREDIENT = re.compile(re.escape(claim.INGREDIENT) + r"(__[0-9]{1,4})?")
_GENERATOR_KEYS = {"name", "version", "org.contentauth.c2pa_rs"}
_VERSION = re.compile(r"[0-9A-Za-z.+-]{1,40}")
_BINDING_KEYS = {"alg", "exclusions", "hash", "name", "pad"}
_BINDING_NAME = "jumbf manifest"
#: What the hard binding of an MP4 leaves out: the manifest itself and boxes that hold no media.
_LEFT_OUT_OF_MP4 = ("/free", "/ftyp", "/mfra", "/skip", "/uuid")
#: The box around the manifest store in a WAV file, which the excluded range covers too.
_WRAPPING = 64


def check_claim(manifest_store: bytes, sig_structure: bytes, expected: ExpectedClaim) -> None:
    """Check that signing `sig_structure` says exactly what `expected` says, and nothing else.

    Args:
        manifest_store: the JUMBF that the signature will stand in; one manifest.
        sig_structure: the COSE `Sig_structure` (RFC 9052, 4.4) of its claim.
        expected: what the finalised export is.

    Raises:
        CredentialsError: with one line that names the first difference.

    """
    if len(manifest_store) > _MAX_STORE:
        raise CredentialsError("The manifest store is too large.")
    manifest = _only_manifest(manifest_store)
    claim_bytes = _only_cbor(manifest.box(_CLAIM))
    _check_signed_bytes(sig_structure, claim_bytes, expected.chain)
    fields = _mapping(_decode(claim_bytes), "claim")
    _check_claim_fields(fields, manifest.label, expected.title)
    boxes = manifest.box("c2pa.assertions").boxes
    hashes = {_url(box.label): hashlib.sha256(box.body).digest() for box in boxes}
    _check_references(fields, hashes)
    said = {box.label: _decode(_only_cbor(box)) for box in boxes}
    _check_hard_binding(said, len(manifest_store))
    _check_said(said, hashes, expected)


def _only_manifest(manifest_store: bytes) -> jumbf.Superbox:
    store = jumbf.parse(manifest_store)
    if store.label != "c2pa" or len(store.boxes) != 1 or store.cbor:
        raise CredentialsError("The manifest store does not hold exactly one manifest.")
    manifest = store.boxes[0]
    if not _MANIFEST.fullmatch(manifest.label):
        raise CredentialsError("The manifest is not named as one.")
    if {box.label for box in manifest.boxes} != {"c2pa.assertions", _CLAIM, "c2pa.signature"}:
        raise CredentialsError("The manifest does not hold exactly assertions, a claim and a signature.")
    return manifest


def _check_signed_bytes(sig_structure: bytes, claim_bytes: bytes, chain: tuple[bytes, ...]) -> None:
    parts = _decode(sig_structure)
    if not isinstance(parts, list) or len(parts) != 4 or not isinstance(parts[1], bytes):
        raise CredentialsError("The Sig_structure is not one.")
    if parts != ["Signature1", parts[1], b"", claim_bytes]:
        raise CredentialsError("The Sig_structure is not over the claim in the manifest store.")
    if _decode(parts[1]) != {_ALG: _ES256, _CHAIN: list(chain)}:
        raise CredentialsError("The signature's header does not name ES256 and the platform's certificates.")


def _check_claim_fields(fields: Mapping[Any, Any], manifest: str, title: str) -> None:
    lists = {"created_assertions", "gathered_assertions"}
    needed = {"instanceID", "claim_generator_info", "signature", "dc:title", "alg"}
    if fields.keys() - lists != needed:
        raise CredentialsError("The claim lacks a field, or has one that it must not have.")
    if fields["dc:title"] != title or fields["alg"] != "sha256":
        raise CredentialsError("The claim's title or hash is not the export's.")
    if not _INSTANCE.fullmatch(str(fields["instanceID"])):
        raise CredentialsError("The claim's instance is not named as one.")
    _check_generator(_mapping(fields["claim_generator_info"], "claim generator"))
    if fields["signature"] != f"self#jumbf=/c2pa/{manifest}/c2pa.signature":
        raise CredentialsError("The claim points to another manifest's signature.")


def _check_generator(generator: Mapping[Any, Any]) -> None:
    versions = [value for name, value in generator.items() if name != "name"]
    good = generator.keys() <= _GENERATOR_KEYS and generator.get("name") == claim.GENERATOR
    if not good or not all(isinstance(value, str) and _VERSION.fullmatch(value) for value in versions):
        raise CredentialsError("The claim was not made by fanstudio.")


def _check_references(fields: Mapping[Any, Any], hashes: Mapping[str, bytes]) -> None:
    named = [*_maps(fields, "created_assertions"), *_maps(fields, "gathered_assertions")]
    wanted = [{"url": url, "hash": digest} for url, digest in hashes.items()]
    if len(named) != len(wanted) or not all(item in named for item in wanted):
        raise CredentialsError("The claim does not name exactly the manifest's assertions by their hashes.")


def _check_hard_binding(said: dict[str, Any], store_bytes: int) -> None:
    """Check, and take out of `said`, the assertion that binds the manifest to one file."""
    labels = [label for label in said if label.startswith(_HARD_BINDING)]
    if len(labels) != 1:
        raise CredentialsError("The manifest does not bind exactly one file.")
    binding = _mapping(said.pop(labels[0]), "hard binding")
    digest = binding.get("hash")
    if not binding.keys() <= _BINDING_KEYS or binding.get("name") != _BINDING_NAME:
        raise CredentialsError("The manifest's hard binding says more than it should.")
    if binding.get("alg") != "sha256" or not isinstance(digest, bytes) or len(digest) != 32:
        raise CredentialsError("The manifest's hard binding is not a SHA-256.")
    left_out = _maps(binding, "exclusions")
    if labels[0] == "c2pa.hash.data":
        good = len(left_out) == 1 and _spares_only_the_store(left_out[0], store_bytes)
    else:
        good = sorted(str(item.get("xpath")) for item in left_out) == list(_LEFT_OUT_OF_MP4)
    if not good:
        raise CredentialsError("The manifest's hard binding leaves more out than the manifest.")


def _spares_only_the_store(item: Mapping[Any, Any], store_bytes: int) -> bool:
    length = item.get("length")
    return isinstance(length, int) and store_bytes <= length <= store_bytes + _WRAPPING


def _check_said(said: dict[str, Any], hashes: Mapping[str, bytes], expected: ExpectedClaim) -> None:
    ingredients = {label: said.pop(label) for label in list(said) if _INGREDIENT.fullmatch(label)}
    placed = [_placed(item, ingredients, hashes) for item in expected.usage.ingredients]
    if ingredients:
        raise CredentialsError("The manifest names an ingredient that the usage report does not.")
    wanted = claim.assertions(expected.export_id, expected.receipt)
    wanted[claim.ACTIONS_WRITTEN] = claim.actions(expected.usage, placed)
    for label in sorted(wanted.keys() | said.keys()):
        if not _same(said.get(label), wanted.get(label)):
            raise CredentialsError(f"The assertion {label!r} does not say what the export is.")


def _placed(item: Ingredient, found: dict[str, Any], hashes: Mapping[str, bytes]) -> dict[str, Any]:
    """Take the ingredient out of `found`; return the parameters of the action that places it."""
    wanted = claim.written_ingredient(item)
    for label, written in found.items():
        if _same(written, wanted):
            del found[label]
            return {"ingredients": [{"url": _url(label), "hash": hashes[_url(label)]}]}
    raise CredentialsError(f"The manifest lacks the ingredient {item.title!r}, or describes it otherwise.")


def _url(label: str) -> str:
    return f"self#jumbf=c2pa.assertions/{label}"


def _decode(data: bytes) -> Any:
    """Decode CBOR whose only encoding is `data`: no repeated key, no trailing byte, no odd length."""
    try:
        value = cbor2.loads(data)
        again = cbor2.dumps(value)
    except (cbor2.CBORError, ValueError, TypeError, RecursionError, OverflowError, MemoryError):
        raise CredentialsError("The manifest store holds something that is not CBOR.") from None
    if again != data:
        raise CredentialsError("The manifest store holds CBOR that can be read in two ways.")
    return value


def _same(written: Any, wanted: Any) -> bool:
    """Compare as CBOR, where 1, 1.0 and true differ."""
    return cbor2.dumps(written, canonical=True) == cbor2.dumps(wanted, canonical=True)


def _only_cbor(box: jumbf.Superbox) -> bytes:
    if len(box.cbor) != 1 or box.boxes:
        raise CredentialsError(f"The box {box.label!r} does not hold exactly one CBOR value.")
    return box.cbor[0]


def _mapping(value: Any, what: str) -> Mapping[Any, Any]:
    if not isinstance(value, dict):
        raise CredentialsError(f"The {what} is not a map.")
    return value


def _maps(mapping: Mapping[Any, Any], name: str) -> list[Mapping[Any, Any]]:
    value = mapping.get(name, [])
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise CredentialsError(f"The field {name!r} is not a list of maps.")
    return value
