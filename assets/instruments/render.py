"""Renders the sampled instruments into a folder: their files and `instruments.toml`.

Run by hand, `python render.py FOLDER [INSTRUMENT…]`; nothing of fanstudio needs it. Vorbis streams carry a
random number, so that files differ in bytes from run to run, and in nothing that is heard.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import soundfile
import soxr
from catalogue import RECIPES, Recipe
from cutting import Cut, cut_ringing, cut_sustained, tuning_cents
from performance import SAMPLE_RATE, Samples, Stroke, perform

#: Peak of every file; what it was before stands in the table.
_PEAK = 0.5
#: Level of each instrument struck as hard as `_FORCE`, its loudest 0.4 s, on the mean of its keys.
_LEVEL_DB = -18.0
_FORCE = 0.8
_LOUD_S = 0.4
_QUALITY = 0.6
_TAIL_S = 1.0
_HEAD = """\
# Written by render.py: the sampled instruments, and on what terms.

[credit]
author = "S. Christian Collins, Frank Wen, Michael Cowgill and contributors"
licence = "MIT"
licence_url = "https://opensource.org/license/mit"
origin = "MuseScore General soundfont 0.2.1, Debian package musescore-general-soundfont-lossless"
"""


def main(folder: Path, wanted: Sequence[str]) -> None:
    """Render the instruments that are wanted, or all, and write their table."""
    tables = [_render(folder, recipe) for recipe in RECIPES if not wanted or recipe.id in wanted]
    (folder / "instruments.toml").write_text("\n".join((_HEAD, *tables)) + "\n")


def _render(folder: Path, recipe: Recipe) -> str:
    strokes = [
        Stroke(key, force, recipe.ring_s, recipe.ring_s + _TAIL_S)
        for force in recipe.forces
        for key in recipe.keys
    ]
    cuts = [_cut(recipe, played) for played in perform(recipe.program, recipe.bank, strokes)]
    loud = [_loudest_db(cut.samples, recipe.rate) for cut in cuts[-(len(cuts) // len(recipe.forces)) :]]
    harder_db = 40 * np.log10(recipe.forces[-1] / 127 / _FORCE)
    gain_db = _LEVEL_DB + harder_db - float(np.mean(loud))
    (folder / recipe.id).mkdir(parents=True, exist_ok=True)
    zones = [_zone(folder, recipe, stroke, cut, gain_db) for stroke, cut in zip(strokes, cuts, strict=True)]
    return "\n".join((_heading(recipe), *zones))


def _cut(recipe: Recipe, played: Samples) -> Cut:
    mixed = played if recipe.channels == 2 else played.mean(axis=0, keepdims=True)
    samples = np.atleast_2d(soxr.resample(mixed.T, SAMPLE_RATE, recipe.rate, "VHQ").T)
    if recipe.loop_s is None:
        return cut_ringing(samples, recipe.rate, recipe.ring_s, second=recipe.second)
    return cut_sustained(samples, recipe.rate, recipe.loop_s)


def _loudest_db(samples: Samples, rate: int) -> float:
    """Return the level of the loudest 0.4 s without the lowest bass, in dB."""
    span = round(_LOUD_S * rate)
    power = np.square(np.diff(samples, axis=1, prepend=0) * 2 + samples).mean(axis=0)
    total = np.concatenate(([0.0], np.cumsum(power)))
    return float(10 * np.log10(np.max(total[span:] - total[:-span]) / span))


def _heading(recipe: Recipe) -> str:
    lowest, highest = recipe.keys[0] - recipe.spare, recipe.keys[-1] + recipe.spare
    return _table(
        "[instrument]",
        id=recipe.id, title=recipe.title, family=recipe.family, lowest=lowest, highest=highest,
        attack_s=recipe.attack_s, release_s=recipe.release_s, bends=recipe.bends,
    )  # fmt: skip


def _zone(folder: Path, recipe: Recipe, stroke: Stroke, cut: Cut, gain_db: float) -> str:
    path = f"{recipe.id}/{stroke.key}_{stroke.force}.ogg"
    peak = float(np.abs(cut.samples).max())
    samples = np.ascontiguousarray((cut.samples * _PEAK / peak).T, np.float32)
    soundfile.write(
        folder / path, samples, recipe.rate, format="OGG", subtype="VORBIS", compression_level=1 - _QUALITY
    )
    below, above = _borders(stroke.key, recipe.keys, recipe.spare)
    softest, hardest = _layer(stroke.force, recipe.forces)
    loop = {} if cut.loop is None else {"loop_start": cut.loop[0], "loop_end": cut.loop[1]}
    return _table(
        "[instrument.zone]",
        file=path, sha256=hashlib.sha256((folder / path).read_bytes()).hexdigest(), frames=len(samples),
        root=round(stroke.key + tuning_cents(cut, recipe.rate, stroke.key) / 100, 3),
        lowest=below, highest=above, softest=softest, hardest=hardest, force=round(stroke.force / 127, 3),
        gain_db=round(gain_db + float(20 * np.log10(peak / _PEAK)), 2), **loop,
    )  # fmt: skip


def _borders(key: int, keys: range, spare: int) -> tuple[int, int]:
    """Return the keys that a sample plays: up to half-way to its neighbours."""
    down, up = (keys.step - 1) // 2, keys.step // 2
    lowest = key - spare if key == keys[0] else key - down
    return lowest, key + spare if key == keys[-1] else key + up


def _layer(force: int, forces: Sequence[int]) -> tuple[float, float]:
    """Return how hard a note must be struck for a layer, 0..1: half-way to the layers beside it."""
    at = forces.index(force)
    softest = 0.0 if at == 0 else (forces[at - 1] + force) / 254
    hardest = 1.0 if at == len(forces) - 1 else (force + forces[at + 1]) / 254
    return round(softest, 3), round(hardest, 3)


def _table(name: str, **values: object) -> str:
    rows = (f"{key} = {_written(value)}" for key, value in values.items())
    return "\n".join((f"\n[{name}]", *rows))


def _written(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f'"{value}"' if isinstance(value, str) else str(value)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
