"""`fanstudio verify`: what files are made of, and with which permission."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated

import typer

from fanstudio.cli.choices import JsonOption, studio
from fanstudio.cli.performance import EXIT_NOT_VERIFIED, fail, perform, print_json, say
from fanstudio.errors import InputError
from fanstudio.jobs import Work
from fanstudio.studio.song_files import is_folder
from fanstudio.studio.verify import Verification, verify_file


def verify(
    context: typer.Context,
    files: Annotated[list[Path], typer.Argument(metavar="FILE|DIR", help="Files, or folders of them.")],
    json_: JsonOption = False,
) -> None:
    """Tell what files are made of, with which permission, and whether they were altered.

    Ends with 0 if every file is verified, else with 3.
    """
    paths = tuple(_expanded(files))
    if not paths:
        fail(InputError("There is no audio file to verify."))
    with studio(context) as opened:

        def run(work: Work) -> list[Verification]:
            steps = enumerate(paths)
            return [
                verify_file(work.part(number / len(paths), (number + 1) / len(paths)), opened, path)
                for number, path in steps
            ]

        results = perform("Verifying", run)
    if json_:
        print_json([result.to_json() for result in results])
    else:
        for result in results:
            _say(result)
    if any(result.verdict != "verified" for result in results):
        raise typer.Exit(EXIT_NOT_VERIFIED)


#: What is looked at in a folder; a file that is named is looked at whatever its suffix.
_SUFFIXES = frozenset({".flac", ".wav", ".mp3", ".m4a", ".ogg", ".opus", ".aiff", ".aif"})


def _expanded(files: Iterable[Path]) -> Iterator[Path]:
    for path in files:
        if is_folder(path):
            yield from sorted(item for item in path.rglob("*") if item.suffix.lower() in _SUFFIXES)
        else:
            yield path


def _say(result: Verification) -> None:
    say(f"{result.file}: {result.verdict}", style="bold")
    say(f"  {result.headline}")
    for name, text in result.details:
        say(f"  {name:22} {text}")
