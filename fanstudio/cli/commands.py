"""The tree of commands; each is in a module that is imported when the command is asked for."""

from __future__ import annotations

import io
import sys
from importlib import import_module
from typing import Annotated, Any

import typer
from typer.core import TyperGroup
from typer.main import get_command

from fanstudio import __version__
from fanstudio.cli.choices import GlobalOptions
from fanstudio.cli.performance import say

#: Commands and groups of them, in the order of the help: their modules and names there.
_HOMES = {
    "demo": ("projects", "demo"),
    "open": ("projects", "open_window"),
    "new": ("projects", "new"),
    "split": ("songs", "split"),
    "style": ("style", "style"),
    "analyse": ("analysis", "analyse"),
    "export": ("projects", "export"),
    "verify": ("proof", "verify"),
    "doctor": ("doctor", "doctor"),
    "models": ("models", "app"),
    "account": ("account", "app"),
    "platform": ("platform", "app"),
}


def _load(name: str) -> Any:
    """Return a command or group, its module imported: half of what a split would wait for is not its own."""
    module, attribute = _HOMES[name]
    home = getattr(import_module(f"fanstudio.cli.{module}"), attribute)
    if not isinstance(home, typer.Typer):
        single = typer.Typer(rich_markup_mode=None, add_completion=False)
        single.command(name)(home)
        home = single
    command = get_command(home)
    command.name = name
    return command


class _OnDemand(TyperGroup):
    """Finds commands in `_HOMES`; of an unknown one it knows all names, to suggest the nearest."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Return the names of all commands."""
        return list(_HOMES)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Return a command, or None."""
        for name in [cmd_name] if cmd_name in _HOMES else _HOMES:
            if name not in self.commands:
                self.commands[name] = _load(name)
        return self.commands.get(cmd_name)


app = typer.Typer(
    cls=_OnDemand,
    name="fanstudio",
    help="Remix and cover the tracks you love, with permission. Without a command, the window opens.",
    no_args_is_help=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


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
        from fanstudio.cli import projects

        projects.run_window(None, platform_url)


def main() -> None:
    """Run the command line; what the terminal's alphabet lacks is shown as a question mark."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    app()
