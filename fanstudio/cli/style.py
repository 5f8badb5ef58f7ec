"""`fanstudio style`: a song, or one stem, in another style."""

from __future__ import annotations

from enum import StrEnum
from math import isnan
from pathlib import Path
from typing import Annotated, Any

import typer

from fanstudio.cli.choices import DeclareOption, Device, DeviceOption, DownmixOption, JsonOption
from fanstudio.cli.performance import fail, note, perform, print_json, say
from fanstudio.errors import FanstudioError, InputError
from fanstudio.export.formats import format_of
from fanstudio.model.recipe_file import SUFFIX
from fanstudio.model.styling import StyleKind
from fanstudio.studio import styles
from fanstudio.studio.import_audio import parse_declaration
from fanstudio.studio.split import compute_device
from fanstudio.studio.style.choice import StyleChoice
from fanstudio.studio.style.own import read_file
from fanstudio.studio.style_files import FileOptions, Material, StyledFile, style_file
from fanstudio.text import which_one

_SURPRISE = "surprise"
_TAKEN = {
    Material.SONG: "taken for a song, whose vocals are played; --as line plays all of it",
    Material.LINE: "taken for a single line, all of which is played; --as song plays its vocals only",
}
_LAST_SEED = (1 << 63) - 1


class Taken(StrEnum):
    """What a file is taken for, where an instrument is to play it."""

    AUTO = "auto"
    SONG = "song"
    LINE = "line"


def style(
    song: Annotated[
        Path | None, typer.Argument(metavar="IN", help="A song, or one stem.", show_default=False)
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="OUT", help="The file to write; its suffix is the format."),
    ] = None,
    preset: Annotated[
        str, typer.Option("--preset", metavar="NAME", help=f"A style, a {SUFFIX} file, or surprise.")
    ] = "",
    instrument: Annotated[
        str,
        typer.Option(
            "--instrument", metavar="NAME", help="Who plays the vocals, or a single line; a kit, the drums."
        ),
    ] = "",
    like: Annotated[
        Path | None, typer.Option("--like", metavar="REFERENCE", help="A record to sound like.")
    ] = None,
    amount: Annotated[float, typer.Option("--amount", min=0.0, max=1.0, help="How much of it.")] = 1.0,
    seed: Annotated[int, typer.Option("--seed", min=0, max=_LAST_SEED, help="For surprises: which one.")] = 0,
    taken: Annotated[
        Taken, typer.Option("--as", help="What IN is, for an instrument: auto listens to it.")
    ] = Taken.AUTO,
    list_: Annotated[
        bool, typer.Option("--list", help="Say which styles and instruments there are.")
    ] = False,
    downmix: DownmixOption = False,
    device: DeviceOption = Device.AUTO,
    declare: DeclareOption = "own",
    json_: JsonOption = False,
) -> None:
    """Write a song in another style: a preset, an instrument for its vocals, or like another record."""
    try:
        if list_:
            _list(json_=json_)
            return
        if song is None or output is None:
            raise typer.BadParameter("Name the song and, with -o, the file to write.")
        choice = _choice(preset, instrument, like, amount, seed)
        format_of(output)
        compute_device(device.value)
        declaration = parse_declaration(declare)
    except FanstudioError as error:
        fail(error)
    if declare == "own":
        note("Taken as your own music (--declare own).", style="dim")
    options = FileOptions(declaration, Material(taken.value), device.value, downmix)
    done = perform("Styling", lambda work: style_file(work, song, output, choice, options))
    if json_:
        print_json(_to_json(done))
    else:
        _say(done)


def _choice(preset: str, instrument: str, like: Path | None, amount: float, seed: int) -> StyleChoice:
    if sum(map(bool, (preset, instrument, like))) != 1:
        raise typer.BadParameter("Choose one of --preset, --instrument and --like.")
    if isnan(amount):
        raise typer.BadParameter("--amount runs from 0 to 1.")
    if like is not None:
        return StyleChoice(StyleKind.PRODUCTION, amount=amount, seed=seed, reference=like)
    if instrument:
        known = [offer.id for offer in styles.list_timbres()]
        if instrument not in known:
            hint = which_one(instrument, known)
            raise InputError(f"There is no instrument “{instrument[:60]}”.", hint=hint)
        return StyleChoice(StyleKind.TIMBRE, instrument, amount=amount, seed=seed)
    return _preset(preset, amount, seed)


def _preset(name: str, amount: float, seed: int) -> StyleChoice:
    choice = StyleChoice(StyleKind.PRESET, name, amount=amount, seed=seed)
    recipe = None
    if name == _SURPRISE:
        recipe = styles.surprise(seed)
    elif name.lower().endswith(SUFFIX):
        recipe = read_file(Path(name))
    else:
        known = (*styles.list_presets(), *styles.own_presets())
        recipe = next((item for item in known if item.id == name), None)
        if recipe is None:
            hint = which_one(name, [*(item.id for item in known), _SURPRISE])
            raise InputError(f"There is no style “{name[:60]}”.", hint=hint)
    return StyleChoice(choice.kind, recipe.id, amount=amount, seed=seed, recipe=recipe)


def _list(*, json_: bool) -> None:
    presets = (*styles.list_presets(), *styles.own_presets())
    instruments = styles.list_timbres()
    if json_:
        print_json(
            {
                "presets": [
                    {"id": row.id, "title": row.title, "summary": row.summary, "changes": sorted(row.facets)}
                    for row in presets
                ],
                "instruments": [
                    {"id": row.id, "title": row.title, "means": row.means.value, "about": row.about}
                    for row in instruments
                ],
            }
        )
        return
    say("Styles for songs (--preset)", style="bold")
    for recipe in presets:
        say(f"  {recipe.id:16} {recipe.summary}")
    say(f"  {_SURPRISE:16} A style composed by chance; --seed says which.")
    say("Instruments (--instrument)", style="bold")
    for offer in instruments:
        say(f"  {offer.id:16} {offer.title}: {offer.about} ({offer.means.value})")


def _target(done: StyledFile) -> str:
    return done.choice.reference.name if done.choice.reference else done.choice.id


def _to_json(done: StyledFile) -> dict[str, Any]:
    styled = done.styled
    return {
        "output": str(done.output),
        "kind": done.choice.kind.value,
        "target": _target(done),
        "title": styled.title,
        "amount": done.choice.amount,
        "seed": done.choice.seed,
        "taken_as": done.material.value,
        "steps": [{"text": step.text, "means": step.means.value} for step in styled.steps],
        "notes": list(styled.notes),
        "score_before": styled.score_before,
        "score_after": styled.score_after,
        "attenuation_db": done.attenuation_db,
        "seconds": round(done.seconds, 3),
        "times_realtime": round(done.times_realtime, 2),
    }


def _say(done: StyledFile) -> None:
    styled = done.styled
    say(f"{done.output}: {styled.title}")
    for step in styled.steps:
        say(f"  {step.means.value:4} {step.text}")
    if done.choice.kind is StyleKind.TIMBRE:
        say(f"  {_TAKEN[done.material]}")
    for words in styled.notes:
        note(f"  {words}")
    if styled.score_before is not None and styled.score_after is not None:
        say(f"  match {styled.score_before:.0f} of 100 before, {styled.score_after:.0f} after")
    if done.attenuation_db:
        say(f"  lowered by {-done.attenuation_db:.2f} dB, to fit the format")
    say(f"  {done.seconds:.1f} s, {done.times_realtime:.1f} × realtime", style="dim")
