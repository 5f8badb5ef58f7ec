"""Tape: pitch that wavers, warmth, lost treble and hiss, from a studio machine to a worn cassette."""

from __future__ import annotations

import math
from typing import ClassVar, Final

import numpy as np

from fanstudio.audio.effects import biquads
from fanstudio.audio.effects.by_frame import drift, sine, white
from fanstudio.audio.effects.delayed import read_delayed
from fanstudio.audio.effects.effect import Effect, Parameter, Preset, db_to_gain
from fanstudio.audio.effects.presence import Presence
from fanstudio.audio.effects.ramp import Ramp
from fanstudio.audio.filters import Sections, Values
from fanstudio.audio.samples import Samples, silence

_HIGHEST_HZ: Final = 20_000.0
#: Between the heads: as far as wow and flutter together move at most, and the reach of interpolation.
_HEADS_S: Final = 0.005
_WOW_S: Final = 0.0036
_FLUTTER_S: Final = 0.0003
#: Parts of what wavers, (Hz, share); a drift of the shares' rest comes on top.
_WOW: Final = ((0.53, 0.55), (0.93, 0.2))
_FLUTTER: Final = ((6.3, 0.45), (9.7, 0.3))
_DRIFT_S: Final = 0.7
_SHAKE_S: Final = 0.06
#: Motion is worked out every so many frames; in between it runs straight.
_MOTION_FRAMES: Final = 8
_DRIVE_DB: Final = 12.0
_HISS_DB: Final = -38.0
_SEED: Final = 7


