"""The session: tracks of clips that refer to sources, all frozen, all positions in frames."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from fanstudio.errors import EditError
from fanstudio.model.lineage import Lineage
from fanstudio.model.mixer import Automation, Bus, EffectSlot, Send
from fanstudio.model.pattern import Pattern
from fanstudio.model.rights import Origin
from fanstudio.model.styling import Styling
from fanstudio.model.warp import Warp

DEFAULT_SAMPLE_RATE = 48_000
#: 24 hours at 192 kHz: beyond it a position is damage, not music.
MAX_FRAMES = 24 * 3600 * 192_000


def new_id() -> str:
    """Return an identifier that no other object has."""
    return secrets.token_hex(8)


class Stem(StrEnum):
    """What a track or source holds; fixes its colour and icon."""

    VOCALS = "vocals"
    DRUMS = "drums"
    BASS = "bass"
    ACCOMPANIMENT = "accompaniment"
    OTHER = "other"
    MIX = "mix"


@dataclass(frozen=True, slots=True)
class Source:
    """A piece of audio in the pool; `id` is the SHA-256 of the stored file, hexadecimal.

    `length` counts frames at the session's sample rate, after conforming.
    """

    id: str
    name: str
    suffix: str
    sample_rate: int
    channels: int
    length: int
    origin: Origin
    stem: Stem = Stem.MIX
    lineage: Lineage | None = None


@dataclass(frozen=True, slots=True)
class Clip:
    """A stretch of a source on the timeline.

    `position` is where it starts on the timeline, `offset` where in the source, both in frames.
    Fades are lengths in frames and never overlap. A cut through a fade keeps its curve: the clip then
    starts at frame `fade_in_start` of the fade in, or ends `fade_out_cut` frames before its fade out does.
    """

    id: str
    source: str
    name: str
    position: int
    offset: int
    length: int
    gain_db: float = 0.0
    fade_in: int = 0
    fade_out: int = 0
    muted: bool = False
    fade_in_start: int = 0
    fade_out_cut: int = 0
    #: Where there is one, offset and length count frames of the warped source.
    warp: Warp | None = None
    #: The steps from which the source was rendered.
    pattern: Pattern | None = None

    @property
    def fade_in_shown(self) -> int:
        """Return how many frames of the clip lie in its fade in."""
        return min(self.length, self.fade_in - self.fade_in_start)

    @property
    def fade_out_shown(self) -> int:
        """Return how many frames of the clip lie in its fade out."""
        return min(self.length, self.fade_out - self.fade_out_cut)

    @property
    def end(self) -> int:
        """Return the first frame after the clip."""
        return self.position + self.length

    @property
    def stretch(self) -> float:
        """Return how many times as long as its source the clip's material is."""
        return self.warp.stretch if self.warp else 1.0

    def source_frame(self, frame: int) -> int:
        """Return the frame of its source that the clip plays at a timeline frame."""
        return round((self.offset + frame - self.position) / self.stretch)


@dataclass(frozen=True, slots=True)
class Take:
    """One pass of a recording, kept whether or not it is heard: a stretch of a source in its place."""

    id: str
    source: str
    name: str
    position: int
    offset: int
    length: int

    @property
    def end(self) -> int:
        """Return the first frame after the take."""
        return self.position + self.length


@dataclass(frozen=True, slots=True)
class Track:
    """A lane of clips, sorted by position, with its mixer strip; pan runs from −1 to 1.

    `output` is the id of the bus that it feeds; empty for the master.
    """

    id: str
    name: str
    stem: Stem = Stem.MIX
    clips: tuple[Clip, ...] = ()
    gain_db: float = 0.0
    pan: float = 0.0
    muted: bool = False
    soloed: bool = False
    effects: tuple[EffectSlot, ...] = ()
    sends: tuple[Send, ...] = ()
    output: str = ""
    automation: tuple[Automation, ...] = ()
    takes: tuple[Take, ...] = ()


@dataclass(frozen=True, slots=True)
class Marker:
    """A named place on the timeline."""

    position: int
    name: str


@dataclass(frozen=True, slots=True)
class LoopRange:
    """The part of the timeline that repeats: `start` up to, not including, `end`."""

    start: int
    end: int
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class TempoChange:
    """From `frame` on, `bpm` beats a minute and `beats_per_bar` beats a bar."""

    frame: int
    bpm: float
    beats_per_bar: int = 4


@dataclass(frozen=True, slots=True)
class Session:
    """Everything that decides how a project sounds, as one immutable value."""

    id: str
    title: str
    sample_rate: int = DEFAULT_SAMPLE_RATE
    sources: tuple[Source, ...] = ()
    tracks: tuple[Track, ...] = ()
    markers: tuple[Marker, ...] = ()
    tempo: tuple[TempoChange, ...] = ()
    loop: LoopRange | None = None
    master_gain_db: float = 0.0
    key: str = ""
    buses: tuple[Bus, ...] = ()
    master_effects: tuple[EffectSlot, ...] = ()
    master_automation: tuple[Automation, ...] = ()
    stylings: tuple[Styling, ...] = ()

    @property
    def length(self) -> int:
        """Return the frame after the last clip's end; 0 for an empty session."""
        return max((clip.end for clip in self.clips()), default=0)

    def clips(self) -> Iterator[Clip]:
        """Yield every clip, track by track."""
        for track in self.tracks:
            yield from track.clips

    def source(self, source_id: str) -> Source:
        """Return the source with this id, or raise EditError."""
        for source in self.sources:
            if source.id == source_id:
                return source
        raise EditError(f"The session has no source {source_id[:12]}.")

    def material_length(self, clip: Clip) -> int:
        """Return how many frames a clip can show: those of its source, warped as the clip is."""
        length = self.source(clip.source).length
        return length if clip.warp is None else clip.warp.length(length)

    def bus(self, bus_id: str) -> Bus:
        """Return the bus with this id, or raise EditError."""
        for bus in self.buses:
            if bus.id == bus_id:
                return bus
        raise EditError("That bus is no longer in the session.")

    def track(self, track_id: str) -> Track:
        """Return the track with this id, or raise EditError."""
        for track in self.tracks:
            if track.id == track_id:
                return track
        raise EditError("That track is no longer in the session.")

    def find_clip(self, clip_id: str) -> tuple[Track, Clip] | None:
        """Return the clip with this id and its track, or None."""
        for track in self.tracks:
            for clip in track.clips:
                if clip.id == clip_id:
                    return track, clip
        return None

    def clip(self, clip_id: str) -> tuple[Track, Clip]:
        """Return the clip with this id and its track, or raise EditError."""
        found = self.find_clip(clip_id)
        if found is None:
            raise EditError("That clip is no longer in the session.")
        return found


def new_session(title: str, sample_rate: int = DEFAULT_SAMPLE_RATE) -> Session:
    """Return an empty session with an id of its own."""
    return Session(id=new_id(), title=title, sample_rate=sample_rate)
