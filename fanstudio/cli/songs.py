"""`fanstudio split`: songs to files of stems."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from fanstudio.cli.choices import DeclareOption, Device, DeviceOption, JsonOption
from fanstudio.cli.performance import fail, note, perform, print_json, say
from fanstudio.errors import FanstudioError, InputError
from fanstudio.inference import catalogue
from fanstudio.model.rights import Origin
from fanstudio.studio.import_audio import parse_declaration
from fanstudio.studio.split import MODEL, SplitFiles, split_song
from fanstudio.text import name_of


class StemFormat(StrEnum):
    """The formats of stems."""

    WAV = "wav"
    FLAC = "flac"


def split(
    songs: Annotated[list[Path], typer.Argument(metavar="SONG...", help="Audio files.")],
    output: Annotated[
        Path,
        typer.Option(
            "-o", "--output", metavar="DIR", help="Folder for the stems; stems of that name are replaced."
        ),
    ],
    only: Annotated[
        str, typer.Option("--only", metavar="STEM,...", help="Keep these stems only, such as vocals.")
    ] = "",
    model: Annotated[str, typer.Option("--model", metavar="ID", help="The model that splits.")] = MODEL,
    format_name: Annotated[
        StemFormat, typer.Option("--format", help="WAV is float32, FLAC 24 bit.")
    ] = StemFormat.WAV,
    device: DeviceOption = Device.AUTO,
    declare: DeclareOption = "own",
    json_: JsonOption = False,
) -> None:
    """Split songs into vocals and accompaniment."""
    wanted = _wanted(only, model)
    _check_names(songs)
    try:
        declaration = parse_declaration(declare)
    except FanstudioError as error:
        fail(error)
    if declare == "own":
        note("Taken as your own music (--declare own).", style="dim")
    made = []
    for song in songs:
        origin = Origin(declaration.basis, name_of(song), licence_url=declaration.licence_url)
        result = perform(
            f"Splitting {song.name}",
            lambda work, song=song, origin=origin: split_song(  # type: ignore[misc]
                work,
                song,
                output,
                origin,
                wanted=wanted,
                format_name=format_name.value,
                model_id=model,
                device=device.value,
            ),
        )
        made.append(result)
        if not json_:
            _say(result)
    if json_:
        print_json(_to_json(made[0]) if len(made) == 1 else [_to_json(result) for result in made])


def _check_names(songs: Sequence[Path]) -> None:
    """End the program where the stems of one song would replace another's."""
    names = Counter(song.stem.casefold() for song in songs)
    for song in songs:
        if names[song.stem.casefold()] > 1:
            fail(
                InputError(
                    f"Two songs are called “{song.stem}”: their stems would replace one another.",
                    hint="Split them one by one, into different folders.",
                )
            )


def _wanted(only: str, model: str) -> tuple[str, ...]:
    names = tuple(name.strip() for name in only.split(",") if name.strip())
    try:
        stems = catalogue.find(model).stems if names else ()
        for name in names:
            if name not in stems:
                raise InputError(
                    f"The model {model} has no stem “{name}”.", hint=f"It has: {', '.join(stems)}."
                )
    except FanstudioError as error:
        fail(error)
    return names


def _say(result: SplitFiles) -> None:
    report = result.report
    for stem, path in result.stems.items():
        say(f"{stem:15} {path}")
    say(
        f"{'':15} {report.model} on {report.device}: {report.seconds:.1f} s,"
        f" {report.times_realtime:.1f} × realtime, {report.peak_rss_mb:.0f} MB",
        style="dim",
    )
    if result.attenuation_db:
        say(f"{'':15} lowered by {-result.attenuation_db:.2f} dB, to fit FLAC", style="dim")


def _to_json(result: SplitFiles) -> dict[str, Any]:
    report = result.report
    return {
        "song": str(result.song),
        "stems": {stem: str(path) for stem, path in result.stems.items()},
        "model": report.model,
        "model_sha256": report.sha256,
        "device": report.device.lower(),
        "why_not_better": report.why_not_better,
        "seconds": round(report.seconds, 3),
        "times_realtime": round(report.times_realtime, 2),
        "peak_rss_mb": round(report.peak_rss_mb, 1),
        "attenuation_db": result.attenuation_db,
    }
