"""`fanstudio models`: which models there are, fetching, adding, checking and removing them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from fanstudio.cli.choices import Device, DeviceOption, JsonOption
from fanstudio.cli.performance import EXIT_ERROR, fail, note, perform, print_json, say, tell
from fanstudio.errors import Cancelled, FanstudioError
from fanstudio.inference.published import find_published
from fanstudio.inference.trial import Trial
from fanstudio.jobs import Work
from fanstudio.settings import load as load_settings
from fanstudio.studio import models

app = typer.Typer(help="The models that split songs.", no_args_is_help=True, rich_markup_mode=None)

IdArgument = Annotated[str, typer.Argument(metavar="ID", help="The model's id; `models list` names them.")]


@app.command("list")
def list_models(as_json: JsonOption = False) -> None:
    """List the models that are installed, and those that can be fetched."""
    try:
        lines = models.list_models()
    except FanstudioError as error:
        fail(error)
    if as_json:
        print_json({"models": [line.to_json() for line in lines], "best": models.BEST})
        return
    say("Installed")
    for line in lines:
        if line.state != "to fetch":
            _say_model(line)
    offered = [line for line in lines if line.state == "to fetch"]
    if offered:
        say("")
        say("To fetch with `fanstudio models pull ID`")
    for line in offered:
        _say_model(line)
    if any(line.id == models.BEST for line in offered):
        say("")
        say(f"{models.FLOOR} For the best stems: fanstudio models pull {models.BEST}")


@app.command("pull")
def pull(
    model_id: IdArgument,
    source: Annotated[
        str,
        typer.Option("--from", metavar="URL|FOLDER", help="A mirror that has ID/FILE; default: the setting."),
    ] = "",
) -> None:
    """Fetch a model that others publish.

    What an interruption left is used.
    """
    try:
        model = find_published(model_id)
        settings = load_settings()
    except FanstudioError as error:
        fail(error)
    note(f"{model.title}: {model.size_bytes / 1e6:.0f} MB, licence {model.licence}; {model.source}")
    title = f"Fetching {model_id}"
    pulled = perform(title, lambda work: models.pull_model(work, settings, model_id, source))
    say(f"{model_id} {'is there already' if pulled.was_there else 'is ready'}: {pulled.folder}")
    say(f"To split with it: fanstudio split SONG -o FOLDER --model {model_id}")


@app.command("add")
def add(
    path: Annotated[
        Path, typer.Argument(metavar="FOLDER|FILE", help="A model's folder, model.toml or .onnx.")
    ],
) -> None:
    """Add a model of your own, after trying it out."""
    added = perform("Adding a model", lambda work: models.add_model(work, path))
    if added.conclusion:
        say(added.conclusion)
    say(f"{added.model.id} is ready: {', '.join(added.model.stems)}")


@app.command("check")
def check(
    model_id: Annotated[str, typer.Argument(metavar="[ID]", help="One model; default: all.")] = "",
    device: DeviceOption = Device.AUTO,
) -> None:
    """Try models out.

    Each is compared with its hashes and splits a few seconds; ends with 1 if one does not work.
    """
    names = [model_id] if model_id else models.installed_ids()
    if sum(not _check(name, device.value) for name in names):
        raise typer.Exit(EXIT_ERROR)


@app.command("remove")
def remove(model_id: IdArgument) -> None:
    """Remove a model that was fetched or added."""
    try:
        models.remove_model(model_id)
    except FanstudioError as error:
        fail(error)
    say(f"{model_id} is removed.")


def _check(model_id: str, device: str) -> bool:
    """Try one model and say how it went; tell whether it works."""
    tried = perform(f"Checking {model_id}", lambda work: _try(work, model_id, device))
    if isinstance(tried, FanstudioError):
        tell(tried)
        return False
    speed = f"{tried.times_realtime:.1f} × realtime on {tried.device}"
    say(f"{model_id:20} works, SHA-256 {tried.sha256[:16]}…, {speed}")
    return True


def _try(work: Work, model_id: str, device: str) -> Trial | FanstudioError:
    """Return how a trial went, or what was wrong, so that the next model has its turn."""
    try:
        return models.check_model(work, model_id, device)
    except Cancelled:
        raise
    except FanstudioError as error:
        return error


def _say_model(line: models.ModelLine) -> None:
    facts = [", ".join(line.stems)]
    if line.quality:
        facts.append(line.quality.figures)
    if line.speed:
        facts.append(f"{line.speed.times_realtime:.1f} × realtime on {line.speed.device}")
    words = line.quality.words if line.quality else ""
    told = (f"damaged: {line.problem}",) if line.problem else (words, " · ".join(facts), _origin(line))
    say(f"  {line.id:18} {line.title}")
    for text in told:
        if text:
            say(f"  {'':18} {text}")


def _origin(line: models.ModelLine) -> str:
    return f"{line.size}, licence: {line.licence}"
