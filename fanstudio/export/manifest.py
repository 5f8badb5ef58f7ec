"""What a file's Content Credentials say, as values: read from the C2PA library's report on hostile input."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from fanstudio.platform import claim
from fanstudio.platform.contract import EXPORT_ID
from fanstudio.text import one_line

#: What is no fault of the file: it says only that nobody here vouches for the signer.
UNTRUSTED = "signingCredential.untrusted"

_MOST_ITEMS = 1000
_MOST_PROBLEMS = 20
_DIGEST = "fanstudio.digest"


@dataclass(frozen=True, slots=True)
class CredentialsIngredient:
    """A source as the credentials name it; everything but the title may be empty."""

    title: str
    digest: str
    isrc: str
    stem: str
    ai: bool


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a file's Content Credentials are worth and what they say.

    `state`: "trusted" (signed by a platform that this machine trusts), "valid" (intact, signer not
    known here), "invalid" (file or credentials were changed, `problems` says how), "none". Believe
    nothing but the state of invalid ones.
    """

    state: str
    title: str = ""
    generator: str = ""
    issuer: str = ""
    signed_by: str = ""
    source_type: str = ""
    actions: tuple[str, ...] = ()
    edits: tuple[str, ...] = ()
    ingredients: tuple[CredentialsIngredient, ...] = ()
    export_id: str | None = None
    receipt: str | None = None
    problems: tuple[str, ...] = ()


def read_report(report: object, state: str | None) -> Credentials:
    """Turn the library's report into a value; `state` is its verdict ("Trusted", "Valid", "Invalid")."""
    whole = _map(report)
    manifest = _map(_map(whole.get("manifests")).get(str(whole.get("active_manifest"))))
    assertions = {
        _text(item.get("label")): _map(item.get("data")) for item in _maps(manifest.get("assertions"))
    }
    actions = _maps(_map(assertions.get(claim.ACTIONS_WRITTEN)).get("actions"))
    signature = _map(manifest.get("signature_info"))
    receipt = _map(assertions.get(claim.RECEIPT)).get("receipt")
    return Credentials(
        state={"Trusted": "trusted", "Valid": "valid"}.get(state or "", "invalid"),
        title=_text(manifest.get("title")),
        generator=_generator(manifest),
        issuer=_text(signature.get("issuer")),
        signed_by=_text(signature.get("common_name")),
        source_type=_source_type(actions),
        actions=tuple(_text(action.get("action")) for action in actions),
        edits=tuple(_edits(actions)),
        ingredients=tuple(_ingredient(item) for item in _maps(manifest.get("ingredients"))),
        export_id=_export_id(_map(assertions.get(claim.SOFT_BINDING))),
        receipt=receipt if isinstance(receipt, str) else None,
        problems=tuple(_problems(whole))[:_MOST_PROBLEMS],
    )


def _generator(manifest: Mapping[str, Any]) -> str:
    first = next(iter(_maps(manifest.get("claim_generator_info"))), {})
    return " ".join(text for text in (_text(first.get("name")), _text(first.get("version"))) if text)


def _source_type(actions: list[Mapping[str, Any]]) -> str:
    kinds = (_text(action.get("digitalSourceType")) for action in actions)
    return next((kind.rpartition("/")[2] for kind in kinds if kind), "")


def _edits(actions: list[Mapping[str, Any]]) -> Iterator[str]:
    for action in actions:
        edits = _map(action.get("parameters")).get("fanstudio.edits")
        yield from (_text(edit) for edit in edits[:_MOST_ITEMS]) if isinstance(edits, list) else ()


def _ingredient(item: Mapping[str, Any]) -> CredentialsIngredient:
    metadata = _map(item.get("metadata"))
    return CredentialsIngredient(
        _text(item.get("title")),
        _text(metadata.get(_DIGEST)),
        _text(metadata.get("fanstudio.isrc")),
        _text(metadata.get("fanstudio.stem")),
        metadata.get("fanstudio.ai") is True,
    )


def _export_id(binding: Mapping[str, Any]) -> str | None:
    if binding.get("alg") != claim.SOFT_BINDING_ALG:
        return None
    values = [_text(block.get("value")) for block in _maps(binding.get("blocks"))]
    return values[0] if len(values) == 1 and EXPORT_ID.fullmatch(values[0]) else None


def _problems(whole: Mapping[str, Any]) -> Iterator[str]:
    for item in _maps(whole.get("validation_status")):
        code, why = _text(item.get("code")), _text(item.get("explanation"))
        if code != UNTRUSTED:
            yield f"{why} ({code})" if why else code


def _map(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _maps(value: object) -> list[Mapping[str, Any]]:
    items = value[:_MOST_ITEMS] if isinstance(value, list) else []
    return [item for item in items if isinstance(item, dict)]


def _text(value: object) -> str:
    return one_line(value) if isinstance(value, str) else ""
