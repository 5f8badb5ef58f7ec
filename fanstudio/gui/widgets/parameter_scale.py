"""How an effect's parameter lies on a slider, evenly, by ratio, or finer towards nothing, and is written."""

from __future__ import annotations

import math

from fanstudio.audio.effects.effect import Parameter

#: From this ratio of the ends on, equal ways are equal ratios.
_BY_RATIO = 15
_FIGURES = 3


def share_of(row: Parameter, value: float) -> float:
    """Return where a value lies, 0–1."""
    value = held(row, value)
    if _is_by_ratio(row):
        return math.log(value / row.low) / math.log(row.high / row.low)
    share = (value - row.low) / (row.high - row.low)
    return math.sqrt(share) if _is_time_from_zero(row) else share


def value_at(row: Parameter, share: float) -> float:
    """Return the value at a place, rounded to what an ear can tell."""
    share = min(1.0, max(0.0, share))
    if _is_by_ratio(row):
        value = row.low * (row.high / row.low) ** share
    else:
        value = row.low + (row.high - row.low) * (share**2 if _is_time_from_zero(row) else share)
    return held(row, rounded(row, value))


def rounded(row: Parameter, value: float) -> float:
    """Return a value in tenths of a decibel, or to three figures."""
    if row.unit.startswith("dB"):
        return round(value, 1)
    return float(f"{value:.{_FIGURES}g}")


def held(row: Parameter, value: float) -> float:
    """Return a value within the parameter's range."""
    return min(row.high, max(row.low, value))


def is_share(row: Parameter) -> bool:
    """Tell whether a parameter is a part of a whole, which reads best in per cent."""
    return not row.unit and (row.low, row.high) == (0, 1)


def value_text(row: Parameter, value: float) -> str:
    """Write a value with its unit, as short as it can be told apart: `80 Hz`, `2.4 kHz`, `25 %`."""
    if is_share(row):
        return f"{value * 100:.0f} %"
    unit = row.unit
    if unit == "Hz" and value >= 1_000:
        value, unit = value / 1_000, "kHz"
    figures = 0 if abs(value) >= 100 or (unit == "Hz" and value >= 10) else 1 if abs(value) >= 10 else 2
    if row.unit == "dB":
        figures = 1
    text = f"{value:.{figures}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return f"{text.replace('-', '−')} {unit}".rstrip()


def _is_by_ratio(row: Parameter) -> bool:
    return row.low > 0 and row.high / row.low >= _BY_RATIO


def _is_time_from_zero(row: Parameter) -> bool:
    return row.low == 0 and row.unit in ("ms", "s")
