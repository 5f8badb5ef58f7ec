"""Frozen dataclasses to plain JSON values and, strictly, back."""

from __future__ import annotations

import dataclasses
import re
import types
import typing
from collections.abc import Callable, Mapping
from enum import StrEnum
from functools import cache
from typing import Any, TypeVar

from fanstudio.errors import DamagedProject

T = TypeVar("T")

#: Beyond what a float holds exactly, no number of a session means anything; NaN is not below it either.
_LARGEST = 2**53
#: A lone surrogate cannot be written as UTF-8.
_HALF_A_CHARACTER = re.compile("[\ud800-\udfff]")


def to_plain(value: Any) -> Any:
    """Return a frozen dataclass as dicts, lists and scalars; fields at None are left out."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        pairs = ((field.name, getattr(value, field.name)) for field in dataclasses.fields(value))
        return {name: to_plain(item) for name, item in pairs if item is not None}
    if isinstance(value, tuple):
        return [to_plain(item) for item in value]
    return value.value if isinstance(value, StrEnum) else value


def from_plain(kind: type[T], value: Any) -> T:
    """Return the dataclass that `to_plain` wrote; anything unexpected raises DamagedProject."""
    result: T = _decode(kind, value, kind.__name__)
    return result


def _decode(kind: Any, value: Any, where: str) -> Any:
    if dataclasses.is_dataclass(kind):
        return _decode_dataclass(kind, value, where)
    origin = typing.get_origin(kind)
    if origin is tuple:
        return _decode_tuple(typing.get_args(kind), value, where)
    if origin is types.UnionType:
        inner = next(option for option in typing.get_args(kind) if option is not types.NoneType)
        return None if value is None else _decode(inner, value, where)
    if issubclass(kind, StrEnum):
        return _decode_enum(kind, value, where)
    return _SCALARS[kind](value, where)


@cache
def _hints(kind: type) -> Mapping[str, Any]:
    return typing.get_type_hints(kind)


def _decode_dataclass(kind: Any, value: Any, where: str) -> Any:
    if not isinstance(value, dict):
        raise _damage(where, "is not an object")
    hints = _hints(kind)
    unknown = value.keys() - hints.keys()
    if unknown:
        raise _damage(where, f"has an unknown field {sorted(unknown)[0]!r}")
    fields = {name: _decode(hints[name], item, f"{where}.{name}") for name, item in value.items()}
    try:
        return kind(**fields)
    except TypeError:
        missing = sorted(hints.keys() - value.keys())
        raise _damage(where, f"lacks a field of {', '.join(missing)}") from None


def _decode_tuple(parts: tuple[Any, ...], value: Any, where: str) -> tuple[Any, ...]:
    if not isinstance(value, list):
        raise _damage(where, "is not a list")
    if len(parts) == 2 and parts[1] is Ellipsis:
        return tuple(_decode(parts[0], item, f"{where}[{index}]") for index, item in enumerate(value))
    if len(parts) != len(value):
        raise _damage(where, f"does not hold {len(parts)} values")
    return tuple(_decode(part, item, where) for part, item in zip(parts, value, strict=True))


def _decode_enum(kind: type[StrEnum], value: Any, where: str) -> StrEnum:
    try:
        return kind(value)
    except ValueError:
        raise _damage(where, f"is none of {', '.join(kind)}") from None


def _text(value: Any, where: str) -> str:
    if not isinstance(value, str) or _HALF_A_CHARACTER.search(value):
        raise _damage(where, "is not text")
    return value


def _whole(value: Any, where: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or abs(value) > _LARGEST:
        raise _damage(where, "is not a whole number")
    return value


def _number(value: Any, where: str) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool) or not abs(value) <= _LARGEST:
        raise _damage(where, "is not a number")
    return float(value)


def _flag(value: Any, where: str) -> bool:
    if not isinstance(value, bool):
        raise _damage(where, "is neither true nor false")
    return value


_SCALARS: Mapping[type, Callable[[Any, str], Any]] = {str: _text, int: _whole, float: _number, bool: _flag}


def _damage(where: str, what: str) -> DamagedProject:
    return DamagedProject(f"The project is damaged: {where} {what}.")
