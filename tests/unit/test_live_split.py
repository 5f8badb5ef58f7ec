"""A split that is heard while it runs: through the transport, with heads, undo, save and kills."""

from __future__ import annotations

import multiprocessing
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from fanstudio import paths
from fanstudio.audio.device import NullOutput
from fanstudio.audio.live import RAMP_FRAMES
from fanstudio.audio.samples import Samples
from fanstudio.errors import Cancelled, ChildError, EditError, StorageError
from fanstudio.jobs import Job, JobRunner, Work
from fanstudio.model import edits, project_file
from fanstudio.model.session import Stem
from fanstudio.model.warp import Warp
from fanstudio.model.warp_edits import set_warp
from fanstudio.studio.context import Studio
from fanstudio.studio.export import ExportOptions, export_project
from fanstudio.studio.live_split import LiveSplit
from fanstudio.studio.playback import make_transport
from fanstudio.studio.project import Project, autosave, open_project, save_project, save_project_as
from fanstudio.studio.split import SplitResult, split_clip
from fanstudio.studio.split_options import SplitOptions
from fanstudio.studio.split_speed import expected_seconds
from tests.support.disks import small_disk
from tests.support.processes import await_end, children
from tests.support.songs import RATE, make_song_project

SECONDS = 30.0


class Tape(NullOutput):
    """A silent output that keeps what is played, at a quarter of the pace: any machine splits faster."""

    def __init__(self, rate: int) -> None:
        super().__init__(rate, "a test", lambda: time.monotonic() / 4)
        self.blocks: list[Samples] = []

    def write(self, block: Samples) -> None:
        self.blocks.append(block)
        super().write(block)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """User folders, whose cache holds the song's samples, and a project with the song beside them."""
    folder = tmp_path_factory.mktemp("live")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FANSTUDIO_HOME", str(folder / "home"))
        make_song_project(folder, SECONDS)
    return folder


