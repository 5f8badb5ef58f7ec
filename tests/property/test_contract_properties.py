"""Whatever comes over the wire, a message is read as it was written or refused with one clear line."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fanstudio.errors import InputError, PermitError
from fanstudio.platform import contract
from tests.support import wire_samples as samples
from tests.support.wire_damage import JSON, places, put

_MESSAGES: list[tuple[Any, dict[str, Any]]] = [
    (contract.UsageReport, samples.usage()),
    (contract.Permit, samples.permit()),
    (contract.Receipt, samples.receipt()),
    (contract.ExportRequest, samples.request()),
    (contract.FinaliseRequest, samples.finalise("x.y.z")),
]


def _attempt(read: Callable[[], Any]) -> tuple[Any, str]:
    """Return what was read, or the line that refuses it; any other error is a failure of the test."""
    try:
        return read(), ""
    except (InputError, PermitError) as error:
        return None, error.message


@pytest.mark.parametrize(("kind", "value"), _MESSAGES, ids=[kind.__name__ for kind, _ in _MESSAGES])
@given(data=st.data())
def test_one_changed_place_is_read_back_equal_or_refused(kind: Any, value: dict[str, Any], data: Any) -> None:
    changed = put(value, data.draw(st.sampled_from(places(value))), data.draw(JSON))
    message, refusal = _attempt(lambda: kind.parse(changed))
    if message is not None:
        assert kind.parse(message.to_json()) == message
    else:
        assert "\n" not in refusal
        assert len(refusal) < 1000


@given(JSON)
def test_what_was_written_is_loaded_equal_or_refused(value: Any) -> None:
    text = json.dumps(value)
    try:
        loaded = contract.load(text, limit=100_000)
    except InputError:
        return
    assert json.dumps(loaded) == text


@given(st.binary(max_size=300))
def test_random_bytes_are_json_or_refused(data: bytes) -> None:
    _, refusal = _attempt(lambda: contract.load(data, limit=200))
    assert "\n" not in refusal


@given(st.text(max_size=200))
def test_a_random_token_is_refused(token: str) -> None:
    with pytest.raises(PermitError):
        contract.verify(token, {}, contract.PERMIT_TYPE)


@given(st.binary(max_size=40))
def test_base64url_is_canonical(data: bytes) -> None:
    text = contract.encode_base64url(data)
    assert contract.decode_base64url(text) == data
    with pytest.raises(PermitError):
        contract.decode_base64url(text + "=")


@given(st.text("abcdefghijklmnopqrstuvwxyz234567", min_size=16, max_size=16))
def test_every_export_id_is_marked_and_found(export_id: str) -> None:
    assert contract.unpack_mark(contract.pack_mark(export_id)) == export_id
