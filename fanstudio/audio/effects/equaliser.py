"""An equaliser: two cuts, two shelves and two bells."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from fanstudio.audio.effects import biquads
from fanstudio.audio.effects.effect import Effect, Parameter, Preset
from fanstudio.audio.filters import Sections, Values
from fanstudio.audio.samples import Samples

_LOWEST_HZ = 20.0
_HIGHEST_HZ = 20_000.0


class Equaliser(Effect):
    """Six second-order sections in a row.

    A cut at the end of its range is off. Frequencies that a low rate cannot hold stay below its limit.
    """

    kind: ClassVar[str] = "equaliser"
    title: ClassVar[str] = "Equaliser"
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter(
            "low_cut_hz", "Hz", _LOWEST_HZ, 1_000, _LOWEST_HZ, "Takes away what is below, 12 dB/octave."
        ),
        Parameter("low_hz", "Hz", 30, 500, 120, "Where the low shelf ends."),
        Parameter("low_db", "dB", -18, 18, 0, "Lifts or lowers the bass."),
        Parameter("body_hz", "Hz", 80, 4_000, 400, "The middle of the lower bell."),
        Parameter("body_db", "dB", -18, 18, 0, "Lifts or lowers around it."),
        Parameter("body_q", "", 0.2, 12, 1, "How narrow the lower bell is."),
        Parameter("presence_hz", "Hz", 500, 12_000, 3_000, "The middle of the upper bell."),
        Parameter("presence_db", "dB", -18, 18, 0, "Lifts or lowers around it."),
        Parameter("presence_q", "", 0.2, 12, 1, "How narrow the upper bell is."),
        Parameter("high_hz", "Hz", 1_500, 16_000, 8_000, "Where the high shelf begins."),
        Parameter("high_db", "dB", -18, 18, 0, "Lifts or lowers the treble."),
        Parameter("high_cut_hz", "Hz", 1_000, _HIGHEST_HZ, _HIGHEST_HZ, "Takes away what is above."),
    )
    presets: ClassVar[tuple[Preset, ...]] = (
        Preset(
            "Clear voice", {"low_cut_hz": 90, "body_hz": 300, "body_db": -3, "presence_db": 2.5, "high_db": 2}
        ),
        Preset("Warm", {"low_db": 3, "presence_db": -1.5, "high_db": -2}),
        Preset(
            "Telephone", {"low_cut_hz": 400, "high_cut_hz": 3_200, "presence_hz": 1_800, "presence_db": 6}
        ),
        Preset("Loudness", {"low_hz": 80, "low_db": 5, "high_hz": 10_000, "high_db": 4}),
    )

    @classmethod
    def response_db(cls, values: Mapping[str, float], sample_rate: int, hertz: Values) -> Values:
        """Return the gain in dB that values give at some frequencies, without filtering anything.

        Beyond half the rate it is that of half the rate.
        """
        effect = cls(**values)
        effect.sample_rate = sample_rate
        return biquads.response_db(effect._sections(), sample_rate, np.minimum(hertz, sample_rate / 2))

    def reset(self, frame: int = 0) -> None:
        """Forget the past."""
        self._filter = Sections(self._sections(), self.channels)

    def process(self, chunk: Samples) -> Samples:
        """Return the equalised chunk."""
        return self._filter.process(chunk).astype(np.float32)

    def _retune(self) -> None:
        self._filter.retune(self._sections())

    def _sections(self) -> Values:
        rate, value = self.sample_rate, self.values
        at = {name: self._below_nyquist(value[name]) for name in value if name.endswith("_hz")}
        low_cut, high_cut = value["low_cut_hz"] > _LOWEST_HZ, value["high_cut_hz"] < _HIGHEST_HZ
        return biquads.sections(
            biquads.high_pass(rate, at["low_cut_hz"]) if low_cut else biquads.PASS,
            biquads.low_shelf(rate, at["low_hz"], value["low_db"]),
            biquads.bell(rate, at["body_hz"], value["body_db"], value["body_q"]),
            biquads.bell(rate, at["presence_hz"], value["presence_db"], value["presence_q"]),
            biquads.high_shelf(rate, at["high_hz"], value["high_db"]),
            biquads.low_pass(rate, at["high_cut_hz"]) if high_cut else biquads.PASS,
        )
