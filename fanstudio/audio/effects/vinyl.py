"""Vinyl: crackle, scratches, rumble and hum under the music, and treble that many plays have worn off."""

from __future__ import annotations

from typing import ClassVar, Final

import numpy as np

from fanstudio.audio.effects import biquads
from fanstudio.audio.effects.by_frame import drift, sine, white
from fanstudio.audio.effects.crackle import Crackle
from fanstudio.audio.effects.effect import Effect, Parameter, Preset, db_to_gain
from fanstudio.audio.effects.presence import Presence
from fanstudio.audio.effects.ramp import Ramp
from fanstudio.audio.filters import Sections, Values
from fanstudio.audio.samples import Samples

_HIGHEST_HZ: Final = 20_000.0
#: The loudest click, and what noises have at full level.
_CLICK_DB: Final = -6.0
_SURFACE_DB: Final = -46.0
_RUMBLE_DB: Final = -30.0
_HUM_DB: Final = -36.0
#: Rumble wanders anew so often, which leaves it below some 40 Hz.
_RUMBLE_STEP_S: Final = 0.012
#: Of the mains, (Hz, share).
_HUM: Final = ((50.0, 0.6), (100.0, 0.3), (150.0, 0.1))
_WORN_HZ: Final = 6_000.0
_WORN_DB: Final = -9.0
_SEED: Final = 33


class Vinyl(Effect):
    """Dulls the sound and lays a record's noises under it.

    All of them are functions of the timeline frame, and go with the music.
    """

    kind: ClassVar[str] = "vinyl"
    title: ClassVar[str] = "Vinyl"
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter("crackle", "", 0, 1, 0.3, "How much dust is on the record."),
        Parameter("wear", "", 0, 1, 0.25, "How often it was played: dull, noisy, scratched."),
        Parameter("rumble", "", 0, 1, 0.1, "How loud the turntable's motor is."),
        Parameter("hum", "", 0, 1, 0, "How loud the mains are."),
        Parameter("treble_hz", "Hz", 2_000, _HIGHEST_HZ, 16_000, "Takes away what is above."),
    )
    presets: ClassVar[tuple[Preset, ...]] = (
        Preset("Sunday morning", {"crackle": 0.25, "wear": 0.15}),
        Preset("Flea market", {"crackle": 0.6, "wear": 0.6, "rumble": 0.3, "treble_hz": 10_000}),
        Preset("Lo-fi", {"crackle": 0.4, "wear": 0.4, "rumble": 0.15, "treble_hz": 8_000}),
        Preset(
            "Grandma's gramophone",
            {"crackle": 1, "wear": 1, "rumble": 0.5, "hum": 0.2, "treble_hz": 4_500},
        ),
    )

    @property
    def tail_s(self) -> float:
        """Return how long the noises go on behind the music."""
        noisy = any(self.values[name] for name in ("crackle", "wear", "rumble", "hum"))
        return Presence.tail_s if noisy else 0.0

    def reset(self, frame: int = 0) -> None:
        """Forget the past; the noises stand as they do at `frame`."""
        self._frame = frame
        self._losses = Sections(self._sections(), self.channels)
        self._presence = Presence(self.sample_rate)
        self._clicks = Crackle(self.sample_rate, self.channels, _SEED)
        self._crackle = Ramp(self.values["crackle"])
        self._wear = Ramp(self.values["wear"])
        self._rumble = Ramp(self.values["rumble"])
        self._hum = Ramp(self.values["hum"])

    def process(self, chunk: Samples) -> Samples:
        """Return the chunk as the record gives it back."""
        presence = self._presence.process(chunk)
        result = self._losses.process(chunk).astype(np.float32)
        if presence.any():
            result = result + self._noises(chunk.shape[1]).astype(np.float32) * presence
        self._frame += chunk.shape[1]
        return result

    def _noises(self, frames: int) -> Values:
        """Return all noises `(channels, frames)` of a chunk."""
        crackle, wear, rumble, hum = (
            np.broadcast_to(np.float64(ramp.over(frames)), (frames,))
            for ramp in (self._crackle, self._wear, self._rumble, self._hum)
        )
        noises = self._clicks.over(self._frame, crackle, wear) * db_to_gain(_CLICK_DB)
        if wear.any():
            noises += self._surface(frames) * (np.square(wear) * db_to_gain(_SURFACE_DB))
        if rumble.any():
            noises += self._rumbling(frames) * (np.square(rumble) * db_to_gain(_RUMBLE_DB))
        if hum.any():
            noises += self._humming(frames) * (np.square(hum) * db_to_gain(_HUM_DB))
        return noises

    def _surface(self, frames: int) -> Values:
        """Return the noise of the groove, softer towards the treble."""
        places = np.arange(self._frame - 1, self._frame + frames)
        rows = [white(places, _SEED + 20 + side) for side in range(self.channels)]
        return np.stack([row[1:] + 0.7 * row[:-1] for row in rows])

    def _rumbling(self, frames: int) -> Values:
        """Return the motor's noise: what both sides share, and half as much of what they do not."""
        step = self._frames(_RUMBLE_STEP_S)
        both, apart = (drift(self._places(frames), step, _SEED + 30 + number) for number in range(2))
        return np.stack([both + 0.5 * apart, both - 0.5 * apart][: self.channels])

    def _humming(self, frames: int) -> Values:
        hum = np.zeros((1, frames))
        for hertz, share in _HUM:
            hum += share * sine(self._places(frames), hertz, self.sample_rate)
        return hum

    def _places(self, frames: int) -> Values:
        return np.arange(self._frame, self._frame + frames, dtype=np.float64)

    def _retune(self) -> None:
        self._losses.retune(self._sections())
        self._crackle.target = self.values["crackle"]
        self._wear.target = self.values["wear"]
        self._rumble.target = self.values["rumble"]
        self._hum.target = self.values["hum"]

    def _sections(self) -> Values:
        rate, wear, treble = self.sample_rate, self.values["wear"], self.values["treble_hz"]
        worn = cut = biquads.PASS
        if wear:
            worn = biquads.high_shelf(rate, self._below_nyquist(_WORN_HZ), _WORN_DB * wear)
        if treble < _HIGHEST_HZ:
            cut = biquads.low_pass(rate, self._below_nyquist(treble))
        return biquads.sections(worn, cut)
