"""One table of a recipe from elsewhere: each value of its type and range, no key left over."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import Any, Final, TypeVar

from fanstudio.errors import RecipeError

#: What ids, buses and instruments are called.
NAME: Final = r"[a-z0-9][a-z0-9_-]{0,47}"
_PARAMETER: Final = r"[a-z][a-z0-9_]{0,63}"
_MISSING: Final = object()

_Choice = TypeVar("_Choice", str, int)


class RecipeTable:
    """Hands out values by name and remembers which were asked for; `done` refuses what is left."""

    def __init__(self, file: str, place: str, values: Any) -> None:
        """Take what tomllib made of a table; `place` is where in the file it stands."""
        self._file, self._place = file, place
        self._taken: set[str] = set()
        if not isinstance(values, dict):
            raise self.wrong("", "is not a table")
        self._values: dict[str, Any] = values

    def wrong(self, key: str, problem: str) -> RecipeError:
        """Return the error that says what is wrong with a key."""
        where = ".".join(part for part in (self._place, key[:80]) if part)
        where = "".join(letter if letter.isprintable() else "?" for letter in where)
        return RecipeError(f"{self._file}: {where or 'it'} {problem}.", hint="Nothing was changed.")

    def done(self) -> None:
        """Raise RecipeError where a key is left that nobody asked for."""
        left = sorted(self._values.keys() - self._taken)
        if left:
            raise self.wrong(left[0], "is not known here")

    def has(self, key: str) -> bool:
        """Tell whether there is a value of any type."""
        return key in self._values

    def check_version(self, key: str, known: int) -> None:
        """Raise RecipeError unless the file is of the version that is known."""
        version = self.whole(key, 1, 1 << 31)
        if version > known:
            raise RecipeError(
                f"{self._file} was written by a newer fanstudio.", hint="Install the latest version."
            )

    def text(self, key: str, pattern: str, default: Any = _MISSING) -> str:
        """Return a string that matches `pattern` as a whole."""
        value = self._value(key, default)
        if not isinstance(value, str) or not re.fullmatch(pattern, value):
            raise self.wrong(key, "is not what it should be")
        return value

    def choice(self, key: str, choices: tuple[_Choice, ...]) -> _Choice:
        """Return one of `choices`."""
        value = self._value(key, _MISSING)
        for choice in choices:
            if type(value) in (str, int) and value == choice:
                return choice
        raise self.wrong(key, f"is none of {', '.join(map(str, choices))}")

    def flag(self, key: str) -> bool:
        """Return true or false; false where nothing is said."""
        value = self._value(key, False)
        if not isinstance(value, bool):
            raise self.wrong(key, "is neither true nor false")
        return value

    def whole(self, key: str, low: int, high: int, default: Any = _MISSING) -> int:
        """Return a whole number within `low`..`high`."""
        value = self._value(key, default)
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            raise self.wrong(key, f"is not a whole number within {low}..{high}")
        return value

    def number(self, key: str, low: float, high: float, default: Any = _MISSING) -> float:
        """Return a number within `low`..`high`."""
        return self._number(key, self._value(key, default), low, high)

    def numbers(self, key: str, low: float, high: float) -> tuple[tuple[str, float], ...]:
        """Return a table of numbers, by name; none where there is no such table."""
        return self.table(key).rest(low, high)

    def rest(self, low: float, high: float) -> tuple[tuple[str, float], ...]:
        """Return all that nobody asked for yet, as numbers by name, sorted."""
        left = sorted(self._values.keys() - self._taken)
        for key in left:
            if not re.fullmatch(_PARAMETER if self._place.endswith("]") else NAME, key):
                raise self.wrong(key, "is no name")
        return tuple((key, self.number(key, low, high)) for key in left)

    def series(self, most: int, longest: int, largest: float) -> tuple[tuple[str, tuple[float, ...]], ...]:
        """Return all values as lists of numbers by name, sorted: `most` lists, each of `longest` at most."""
        names = sorted(self._values)
        if len(names) > most:
            raise self.wrong("", f"has more than {most} entries")
        return tuple((name, self._row(name, longest, largest)) for name in names)

    def table(self, key: str) -> RecipeTable:
        """Return a table within this one, empty where there is none."""
        return RecipeTable(self._file, self._inside(key), self._value(key, {}))

    def tables(self, key: str, most: int) -> Iterator[tuple[str, RecipeTable]]:
        """Yield the tables within one of this, by name."""
        outer = self.table(key)
        if len(outer._values) > most:
            raise self.wrong(key, f"has more than {most} entries")
        for name, values in outer._values.items():
            if not re.fullmatch(NAME, name):
                raise outer.wrong(name, "is no name")
            yield name, RecipeTable(self._file, outer._inside(name), values)

    def rows(self, key: str, most: int) -> list[RecipeTable]:
        """Return an array of tables, at most `most`."""
        value = self._value(key, [])
        if not isinstance(value, list) or len(value) > most:
            raise self.wrong(key, f"is not a list of at most {most}")
        return [RecipeTable(self._file, f"{self._inside(key)}[{n}]", row) for n, row in enumerate(value)]

    def _row(self, key: str, longest: int, largest: float) -> tuple[float, ...]:
        value = self._value(key, _MISSING)
        if not re.fullmatch(NAME, key) or not isinstance(value, list) or not 0 < len(value) <= longest:
            raise self.wrong(key, f"is not a list of 1 to {longest} numbers")
        return tuple(self._number(key, item, -largest, largest) for item in value)

    def _number(self, key: str, value: Any, low: float, high: float) -> float:
        if not isinstance(value, int | float) or isinstance(value, bool) or not low <= value <= high:
            raise self.wrong(key, f"is not a number within {low:g}..{high:g}")
        return float(value)

    def _value(self, key: str, default: Any) -> Any:
        self._taken.add(key)
        value = self._values.get(key, default)
        if value is _MISSING:
            raise self.wrong(key, "is missing")
        if isinstance(value, float) and not math.isfinite(value):
            raise self.wrong(key, "is not a number")
        return value

    def _inside(self, key: str) -> str:
        return f"{self._place}.{key}" if self._place else key
