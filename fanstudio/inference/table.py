"""Reads values out of an untrusted TOML table: each of its type and range, or one clear error."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from fanstudio.errors import ModelError

DAMAGED_HINT = "Install fanstudio again; a model of your own, get again from where it came."


class Table:
    """One table; `values` is what tomllib made of it, `name` its place in the file."""

    def __init__(self, path: Path, name: str, values: Any) -> None:
        """Take the values, or raise ModelError if they are no table."""
        self._path = path
        self._name = name
        if not isinstance(values, dict):
            raise self.wrong("", "is not a table")
        self._values: dict[str, Any] = values

    def wrong(self, key: str, problem: str) -> ModelError:
        """Return the error that says what is wrong with `key`."""
        where = ".".join(part for part in (self._name, key) if part)
        return ModelError(f"{self._path}: {where} {problem}.", hint=DAMAGED_HINT)

    def _value(self, key: str, kinds: tuple[type, ...]) -> Any:
        value = self._values.get(key)
        if not isinstance(value, kinds) or isinstance(value, bool):
            raise self.wrong(key, "is missing or of the wrong type")
        return value

    def has(self, key: str) -> bool:
        """Tell whether there is a value of any type."""
        return key in self._values

    def text(self, key: str, pattern: str = r"[^\x00-\x1f]{1,500}") -> str:
        """Return a string that matches `pattern` as a whole."""
        value: str = self._value(key, (str,))
        if not re.fullmatch(pattern, value):
            raise self.wrong(key, "is not what it should be")
        return value

    def choice(self, key: str, choices: tuple[str, ...]) -> str:
        """Return one of `choices`."""
        value = self.text(key)
        if value not in choices:
            raise self.wrong(key, f"is {value!r}, but this version knows only: {', '.join(choices)}")
        return value

    def integer(self, key: str, low: int, high: int) -> int:
        """Return a whole number within `low`..`high`."""
        value: int = self._value(key, (int,))
        if not low <= value <= high:
            raise self.wrong(key, f"is not within {low}..{high}")
        return value

    def number(self, key: str, low: float, high: float) -> float:
        """Return a number within `low`..`high`."""
        value: float = self._value(key, (int, float))
        if not low <= value <= high:
            raise self.wrong(key, f"is not within {low}..{high}")
        return float(value)

    def items(self, key: str) -> list[Any]:
        """Return a list of 1 to 16 values of any type."""
        value: list[Any] = self._value(key, (list,))
        if not 1 <= len(value) <= 16:
            raise self.wrong(key, "does not have 1 to 16 entries")
        return value

    def table(self, key: str) -> Table:
        """Return a table within this one."""
        return Table(self._path, key, self._values.get(key))

    def tables(self, key: str) -> list[Table]:
        """Return an array of tables."""
        return [Table(self._path, f"{key}[{i}]", item) for i, item in enumerate(self.items(key))]
