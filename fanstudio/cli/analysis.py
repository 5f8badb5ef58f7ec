"""`fanstudio analyse`: tempo, beats, key and loudness of songs."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from fanstudio.cli.choices import JsonOption
from fanstudio.cli.performance import EXIT_ERROR, perform, print_json, say, tell
from fanstudio.errors import Cancelled, FanstudioError
from fanstudio.jobs import Work
from fanstudio.model.timebase import clock
from fanstudio.studio.analyse import SURE, Analysis, analyse_file

_MILLISECONDS = 1000


def analyse(
    songs: Annotated[list[Path], typer.Argument(metavar="SONG", help="Audio files.")],
    json_: JsonOption = False,
) -> None:
    """Find tempo, beats, bars, key and loudness of songs.

    A song that cannot be read does not end the rest. Where half or double the tempo fits nearly as well,
    that is said.
    """
    results = perform("Analysing", lambda work: list(_results(work, songs)))
    if json_:
        told = [_to_json(path, found) for path, found in zip(songs, results, strict=True)]
        print_json(told if len(songs) > 1 else told[0])
    else:
        for path, found in zip(songs, results, strict=True):
            if isinstance(found, Analysis):
                _say(path, found)
    for found in results:
        if isinstance(found, FanstudioError):
            tell(found)
    if any(isinstance(found, FanstudioError) for found in results):
        raise typer.Exit(EXIT_ERROR)


def _results(work: Work, songs: list[Path]) -> Iterator[Analysis | FanstudioError]:
    for number, path in enumerate(songs):
        part = work.part(number / len(songs), (number + 1) / len(songs))
        try:
            yield analyse_file(part, path)
        except Cancelled:
            raise
        except FanstudioError as error:
            yield error


def _to_json(path: Path, found: Analysis | FanstudioError) -> dict[str, Any]:
    if isinstance(found, Analysis):
        return {"file": str(path), **found.to_json()}
    return {"file": str(path), "error": found.message}


def _say(path: Path, found: Analysis) -> None:
    say(str(path), style="bold")
    for name, text in _rows(found):
        say(f"  {name:10} {text}")


def _rows(found: Analysis) -> Iterator[tuple[str, str]]:
    yield "Length", clock(round(found.length_s * _MILLISECONDS), _MILLISECONDS)
    yield from _tempo_rows(found)
    yield "Key", _key(found)
    yield "Loudness", f"{_level(found.loudness_lufs)} LUFS, true peak {_level(found.true_peak_dbtp)} dBTP"


def _tempo_rows(found: Analysis) -> Iterator[tuple[str, str]]:
    grid = found.grid
    if not grid:
        yield "Tempo", "no beat is heard"
        return
    yield "Tempo", f"{grid.tempo_bpm:.2f} beats a minute, {grid.beats_per_bar} beats a bar"
    if grid.confidence < SURE:
        half, double = grid.tempo_bpm / 2, grid.tempo_bpm * 2
        yield "", f"not certain: half ({half:.1f}) or double ({double:.1f}) may be meant"
    bars = f"{len(grid.downbeats_s)} bars"
    yield "Beats", f"{len(grid.beats_s)} in {bars}, from {grid.beats_s[0]:.3f} s to {grid.beats_s[-1]:.3f} s"


def _key(found: Analysis) -> str:
    if found.key is None:
        return "nothing with a pitch is heard"
    return f"{found.key.key}, or else {found.key.second}; A is {found.key.a4_hz:.1f} Hz"


def _level(value: float) -> str:
    return f"{value:.1f}" if math.isfinite(value) else "−∞"
