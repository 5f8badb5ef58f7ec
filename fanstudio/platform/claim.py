"""What the Content Credentials of an export say, once for the app that builds and the platform that checks.

The app builds with `c2pa-python` from `manifest_definition(…)` exactly (no further assertion, ingredient or
thumbnail), signs with a placeholder to learn the COSE Sig_structure, and sends that with the manifest
store; the platform calls `claim_check.check_claim(…)` on both and signs only what passes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from fanstudio.platform.wire_usage import Ingredient, UsageReport

GENERATOR = "fanstudio"
ACTIONS = "c2pa.actions"
#: The label under which `c2pa-python` writes `ACTIONS`.
ACTIONS_WRITTEN = "c2pa.actions.v2"
INGREDIENT = "c2pa.ingredient.v3"
SOFT_BINDING = "c2pa.soft-binding"
RECEIPT = "fanstudio.receipt"
TRAINING = "cawg.training-mining"
#: The algorithm that the soft binding names; its value is the export id.
SOFT_BINDING_ALG = "fanstudio.tiles.1"

#: The digital source type where a net made some of the sound.
GENERATIVE_MEDIA = "compositeWithTrainedAlgorithmicMedia"
_SOURCE_TYPE = "http://cv.iptc.org/newscodes/digitalsourcetype/"
_TRAINING_USES = ("ai_generative_training", "ai_inference", "ai_training", "data_mining")


@dataclass(frozen=True, slots=True)
class ExpectedClaim:
    """What a claim must say to be signed; `chain` is the platform's certificates (DER), leaf first."""

    title: str
    export_id: str
    receipt: str
    usage: UsageReport
    chain: tuple[bytes, ...]


def manifest_definition(
    usage: UsageReport, *, export_id: str, receipt: str, title: str, media_type: str, version: str
) -> dict[str, Any]:
    """Return the definition from which `c2pa.Builder` makes the manifest of an export.

    Args:
        usage: the report that the export was finalised with.
        export_id: what the soft binding names.
        receipt: the receipt's JWS.
        title: the export's title, as in the export request.
        media_type: of the file, such as `audio/flac`.
        version: of fanstudio.

    """
    labels = [f"i{number}" for number in range(len(usage.ingredients))]
    ingredients = [
        {"label": label, "title": item.title, "relationship": "componentOf", "metadata": _metadata(item)}
        for label, item in zip(labels, usage.ingredients, strict=True)
    ]
    said = assertions(export_id, receipt)
    said[ACTIONS] = actions(usage, [{"ingredientIds": [label]} for label in labels])
    return {
        "title": title,
        "format": media_type,
        "claim_generator_info": [{"name": GENERATOR, "version": version}],
        "ingredients": ingredients,
        "assertions": [{"label": label, "data": data} for label, data in sorted(said.items())],
    }


def assertions(export_id: str, receipt: str) -> dict[str, Any]:
    """Return, by label, what the assertions say that do not depend on the ingredients."""
    return {
        SOFT_BINDING: {"alg": SOFT_BINDING_ALG, "blocks": [{"scope": {}, "value": export_id}]},
        RECEIPT: {"receipt": receipt},
        TRAINING: {"entries": {f"cawg.{use}": {"use": "notAllowed"} for use in _TRAINING_USES}},
    }


def actions(usage: UsageReport, placed: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the actions; `placed` holds, for each ingredient in order, how its action refers to it."""
    kind = GENERATIVE_MEDIA if usage.ai else "composite"
    return {
        "actions": [
            {"action": "c2pa.created", "digitalSourceType": _SOURCE_TYPE + kind},
            *({"action": "c2pa.placed", "parameters": dict(parameters)} for parameters in placed),
            {"action": "c2pa.edited", "parameters": {"fanstudio.edits": list(usage.actions)}},
            {"action": "c2pa.watermarked.bound"},
        ]
    }


def written_ingredient(item: Ingredient) -> dict[str, Any]:
    """Return the ingredient assertion as `c2pa-python` writes it."""
    return {"relationship": "componentOf", "dc:title": item.title, "metadata": _metadata(item)}


def _metadata(item: Ingredient) -> dict[str, Any]:
    named = {
        "fanstudio.ai": item.ai,
        "fanstudio.digest": item.digest,
        "fanstudio.isrc": item.isrc,
        "fanstudio.stem": item.stem,
    }
    return {name: value for name, value in named.items() if value is not None}
