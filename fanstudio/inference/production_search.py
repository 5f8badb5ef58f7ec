"""Looks for knobs that come nearer to what should come out, by what a net foretells of each setting."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import astuple, dataclass, replace
from typing import Final

import numpy as np

from fanstudio.inference.production import Bands, Choice
from fanstudio.inference.production_features import Curve
from fanstudio.inference.production_net import KNOBS, Knobs
from fanstudio.inference.production_spectrum import MOST_DB

_SEED: Final = 5
_TRIED: Final = 48
_BEST: Final = 8
_ROUNDS: Final = 10
_SPREAD: Final = 0.25
#: What it costs, in dB, to turn all knobs from one end to the other of where the net had set them.
_PRICE_DB: Final = 1.0
_WIDTH: Final = KNOBS.index("width")


@dataclass(frozen=True, slots=True)
class Foretold:
    """What settings would make of a record: a row each of how much louder, its spectrum, its dynamics."""

    louder_db: Curve
    spectrum: Curve
    dynamics: Curve


#: Foretells what curves `(n, bands)` and knobs `(n, knobs)` make of a record.
Foretell = Callable[[Curve, Curve], Foretold]


def search(choice: Choice, foretell: Foretell, counts: Bands) -> Choice:
    """Return a choice nearer to its aim than the one that is given, or that one.

    The cross-entropy method of R. Rubinstein (1999): settings are drawn around the best ones so far, always
    the same ones. Each setting's curve is put right for what its knobs do to the spectrum.
    """
    random = np.random.default_rng(_SEED)
    start = np.array(astuple(choice.knobs))
    centre, spread = start.copy(), np.full(len(start), _SPREAD)
    best, lowest = choice, np.inf
    for _ in range(_ROUNDS):
        knobs = np.clip(centre + spread * random.standard_normal((_TRIED, len(start))), 0, 1)
        knobs[0] = np.clip(centre, 0, 1)
        knobs[1] = start
        knobs[:, _WIDTH] = start[_WIDTH]
        curves, found = _put_right(choice, foretell, knobs, counts)
        cost = _distance(choice, found, counts) + _PRICE_DB * np.abs(knobs - start).mean(axis=1)
        order = np.argsort(cost, kind="stable")
        first = int(order[0])
        if cost[first] < lowest:
            lowest = float(cost[first])
            best = replace(
                choice,
                curve=curves[first],
                knobs=Knobs(*knobs[first].tolist()),
                louder_db=float(found.louder_db[first]),
            )
        chosen = knobs[order[:_BEST]]
        centre, spread = chosen.mean(axis=0), chosen.std(axis=0) + 0.02
    return best


def _put_right(choice: Choice, foretell: Foretell, knobs: Curve, counts: Bands) -> tuple[Curve, Foretold]:
    """Return each setting's curve such that the spectrum comes out as it should, and what is foretold."""
    curves = np.repeat(choice.curve[None], len(knobs), axis=0)
    found = foretell(curves, knobs)
    missing = _missing(choice, found, counts)
    curves = np.clip(curves + missing, -MOST_DB, MOST_DB)
    return curves, foretell(curves, knobs)


def _distance(choice: Choice, found: Foretold, counts: Bands) -> Curve:
    spectrum = np.abs(_missing(choice, found, counts)[:, counts]).mean(axis=1)
    dynamics = np.abs(found.dynamics - choice.dynamics).mean(axis=1)
    distance: Curve = spectrum + dynamics
    return distance


def _missing(choice: Choice, found: Foretold, counts: Bands) -> Curve:
    off = choice.spectrum[None] - found.spectrum
    off -= off[:, counts].mean(axis=1, keepdims=True)
    return np.where(counts[None], off, 0.0)
