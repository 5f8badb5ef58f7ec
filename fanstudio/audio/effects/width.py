"""Stereo width: narrows or widens both sides against the middle, and keeps the bass in it."""

from __future__ import annotations

from typing import ClassVar, Final

import numpy as np

from fanstudio.audio.effects import biquads
from fanstudio.audio.effects.effect import Effect, Parameter, Preset
from fanstudio.audio.effects.ramp import Ramp
from fanstudio.audio.filters import Line, Sections, Values
from fanstudio.audio.samples import Samples

_LOWEST_HZ: Final = 20.0
#: When copies of the middle come back on the sides, and how loud: uneven, so that no note is singled out.
_COPIES: Final = ((0.0071, 0.62), (0.0113, -0.55), (0.0179, 0.45), (0.0241, -0.33))


class Width(Effect):
    """Scales the difference of both channels; their sum is never touched, so mono sounds as before.

    What is one channel's already (a mono voice) has no difference to scale: `spread` makes one, of
    late copies of the middle that come with opposite signs on both sides (after H. Lauridsen) and so
    cancel in mono. Bass stays in the middle. Mono strips pass as they are.
    """

    kind: ClassVar[str] = "width"
    title: ClassVar[str] = "Width"
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter("width", "×", 0, 2, 1.4, "0 is mono, 1 as it was, 2 twice as wide."),
        Parameter("spread", "", 0, 1, 0, "Makes width where there is none, of a voice in mono too."),
        Parameter("bass_hz", "Hz", _LOWEST_HZ, 500, 120, "What is below stays in the middle."),
    )
    presets: ClassVar[tuple[Preset, ...]] = (
        Preset("Wider", {"width": 1.5}),
        Preset("Huge", {"width": 1.8, "spread": 0.5, "bass_hz": 150}),
        Preset("Bass in the middle", {"width": 1, "bass_hz": 160}),
        Preset("Mono, as in the sixties", {"width": 0}),
        Preset("Voice all around", {"width": 1, "spread": 0.6, "bass_hz": 200}),
    )

    @property
    def tail_s(self) -> float:
        """Return when the last copy of the middle comes."""
        return _COPIES[-1][0] if self.values["spread"] else 0.0

    def reset(self, frame: int = 0) -> None:
        """Forget the past."""
        self._line = Line(self._delays()[-1], 1)
        self._keep_high = Sections(self._sections(), 1)
        self._width = Ramp(self.values["width"])
        self._spread = Ramp(self.values["spread"])

    def process(self, chunk: Samples) -> Samples:
        """Return the widened chunk; a mono one as it is."""
        if len(chunk) < 2:
            return chunk
        frames = chunk.shape[1]
        middle = (chunk[:1] + chunk[1:]) * np.float32(0.5)
        side = (chunk[:1] - chunk[1:]) * (np.float32(0.5) * self._width.over(frames))
        side = side + self._copies(middle) * self._spread.over(frames)
        side = self._keep_high.process(side).astype(np.float32)
        return np.concatenate((middle + side, middle - side))

    def _copies(self, middle: Samples) -> Samples:
        frames = middle.shape[1]
        self._line.write(middle)
        copies = np.zeros_like(middle)
        for delay, (_, gain) in zip(self._delays(), _COPIES, strict=True):
            copies += np.float32(gain) * self._line.read(delay + frames, frames)
        return copies

    def _delays(self) -> list[int]:
        return [round(self._frames(seconds)) for seconds, _ in _COPIES]

    def _retune(self) -> None:
        self._keep_high.retune(self._sections())
        self._width.target = self.values["width"]
        self._spread.target = self.values["spread"]

    def _sections(self) -> Values:
        hertz = self.values["bass_hz"]
        kept = biquads.PASS if hertz <= _LOWEST_HZ else biquads.high_pass(self.sample_rate, hertz)
        return biquads.sections(kept)
