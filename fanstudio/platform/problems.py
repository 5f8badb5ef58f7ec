"""A platform's refusals (RFC 9457, OAuth errors) as errors of our tree."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fanstudio.errors import (
    AddonRequired,
    ClockSkew,
    Conflict,
    NotPermitted,
    PermitExpired,
    PlatformError,
    SignInRequired,
    Throttled,
)
from fanstudio.net import Answer
from fanstudio.text import one_line

_KINDS: Mapping[str, tuple[type[PlatformError], str]] = {
    "sign-in-required": (SignInRequired, "Sign in and try again."),
    "addon-required": (AddonRequired, "Export needs Premium with the remix add-on; your project is safe."),
    "not-permitted": (NotPermitted, "Take back what is not granted, or leave out what is named."),
    "permit-expired": (PermitExpired, "Ask for a new permit."),
    "clock-skew": (ClockSkew, "Set this machine's clock."),
    "throttled": (Throttled, "Wait a while and try again."),
    "quota": (Throttled, "The allowance is spent for now; try again later."),
    "conflict": (Conflict, "Start the export afresh."),
}
_KIND_BY_STATUS = {401: "sign-in-required", 404: "not-found", 409: "conflict", 429: "throttled"}


def expect(answer: Answer) -> Any:
    """Return the JSON of a 2xx answer, or raise its problem as the type it names.

    Raises:
        PlatformError: the server refused; the subclass says why.

    """
    if 200 <= answer.status < 300:
        return answer.value
    raise problem(answer)


def problem(answer: Answer) -> PlatformError:
    """Turn a refusal into the error it names; members gain `retry_after_s` where it was sent."""
    members = answer.value if isinstance(answer.value, dict) else {}
    kind = str(members.get("type", "")).rpartition("/")[2] or _KIND_BY_STATUS.get(answer.status, "")
    class_, hint = _KINDS.get(kind, (PlatformError, ""))
    waiting = {} if answer.retry_after_s is None else {"retry_after_s": answer.retry_after_s}
    return class_(
        _sentence(members) or f"The platform refused the request (HTTP {answer.status}).",
        hint=hint,
        status=answer.status,
        kind=kind,
        members={**members, **waiting},
    )


def denials(error: NotPermitted) -> tuple[str, ...]:
    """Return one line for each denied source, such as "Song: split (not granted)"."""
    denied = error.members.get("denied")
    entries = [item for item in denied if isinstance(item, dict)] if isinstance(denied, list) else []
    return tuple(_denial(item) for item in entries)


def _denial(item: Mapping[str, Any]) -> str:
    name = next(
        (item[key] for key in ("title", "isrc", "iswc", "source_digest") if item.get(key)), "a source"
    )
    what = next((item[key] for key in ("op", "destination", "territory") if item.get(key)), "use")
    reason = f" ({item['reason']})" if item.get("reason") else ""
    return one_line(f"{name}: {what}{reason}")


def _sentence(members: Mapping[str, Any]) -> str:
    texts = (members.get(name) for name in ("detail", "title", "error_description", "error"))
    return next((one_line(text) for text in texts if isinstance(text, str) and text.strip()), "")
