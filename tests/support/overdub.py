"""What a process on a JACK server of a test's own does: plays clicks and records them through the loop."""

from __future__ import annotations

import re
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import soundfile

from fanstudio.audio.both_ways import BothWays, Microphone
from fanstudio.audio.device import Output
from fanstudio.audio.device.listing import SoundDevice
from fanstudio.audio.transport import Transport
from fanstudio.jobs import Work
from fanstudio.model import edits, mixer_edits
from fanstudio.model.mixer import MASTER
from fanstudio.model.session import Session, Stem
from fanstudio.settings import load
from fanstudio.studio import recordings
from fanstudio.studio.arm import Armed
from fanstudio.studio.import_audio import Declaration, import_files, place_sources
from fanstudio.studio.playback import make_transport
from fanstudio.studio.project import Project, create_project, open_project, save_project
from fanstudio.studio.record import LiveRecording, RecordOptions
from fanstudio.studio.round_trip import measure_round_trip, remember

CLICKS_S = (0.3, 0.9, 1.4)
LENGTH_S = 1.7
#: The second of these is looped, or punched into.
PART_S = 0.6


def wait_for(condition: Callable[[], bool], seconds: float = 15) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.01)


def click_project(folder: Path, rate: int) -> Project:
    """A project with a track of clicks, and an empty one below for the voice."""
    clicks = np.zeros((round(LENGTH_S * rate), 2), np.float32)
    for at in CLICKS_S:
        clicks[round(at * rate)] = 0.9
    soundfile.write(folder / "clicks.wav", clicks, rate, subtype="FLOAT")
    project = create_project(folder / "project", "Overdub", rate)
    place_sources(project, import_files(Work(), project, [folder / "clicks.wav"], Declaration()))
    project.document.apply("Add track", lambda session: edits.add_track(session, "Voice", Stem.VOCALS))
    return project


class Booth:
    """A project that plays through the server, with its second track armed."""

    def __init__(self, folder: Path, round_trip: int | None = None, rate: int = 48_000) -> None:
        self.rate = rate
        self.settings = load(folder / "settings.json")
        self.project = click_project(folder, rate)
        self.transport: Transport = make_transport(self.project, self.settings)
        self.project.document.subscribe(self.transport.set_session)
        self.armed = Armed(
            self.project,
            self.transport,
            self.settings,
            self.session.tracks[1].id,
            Microphone(),
        )
        wait_for(lambda: self.armed.ready)
        self._loop_back()
        if round_trip is not None:
            remember(self.settings, self.armed.devices, round_trip)

    @property
    def session(self) -> Session:
        return self.project.document.session

    def _loop_back(self) -> None:
        """Let the first input hear the first output, a period later."""
        listed = subprocess.run(["jack_lsp"], capture_output=True, text=True, check=True).stdout
        outputs = re.findall(r"PortAudio:out_\d+", listed)
        inputs = re.findall(r"PortAudio:in_\d+", listed)
        for output, to in zip(outputs, inputs, strict=False):
            subprocess.run(["jack_connect", output, to], check=True)

    def measure(self) -> int:
        frames = measure_round_trip(Work(), self.transport, self.armed.recorder, self.rate)
        remember(self.settings, self.armed.devices, frames)
        return frames

    def begin(self, options: RecordOptions | None = None) -> LiveRecording:
        live = LiveRecording(self.armed, options or RecordOptions(count_in_bars=0))
        live.begin()
        return live

    def finish(self, live: LiveRecording) -> None:
        live.stop()
        kept = live.keep(Work())
        if kept is not None:
            live.place(kept)

    def play_to(self, seconds: float, live: LiveRecording) -> None:
        wait_for(lambda: live.over or self.transport.position >= round(seconds * self.rate))

    def voice(self) -> np.ndarray:
        """What the voice track plays, on the timeline, mono."""
        clips = self.session.tracks[1].clips
        sound = np.zeros(max(clip.end for clip in clips), np.float32)
        for clip in clips:
            samples = self.project.pool.samples(self.session.source(clip.source), self.rate)
            sound[clip.position : clip.end] = samples[0, clip.offset : clip.offset + clip.length]
        return sound

    def errors(self, clicks_s: tuple[float, ...] = CLICKS_S) -> list[int]:
        """By how many frames each click lies beside where it was played."""
        sound = np.abs(self.voice())
        near = self.rate // 10
        found = []
        for at in (round(click * self.rate) for click in clicks_s):
            window = sound[max(0, at - near) : at + near]
            assert window.max() > 0.3, f"no click at {at}"
            found.append(int(np.argmax(window)) - min(at, near))
        return found

    def close(self) -> None:
        self.armed.close()
        self.transport.close()


def report(text: object) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def overdub(folder: str, _period: str) -> None:
    booth = Booth(Path(folder))
    round_trip = booth.measure()
    live = booth.begin()
    booth.play_to(1.6, live)
    booth.finish(live)
    track = booth.session.tracks[1]
    errors = booth.errors()
    basis = booth.session.source(track.takes[0].source).origin.basis.value
    booth.project.document.undo()
    report(
        {
            "round_trip": round_trip,
            "errors": errors,
            "takes": len(track.takes),
            "undone": len(booth.session.tracks[1].takes),
            "basis": basis,
        }
    )
    booth.close()


def another_rate(folder: str, _period: str) -> None:
    """Record into a session whose rate the device does not take."""
    booth = Booth(Path(folder), rate=44_100)
    booth.project.document.apply("Limit", lambda session: mixer_edits.add_effect(session, MASTER, "limiter"))
    booth.measure()
    live = booth.begin()
    booth.play_to(1.6, live)
    booth.finish(live)
    report({"errors": booth.errors(), "recorded_at": booth.session.sources[-1].sample_rate})
    booth.close()


