"""What feeds what: a session's tracks, buses and master as strips, which follow the session's changes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from fanstudio.audio.effects.effect import CHUNK_FRAMES
from fanstudio.audio.levels import Levels
from fanstudio.audio.mix.fader import Setting, ruling, setting_of
from fanstudio.audio.mix.faults import Faults
from fanstudio.audio.mix.lane import Lane
from fanstudio.audio.mix.material import Material
from fanstudio.audio.mix.path import Path
from fanstudio.audio.mix.strip import Knobs, Strip
from fanstudio.audio.mix.summing import OPEN, Input, Sum
from fanstudio.audio.mix.voice import Voice, is_folded
from fanstudio.model.audibility import Feed, open_feeds
from fanstudio.model.mixer import Bus, send_target
from fanstudio.model.session import Session, Track

#: Effects that begin amid the timeline hear so much of what is before, to be settled when they are heard.
LEAD_FRAMES: Final = 5 * CHUNK_FRAMES


class Network:
    """The strips of what is heard: others are not there, and what comes into it begins afresh."""

    def __init__(self, session: Session, material: Material, path: Path, *, metered: bool) -> None:
        """Make all strips at the path's beginning.

        Raises:
            AudioFileError: a source's samples are missing or damaged.

        """
        self._path = path
        self._metered = metered
        self._voices: dict[str, Voice] = {}
        self._buses: dict[str, _Group] = {}
        self._master = self._group(_master_knobs(session), 0)
        self.read = self._master.strip.read
        self.follow(session, material, 0)

    @property
    def faults(self) -> Faults:
        """Return what is wrong with which effects."""
        return {slot: fault for strip in self._strips() for slot, fault in strip.rack.faults.items()}

    @property
    def lanes(self) -> dict[str, Lane]:
        """Return the lanes that play, by track id."""
        return {key: voice.lane for key, voice in self._voices.items()}

    def take_levels(self) -> Levels:
        """Return the levels of what was read since they were last taken."""
        tracks = {key: voice.strip.take_peak() for key, voice in self._voices.items()}
        buses = {key: bus.strip.take_peak() for key, bus in self._buses.items()}
        return Levels(
            {key: peak for key, peak in tracks.items() if peak},
            self._master.strip.take_peak() or (0.0, 0.0),
            {key: peak for key, peak in buses.items() if peak},
            dict(row for strip in self._strips() for row in strip.rack.reductions),
        )

    def follow(self, session: Session, material: Material, at: int) -> None:
        """Go over to a session from a frame of the stream on that nobody has asked for."""
        feeds = open_feeds(session)
        self._master.strip.change(_master_knobs(session), at)
        heard = {feed.track.id: feed.track for feed in feeds}
        self._voices = {key: self._voice(track, material, at) for key, track in heard.items()}
        self._buses = {bus.id: self._bus(bus, at) for bus in session.buses if not bus.muted}
        for key, bus in self._buses.items():
            bus.hears.follow(self._inputs(feed for feed in feeds if feed.bus == key), at)
        direct = self._inputs(feed for feed in feeds if feed.bus not in self._buses)
        grouped = (Input(bus.strip.tap, False, OPEN) for bus in self._buses.values())
        self._master.hears.follow((*direct, *grouped), at)

    def _strips(self) -> Iterator[Strip]:
        yield from (voice.strip for voice in self._voices.values())
        yield from (bus.strip for bus in self._buses.values())
        yield self._master.strip

    def _inputs(self, feeds: Iterable[Feed]) -> tuple[Input, ...]:
        return tuple(
            Input(self._voices[feed.track.id].strip.tap, feed.send is not None, _setting(feed))
            for feed in feeds
        )

    def _voice(self, track: Track, material: Material, at: int) -> Voice:
        voice = self._voices.get(track.id)
        if voice is None or not voice.fits(track):
            return Voice(track, material, self._path, self._beginning(track, at), metered=self._metered)
        voice.change(track, material, at)
        return voice

    def _beginning(self, track: Track, at: int) -> int:
        """Return where a track begins in the stream that is heard from `at` on."""
        if is_folded(track):
            return at
        early = at - LEAD_FRAMES
        return max(self._path.oldest, early - self._path.into_chunk(early))

    def _bus(self, bus: Bus, at: int) -> _Group:
        group = self._buses.get(bus.id)
        if group is None:
            return self._group(_bus_knobs(bus), at)
        group.strip.change(_bus_knobs(bus), at)
        return group

    def _group(self, knobs: Knobs, at: int) -> _Group:
        hears = Sum(self._path, at)
        return _Group(hears, Strip(hears, self._path, at, knobs, metered=self._metered))


@dataclass(frozen=True, slots=True)
class _Group:
    """A strip that is fed by others."""

    hears: Sum
    strip: Strip


def _setting(feed: Feed) -> Setting:
    if feed.send is None:
        return OPEN
    curves = ruling(feed.track.automation)
    return Setting(feed.send.gain_db, gain_curve=curves.get(send_target(feed.bus)))


def _bus_knobs(bus: Bus) -> Knobs:
    curves = ruling(bus.automation)
    return Knobs(bus.effects, setting_of(bus.gain_db, bus.pan, curves), curves)


def _master_knobs(session: Session) -> Knobs:
    curves = ruling(session.master_automation)
    return Knobs(session.master_effects, setting_of(session.master_gain_db, 0.0, curves), curves)
