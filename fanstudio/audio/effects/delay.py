"""A delay: echoes that fade, darker each time, straight or from side to side."""

from __future__ import annotations

import math
from typing import ClassVar

import numpy as np

from fanstudio.audio.effects.effect import Effect, Parameter, Preset
from fanstudio.audio.effects.ramp import Ramp
from fanstudio.audio.filters import Line, OnePole, rise
from fanstudio.audio.samples import Samples

_LONGEST_MS = 2_000.0


class Echo(Effect):
    """A line with feedback through a low pass of the first order.

    Another time takes over within a chunk. Side to side the first echo is the left one.
    """

    kind: ClassVar[str] = "delay"
    title: ClassVar[str] = "Delay"
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter("time_ms", "ms", 10, _LONGEST_MS, 375, "From one echo to the next."),
        Parameter("feedback", "", 0, 0.95, 0.35, "How much of an echo is in the next one."),
        Parameter("damping_hz", "Hz", 500, 20_000, 6_000, "What is above fades sooner."),
        Parameter("side_to_side", "", 0, 1, 0, "0 keeps echoes where they are, 1 sends them left and right."),
        Parameter("mix", "", 0, 1, 0.25, "How much of what is heard is echo."),
    )
    presets: ClassVar[tuple[Preset, ...]] = (
        Preset("Slapback", {"time_ms": 110, "feedback": 0.05, "mix": 0.3}),
        Preset("Ping pong", {"time_ms": 350, "feedback": 0.5, "side_to_side": 1}),
        Preset("Dub", {"time_ms": 480, "feedback": 0.75, "damping_hz": 1_800, "mix": 0.4}),
    )

    @property
    def tail_s(self) -> float:
        """Return when the echoes are 60 dB down."""
        feedback = self.values["feedback"]
        echoes = 1 + (math.log(1e-3) / math.log(feedback) if feedback > 1e-3 else 0)
        return echoes * self.values["time_ms"] / 1000

    def reset(self, frame: int = 0) -> None:
        """Forget the past."""
        self._line = Line(round(self._frames(_LONGEST_MS / 1000)), self.channels)
        self._damping = OnePole(self._damping_frames(), self.channels)
        self._delay = self._next_delay = self._delay_frames()
        self._feedback = Ramp(self.values["feedback"])
        self._side = Ramp(self.values["side_to_side"])
        self._mix = Ramp(self.values["mix"])

    def process(self, chunk: Samples) -> Samples:
        """Return the chunk with its echoes."""
        frames = chunk.shape[1]
        feedback = np.broadcast_to(self._feedback.over(frames), (frames,))
        side = np.broadcast_to(self._side.over(frames), (frames,)) if self.channels == 2 else None
        fade = rise(frames).astype(np.float32)
        step = min(self._delay, self._next_delay, frames)
        parts = []
        for at in range(0, frames, step):
            span = slice(at, min(at + step, frames))
            echo = self._read(fade[span])
            self._write(chunk[:, span], echo * feedback[span], None if side is None else side[span])
            parts.append(echo)
        self._delay = self._next_delay
        return self._mix.blend(chunk, np.concatenate(parts, axis=1))

    def _read(self, fade: Samples) -> Samples:
        echo = self._line.read(self._delay, len(fade))
        if self._next_delay != self._delay:
            other = self._line.read(self._next_delay, len(fade))
            echo = echo * (1 - fade) + other * fade
        return self._damping.process(echo).astype(np.float32)

    def _write(self, sound: Samples, fed_back: Samples, side: Samples | None) -> None:
        if side is None or not side.any():
            written = sound + fed_back
        else:
            both = sound.mean(axis=0)
            crossed = np.stack((both, np.zeros_like(both))) + fed_back[::-1]
            written = (sound + fed_back) * (1 - side) + crossed * side
        self._line.write(written)

    def _retune(self) -> None:
        self._next_delay = self._delay_frames()
        self._damping.retime(self._damping_frames())
        self._feedback.target = self.values["feedback"]
        self._side.target = self.values["side_to_side"]
        self._mix.target = self.values["mix"]

    def _delay_frames(self) -> int:
        return round(self._frames(self.values["time_ms"] / 1000))

    def _damping_frames(self) -> float:
        """Return the time of the low pass; the highest setting is none."""
        hertz = self.values["damping_hz"]
        return 0.0 if hertz >= 20_000 else self.sample_rate / (2 * math.pi * hertz)
