"""How long it takes from “Split” to the first separated sound, and what of it is spent on what.

Cold: no child process, model or thread of a split is there before. For “Split”, the song is in the
project, decoded and drawn; for a drop, nothing of it is known. The program runs, as it does when a fan
clicks, so Python and the libraries are in the system's file cache. The sound is taken where the transport
writes it; a device plays it up to 0.2 s later.
"""

from __future__ import annotations

import statistics
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import soundfile

from fanstudio import paths
from fanstudio.audio.device import NullOutput
from fanstudio.audio.samples import Samples
from fanstudio.jobs import JobRunner, Work, run_child
from fanstudio.model import edits
from fanstudio.studio.import_audio import Declaration, import_files, place_sources
from fanstudio.studio.live_split import LiveSplit
from fanstudio.studio.new_project import make_project
from fanstudio.studio.playback import make_transport
from fanstudio.studio.project import Project, create_project
from fanstudio.studio.split_options import SplitOptions
from tests.support.first_piece import time_steps

SECONDS = 240
RUNS = 5
#: The song's start; a place in one window of the net; one where two windows meet and both are needed.
PLAYHEADS_S = (0, 130, 20)


class Ear(NullOutput):
    """A silent output that notes when the first sound came."""

    def __init__(self, rate: int) -> None:
        super().__init__(rate, "a bench")
        self.first_sound: float | None = None

    def write(self, block: Samples) -> None:
        if self.first_sound is None and block.any():
            self.first_sound = time.monotonic()
        super().write(block)


@pytest.fixture(scope="module")
def song(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four minutes of the demo song, as MP3."""
    demo, rate = soundfile.read(paths.demo_dir() / "song.flac", dtype="float32")
    path = tmp_path_factory.mktemp("song") / "song.mp3"
    with soundfile.SoundFile(path, "w", rate, 2, format="MP3") as file:
        for start in range(0, SECONDS * rate, 8192):
            file.write(np.take(demo, range(start, min(start + 8192, SECONDS * rate)), axis=0, mode="wrap"))
    return path


def heard_after(project: Project, playhead: int, song: Path | None = None) -> float:
    """Return the seconds from the click to the first sound of the vocals, the accompaniment muted.

    With a `song`, it is dropped on the empty project first, and the clock runs from the drop.
    """
    ears: list[Ear] = []

    def open_ear(rate: int) -> Ear:
        ears.append(Ear(rate))
        return ears[-1]

    transport = make_transport(project, None, open_ear)
    document, runner = project.document, JobRunner()
    unsubscribe = document.subscribe(transport.set_session)
    transport.locate(playhead)
    try:
        began = time.monotonic()
        if song is not None:
            imported = runner.submit("Import", lambda w: import_files(w, project, [song], Declaration()))
            place_sources(project, imported.result(60))
        split = LiveSplit(project, document.session.tracks[0].clips[0].id, SplitOptions())
        split.begin(playhead)
        job = runner.submit("Splitting", split.run)
        mute = document.session.tracks[2].id
        document.apply("Mute track", lambda session: edits.mute_track(session, mute, True))
        transport.play()
        while not ears or ears[-1].first_sound is None:
            assert not job.done
            time.sleep(0.002)
        return ears[-1].first_sound - began
    finally:
        transport.close()
        unsubscribe()
        runner.shutdown(20)
        split.abandon()


def dropped(folder: Path, song: Path) -> float:
    """Return the seconds from the drop of a song to its vocals; nothing of the song is known before."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FANSTUDIO_HOME", str(folder))
        return heard_after(create_project(folder / "new.fanstudio", "New"), 0, song)


@pytest.mark.bench
@pytest.mark.timeout(600)
def test_heard_at_once(song: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    project = make_project(Work(), tmp_path / "song.fanstudio", [song], Declaration())
    source = project.document.session.sources[0]
    mix = project.pool.rendition(source, project.document.session.sample_rate)
    rate = project.document.session.sample_rate
    times = {at: [heard_after(project, at * rate) for _ in range(RUNS)] for at in PLAYHEADS_S}
    drops = [dropped(tmp_path / f"drop{number}", song) for number in range(RUNS)]
    breakdown = [run_child(Work(), time_steps, time.monotonic(), mix, source.length) for _ in range(RUNS)]
    with capsys.disabled():
        out = sys.stdout.write
        out(f"\nfirst separated sound of {SECONDS} s of MP3, median and worst of {RUNS}:\n")
        out(f"  after a drop: {statistics.median(drops):.2f} s, {max(drops):.2f} s\n")
        for at, seconds in times.items():
            out(f"  after a click, playhead at {at} s: ")
            out(f"{statistics.median(seconds):.2f} s, {max(seconds):.2f} s\n")
        out("what the child does until then:\n")
        for number, (name, _) in enumerate(breakdown[0]):
            out(f"  {name}: {statistics.median(run[number][1] for run in breakdown):.3f} s\n")
    assert all(statistics.median(seconds) < 1.5 for seconds in (drops, *times.values()))
