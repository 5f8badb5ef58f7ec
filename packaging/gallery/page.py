"""Writes the page of a gallery: one table, and the pictures below it."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

Row = Mapping[str, Any]

_COLUMNS = {
    "lufs": "LUFS",
    "peak_dbtp": "dBTP",
    "crest_db": "crest dB",
    "click_db": "click dB",
    "high_db": "above 10 kHz dB",
    "mono_db": "mono dB",
    "dc_db": "DC dB",
}
_STYLE = (
    "body{font:14px sans-serif;background:#14141a;color:#ddd;margin:2em}"
    "td,th{padding:2px 10px;text-align:right}td:first-child,th:first-child,.words{text-align:left}"
    "img{display:block;max-width:100%;margin:4px 0 28px}a{color:#a99cff}"
)
_ABOUT = (
    "Each figure is that of the sound after, and in brackets what it was before. Click: the biggest second "
    "difference against full scale. Holes: silence of 80 ms and more where the source sounds. Pictures: "
    "before above, after below, 40 Hz to 20 kHz, −100 to −15 dB."
)


def page_of(rows: Mapping[str, Row]) -> str:
    """Return a gallery as HTML that refers to `ID.png` for each row."""
    head = "".join(f"<th>{text}</th>" for text in ("style", *_COLUMNS.values(), "holes s", ""))
    table = "".join(_line(item, row) for item, row in rows.items())
    pictures = "".join(_picture(item, row) for item, row in rows.items() if "after" in row)
    return (
        f"<!doctype html><meta charset=utf-8><title>Styles</title><style>{_STYLE}</style>"
        f"<h1>Styles</h1><p>{_ABOUT}</p><table><tr>{head}</tr>{table}</table>{pictures}\n"
    )


def _line(item: str, row: Row) -> str:
    words = f"<td class=words>{escape(row['words'])}</td>"
    if "after" not in row:
        return f"<tr><td>{escape(item)}</td><td colspan={len(_COLUMNS) + 1}></td>{words}</tr>"
    cells = "".join(f"<td>{row['after'][name]:.1f} ({row['before'][name]:.1f})</td>" for name in _COLUMNS)
    holes = sum(length for _, length in row["holes"])
    return f"<tr><td><a href='#{item}'>{escape(item)}</a></td>{cells}<td>{holes:.2f}</td>{words}</tr>"


def _picture(item: str, row: Row) -> str:
    return f"<h2 id='{item}'>{escape(item)}</h2>{escape(row['words'])}<img src='{item}.png' alt=''>"
