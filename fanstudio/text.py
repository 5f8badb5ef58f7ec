"""Text as it may be shown and kept: foreign words in one printable line, foreign tables, counted things."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final

#: More dots than in any honest line of TOML, a list of 512 numbers among them.
_MOST_DOTS: Final = 600


def one_line(text: str, limit: int = 200) -> str:
    """Return foreign text as one printable line of at most `limit` characters."""
    line = " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
    return line if len(line) <= limit else line[: limit - 1] + "…"


def name_of(path: Path) -> str:
    """Return what a file or folder is called, without its suffix; bytes that are no text are left out."""
    return one_line(path.stem) or "Untitled"


def printable(text: str) -> str:
    """Return foreign text in which nothing steers a terminal, and nothing is no character."""
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text)


def parse_toml(data: bytes) -> dict[str, Any]:
    """Return what a TOML file from elsewhere says.

    A dotted key costs the parser the square of its parts: lines with more than any honest one are refused.

    Raises:
        ValueError, RecursionError: it is no TOML, or none that anybody needs.

    """
    text = data.decode("utf-8")
    if any(line.count(".") > _MOST_DOTS for line in text.split("\n")):
        raise ValueError("a line has too many dots")
    return tomllib.loads(text)


def which_one(name: str, known: Sequence[str]) -> str:
    """Return what to say where a name is none of those that are known: what is like it, and all there are."""
    from difflib import get_close_matches

    if not known:
        return "This installation has none."
    near = get_close_matches(name.casefold(), known)
    meant = f"Did you mean {' or '.join(near)}? " if near else ""
    return f"{meant}Choose one of: {', '.join(known)}."


def counted(number: int, word: str) -> str:
    """Return a number of things: `1 clip`, `2 clips`."""
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def first_few(lines: Iterable[str], most: int = 3) -> tuple[str, ...]:
    """Return lines, each once; of more than `most`, the first ones and how many more there are."""
    once = tuple(dict.fromkeys(lines))
    return once if len(once) <= most else (*once[:most], f"And {len(once) - most} more.")
