"""`fanstudio models`: which models are installed, and whether they are whole."""

from __future__ import annotations

import typer

from fanstudio.cli.performance import fail, say
from fanstudio.errors import FanstudioError, ModelError
from fanstudio.inference import catalogue
from fanstudio.inference.manifest import load
from fanstudio.inference.table import DAMAGED_HINT

app = typer.Typer(help="The models that split songs.", no_args_is_help=True, rich_markup_mode=None)


@app.command("list")
def list_models() -> None:
    """List the models that are installed."""
    for folder in catalogue.model_folders():
        try:
            model = load(folder)
            text = f"{model.title} ({model.licence}): {', '.join(model.stems)}"
        except FanstudioError as error:
            text = f"damaged: {error.message}"
        say(f"{folder.name:20} {text}")


@app.command("check")
def check() -> None:
    """Compare every installed model with its hash."""
    folders = tuple(catalogue.model_folders())
    if not folders:
        fail(ModelError("There is no model.", hint=DAMAGED_HINT))
    try:
        for folder in folders:
            model = load(folder)
            model.verify()
            say(f"{model.id:20} whole, SHA-256 {model.sha256[:16]}…")
    except FanstudioError as error:
        fail(error)
