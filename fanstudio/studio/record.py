"""Recording on an armed track: count-in, takes of a loop, punch; in time with what was heard."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from fanstudio.audio.guide import count_in
from fanstudio.audio.input_level import OUTLINE_FRAMES
from fanstudio.audio.placement import Pass
from fanstudio.audio.recorder import Recording
from fanstudio.errors import EditError, FanstudioError
from fanstudio.jobs import Work
from fanstudio.model.lanes import lay, with_track, without
from fanstudio.model.session import MAX_FRAMES, Clip, LoopRange, Session, new_id
from fanstudio.studio import recordings
from fanstudio.studio.arm import Armed
from fanstudio.studio.project import Project
from fanstudio.studio.recordings import Kept, Note

_POLL_S = 0.01
#: What is sung to the last note heard is on its way for a moment; longer than this nothing comes.
_TAIL_S = 1.5


@dataclass(frozen=True, slots=True)
class RecordOptions:
    """How a recording goes: bars of clicks before it, clicks beside it, or within the loop range alone.

    With such a `punch` the song is heard for those bars before the range instead, and nothing repeats.
    """

    count_in_bars: int = 1
    metronome: bool = False
    punch: bool = False


@dataclass(frozen=True, slots=True)
class Growing:
    """The pass that is being recorded: its place, and the peak of each `step` frames of it."""

    position: int
    length: int
    step: float
    peaks: list[float]


class LiveRecording:
    """A recording under way: made, `begin`, `stop` or until `over`, then `keep` on a worker and `place`."""

    def __init__(self, armed: Armed, options: RecordOptions) -> None:
        """Plan a recording from the playhead on, or within the loop range.

        Raises:
            EditError: the track is gone, or there is no range to punch into.
            DeviceError: there is no input.

        """
        session = armed.project.document.session
        track = session.track(armed.track_id)
        self._armed = armed
        self._session = session
        self._recorder = armed.recorder
        self._round_trip = armed.round_trip()
        self._options = options
        self._loop = None if options.punch else _enabled(session.loop)
        self.start, self.end = self._range(session.loop)
        self._note = Note(track.id, track.name, track.stem.value, self.start)
        self._recording: Recording | None = None
        self._stopped_at: int | None = None
        self._unsubscribe: Callable[[], None] = lambda: None

    # ── on the main thread ───────────────────────────────────────────────────────────────────

    def begin(self) -> None:
        """Count in, play and record.

        Raises:
            DeviceError: the input is gone.
            StorageError: the disk is full or gone.

        """
        transport, document = self._armed.transport, self._armed.project.document
        part = recordings.new_part(self._armed.project.pool)
        recordings.write_note(part, self._note)
        transport.stop()
        try:
            self._recording = self._recorder.begin(
                part, self._session.sample_rate, transport.sent, self._keep_note
            )
        except BaseException:
            recordings.discard(part)
            raise
        self._unsubscribe = document.subscribe(self._heard)
        self._heard(document.session)
        bars = self._options.count_in_bars
        guide = count_in(self._session, self.start, bars, goes_on=self._options.metronome)
        if self._options.punch:
            transport.locate(max(0, self.start - guide.lead_in))
            guide = replace(guide, lead_in=0)
        else:
            transport.locate(self.start)
        transport.play(guide)

    @property
    def project(self) -> Project:
        """Return the project that is recorded into."""
        return self._armed.project

    @property
    def track_id(self) -> str:
        """Return the track that is recorded on."""
        return self._note.track

    @property
    def passes(self) -> tuple[Pass, ...]:
        """Return the passes so far, the present one last, as far as their places are known."""
        return tuple(self._latest())[::-1]

    @property
    def growing(self) -> Growing | None:
        """Return what the present pass looks like so far; None before its place is known."""
        last = next(self._latest(), None)
        if last is None:
            return None
        step = OUTLINE_FRAMES * self._session.sample_rate / self._recorder.source.sample_rate
        outline = self._recorder.level.outline
        return Growing(last.position, last.length, step, outline[int(last.offset / step) :])

    @property
    def recording(self) -> Recording | None:
        """Return the file that grows; None before `begin`."""
        return self._recording

    @property
    def over(self) -> bool:
        """Tell whether it ended by itself: at the range's end, or for a reason that `problem` tells."""
        if self._recorder.error is not None or not self._armed.transport.playing:
            return True
        return self._options.punch and self._recorded_to() >= self.end

    @property
    def problem(self) -> FanstudioError | None:
        """Return what cut the recording off, or None."""
        return self._recorder.error

    def stop(self) -> None:
        """Stop playing; what was sung up to what is heard now is on its way still, `keep` waits for it."""
        transport = self._armed.transport
        self._stopped_at = transport.position
        transport.stop()
        if self._stopped_at < self.start:
            transport.locate(self.start)
        self._unsubscribe()
        transport.set_session(self._armed.project.document.session)

    def place(self, kept: Kept, *, after: Session | None = None) -> None:
        """Lay the takes on the track, as one undo step, which may be the one `after` which the track came."""
        recordings.place(self.project, kept, f"Record on “{kept.note.track_name}”", after=after)

    # ── on a worker ──────────────────────────────────────────────────────────────────────────

    def keep(self, work: Work) -> Kept | None:
        """Wait for the last sounds, and bring the recording into the pool; None where there is nothing.

        Raises:
            StorageError: the disk is full or gone; what was recorded is found when the project is opened.

        """
        work.report(0.0, "Keeping the recording")
        assert self._recording is not None
        self._await_tail()
        self._recorder.end()
        passes = self.passes
        part = self._recording.path
        if not passes:
            recordings.discard(part)
            return None
        self._keep_note()
        return recordings.keep(work, self._armed.project, part, self._note, passes)

    # ── inside ───────────────────────────────────────────────────────────────────────────────

    def _range(self, loop: LoopRange | None) -> tuple[int, int]:
        """Return where recording begins, and where at the latest it ends."""
        if self._options.punch and loop is None:
            raise EditError("There is no range to punch into.", hint="Drag in the ruler to set one.")
        chosen = loop if self._options.punch else self._loop
        if chosen is not None:
            return chosen.start, chosen.end
        position = self._armed.transport.position
        return (0 if position >= self._session.length else position), MAX_FRAMES

    def _heard(self, session: Session) -> None:
        """Play without what the armed track holds where it is recorded, and without a loop for a punch."""
        if self._options.punch:
            session = replace(session, loop=None)
        end = min(self.end, max(session.length, self.start + 1))
        self._armed.transport.set_session(_without(session, self._note.track, self.start, end))

    def _latest(self) -> Iterator[Pass]:
        """Yield the passes from the present one to the first, the present one up to where it was stopped."""
        if self._recording is None:
            return
        loop = (self._loop.start, self._loop.end) if self._loop else None
        passes = self._recording.placement.latest(
            self._recording.frames, self._round_trip, self.start, self.end, loop
        )
        last = next(passes, None)
        if last is not None and self._stopped_at is not None:
            last = replace(last, length=min(last.length, self._stopped_at - last.position))
        if last is not None and last.length > 0:
            yield last
        yield from passes

    def _recorded_to(self) -> int:
        """Return the timeline frame up to which sound is on the disk."""
        lag = self._recording.placement.lag if self._recording else None
        return (
            0 if lag is None or self._recording is None else self._recording.frames - lag - self._round_trip
        )

    def _await_tail(self) -> None:
        wanted = self.end if self._stopped_at is None else min(self.end, self._stopped_at)
        end = time.monotonic() + _TAIL_S
        while self._recorded_to() < wanted and self._recorder.error is None and time.monotonic() < end:
            time.sleep(_POLL_S)

    def _keep_note(self) -> None:
        if self._recording is not None:
            recordings.write_note(self._recording.path, replace(self._note, passes=self.passes))


def _enabled(loop: LoopRange | None) -> LoopRange | None:
    return loop if loop is not None and loop.enabled else None


def _without(session: Session, track_id: str, start: int, end: int) -> Session:
    """Return the session with a stretch of a track empty."""
    if all(track.id != track_id for track in session.tracks):
        return session
    blank = Clip(new_id(), "", "", start, 0, end - start)
    track = lay(session.track(track_id), blank)
    return with_track(session, replace(track, clips=without(track, blank.id)))
