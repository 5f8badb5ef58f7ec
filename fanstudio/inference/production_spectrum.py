"""Sets equalisers so that they follow a curve over the bands of a record."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

from fanstudio.audio.effects.equaliser import Equaliser
from fanstudio.inference.production_features import BANDS_HZ, Curve

#: More is damage, not production.
MOST_DB: Final = 12.0
_RATE: Final = 48_000
_HERTZ: Final = np.array(BANDS_HZ)
#: Where each gain of an equaliser begins, and between which frequencies it is looked for.
_Place = tuple[str, float, float, float]
_FIRST: Final[tuple[_Place, ...]] = (
    ("low", 100.0, 50.0, 250.0),
    ("body", 350.0, 150.0, 900.0),
    ("presence", 2_200.0, 900.0, 5_000.0),
    ("high", 8_000.0, 4_000.0, 14_000.0),
)
_SECOND: Final[tuple[_Place, ...]] = (
    ("low", 45.0, 30.0, 70.0),
    ("body", 150.0, 80.0, 300.0),
    ("presence", 4_500.0, 1_000.0, 10_000.0),
    ("high", 13_000.0, 9_000.0, 16_000.0),
)
_Q: Final = (0.3, 3.0)
#: How much a dB of gain costs against a dB beside the curve.
_EFFORT: Final = 0.06
#: The same where frequencies move too: near bands would else push against each other at their limits.
_EFFORT_MOVING: Final = 0.15
#: Below this a band is left alone.
_LEAST_DB: Final = 0.25

Values = dict[str, float]


def fit_plain(curve: Curve, counts: NDArray[np.bool_]) -> Values:
    """Return one equaliser's gains that come nearest to a curve in dB, by least squares.

    Its frequencies stay where they are. `counts` tells which bands are heeded; what all bands share is not
    part of it.
    """
    names = [f"{name}_db" for name, *_ in _FIRST]
    columns = [_response({name: 1.0}) for name in names]
    matrix = np.stack([column - column[counts].mean() for column in columns], axis=1)[counts]
    wanted = (curve - curve[counts].mean())[counts]
    gains = np.linalg.solve(matrix.T @ matrix + _EFFORT * np.eye(len(names)), matrix.T @ wanted)
    return {name: float(np.clip(gain, -MOST_DB, MOST_DB)) for name, gain in zip(names, gains, strict=True)}


def fit(curve: Curve, counts: NDArray[np.bool_]) -> tuple[Values, ...]:
    """Return the values of up to two equalisers in a row that come nearest to a curve in dB.

    Gains, frequencies and widths are found together (nonlinear least squares, a small price on gains);
    `counts` tells which bands are heeded; what all bands share is not part of it. An equaliser that would
    do nothing is left out.
    """
    from scipy.optimize import least_squares

    wanted = curve - curve[counts].mean()

    def beside(point: Curve) -> Curve:
        values = _values(point)
        answer = sum((_response(one) for one in values), np.zeros(len(_HERTZ)))
        gains = [value for one in values for name, value in one.items() if name.endswith("_db")]
        left = (answer - answer[counts].mean() - wanted)[counts]
        return np.concatenate((left, _EFFORT_MOVING * np.array(gains)))

    start, low, high = (np.array(column) for column in zip(*_bounds(), strict=True))
    found = least_squares(beside, start, bounds=(low, high), max_nfev=25, x_scale="jac")
    return tuple(_kept(one) for one in _values(found.x) if _kept(one))


def response_db(equalisers: tuple[Mapping[str, float], ...]) -> Curve:
    """Return what some equalisers in a row do to each band, in dB."""
    return sum((_response(one) for one in equalisers), np.zeros(len(_HERTZ)))


def _response(values: Mapping[str, float]) -> Curve:
    answer: Curve = Equaliser.response_db(values, _RATE, _HERTZ)
    return answer


def _bounds() -> list[tuple[float, float, float]]:
    """Return start, low and high of each number that is looked for, in the order of `_values`."""
    rows = []
    for name, start, low, high in (*_FIRST, *_SECOND):
        rows.append((0.0, -MOST_DB, MOST_DB))
        rows.append((np.log2(start), np.log2(low), np.log2(high)))
        if name in ("body", "presence"):
            rows.append((0.0, *np.log2(_Q).tolist()))
    return rows


def _values(point: Curve) -> tuple[Values, Values]:
    numbers = iter(point.tolist())
    both: tuple[Values, Values] = {}, {}
    for values, places in zip(both, (_FIRST, _SECOND), strict=True):
        for name, *_ in places:
            values[f"{name}_db"] = next(numbers)
            values[f"{name}_hz"] = 2 ** next(numbers)
            if name in ("body", "presence"):
                values[f"{name}_q"] = 2 ** next(numbers)
    return both


def _kept(values: Values) -> Values:
    """Return the values without those of bands that do nothing."""
    idle = {name[:-3] for name, value in values.items() if name.endswith("_db") and abs(value) < _LEAST_DB}
    return {name: value for name, value in values.items() if name.rsplit("_", 1)[0] not in idle}