def apart(folder: str, _period: str) -> None:
    """Open the input in a stream of its own, as for two devices."""
    BothWays._open_as_one = _open_in_turn  # type: ignore[method-assign]
    booth = Booth(Path(folder))
    assert not booth.armed.recorder.source.shares_clock
    booth.measure()
    live = booth.begin()
    booth.play_to(1.6, live)
    booth.finish(live)
    report({"errors": booth.errors()})
    booth.close()


def _open_in_turn(self: BothWays, device: SoundDevice, sample_rate: int) -> Output:
    output = self._open_output(sample_rate)
    self._open_apart(device, sample_rate, 0.0)
    return output


def counted_in(folder: str, period: str) -> None:
    """Two bars of a fast metronome before the song; the loop hears them too."""
    booth = Booth(Path(folder), int(period))
    booth.project.document.apply("Tempo", lambda session: edits.set_tempo(session, 240.0, 4))
    began = time.monotonic()
    live = booth.begin(RecordOptions(count_in_bars=2))
    wait_for(lambda: (booth.transport.sent() or -1) >= 0)
    waited = time.monotonic() - began
    booth.play_to(1.6, live)
    booth.finish(live)
    sound = np.abs(booth.voice())
    for at in CLICKS_S:
        sound[round(at * booth.rate) - 5 : round(at * booth.rate) + 5] = 0
    report(
        {
            "errors": booth.errors(),
            "position": booth.session.tracks[1].takes[0].position,
            "clicks_beside": int(np.count_nonzero(sound > 0.05)),
            "waited_s": waited,
        }
    )
    booth.close()


def looped(folder: str, period: str) -> None:
    """Two whole rounds of the second part, and some of a third."""
    booth = Booth(Path(folder), int(period))
    part = round(PART_S * booth.rate)
    booth.project.document.apply("Loop", lambda session: edits.set_loop(session, part, 2 * part))
    live = booth.begin()
    for _round in range(2):
        booth.play_to(1.5 * PART_S, live)
        wait_for(lambda: booth.transport.position < 1.2 * part)
    booth.play_to(1.5 * PART_S, live)
    booth.finish(live)
    track = booth.session.tracks[1]
    report(
        {
            "positions": [take.position for take in track.takes],
            "lengths": [take.length for take in track.takes],
            "heard": next(clip.name for clip in track.clips if clip.position == part),
            "errors": booth.errors((0.9,)),
        }
    )
    booth.close()


def punched(folder: str, period: str) -> None:
    """Record the second part anew, over a whole take."""
    booth = Booth(Path(folder), int(period))
    live = booth.begin()
    booth.play_to(1.6, live)
    booth.finish(live)
    length = booth.session.tracks[1].clips[-1].end
    part = round(PART_S * booth.rate)
    booth.project.document.apply("Loop", lambda session: edits.set_loop(session, part, 2 * part))
    live = booth.begin(RecordOptions(count_in_bars=1, punch=True))
    wait_for(lambda: live.over)
    booth.finish(live)
    track = booth.session.tracks[1]
    report(
        {
            "clips": [(clip.position, clip.end) for clip in track.clips],
            "take": (track.takes[-1].position, track.takes[-1].length),
            "length": length,
            "errors": booth.errors(),
        }
    )
    booth.close()


def device_gone(folder: str, period: str) -> None:
    booth = Booth(Path(folder), int(period))
    live = booth.begin()
    wait_for(lambda: booth.transport.position > 0)
    report("recording")
    wait_for(lambda: live.over)
    problem = live.problem
    booth.finish(live)
    _report_cut_off(booth, str(problem))


def _report_cut_off(booth: Booth, problem: str) -> None:
    kept_s = booth.session.tracks[-1].takes[0].length / booth.rate
    clicks = tuple(click for click in CLICKS_S if click < kept_s - 0.2)
    report({"problem": problem, "kept_s": kept_s, "errors": booth.errors(clicks)})
    booth.close()


def endless(folder: str, period: str) -> None:
    """Record until the process is killed."""
    booth = Booth(Path(folder), int(period))
    save_project(booth.project)
    booth.begin()
    wait_for(lambda: booth.transport.position > 0)
    report("recording")
    time.sleep(60)


def recovered(folder: str, _period: str) -> None:
    """Open what `endless` left."""
    booth = Booth.__new__(Booth)
    booth.project = open_project(Work(), Path(folder) / "project")
    booth.rate = booth.session.sample_rate
    (part,) = recordings.unfinished(booth.project.pool)
    kept = recordings.recover(Work(), booth.project, part)
    assert kept is not None
    recordings.place(booth.project, kept, "Recover")
    kept_s = booth.session.tracks[1].takes[0].length / booth.rate
    left = len(list(booth.project.pool.folder.glob(".*")))
    clicks = tuple(click for click in CLICKS_S if click < kept_s - 0.2)
    report({"left": left, "kept_s": kept_s, "errors": booth.errors(clicks)})


def disk_full(folder: str, period: str) -> None:
    """Let no file grow beyond 1.8 s of sound, which is what a full disk does to it."""
    booth = Booth(Path(folder), int(period))
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (round(1.8 * booth.rate) * 4, limits[1]))
    live = booth.begin()
    wait_for(lambda: live.problem is not None)
    problem = live.problem
    live.stop()
    resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    kept = live.keep(Work())
    assert kept is not None
    live.place(kept)
    _report_cut_off(booth, str(problem))
