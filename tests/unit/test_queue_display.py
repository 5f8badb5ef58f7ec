"""The bars of a queue: the song under way and the whole, and silence where nobody looks."""

from __future__ import annotations

import io
import re

import pytest
from rich.console import Console

from fanstudio.cli.queue_display import QueueDisplay


def _lines(console: Console) -> list[str]:
    assert isinstance(console.file, io.StringIO)
    plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", console.file.getvalue())
    return [line.strip() for line in re.split(r"[\r\n]+", plain) if line.strip()]


def _console(*, terminal: bool) -> Console:
    return Console(file=io.StringIO(), force_terminal=terminal, width=100, markup=False)


def test_song_and_whole_are_shown_with_their_progress() -> None:
    console = _console(terminal=True)
    with QueueDisplay(3, console) as display:
        display.begin("first")(1.0, "")
        report = display.begin("a [bold]name[/bold]\x1b[2J" + "x" * 60)
        report(0.25, "Splitting")
        display.advance(0.5, "")
    whole, song = _lines(console)[-2:]
    assert re.fullmatch(r"All songs .* 50% \S+", whole)
    assert re.fullmatch(r"2 of 3: a \[bold\]name\[/bold\] ?\[2Jx+… .* 25% \S+", song)


def test_one_song_has_one_bar() -> None:
    console = _console(terminal=True)
    with QueueDisplay(1, console) as display:
        display.begin("Song")(0.5, "")
    lines = _lines(console)
    assert lines[-1].startswith("Song ")
    assert not any(line.startswith("All songs") for line in lines)


@pytest.mark.parametrize("paused", [True, False])
def test_nothing_is_written_where_there_is_no_terminal(paused: bool) -> None:
    console = _console(terminal=False)
    with QueueDisplay(2, console) as display:
        display.begin("Song")(0.5, "")
        if paused:
            with display.paused():
                pass
    assert _lines(console) == []
