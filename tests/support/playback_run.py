"""A minute of playback in the real window on a sound server, watched from inside, in a child process.

Sixteen stereo tracks, eight with equaliser and compressor; the timeline scrolls and repaints at every
60th of a second. What comes out is looped back through the server and recorded, so that what is heard is
known to the frame; it comes in one period after it went out.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import numpy as np
import rtmixer
import sounddevice
from PySide6.QtCore import QEventLoop, QTimer

from fanstudio.audio.device.mixer import MixerOutput
from fanstudio.gui.app import application
from fanstudio.gui.collector import spare_what_stays
from fanstudio.gui.main_window import MainWindow
from fanstudio.gui.timeline.view import TimelineView
from fanstudio.jobs import Work
from fanstudio.model import edits, mixer_edits
from fanstudio.model.rights import Basis, Origin
from fanstudio.model.session import Session, Stem
from fanstudio.studio.playback import make_transport
from fanstudio.studio.project import Project, create_project, save_project
from tests.support.desk import open_window

RATE = 44_100
TRACKS, WITH_EFFECTS = 16, 8
#: What is played before and after a pause of silence, into which and out of which is located.
SOUND_S, PAUSE_S = 70, 10
EDITS, SEEKS = 10, 10
THREADS = ("MainThread", "render")
_SETTLE_MS = 500
_FRAME_MS = 16
_AUDIBLE = 1e-3
_KEPT_FRAMES = 1 << 22


@dataclass
class Watch:
    """What is measured: how much was queued when each block came, and how long asked changes took."""

    queued: list[int] = field(default_factory=list)
    repaints: int = 0
    repaint_late_ms: list[float] = field(default_factory=list)


class Ear:
    """Records what the server loops back, and tells when it changed."""

    def __init__(self) -> None:
        self._stream = rtmixer.Recorder(samplerate=RATE, channels=2, latency="low")
        self._ring = rtmixer.RingBuffer(8, _KEPT_FRAMES)
        self._asked: list[tuple[str, int, bool]] = []

    def start(self) -> None:
        self._stream.start()

    def listen(self) -> None:
        self._stream.record_ringbuffer(self._ring)

    def note(self, name: str, *, sounds: bool) -> None:
        """Note that from now on there should be sound, or none."""
        self._asked.append((name, self._ring.read_available, sounds))

    def waits_ms(self) -> dict[str, list[float]]:
        """Return how long it took after each note until it was so, and stayed so until the next."""
        heard = np.frombuffer(self._ring.read(), np.float32).reshape(-1, 2)
        loud = np.abs(heard).max(axis=1) > _AUDIBLE
        waits: dict[str, list[float]] = {}
        for (name, start, sounds), (_, end, _) in pairwise((*self._asked, ("", len(loud), False))):
            others = np.flatnonzero(_smoothed(loud[start:end]) != sounds)
            since = int(others[-1]) + 1 if len(others) else 0
            waits.setdefault(name, []).append(1000 * since / RATE)
        return waits

    def close(self) -> None:
        self._stream.close()


def _smoothed(loud: np.ndarray) -> np.ndarray:
    """Return where there is sound within a millisecond; a wave crosses zero."""
    near = np.convolve(loud, np.ones(RATE // 1000), "same")
    return near > 0


def make_busy_project(folder: Path) -> Project:
    """Return a project of sixteen tracks of noise around a pause, eight of them with effects."""
    project = create_project(folder / "busy", "Busy", RATE)
    rng = np.random.default_rng(0)
    sound = rng.uniform(-0.1, 0.1, (2, RATE * SOUND_S)).astype(np.float32)
    pause = np.zeros((2, RATE * PAUSE_S), np.float32)
    stems = (Stem.VOCALS, Stem.DRUMS, Stem.BASS, Stem.OTHER)
    for number in range(TRACKS):
        writer = project.pool.writer(RATE, 2)
        for part in (np.roll(sound, 997 * number, axis=1), pause, sound):
            writer.write(part)
        source = writer.finish(Work(), f"Part {number}", RATE, Origin(Basis.OWN, "noise"), stems[number % 4])
        project.document.apply("Import", lambda session, source=source: edits.import_source(session, source))
    project.document.apply("Add effects", with_effects)
    save_project(project)
    return project


def with_effects(session: Session) -> Session:
    for track in session.tracks[:WITH_EFFECTS]:
        for kind in ("equaliser", "compressor"):
            session = mixer_edits.add_effect(session, track.id, kind)
    return session


@contextmanager
def watched(watch: Watch) -> Iterator[None]:
    """Note what is queued whenever a block comes to a device."""
    write = MixerOutput.write

    def watch_write(self: MixerOutput, block: np.ndarray) -> None:
        if self._written > self.sample_rate // 4:
            watch.queued.append(self.queued())
        write(self, block)

    MixerOutput.write = watch_write
    try:
        yield
    finally:
        MixerOutput.write = write


@contextmanager
def repainting(window: MainWindow, watch: Watch, *, everything: bool) -> Iterator[None]:
    """Scroll the timeline at every frame of the screen; repaint all of the window too, or what changed."""
    for _ in range(6):
        window.stage.zoom_in()
    bar = window.stage.findChild(TimelineView).horizontalScrollBar()
    last = [time.monotonic()]

    def repaint() -> None:
        now = time.monotonic()
        watch.repaints += 1
        watch.repaint_late_ms.append(1000 * (now - last[0]) - _FRAME_MS)
        last[0] = now
        bar.setValue((bar.value() + max(1, bar.pageStep() // 100)) % max(1, bar.maximum()))
        if everything:
            window.repaint()

    timer = QTimer()
    timer.timeout.connect(repaint)
    timer.start(_FRAME_MS)
    try:
        yield
    finally:
        timer.stop()


def wait(milliseconds: int) -> None:
    """Let the window live as `QApplication.exec` does; `QTest.qWait` would keep the interpreter's lock."""
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()


