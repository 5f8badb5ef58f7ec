"""Strict reading of JSON that came from outside: exact keys, types, ranges and sizes, or one clear line."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Callable, Iterable
from typing import Any, NoReturn, TypeVar

import rfc8785

from fanstudio.errors import InputError
from fanstudio.platform.vocabulary import LONGEST_TITLE, UNPRINTABLE

T = TypeVar("T")

#: The deepest nesting of lists and objects that any message of the wire needs, with room to spare.
MAX_DEPTH = 12

_STRUCTURE = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{}]', re.DOTALL)


def load(data: bytes | str, *, limit: int) -> Any:
    """Decode one JSON value of at most `limit` bytes; duplicate keys, NaN and deep nesting are refused.

    Raises:
        InputError: it is too large, not JSON, ambiguous or nested too deeply.

    """
    if len(data) > limit:
        raise InputError(f"The message is larger than {limit} bytes.")
    try:
        text = data.decode() if isinstance(data, bytes) else data
    except UnicodeDecodeError:
        raise InputError("The message is not UTF-8.") from None
    _check_depth(text)
    try:
        return json.loads(text, object_pairs_hook=_unique, parse_constant=_no_constant)
    except ValueError:
        raise InputError("The message is not JSON.") from None


def canonical(value: Any) -> bytes:
    """Return the RFC 8785 canonical JSON of `value`.

    Raises:
        InputError: the value has no canonical JSON (NaN, huge integers, lone surrogates).

    """
    try:
        return rfc8785.dumps(value)
    except (rfc8785.CanonicalizationError, UnicodeEncodeError) as error:
        raise InputError(f"The value has no canonical JSON: {error}.") from None


class Wire:
    """A frozen dataclass that crosses the wire; tuples become lists, field names are the keys."""

    __slots__ = ()

    def to_json(self) -> dict[str, Any]:
        """Return the plain JSON value that `parse` reads back to an equal one."""
        if not dataclasses.is_dataclass(self):
            raise AssertionError("a Wire is a dataclass")
        return {item.name: _plain(getattr(self, item.name)) for item in dataclasses.fields(self)}


class Record:
    """One JSON object with exactly the named keys; each reader checks one key and returns its value."""

    def __init__(self, value: object, what: str, names: Iterable[str]) -> None:
        """Check that `value` is an object with exactly `names`; `what` names it in errors."""
        self._what = what
        if not isinstance(value, dict):
            raise InputError(f"The {what} is not a JSON object.")
        expected = set(names)
        missing, extra = expected - value.keys(), value.keys() - expected
        if missing:
            raise InputError(f"The {what} lacks {_listed(missing)}.")
        if extra:
            raise InputError(f"The {what} has unknown keys: {_listed(extra)}.")
        self._values: dict[str, Any] = value

    def text(self, name: str, *, pattern: re.Pattern[str] | None = None, longest: int = LONGEST_TITLE) -> str:
        """Read a non-empty line of text that matches `pattern` as a whole."""
        return self._line(name, self._values[name], pattern, longest)

    def text_or_none(
        self, name: str, *, pattern: re.Pattern[str] | None = None, longest: int = LONGEST_TITLE
    ) -> str | None:
        """Read a line of text, or null."""
        return None if self._values[name] is None else self.text(name, pattern=pattern, longest=longest)

    def optional_line(self, name: str, *, longest: int = 300) -> str:
        """Read a line of text that may be empty."""
        return "" if self._values[name] == "" else self.text(name, longest=longest)

    def word(self, name: str, words: Iterable[str]) -> str:
        """Read one of the known words."""
        value = self._values[name]
        if not isinstance(value, str) or value not in words:
            self._refuse(name, "is not one of the known words")
        return value

    def word_or_none(self, name: str, words: Iterable[str]) -> str | None:
        """Read one of the known words, or null."""
        return None if self._values[name] is None else self.word(name, words)

    def whole(self, name: str, low: int, high: int) -> int:
        """Read an integer in `low`..`high`; 1.0 and true are not integers."""
        value = self._values[name]
        if type(value) is not int or not low <= value <= high:
            self._refuse(name, f"is not a whole number from {low} to {high}")
        return value

    def number_or_none(self, name: str, low: float, high: float) -> float | None:
        """Read a finite number in `low`..`high`, or null."""
        value = self._values[name]
        if value is None:
            return None
        if type(value) not in (int, float) or not low <= value <= high:
            self._refuse(name, f"is not a number from {low} to {high}")
        return float(value)

    def flag(self, name: str) -> bool:
        """Read true or false."""
        value = self._values[name]
        if not isinstance(value, bool):
            self._refuse(name, "is not true or false")
        return value

    def words(self, name: str, words: Iterable[str], *, least: int = 0) -> tuple[str, ...]:
        """Read a sorted list, without repeats, of known words."""
        return self._ordered(name, frozenset(words).__contains__, least, 64)

    def lines(self, name: str, pattern: re.Pattern[str], *, most: int) -> tuple[str, ...]:
        """Read a sorted list, without repeats, of texts that match `pattern`."""
        return self._ordered(name, lambda item: bool(pattern.fullmatch(item)), 0, most)

    def many(self, name: str, parse: Callable[[object], T], *, most: int) -> tuple[T, ...]:
        """Read a list of at most `most` records."""
        return tuple(parse(item) for item in self._list(name, most))

    def part(self, name: str, parse: Callable[[object], T]) -> T:
        """Read one record inside this one."""
        return parse(self._values[name])

    def null(self, name: str) -> None:
        """Check that the value is null."""
        if self._values[name] is not None:
            self._refuse(name, "is not null")

    def _list(self, name: str, most: int) -> list[Any]:
        value = self._values[name]
        if not isinstance(value, list) or len(value) > most:
            self._refuse(name, f"is not a list of at most {most}")
        return value

    def _line(self, name: str, value: object, pattern: re.Pattern[str] | None, longest: int) -> str:
        if not isinstance(value, str) or not value.strip() or len(value) > longest:
            self._refuse(name, f"is not a text of 1 to {longest} characters")
        if UNPRINTABLE.search(value) or (pattern and not pattern.fullmatch(value)):
            self._refuse(name, "does not have the right form")
        return value

    def _ordered(self, name: str, good: Callable[[str], bool], least: int, most: int) -> tuple[str, ...]:
        values = self._list(name, most)
        if not all(isinstance(item, str) and good(item) for item in values):
            self._refuse(name, "holds something that is not known")
        if len(values) < least or values != sorted(set(values)):
            self._refuse(name, "is empty, not sorted or has repeats")
        return tuple(values)

    def _refuse(self, name: str, why: str) -> NoReturn:
        raise InputError(f"In the {self._what}, {name!r} {why}.")


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value.to_json() if isinstance(value, Wire) else value


def _listed(names: Iterable[object]) -> str:
    return ", ".join(sorted(repr(name)[:60] for name in names)[:8])


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise InputError("The message names a key twice.")
    return result


def _no_constant(name: str) -> NoReturn:
    raise InputError(f"The message holds {name}, which is not a JSON number.")


def _check_depth(text: str) -> None:
    depth = 0
    for match in _STRUCTURE.finditer(text):
        if match.group() in "[{":
            depth += 1
        elif match.group() in "]}":
            depth -= 1
        if depth > MAX_DEPTH:
            raise InputError(f"The message is nested more than {MAX_DEPTH} deep.")
