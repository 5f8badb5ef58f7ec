"""`fanstudio platform`: run the reference platform, or look at one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from fanstudio.cli.performance import EXIT_ERROR, fail, note, perform, say
from fanstudio.errors import FanstudioError, PlatformError
from fanstudio.platform.client import Platform
from fanstudio.studio import embedded_platform
from fanstudio.text import counted

app = typer.Typer(help="The reference platform.", no_args_is_help=True, rich_markup_mode=None)
ledger = typer.Typer(help="The platform's royalty ledger.", no_args_is_help=True, rich_markup_mode=None)
app.add_typer(ledger, name="ledger")

FolderOption = Annotated[
    Path | None,
    typer.Option("--folder", metavar="DIR", help="Its database and keys; default: the embedded platform's."),
]


@app.command("serve")
def serve(
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="0 keeps the one it had.")] = 0,
    folder: FolderOption = None,
    embedded: Annotated[bool, typer.Option("--embedded", hidden=True)] = False,
) -> None:
    """Run the reference platform on this machine until Ctrl+C."""
    try:
        where = folder or embedded_platform.platform_folder()
        embedded_platform.serve(where, port, _say_ready, embedded=embedded)
    except FanstudioError as error:
        fail(error)


@app.command("check")
def check(url: Annotated[str, typer.Argument(metavar="URL")]) -> None:
    """Tell whether a platform answers at an address as the contract says."""

    def ask(_work: object) -> str:
        platform = Platform(url)
        try:
            platform.check()
            platform.certificates()
            if platform.receipt("a" * 16) is not None:
                raise PlatformError("The platform invents receipts.")
        finally:
            platform.close()
        return platform.issuer

    say(f"{perform('Asking', ask)} answers as a platform should")


@ledger.command("check")
def check_ledger(folder: FolderOption = None) -> None:
    """Replay the ledger and compare every balance."""
    try:
        where = folder or embedded_platform.platform_folder()
        transactions, postings, faults = embedded_platform.check_ledger(where)
    except FanstudioError as error:
        fail(error)
    for fault in faults:
        note(fault)
    things = (transactions, "transaction"), (postings, "posting"), (len(faults), "fault")
    say(", ".join(counted(number, word) for number, word in things))
    if faults:
        raise typer.Exit(EXIT_ERROR)


def _say_ready(url: str) -> None:
    note(f"fanstudio platform at {url}")
