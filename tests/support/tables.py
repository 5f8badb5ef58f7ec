"""Tables that benches print, as tests/README.md shows them."""

from __future__ import annotations

import sys
from collections.abc import Iterable


def show(capsys, text: str) -> None:
    """Write on the terminal, past pytest's capture."""
    with capsys.disabled():
        sys.stdout.write(f"\n{text}\n")


def show_table(capsys, head: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> None:
    """Write a Markdown table; floats have one decimal."""
    lines = [head, ("---",) * len(head), *rows]
    show(capsys, "\n".join("| " + " | ".join(map(_cell, line)) + " |" for line in lines))


def _cell(value: object) -> str:
    return f"{value:.1f}" if isinstance(value, float) else str(value)
