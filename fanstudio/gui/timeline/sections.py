"""Sections: the stretches of the timeline from one marker to the next."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from fanstudio.model.session import Session

#: Sections take their colours in turn; those of one name share one.
_SECTION_TOKENS = ("other", "vocals", "bass", "drums")


def sections(session: Session) -> Iterator[tuple[str, int, int, str]]:
    """Yield each marker's name, its start, the next one's start or the end, and its colour's token."""
    if not session.markers:
        return
    tokens: dict[str, str] = {}
    ends = [marker.position for marker in session.markers[1:]]
    ends.append(max(session.length, session.markers[-1].position + session.sample_rate))
    for marker, end in zip(session.markers, ends, strict=True):
        token = tokens.setdefault(marker.name, _SECTION_TOKENS[len(tokens) % len(_SECTION_TOKENS)])
        yield marker.name, marker.position, end, token


def section_at(session: Session, frame: int) -> tuple[int, int] | None:
    """Return start and end of the section around a frame, or None."""
    bounds = [start for _, start, _, _ in sections(session)]
    if not bounds:
        return None
    *_, (_, _, end, _) = sections(session)
    return next(((low, high) for low, high in pairwise((*bounds, end)) if low <= frame < high), None)
