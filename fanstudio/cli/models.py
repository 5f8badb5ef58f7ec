"""`fanstudio models`: which models are installed, and whether they are whole."""

from __future__ import annotations

import typer

from fanstudio.cli.performance import fail, out
from fanstudio.errors import FanstudioError
from fanstudio.inference import catalogue

app = typer.Typer(help="The models that split songs.", no_args_is_help=True, rich_markup_mode=None)


@app.command("list")
def list_models() -> None:
    """List the models that are installed."""
    for model in catalogue.installed():
        out.print(
            f"{model.id:20} {model.title} ({model.licence}): {', '.join(model.stems)}",
            markup=False,
            soft_wrap=True,
        )


@app.command("check")
def check() -> None:
    """Compare every installed model with its hash."""
    try:
        for model in catalogue.installed():
            model.verify()
            out.print(f"{model.id:20} whole, SHA-256 {model.sha256[:16]}…", markup=False, soft_wrap=True)
    except FanstudioError as error:
        fail(error)
