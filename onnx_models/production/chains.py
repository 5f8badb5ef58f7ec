"""Random chains of effects, as a producer might set them, and the numbers that a net is told of them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from songs import LUFS

from fanstudio.inference.production_chain import ChainSettings, setting
from fanstudio.inference.production_net import KNOBS, Knobs
from fanstudio.inference.production_spectrum import response_db

Random = np.random.Generator


def random_chain(random: Random) -> tuple[ChainSettings, NDArray[np.float32]]:
    """Return a chain for sound at `LUFS`, and its numbers: the equaliser's curve, then `KNOBS`, 0 to 1."""
    equaliser = _equaliser(random)
    knobs = Knobs(*(_knob(random, name) for name in KNOBS))
    effects = (setting("equaliser", equaliser), *knobs.effects(LUFS))
    curve = response_db((equaliser,))
    numbers = np.concatenate((curve, knobs.numbers()))
    return ChainSettings(tuple(effects)), numbers.astype(np.float32)


def _equaliser(random: Random) -> dict[str, float]:
    values: dict[str, float] = {}
    for name, low, high in (
        ("low", 50, 300),
        ("body", 120, 1_500),
        ("presence", 1_000, 8_000),
        ("high", 3_000, 14_000),
    ):
        if random.random() < 0.75:
            values[f"{name}_db"] = float(np.clip(random.normal(0, 4.5), -12, 12))
            values[f"{name}_hz"] = float(np.exp(random.uniform(np.log(low), np.log(high))))
            if name in ("body", "presence"):
                values[f"{name}_q"] = float(np.exp(random.uniform(np.log(0.4), np.log(2.5))))
    if random.random() < 0.15:
        values["low_cut_hz"] = float(random.uniform(30, 120))
    if random.random() < 0.15:
        values["high_cut_hz"] = float(random.uniform(6_000, 18_000))
    return values


def _knob(random: Random, name: str) -> float:
    """Return a place of a knob, 0 to 1; one of those that switch an effect is at 0 as often as not."""
    switches = {"ratio": 0.3, "drive": 0.55, "width": 0.0, "reverb": 0.6, "limiter": 0.45}
    if random.random() < switches.get(name, 0.0):
        return 0.0
    if name == "width":
        return 0.5 if random.random() < 0.5 else float(random.uniform(0.05, 0.95))
    return float(random.uniform(0, 1))