class Tape(Effect):
    """Saturates, then reads the sound at a place that wavers, dulls it and lays hiss under it.

    All that wavers and hisses is a function of the timeline frame; hiss goes with the music.
    The waver lies around the latency, so the song keeps its time.
    """

    kind: ClassVar[str] = "tape"
    title: ClassVar[str] = "Tape"
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter("wow", "", 0, 1, 0.2, "How far the pitch wavers, slowly."),
        Parameter("flutter", "", 0, 1, 0.2, "How far it trembles, fast."),
        Parameter("warmth", "", 0, 1, 0.4, "Bends loud sounds, lifts the bass, softens the treble."),
        Parameter("treble_hz", "Hz", 2_000, _HIGHEST_HZ, 14_000, "Takes away what is above."),
        Parameter("hiss", "", 0, 1, 0.15, "How loud the tape itself is."),
    )
    presets: ClassVar[tuple[Preset, ...]] = (
        Preset(
            "Studio reel", {"wow": 0.03, "flutter": 0.05, "warmth": 0.5, "treble_hz": 18_000, "hiss": 0.05}
        ),
        Preset("Mixtape", {"wow": 0.25, "flutter": 0.3, "warmth": 0.5, "treble_hz": 11_000, "hiss": 0.25}),
        Preset("Lo-fi", {"wow": 0.5, "flutter": 0.3, "warmth": 0.7, "treble_hz": 7_000, "hiss": 0.3}),
        Preset("Left in the sun", {"wow": 1, "flutter": 0.8, "warmth": 0.9, "treble_hz": 4_500, "hiss": 0.5}),
    )

    @property
    def latency_frames(self) -> int:
        """Return the way between the heads."""
        return round(self._frames(_HEADS_S))

    @property
    def tail_s(self) -> float:
        """Return how long hiss goes on behind the music, or the longest waver."""
        return Presence.tail_s if self.values["hiss"] else _WOW_S + _FLUTTER_S

    def reset(self, frame: int = 0) -> None:
        """Forget the past; waver and hiss stand as they do at `frame`."""
        self._frame = frame
        self._last = silence(self.channels, 1)
        self._line = silence(self.channels, 2 * self.latency_frames)
        self._losses = Sections(self._sections(), self.channels)
        self._presence = Presence(self.sample_rate)
        self._wow = Ramp(self.values["wow"])
        self._flutter = Ramp(self.values["flutter"])
        self._drive = Ramp(self._drive_gain())
        self._warmth = Ramp(self.values["warmth"])
        self._hiss = Ramp(self._hiss_gain())

    def process(self, chunk: Samples) -> Samples:
        """Return the chunk as tape gives it back, `latency_frames` late."""
        warmth = self._warmth.over(chunk.shape[1])
        warmed = chunk + (self._bent(chunk) - chunk) * warmth
        wavered = self._wavered(warmed, 0.5 * warmth)
        dulled = self._losses.process(wavered).astype(np.float32)
        result = dulled + self._noise(dulled)
        self._frame += chunk.shape[1]
        return result

    def _bent(self, chunk: Samples) -> Samples:
        """Return the chunk bent by `x / √(1 + x²)`, half a frame late.

        It is bent between the frames, so that little folds back: antiderivative antialiasing, after
        J. Parker, V. Zavalishin and E. Le Bivic, DAFx 2016.
        """
        drive = self._drive.over(chunk.shape[1])
        driven = np.concatenate((self._last, chunk * drive), axis=1)
        self._last = driven[:, -1:]
        roots = np.sqrt(1 + driven * driven)
        bent: Samples = (driven[:, 1:] + driven[:, :-1]) / ((roots[:, 1:] + roots[:, :-1]) * drive)
        return bent

    def _wavered(self, chunk: Samples, late_frames: Samples | np.float32) -> Samples:
        """Return a chunk that comes so late as it is read at a place that moves, and in time."""
        frames = chunk.shape[1]
        joined = np.concatenate((self._line, chunk), axis=1)
        self._line = joined[:, frames:]
        coarse = np.arange(0, frames + _MOTION_FRAMES, _MOTION_FRAMES, dtype=np.float64)
        places = coarse + self._frame
        wow = np.interp(np.arange(frames), coarse, self._waver(places, _WOW, _DRIFT_S))
        flutter = np.interp(np.arange(frames), coarse, self._waver(places, _FLUTTER, _SHAKE_S))
        moved = self._frames(_WOW_S) * wow * self._wow.over(frames)
        moved += self._frames(_FLUTTER_S) * flutter * self._flutter.over(frames)
        delay = self.latency_frames + moved - late_frames
        return read_delayed(joined.astype(np.float64), delay, frames).astype(np.float32)

    def _waver(self, places: Values, parts: tuple[tuple[float, float], ...], step_s: float) -> Values:
        """Return a motion within ±1 at some frames."""
        moved = drift(places, self._frames(step_s), _SEED) * (1 - sum(share for _, share in parts))
        for hertz, share in parts:
            moved += share * sine(places, hertz, self.sample_rate)
        return moved

    def _noise(self, sound: Samples) -> Samples:
        """Return hiss under a sound: white, but for the bass."""
        frames = sound.shape[1]
        presence = self._presence.process(sound)
        level = presence * self._hiss.over(frames)
        if not level.any():
            return np.zeros_like(sound)
        places = np.arange(self._frame - 1, self._frame + frames)
        rows = [white(places, _SEED + 1 + side) for side in range(len(sound))]
        hiss: Samples = np.stack([row[1:] - 0.6 * row[:-1] for row in rows]).astype(np.float32)
        return hiss * level

    def _retune(self) -> None:
        self._losses.retune(self._sections())
        self._wow.target = self.values["wow"]
        self._flutter.target = self.values["flutter"]
        self._drive.target = self._drive_gain()
        self._warmth.target = self.values["warmth"]
        self._hiss.target = self._hiss_gain()

    def _drive_gain(self) -> float:
        return db_to_gain(_DRIVE_DB * self.values["warmth"])

    def _hiss_gain(self) -> float:
        """Return the level of hiss, which falls faster than its parameter."""
        return self.values["hiss"] ** 2 * db_to_gain(_HISS_DB)

    def _sections(self) -> Values:
        rate, warmth, treble = self.sample_rate, self.values["warmth"], self.values["treble_hz"]
        low = biquads.low_shelf(rate, 100, 2.5 * warmth) if warmth else biquads.PASS
        high = biquads.high_shelf(rate, self._below_nyquist(8_000), -4 * warmth) if warmth else biquads.PASS
        cut = biquads.PASS
        if treble < _HIGHEST_HZ:
            cut = biquads.low_pass(rate, self._below_nyquist(treble), math.sqrt(0.5))
        return biquads.sections(low, high, cut)
