"""The platform's catalogue as the app reads it: tracks, who is credited, and what each permits."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from re import Pattern
from typing import Any, TypeVar

from fanstudio.errors import NetworkError
from fanstudio.platform.contract import ISRC, ISWC
from fanstudio.text import one_line

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Grant:
    """One right: an operation, for a destination, in a territory, until a date (ISO 8601) or for good."""

    op: str
    destination: str
    territory: str
    until: str | None
    approval: bool


@dataclass(frozen=True, slots=True)
class Credit:
    """A right holder of a track: role, name, and share in millionths."""

    role: str
    name: str
    share_ppm: int


@dataclass(frozen=True, slots=True)
class CatalogueTrack:
    """A track that the platform offers; `demo` marks the embedded platform's own song."""

    isrc: str
    title: str
    artist: str
    length_s: float
    tempo_bpm: float | None
    key: str | None
    works: tuple[str, ...]
    grants: tuple[Grant, ...]
    credits: tuple[Credit, ...]
    demo: bool

    def permits(self, op: str, destination: str) -> bool:
        """Tell whether an operation is granted for a destination, in whatever territory."""
        return any(grant.op == op and grant.destination == destination for grant in self.grants)


def read_tracks(value: object) -> tuple[CatalogueTrack, ...]:
    """Read a list of tracks; keys that are not known are left out.

    Raises:
        NetworkError: it is not a catalogue.

    """
    return _reading(lambda: tuple(_track(item) for item in _list(_object(value)["tracks"])))


def read_track(value: object) -> CatalogueTrack:
    """Read one track; raises NetworkError if it is none."""
    return _reading(lambda: _track(value))


def _track(value: object) -> CatalogueTrack:
    item = _object(value)
    return CatalogueTrack(
        isrc=_matching(item["isrc"], ISRC),
        title=_text(item["title"]),
        artist=_text(item["artist"]),
        length_s=_number(item["length_s"]),
        tempo_bpm=None if item.get("tempo_bpm") is None else _number(item["tempo_bpm"]),
        key=None if item.get("key") is None else _text(item["key"]),
        works=tuple(_matching(work, ISWC) for work in _list(item["works"])),
        grants=tuple(_grant(_object(entry)) for entry in _list(item["grants"])),
        credits=tuple(_credit(_object(entry)) for entry in _list(item["credits"])),
        demo=item.get("demo") is True,
    )


def _grant(item: Mapping[str, Any]) -> Grant:
    until = item.get("until")
    return Grant(
        _text(item["op"]),
        _text(item["destination"]),
        _text(item["territory"]),
        None if until is None else _text(str(until)),
        item.get("approval") is True,
    )


def _credit(item: Mapping[str, Any]) -> Credit:
    return Credit(_text(item["role"]), _text(item["name"]), int(_number(item["share_ppm"])))


def _reading(read: Callable[[], T]) -> T:
    try:
        return read()
    except (KeyError, TypeError, ValueError, OverflowError):
        raise NetworkError("The platform's catalogue cannot be read.") from None


def _object(value: object) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise TypeError
    return value


def _list(value: object) -> list[Any]:
    if not isinstance(value, list):
        raise TypeError
    return value


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return one_line(value)


def _matching(value: object, pattern: Pattern[str]) -> str:
    text = _text(value)
    if not pattern.fullmatch(text):
        raise ValueError
    return text


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
        raise TypeError
    return float(value)