def edit_and_seek(window: MainWindow, ear: Ear, seconds: int) -> None:
    """Play for so long; mute and unmute meanwhile, then locate into silence and out of it."""
    document, transport = window.workspace.document, window.workspace.transport
    gap = 1000 * seconds // (2 * EDITS)
    tracks = [track.id for track in document.session.tracks]
    for number in range(2 * EDITS):
        wait(gap)
        on = number % 2 == 0
        ear.note("mute" if on else "unmute", sounds=not on)
        document.apply("Mute", lambda session, on=on: mute_all(session, tracks, on))
    wait(_SETTLE_MS)
    for number in range(SEEKS):
        ear.note("locate into silence", sounds=False)
        transport.locate(RATE * (SOUND_S + 1))
        wait(_SETTLE_MS)
        ear.note("locate into sound", sounds=True)
        transport.locate(RATE * (10 + number))
        wait(_SETTLE_MS)


def mute_all(session: Session, tracks: list[str], muted: bool) -> Session:
    for track in tracks:
        session = edits.mute_track(session, track, muted)
    return session


def cpu_seconds() -> dict[str, float]:
    """Return what the threads that matter have used so far."""
    threads = {thread.name: thread.native_id for thread in threading.enumerate()}
    files = {name: Path(f"/proc/self/task/{native}/stat") for name, native in threads.items()}
    fields = {name: file.read_text().rpartition(")")[2].split() for name, file in files.items()}
    tick = os.sysconf("SC_CLK_TCK")
    return {name: (int(row[11]) + int(row[12])) / tick for name, row in fields.items() if name in THREADS}


def tell(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main(folder: str, seconds: str, painted: str) -> None:
    """Play, and print what was measured as JSON; waits for a line when the ports can be connected."""
    app = application()
    project = make_busy_project(Path(folder))
    watch = Watch()
    with watched(watch), open_window(app, project, transport_of=make_transport) as window:
        window.resize(1600, 1000)
        transport = window.workspace.transport
        while transport.silent or window.workspace.bridge._tasks:  # waveforms are drawn first
            wait(10)
        spare_what_stays()  # as the application does once a project is open
        ear = Ear()
        ear.start()
        tell("ready")
        sys.stdin.readline()
        ear.listen()
        interruptions = transport.interruptions
        began, used = time.monotonic(), cpu_seconds()
        transport.play()
        with repainting(window, watch, everything=painted == "everything"):
            wait(2 * _SETTLE_MS)
            edit_and_seek(window, ear, int(seconds))
        transport.stop()
        took = time.monotonic() - began
        report = {
            "cpu_shares": {name: (cpu - used.get(name, 0)) / took for name, cpu in cpu_seconds().items()},
            "lowest_ms": 1000 * min(watch.queued) / RATE,
            "blocks": len(watch.queued),
            "starved": interruptions.starved,
            "late": interruptions.late,
            "repaints": watch.repaints,
            "repaint_late_ms": sorted(watch.repaint_late_ms)[len(watch.repaint_late_ms) // 2],
            "notice": transport.notice,
            "load": os.getloadavg()[0],
            "waits_ms": ear.waits_ms(),
        }
        ear.close()
    tell(json.dumps(report))
    sounddevice._terminate()
