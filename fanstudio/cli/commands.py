"""The tree of commands; each is in the module named after what it is about."""

from __future__ import annotations

import io
import sys
from typing import Annotated

import typer

from fanstudio import __version__
from fanstudio.cli import account, doctor, models, platform, projects, proof, songs
from fanstudio.cli.choices import GlobalOptions
from fanstudio.cli.performance import say

app = typer.Typer(
    name="fanstudio",
    help="Remix and cover the tracks you love, with permission. Without a command, the window opens.",
    no_args_is_help=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

app.command("demo")(projects.demo)
app.command("open")(projects.open_window)
app.command("new")(projects.new)
app.command("split")(songs.split)
app.command("export")(projects.export)
app.command("verify")(proof.verify)
app.add_typer(models.app, name="models")
app.add_typer(account.app, name="account")
app.add_typer(platform.app, name="platform")
app.command("doctor")(doctor.doctor)


def _print_version(wanted: bool) -> None:
    if wanted:
        say(f"fanstudio {__version__}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def start(
    context: typer.Context,
    platform_url: Annotated[
        str | None,
        typer.Option("--platform", metavar="URL", help="The platform; default: the one in the settings."),
    ] = None,
    _version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Remix and cover the tracks you love, with permission. Without a command, the window opens."""
    context.obj = GlobalOptions(platform_url)
    if context.invoked_subcommand is None:
        projects.run_window(None, platform_url)


def main() -> None:
    """Run the command line; what the terminal's alphabet lacks is shown as a question mark."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    app()
