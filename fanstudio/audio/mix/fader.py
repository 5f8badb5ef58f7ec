"""A fader: what a strip's or a send's gain and pan make of left and right, still or automated."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from fanstudio.audio.filters import Values
from fanstudio.audio.gains import amplitude
from fanstudio.audio.mix.blocks import Block, joined
from fanstudio.audio.mix.curve import Curve
from fanstudio.audio.mix.path import Path, Stretches
from fanstudio.audio.mix.turn import Turn
from fanstudio.audio.samples import Samples
from fanstudio.model.mixer import GAIN, PAN, Automation


@dataclass(frozen=True, slots=True)
class Setting:
    """Where a fader stands: gain (−∞ is closed) and pan, each ruled by its curve where there is one.

    Pan is a balance. `mono` is for strips of mono clips only, which are laid at −3 dB on both sides:
    then the side that is turned to rises, and the power stays the same.
    """

    gain_db: float = 0.0
    pan: float = 0.0
    gain_curve: Automation | None = None
    pan_curve: Automation | None = None
    mono: bool = False


class Fader:
    """Gives the factors of left and right along the timeline."""

    def __init__(self, setting: Setting) -> None:
        """Work out what stands still."""
        self.setting = setting
        self._gain = Curve(setting.gain_curve) if setting.gain_curve else None
        self._pan = Curve(setting.pan_curve) if setting.pan_curve else None
        factors = amplitude(setting.gain_db) * _balance(np.array([setting.pan]), mono=setting.mono)
        self._still = factors.astype(np.float32)
        moving = self._gain is not None or self._pan is not None
        #: Whether everything passes as it is, and whether nothing does.
        self.open = not moving and bool((self._still == 1).all())
        self.closed = setting.gain_db == -math.inf

    def over(self, stretches: Stretches) -> Block:
        """Return factors `(2, frames)`, or `(2, 1)` where they stand still."""
        if self.closed:
            return None
        if self._gain is None and self._pan is None:
            return self._still
        return joined((self._along(position, frames), frames) for position, frames in stretches)

    def _along(self, position: int, frames: int) -> Samples:
        gain_db = self.setting.gain_db if self._gain is None else self._gain.over(position, frames)
        pan = np.array([self.setting.pan]) if self._pan is None else self._pan.over(position, frames)
        factors: Samples = (10 ** (gain_db / 20) * _balance(pan, mono=self.setting.mono)).astype(np.float32)
        return factors


class MovingFader:
    """A fader that is moved while the stream goes on, without zipper noise."""

    def __init__(self, setting: Setting, path: Path) -> None:
        """Start at a setting."""
        self._turn = Turn(Fader(setting), path.sample_rate)
        self._path = path

    @property
    def is_shut(self) -> bool:
        """Tell whether it is closed, and was so long enough to be silent."""
        return self._turn.steady and self._turn.now.closed

    def set(self, setting: Setting, at: int) -> None:
        """Move to a setting from a frame of the stream on that was not asked for yet."""
        if setting != self._turn.now.setting:
            self._turn.change(Fader(setting), at)

    def apply(self, block: Block, at: int, frames: int) -> Block:
        """Return the frames from `at` on behind the fader."""
        turn = self._turn
        if turn.steady and (block is None or turn.now.open):
            return block
        gains = turn.over(at, frames, self._gains)
        return None if block is None or gains is None else block * gains

    def _gains(self, fader: Fader, stream: int, frames: int) -> Block:
        return fader.over(self._path.over(stream, frames))


def setting_of(
    gain_db: float, pan: float, automation: Mapping[str, Automation], *, mono: bool = False
) -> Setting:
    """Return where a strip's fader stands, with its curves by target."""
    return Setting(gain_db, pan, automation.get(GAIN), automation.get(PAN), mono)


def ruling(automation: tuple[Automation, ...]) -> dict[str, Automation]:
    """Return the curves that rule, by their targets."""
    return {row.target: row for row in automation if row.enabled and row.points}


def _balance(pan: Values, *, mono: bool) -> Values:
    """Return the factors of left and right `(2, n)`; see `gains.pan_gains`."""
    angle = (pan + 1.0) * (math.pi / 4.0)
    sides = math.sqrt(2.0) * np.stack((np.cos(angle), np.sin(angle)))
    sides = np.maximum(sides, 0.0)
    return sides if mono else np.minimum(sides, 1.0)
