"""200 tracks of four minutes, effects on 40, buses and sends: opened, played, edited, saved, bounced."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import replace
from statistics import median

import pytest
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from fanstudio.audio.mix.mix import Mix
from fanstudio.audio.route import Route
from fanstudio.export.bounce import rendered
from fanstudio.jobs import Work
from fanstudio.model import edits
from fanstudio.model.session import Session
from fanstudio.studio.project import Project, autosave, open_project, save_project
from tests.support.desk import open_window
from tests.support.large_sessions import make_large

TRACKS, WITH_EFFECTS, SECONDS = 200, 40, 240.0
PLAYED_S = 10


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("large")
        patch.setenv("FANSTUDIO_HOME", str(folder / "home"))
        return make_large(folder, TRACKS, WITH_EFFECTS, SECONDS)


@pytest.fixture(autouse=True)
def _same_home(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FANSTUDIO_HOME", str(project.folder.parent / "home"))


def _tell(capsys: pytest.CaptureFixture[str], words: str) -> None:
    with capsys.disabled():
        sys.stdout.write(f"\n  {words}\n")


def _seconds(act: Callable[[], object]) -> float:
    begun = time.perf_counter()
    act()
    return time.perf_counter() - begun


def _speed(project: Project, session: Session) -> float:
    """Return how many times faster than it plays a mix is made, by the processor's time of one thread."""
    rate = session.sample_rate
    mix = Mix(session, project.pool.samples_at(rate), 0, Route(session), metered=True)
    mix.read(1_024)
    begun = time.thread_time()
    for _ in range(PLAYED_S * rate // 1_024):
        mix.read(1_024)
    return PLAYED_S / (time.thread_time() - begun)


@pytest.mark.bench
@pytest.mark.timeout(1800)
def test_two_hundred_tracks_are_edited_saved_and_bounced(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    opened = _seconds(lambda: open_project(Work(), project.folder))
    again = open_project(Work(), project.folder)
    session = again.document.session
    ready = _seconds(lambda: [again.pool.samples(source, session.sample_rate) for source in session.sources])
    track = session.tracks[0].id
    edited = _seconds(
        lambda: again.document.apply("Gain", lambda now: edits.set_track_gain(now, track, -3.0))
    )
    kept = _seconds(lambda: autosave(again))
    saved = _seconds(lambda: save_project(again))
    undone = _seconds(again.document.undo)
    plain = replace(session, tracks=tuple(replace(one, effects=()) for one in session.tracks))
    with_effects, without = _speed(again, session), _speed(again, plain)
    bounced = _seconds(lambda: _bounce(again, session))
    _tell(
        capsys,
        f"{TRACKS} tracks × {SECONDS:.0f} s: open {opened:.2f} s, files {ready:.2f} s, edit {edited:.3f} s,"
        f" autosave {kept:.2f} s, save {saved:.2f} s, undo {undone:.3f} s; mix in blocks of 1024"
        f" {with_effects:.1f} × with effects on {WITH_EFFECTS}, {without:.1f} × without;"
        f" bounce {SECONDS / bounced:.1f} ×",
    )
    assert undone < 0.1
    assert saved < 2.0


def _bounce(project: Project, session: Session) -> None:
    rate = session.sample_rate
    for _ in rendered(Work(), session, project.pool.samples_at(rate), rate):
        pass


@pytest.mark.bench
@pytest.mark.timeout(1800)
def test_two_hundred_tracks_play_while_the_window_is_used(
    project: Project, qapp: QApplication, capsys: pytest.CaptureFixture[str]
) -> None:
    shown: list[float] = []
    again = open_project(Work(), project.folder)
    opening = time.perf_counter()
    with open_window(qapp, again) as window:
        QTest.qWait(100)
        opening = time.perf_counter() - opening
        window.mixer.show()
        transport = window.workspace.transport
        begun = time.perf_counter()
        transport.play()
        while transport.position == 0 and time.perf_counter() - begun < 60:
            QTest.qWait(5)
        first = time.perf_counter() - begun
        end = time.perf_counter() + PLAYED_S
        while time.perf_counter() < end:
            begun = time.perf_counter()
            window.stage.timeline.viewport().repaint()
            qapp.processEvents()
            shown.append((time.perf_counter() - begun) * 1000)
            QTest.qWait(16)
        heard, starved, notice = transport.position, transport.interruptions.starved, transport.notice
        stopped = _seconds(transport.stop)
    _tell(
        capsys,
        f"window {opening:.1f} s, first sound {first:.2f} s; in {PLAYED_S} s of playing"
        f" {heard / again.document.session.sample_rate:.1f} s were heard, starved {starved} times,"
        f" a turn of the window {median(shown):.1f} ms (worst {max(shown):.0f}), stop {stopped:.3f} s;"
        f" notice: {notice or 'none'}",
    )
    assert stopped < 0.2
    assert not starved or heard
