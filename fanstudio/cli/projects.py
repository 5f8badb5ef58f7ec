"""`fanstudio demo`, `open`, `new` and `export`: projects."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from fanstudio.cli.choices import DeclareOption, Device, DeviceOption, DownmixOption, JsonOption, studio
from fanstudio.cli.performance import fail, note, perform, print_json, say
from fanstudio.cli.screen import check_screen
from fanstudio.errors import FanstudioError
from fanstudio.export.formats import FORMATS
from fanstudio.jobs import Work
from fanstudio.studio.export import ExportOptions, ExportResult, export_project
from fanstudio.studio.import_audio import parse_declaration
from fanstudio.studio.new_project import make_project
from fanstudio.studio.project import open_project
from fanstudio.studio.split_options import SplitOptions
from fanstudio.text import counted

ProjectArgument = Annotated[Path, typer.Argument(metavar="PROJECT", help="A .fanstudio folder.")]


_FORMATS = tuple(row.name for row in FORMATS)


def _check_format(name: str | None) -> str | None:
    if name is not None and name not in _FORMATS:
        raise typer.BadParameter(f"'{name}' is not one of {', '.join(_FORMATS)}.")
    return name


def demo(
    context: typer.Context,
    output: Annotated[
        Path,
        typer.Option(
            "--out", metavar="DIR", help="Folder for the project and the export, replaced if there."
        ),
    ] = Path("fanstudio-demo"),
) -> None:
    """Do the whole job on the demo song and the embedded platform; no screen is needed."""
    from fanstudio.demo import run_demo

    with studio(context) as opened:
        perform("", lambda work: run_demo(work, opened, output))


def open_window(context: typer.Context, project: ProjectArgument) -> None:
    """Open the window on a project."""
    run_window(project, context.obj.platform_url)


def run_window(project: Path | None, platform_url: str | None) -> None:
    """Open the window: on a project, else on the last one, or on the demo at the first run."""
    try:
        check_screen()
    except FanstudioError as error:
        fail(error)
    from fanstudio.gui.app import main as open_gui

    raise typer.Exit(open_gui(project, platform_url=platform_url))


def new(
    project: ProjectArgument,
    audio: Annotated[list[Path], typer.Argument(metavar="AUDIO", help="Audio files.")],
    split: Annotated[bool, typer.Option("--split", help="Split each song into stems as well.")] = False,
    downmix: DownmixOption = False,
    device: DeviceOption = Device.AUTO,
    declare: DeclareOption = "own",
) -> None:
    """Make a project with one aligned track a file."""
    try:
        declaration = parse_declaration(declare)
    except FanstudioError as error:
        fail(error)
    if declare == "own":
        note("Taken as your own music (--declare own).", style="dim")
    options = SplitOptions(device=device.value) if split else None
    made = perform(
        "Making the project",
        lambda work: make_project(work, project, audio, declaration, split=options, downmix=downmix),
    )
    session = made.document.session
    say(
        f"{made.folder}: {counted(len(session.tracks), 'track')},"
        f" {session.length / session.sample_rate:.1f} s, {session.sample_rate} Hz",
    )


def export(
    context: typer.Context,
    project: ProjectArgument,
    output: Annotated[
        Path, typer.Option("-o", "--output", metavar="FILE", help="The file to write; replaced if there.")
    ],
    format_name: Annotated[
        str | None,
        typer.Option(
            "--format",
            metavar="|".join(_FORMATS),
            callback=_check_format,
            help="Default: what the file's suffix says.",
        ),
    ] = None,
    loudness: Annotated[
        float, typer.Option("--loudness", metavar="LUFS", min=-40.0, max=0.0, help="0 keeps it as mixed.")
    ] = -14.0,
    json_: JsonOption = False,
) -> None:
    """Export a project with the platform's permission: marked, signed and accounted for."""
    options = ExportOptions(output, format_name, loudness or None)

    def run(work: Work) -> ExportResult:
        return export_project(work, opened, open_project(work, project), options)

    with studio(context) as opened:
        result = perform("Exporting", run)
    if json_:
        print_json(result.to_json())
    else:
        _say(result)


def _say(result: ExportResult) -> None:
    rows = (
        ("file", f"{result.path} ({result.path.stat().st_size / 1e6:.1f} MB)"),
        ("export", result.export_id),
        ("loudness", result.loudness_told),
        ("verified", result.verification.headline),
    )
    for name, text in rows:
        say(f"{name:10} {text}")
