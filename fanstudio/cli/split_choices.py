"""What may be chosen at `fanstudio split`."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from fanstudio.studio.split_files import Existing


class StemCount(StrEnum):
    """Into how many stems."""

    TWO = "2"
    FOUR = "4"


class StemQuality(StrEnum):
    """How well."""

    FAST = "fast"
    BEST = "best"


class StemFormat(StrEnum):
    """The formats of stems."""

    WAV = "wav"
    FLAC = "flac"


def _named(text: str) -> Path:
    """Return a path; nothing, as an unset variable of a script gives it, is not the folder one is in."""
    if not text:
        raise typer.BadParameter("The name is empty.")
    return Path(text)


SongsArgument = Annotated[
    list[Path],
    typer.Argument(
        parser=_named, metavar="SONG", help="Audio files, and folders to search for them.", show_default=False
    ),
]
FolderOption = Annotated[
    Path,
    typer.Option(
        "-o",
        "--output",
        parser=_named,
        metavar="DIR",
        help="Folder for the stems, as “Song - Vocals.wav”.",
        show_default=False,
    ),
]
StemsOption = Annotated[
    StemCount | None,
    typer.Option(
        "--stems",
        help="2: vocals, accompaniment. 4: vocals, drums, bass, other."
        " Default: 4 where --only names one of those, else 2.",
    ),
]
OnlyOption = Annotated[
    str,
    typer.Option(
        "--only", metavar="STEM,...", help="Keep these stems only, such as vocals.", show_default=False
    ),
]
RestOption = Annotated[
    bool, typer.Option("--rest", help="With --only: keep everything else too, together as “Song - Rest”.")
]
QualityOption = Annotated[StemQuality, typer.Option("--quality", help="How well; best takes longer.")]
ModelOption = Annotated[
    str | None,
    typer.Option("--model", metavar="ID", help="The model that splits; see `fanstudio models list`."),
]
FormatOption = Annotated[StemFormat, typer.Option("--format", help="WAV is float32, FLAC 24 bit.")]
ExistingOption = Annotated[
    Existing,
    typer.Option(
        "--existing",
        help="What to do where stems of that name are there: replace them, skip the song,"
        " or number the new ones.",
    ),
]
