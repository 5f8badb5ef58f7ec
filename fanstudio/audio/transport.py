"""The transport: plays snapshots of a session through an output, on a thread of its own.

Editing swaps the snapshot; the render thread notices between two blocks, so an edit is heard after
the ring (200 ms) has played out. Nobody waits for a lock while audio is rendered.
"""

from __future__ import annotations

import threading

from fanstudio.audio.device import BLOCK_FRAMES, OpenDevice, open_output
from fanstudio.audio.device.output import Interruptions
from fanstudio.audio.forgiving import ForgivingSources, PoolSamples
from fanstudio.audio.guide import Guide
from fanstudio.audio.levels import Levels
from fanstudio.audio.line import Line
from fanstudio.audio.meters import NOTHING_READ, LoudnessReading, MasterMeter
from fanstudio.audio.mix.faults import Faults, told_faults
from fanstudio.audio.mix.mix import Mix
from fanstudio.audio.mix.path import Stretches
from fanstudio.audio.mix.tails import tail_frames
from fanstudio.audio.priority import put_sound_first, start_for_sound
from fanstudio.audio.route import Route
from fanstudio.audio.samples import Samples, silence
from fanstudio.audio.schedule import Schedule
from fanstudio.errors import DeviceError
from fanstudio.model.session import Session
from fanstudio.text import first_few

_WAIT_S = 0.01
_METER_S = 0.05
_HISTORY_S = 1.0


