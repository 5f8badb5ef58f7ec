"""A track in the graph: its clips as a stream, and how gain and pan are shared with its strip."""

from __future__ import annotations

import math
from typing import Final

from fanstudio.audio.gains import amplitude, pan_gains
from fanstudio.audio.levels import Peak
from fanstudio.audio.mix.blocks import Block
from fanstudio.audio.mix.fader import Setting, ruling, setting_of
from fanstudio.audio.mix.lane import Lane, Level
from fanstudio.audio.mix.material import Material
from fanstudio.audio.mix.path import Path
from fanstudio.audio.mix.strip import Knobs, Strip
from fanstudio.audio.mix.turn import Turn
from fanstudio.model.mixer import GAIN, PAN
from fanstudio.model.session import Track

_MIDDLE: Final = math.sqrt(0.5)


class ClipStream:
    """A track's lane as a stream; another lane takes its place by a crossfade."""

    def __init__(self, lane: Lane, path: Path, at: int) -> None:
        """Begin at a frame of the stream."""
        self._turn = Turn(lane, path.sample_rate)
        self._path = path
        self._at = at

    @property
    def now(self) -> Lane:
        """Return the lane that plays or will play."""
        return self._turn.now

    def set(self, lane: Lane, at: int) -> None:
        """Go over to a lane from a frame of the stream on that was not asked for yet."""
        if lane is not self.now:
            self._turn.change(lane, at)

    def read(self, frames: int) -> Block:
        """Return the next frames."""
        self._at += frames
        return self._turn.over(self._at - frames, frames, self._sound)

    def close(self) -> None:
        """Do nothing: clips are read without being held."""

    def _sound(self, lane: Lane, stream: int, frames: int) -> Block:
        return lane.over(self._path.over(stream, frames))


class Voice:
    """A track that is heard.

    Without effects and automation, gain and pan are folded into the clips' own factors, one
    multiplication in all; else they come behind the effects.
    """

    def __init__(self, track: Track, material: Material, path: Path, at: int, *, metered: bool) -> None:
        """Begin at a frame of the stream.

        Raises:
            AudioFileError: a source's samples are missing or damaged.

        """
        self._track = track
        mono = material.is_mono(track)
        self._clips = ClipStream(material.lane(track, _level(track, mono=mono)), path, at)
        self.strip = Strip(self._clips, path, at, _knobs(track, mono=mono), metered=metered)

    @property
    def lane(self) -> Lane:
        """Return the lane that plays or will play."""
        return self._clips.now

    def fits(self, track: Track) -> bool:
        """Tell whether it can go over to a changed track."""
        return is_folded(self._track) == is_folded(track)

    def change(self, track: Track, material: Material, at: int) -> None:
        """Go over to a changed track from a frame of the stream on that nobody has asked for."""
        mono = material.is_mono(track)
        self._clips.set(material.lane(track, _level(track, mono=mono)), at)
        if track is not self._track:
            self.strip.change(_knobs(track, mono=mono), at)
        self._track = track


def is_folded(track: Track) -> bool:
    """Tell whether a track is no more than its clips at one gain and pan."""
    return not track.effects and ruling(track.automation).keys().isdisjoint((GAIN, PAN))


def _level(track: Track, *, mono: bool) -> Level:
    if is_folded(track):
        return Level(amplitude(track.gain_db), pan_gains(track.pan, 1), pan_gains(track.pan, 2))
    return Level(mono=(_MIDDLE, _MIDDLE) if mono else _under_balance(track.pan))


def _knobs(track: Track, *, mono: bool) -> Knobs:
    curves = ruling(track.automation)
    fader = Setting() if is_folded(track) else setting_of(track.gain_db, track.pan, curves, mono=mono)
    return Knobs(track.effects, fader, curves)


def _under_balance(pan: float) -> Peak:
    """Return the factors of a mono clip among stereo ones, so that it is panned as any mono clip is."""
    left, right = pan_gains(pan, 1)
    return max(_MIDDLE, left), max(_MIDDLE, right)