@pytest.fixture
def project(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A copy of the project with the song."""
    monkeypatch.setenv("FANSTUDIO_HOME", str(home / "home"))
    shutil.copytree(home / "song1.fanstudio", tmp_path / "song1.fanstudio")
    return open_project(Work(), tmp_path / "song1.fanstudio")


@contextmanager
def running(project: Project, playhead: int = 0) -> Iterator[tuple[LiveSplit, Job[SplitResult]]]:
    """Begin a split of the project's song; what is still under way afterwards is cancelled."""
    runner = JobRunner()
    split = LiveSplit(project, project.document.session.tracks[0].clips[0].id, SplitOptions())
    split.begin(playhead)
    job = runner.submit("Splitting", split.run)
    try:
        yield split, job
    finally:
        runner.shutdown(20)


def until(what: Callable[[], object], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.01)


def parts(project: Project) -> list[Path]:
    return [path for path in project.pool.folder.iterdir() if path.name.startswith(".part")]


def samples_of(project: Project, stem: Stem) -> Samples:
    session = project.document.session
    source = next(source for source in session.sources if source.stem is stem)
    return np.asarray(project.pool.samples(source, session.sample_rate))


def test_stems_stand_at_once_and_end_as_ordinary_sources(
    project: Project, home: Path, tmp_path: Path
) -> None:
    before = project.document.session
    with running(project) as (split, job):
        assert [track.stem for track in project.document.session.tracks] == [
            Stem.MIX,
            Stem.VOCALS,
            Stem.ACCOMPANIMENT,
        ]
        split.finish(job.result(120))
    assert split.ready == ((0, split.source.length),)
    session = project.document.session
    stems = session.sources[1:]
    assert [len(stem.id) for stem in stems] == [64, 64]
    assert all(stem.lineage and stem.lineage.model_sha256 for stem in stems)
    assert not parts(project)
    for stem in stems:
        project.pool.verify(Work(), stem)
    save_project(project)
    assert project_file.read(project.folder).session == session
    project.document.undo()
    assert project.document.session == before

    twin = open_project(Work(), shutil.copytree(home / "song1.fanstudio", tmp_path / "twin.fanstudio"))
    ordinary = split_clip(Work(), twin, twin.document.session.tracks[0].clips[0].id).stems
    assert [stem.id for stem in ordinary] == [stem.id for stem in stems]


def test_vocals_are_heard_before_the_split_is_over(project: Project) -> None:
    tapes: list[Tape] = []

    def open_tape(rate: int) -> Tape:
        tapes.append(Tape(rate))
        return tapes[-1]

    transport = make_transport(project, None, open_tape)
    document = project.document
    document.subscribe(transport.set_session)
    try:
        with running(project) as (split, job):
            accompaniment = document.session.tracks[2].id
            document.apply("Mute", lambda session: edits.mute_track(session, accompaniment, True))
            transport.play()
            until(lambda: any(block.any() for tape in tapes for block in tape.blocks))
            assert not job.done
            assert split.ready
            split.finish(job.result(120))
            time.sleep(0.5)
        assert transport.notice == "a test"
    finally:
        transport.close()
    played = np.concatenate(tapes[-1].blocks, axis=1)
    vocals = samples_of(project, Stem.VOCALS)[:, : played.shape[1]]
    sounding = int(np.abs(played).max(axis=0).nonzero()[0][0]) + RAMP_FRAMES
    assert np.array_equal(played[:, sounding:], vocals[:, sounding:])
    assert played[:, sounding:].any()


def test_it_splits_where_the_playhead_is_and_goes_where_it_jumps(project: Project) -> None:
    playhead = round(20.5 * RATE)
    with running(project, playhead) as (split, job):
        until(lambda: any(start <= playhead < end for start, end in split.ready))
        assert split.ready[0][0] > 5 * RATE
        split.follow(0)
        until(lambda: split.ready[0][0] == 0)
        job.result(120)


def test_it_follows_through_stretched_clips(project: Project) -> None:
    song = project.document.session.tracks[0].clips[0]
    project.document.apply("Stretch", lambda now: set_warp(now, song.id, Warp(stretch=2.0)))
    split = LiveSplit(project, song.id, SplitOptions())
    split.begin(40 * RATE)
    assert split._wanted.value == 20 * RATE
    stem = project.document.session.tracks[1].clips[0]
    project.document.apply("Trim", lambda now: edits.trim_start(now, stem.id, 10 * RATE))
    split.follow(50 * RATE)
    assert split._wanted.value == 25 * RATE
    split.abandon()


def test_cancel_leaves_nothing_within_a_second(project: Project) -> None:
    before = project.document.session
    with running(project) as (split, job):
        until(lambda: split.ready)
        asked = time.monotonic()
        job.cancel()
        with pytest.raises(Cancelled):
            job.result(20)
        took = time.monotonic() - asked
        split.abandon()
    assert took < 6  # measured: 0.1 s; this machine may be busy
    assert project.document.session == before
    assert not project.document.changed
    assert project.document.history.undo_label == project.document.history.redo_label is None
    assert not parts(project)
    assert not multiprocessing.active_children()


def test_who_listens_does_not_notice_a_cancel(project: Project) -> None:
    tapes: list[Tape] = []

    def open_tape(rate: int) -> Tape:
        tapes.append(Tape(rate))
        return tapes[-1]

    transport = make_transport(project, None, open_tape)
    project.document.subscribe(transport.set_session)
    try:
        with running(project) as (split, job):
            transport.play()
            until(lambda: split.ready)
            time.sleep(0.5)
            job.cancel()
            until(lambda: job.done)
            time.sleep(0.5)
            split.abandon()
            time.sleep(0.5)
    finally:
        transport.close()
    played = np.concatenate(tapes[-1].blocks, axis=1)
    mix = samples_of(project, Stem.MIX)[:, : played.shape[1]]
    assert np.abs(played - mix).max() < 1e-6


def test_a_child_that_dies_is_one_clear_error_and_the_song_stays_whole(project: Project) -> None:
    with running(project) as (split, job):
        until(lambda: split.ready)
        (child,) = multiprocessing.active_children()
        pid = child.pid
        child.kill()
        with pytest.raises(ChildError, match="ended unexpectedly"):
            job.result(20)
        await_end([pid])
        split.abandon()
    assert not parts(project)
    assert [clip.muted for clip in project.document.session.clips()] == [False]


def test_saving_meanwhile_saves_what_was_there_before(project: Project) -> None:
    before = project.document.session
    with running(project) as (split, job):
        track = project.document.session.tracks[0].id
        project.document.apply("Gain", lambda session: edits.set_track_gain(session, track, -3.0))
        assert project.document.changed
        autosave(project)
        recovered = project_file.read(project.folder).recovered
        save_project(project)
        assert not project.document.changed
        split.finish(job.result(120))
    saved = project_file.read(project.folder).session
    assert recovered == saved == edits.set_track_gain(before, track, -3.0)
    assert project.document.changed


def test_undo_says_that_it_is_not_wanted_any_more(project: Project) -> None:
    with running(project) as (split, job):
        assert not split.is_gone
        project.document.undo()
        assert split.is_gone
        job.cancel()
        until(lambda: job.done)
        split.abandon()
    assert project.document.history.redo_label is None


def test_a_stem_is_not_split_again(project: Project) -> None:
    with running(project) as (split, job):
        vocals = project.document.session.tracks[1].clips[0].id
        with pytest.raises(EditError, match="stem already"):
            LiveSplit(project, vocals, SplitOptions())
        job.cancel()
        until(lambda: job.done)
        split.abandon()


def test_a_clip_that_went_meanwhile_leaves_nothing_lent(project: Project) -> None:
    clip = project.document.session.tracks[0].clips[0].id
    split = LiveSplit(project, clip, SplitOptions())
    project.document.apply("Remove", lambda session: edits.delete_clips(session, [clip]))
    with pytest.raises(EditError):
        split.begin(0)
    assert not project.pool._lent


def test_how_fast_it_went_is_remembered(project: Project) -> None:
    (paths.cache_dir() / "model_speeds.json").unlink(missing_ok=True)
    with running(project) as (split, job):
        split.finish(job.result(120))
    assert expected_seconds(SplitOptions(), 60)


def test_peaks_grow_as_stems_come(project: Project) -> None:
    with running(project) as (split, job):
        vocals = split.stems[0].id
        peaks = split.peaks(vocals)
        assert peaks is not None
        assert not peaks.levels[0].any()
        until(lambda: split.drawn)
        start, end = split.drawn.popleft()
        assert peaks.levels[0][:, :, start // 256 : end // 256].any()
        split.finish(job.result(120))
    assert split.peaks("another") is None
    whole = project.pool.peaks(project.document.session.sources[1])
    assert whole is not None
    assert all(np.array_equal(a, b) for a, b in zip(whole.levels, peaks.levels, strict=True))


def test_threads_are_gone(project: Project) -> None:
    before = set(threading.enumerate())
    with running(project) as (split, job):
        split.finish(job.result(120))
    assert not [thread for thread in set(threading.enumerate()) - before if not thread.daemon]


def test_nothing_is_exported_meanwhile(project: Project, tmp_path: Path) -> None:
    with running(project) as (split, job):
        with pytest.raises(EditError, match="still being split"):
            export_project(Work(), Studio(), project, ExportOptions(tmp_path / "x.flac"))
        job.cancel()
        until(lambda: job.done)
        split.abandon()
    assert not (tmp_path / "x.flac").exists()


def test_saved_elsewhere_without_what_is_being_made(project: Project, tmp_path: Path) -> None:
    before = project.document.session
    with running(project) as (split, job):
        copy = save_project_as(Work(), project, tmp_path / "copy")
        assert project_file.read(copy.folder).session == before
        assert not copy.pool.missing(copy.document.settled.sources)
        job.cancel()
        until(lambda: job.done)
        split.abandon()
    assert copy.document.session == before


@pytest.mark.parametrize(
    "options",
    [SplitOptions(stems=4), SplitOptions(wanted=("drums",), keep_rest=True), SplitOptions(quality="best")],
)
def test_other_stems_are_the_ordinary_ones_too(
    project: Project, home: Path, tmp_path: Path, options: SplitOptions
) -> None:
    clip = project.document.session.tracks[0].clips[0].id
    split = LiveSplit(project, clip, options)
    split.begin(12 * RATE)
    split.finish(split.run(Work()))
    stems = project.document.session.sources[1:]
    assert len(stems) == len(split.stems)
    twin = open_project(Work(), shutil.copytree(home / "song1.fanstudio", tmp_path / "twin.fanstudio"))
    ordinary = split_clip(Work(), twin, clip, options).stems
    for stem, same in zip(stems, ordinary, strict=True):
        assert (stem.name, stem.stem, stem.lineage) == (same.name, same.stem, same.lineage)
        difference = np.asarray(project.pool.samples(stem, RATE)) - twin.pool.samples(same, RATE)[:, :]
        assert np.abs(difference).max() < 1e-5


def test_a_full_disk_is_said_and_left_as_it_was(home: Path, tmp_path: Path, project: Project) -> None:
    with small_disk(tmp_path / "small", "12m") as disk:
        folder = Path(shutil.copytree(home / "song1.fanstudio", disk.folder / "song1.fanstudio"))
        before = disk.names()
        full = open_project(Work(), folder)
        with running(full) as (split, job):
            until(lambda: job.done, 120)
            with pytest.raises(StorageError, match=r"The disk is full: .*audio was not written"):
                job.result()
            split.abandon()
        assert disk.names() == before
        assert not full.document.changed


#: Splits a project's song as the window does, keeps an edit aside meanwhile, and says when a piece is there.
_WINDOW = """
import sys, threading, time
from pathlib import Path
from fanstudio.jobs import Work
from fanstudio.model import edits
from fanstudio.studio.live_split import LiveSplit
from fanstudio.studio.project import autosave, open_project
from fanstudio.studio.split_options import SplitOptions

if __name__ == "__main__":
    project = open_project(Work(), Path(sys.argv[1]))
    track = project.document.session.tracks[0]
    split = LiveSplit(project, track.clips[0].id, SplitOptions())
    split.begin(0)
    threading.Thread(target=split.run, args=(Work(),), daemon=True).start()
    while not split.ready:
        time.sleep(0.01)
    project.document.apply("Gain", lambda session: edits.set_track_gain(session, track.id, -3.0))
    autosave(project)
    print("split", flush=True)
    time.sleep(600)
"""


def test_a_kill_loses_the_split_and_nothing_else(
    project: Project, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = shutil.copytree(home / "home", tmp_path / "home")
    monkeypatch.setenv("FANSTUDIO_HOME", str(own))  # where no other project is open
    (tmp_path / "window.py").write_text(_WINDOW)
    command = [sys.executable, str(tmp_path / "window.py"), str(project.folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as window:
        assert window.stdout is not None
        assert window.stdout.readline() == "split\n"
        workers = children(window.pid)
        assert parts(project)
        window.kill()
    await_end(workers, 10)
    before = project.document.session
    again = open_project(Work(), project.folder)
    assert again.document.session == edits.set_track_gain(before, before.tracks[0].id, -3.0)
    assert not parts(again)