class Transport:
    """Play, stop, locate; every method may be called from any thread and returns at once."""

    def __init__(self, session: Session, samples: PoolSamples, open_device: OpenDevice = open_output) -> None:
        """Start the render thread, and another that opens the output at the session's rate."""
        self._session = session
        self._sources = ForgivingSources(samples)
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._line = Line(session.sample_rate, open_device, self._wake.set)
        self._output = self._line.output
        self._closing = False
        self._playing = False
        self._rest = 0
        self._restart = False
        self._schedule = Schedule()
        self._loudness = NOTHING_READ
        self._measure_anew = False
        self._guide: Guide | None = None
        self._lead_in = self._lead_left = 0
        self._mix: Mix | None = None
        self._begun = False
        self._tail = 0
        self._faults: Faults = {}
        self._cursor = 0
        self._thread = start_for_sound(self._run, "render")

    # ── what the faces call ──────────────────────────────────────────────────────────────────

    @property
    def playing(self) -> bool:
        """Tell whether it plays; it stops by itself at the session's end."""
        return self._playing

    @property
    def position(self) -> int:
        """Return the timeline frame that is heard now."""
        with self._lock:
            return self._position()

    @property
    def output_name(self) -> str:
        """Return the name of the sound device."""
        return self._line.output.name

    @property
    def silent(self) -> bool:
        """Tell whether there is no device, so that nothing can be heard."""
        return self._line.output.silent

    @property
    def interruptions(self) -> Interruptions:
        """Return how often the sound broke off on this device."""
        return self._line.output.interruptions

    @property
    def notice(self) -> str:
        """Return what the user should know, or nothing: no device, a source or an effect that fails."""
        faults = self._faults
        effects = told_faults(self._session, faults) if faults else ()
        lines = (self._line.notice, *first_few((*self._sources.faults, *effects)))
        return " ".join(filter(None, lines))

    @property
    def faults(self) -> Faults:
        """Return what is wrong with which effects."""
        return self._faults

    def play(self, guide: Guide | None = None) -> None:
        """Play from the present position; from the start where that is the end.

        With a guide, as for recording, the song has no end, and what leads in goes before.
        """
        with self._lock:
            if self._playing:
                return
            if guide is None and Route(self._session).is_over(self._rest):
                self._rest = 0
            self._guide = guide
            self._lead_in = guide.lead_in if guide else 0
            self._playing = self._restart = True
        self._wake.set()

    def stop(self) -> None:
        """Stop where it is."""
        with self._lock:
            self._rest = self._position()
            self._read_loudness()
            self._playing = self._restart = False
        self._wake.set()

    def locate(self, frame: int) -> None:
        """Go to a timeline frame, playing on where it plays."""
        with self._lock:
            self._rest = max(0, frame)
            self._restart = self._playing
        self._wake.set()

    def sent(self) -> int | None:
        """Return the timeline frame that goes to the device now; None while stopped.

        It lies before 0 while what leads in does.
        """
        with self._lock:
            if not self._playing or self._restart:
                return None
            return self._schedule.position(self._output.heard() + self._output.latency_frames())

    def set_session(self, session: Session) -> None:
        """Play this snapshot from the next block on."""
        self._session = session
        self._wake.set()

    def choose_output(self, open_device: OpenDevice | None = None) -> None:
        """Open the output anew, by another way if one is given; what plays goes on."""
        self._line.choose(open_device)
        self._wake.set()

    def levels(self) -> Levels:
        """Return the peaks of what is heard now; nothing while stopped."""
        with self._lock:
            if not self._playing or self._restart:
                return Levels()
            window = round(_METER_S * self._output.sample_rate)
            return self._schedule.levels(self._output.heard(), window)

    def loudness(self) -> LoudnessReading:
        """Return the loudness of what is heard, measured anew since it last began or was located."""
        with self._lock:
            return self._read_loudness() if self._playing else self._loudness.at_rest()

    def measure_anew(self) -> None:
        """Forget the loudness and the peaks so far: they are measured from the next block on."""
        with self._lock:
            self._measure_anew, self._loudness = True, NOTHING_READ

    def close(self) -> None:
        """Stop, end the render thread and give the device back."""
        self._closing = True
        self._wake.set()
        self._thread.join()

    # ── the render thread ────────────────────────────────────────────────────────────────────

    def _position(self) -> int:
        if not self._playing or self._restart:
            return self._rest
        heard = self._schedule.position(self._output.heard())
        return self._rest if heard is None else max(0, heard)

    def _read_loudness(self) -> LoudnessReading:
        if self._playing and not self._restart:
            self._loudness = self._schedule.loudness(self._output.heard())
        return self._loudness

    def _run(self) -> None:
        put_sound_first()
        # Made here for the first time so that the filters' import holds up neither window nor sound.
        self._meter = MasterMeter(self._output.sample_rate)
        running = False
        while not self._closing:
            self._wake.wait(_WAIT_S if self._playing else None)
            self._wake.clear()
            try:
                running = self._turn(running)
            except DeviceError as error:
                self._line.lose(self._output, error)
                self._wake.set()
        self._output.stop()
        self._line.close()

    def _turn(self, running: bool) -> bool:
        """Do what is asked and fill the ring; return whether the output runs."""
        self._follow_line()
        if not self._playing:
            if running:
                self._output.stop()
            return False
        if self._restart:
            self._begin()
        self._fill()
        return True

    def _follow_line(self) -> None:
        """Go on through the output that the line has now, from what was heard."""
        output = self._line.output
        if output is not self._output:
            with self._lock:
                self._rest = self._position()
                self._restart = self._playing
                self._output = output

    def _begin(self) -> None:
        if self._output.sample_rate != self._session.sample_rate:
            self._line.want(self._session.sample_rate)
            self._follow_line()
        self._output.stop()
        self._output.start()
        self._meter = MasterMeter(self._output.sample_rate)
        with self._lock:
            self._schedule = Schedule()
            self._cursor = self._rest - self._lead_in
            self._lead_left, self._lead_in = self._lead_in, 0
            self._restart = False
        self._begun = False

    def _fill(self) -> None:
        """Fill the ring; one that never gets full is left as soon as the line has another output."""
        while self._output.room() >= BLOCK_FRAMES and self._output is self._line.output:
            following = self._next(self._current(self._session))
            if following is None:
                self._finish_at_end()
                return
            if not self._write(*following):
                return

    def _next(self, mix: Mix) -> tuple[Stretches, Samples, Levels] | None:
        """Return what is heard next and where it lies: what leads in, without the song, or a block of it."""
        if self._lead_left:
            frames = min(self._lead_left, BLOCK_FRAMES)
            self._lead_left -= frames
            return ((self._cursor, frames),), silence(2, frames), Levels()
        frames = BLOCK_FRAMES
        if self._guide is None:
            frames = mix.left(frames, self._tail)
        if not frames:
            return None
        stretches = mix.stretches(frames)
        block = mix.read(frames)
        self._faults = mix.faults
        return stretches, block, mix.take_levels()

    def _write(self, stretches: Stretches, block: Samples, levels: Levels) -> bool:
        """Queue a block; False where it is no longer wanted."""
        self._meter.push(block)
        loudness = self._meter.reading()
        with self._lock:
            if self._restart or not self._playing:
                return False
            for position, frames in stretches:
                self._schedule.add(position, frames, levels, loudness)
                self._cursor = position + frames
            self._schedule.forget(self._output.heard() - round(_HISTORY_S * self._output.sample_rate))
        self._output.write(self._with_clicks(stretches, block))
        return True

    def _with_clicks(self, stretches: Stretches, block: Samples) -> Samples:
        if self._guide is None:
            return block
        block, at = block.copy(), 0
        for position, frames in stretches:
            clicks = self._guide.clicks(position, frames)
            if clicks is not None:
                block[:, at : at + frames] += clicks
            at += frames
        return block

    def _finish_at_end(self) -> None:
        """Stop when all that was written has been heard."""
        if self._output.finish() or self._output.queued():
            return
        with self._lock:
            if self._playing and not self._restart:
                self._read_loudness()
                self._playing = False
                self._rest = self._cursor

    def _current(self, session: Session) -> Mix:
        """Return the mix of a session; sources that were not ready are asked for again now and then."""
        mix = self._mix
        if mix is not None and mix.session.sample_rate != session.sample_rate:
            mix = None
        if mix is not None and self._begun and mix.session is session and not self._sources.is_due:
            return mix
        stale = self._sources.forget_faults()
        samples = self._sources.at(session.sample_rate)
        self._tail = tail_frames(session)
        if mix is not None and self._begun:
            mix.change(session, samples, Route(session), stale=stale)
        else:
            start = self._cursor + self._lead_left
            mix = Mix(session, samples, start, Route(session), metered=True, past=mix, stale=stale)
        self._mix, self._begun = mix, True
        return mix
