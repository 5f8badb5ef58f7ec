"""What automation costs the timeline, and 200 strips the window: ratios and shares in one run."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from statistics import median

import pytest
from PySide6.QtCore import QThreadPool
from PySide6.QtWidgets import QApplication
from pytestqt.plugin import QtBot

from fanstudio.gui.bridge import TICK_MS
from fanstudio.gui.theme import apply_theme
from fanstudio.gui.timeline.view import TimelineView
from fanstudio.gui.tokens import DARK, LANE_HEIGHT_STUDIO
from fanstudio.model import edits
from fanstudio.model.document import Document
from fanstudio.model.mixer import GAIN, Automation, Point
from tests.bench.test_timeline_paint import FRAMES, RATE, SECONDS, SMOOTH_MS, big_session, frame_times
from tests.support.desk import make_project, open_window
from tests.support.timelines import Sounds

POINTS = 2_000
TRACKS = 200


@pytest.fixture
def view(qtbot: QtBot, qapp: QApplication) -> Iterator[TimelineView]:
    apply_theme(qapp, DARK)
    session, sounds = big_session(), Sounds()
    for source in session.sources:
        sounds.add(source)
    step = SECONDS * RATE // POINTS
    curve = Automation(GAIN, tuple(Point(number * step, -6.0 - number % 9) for number in range(POINTS)))
    tracks = tuple(replace(track, automation=(curve,)) for track in session.tracks)
    shown = TimelineView(Document(replace(session, tracks=tracks)), DARK, sounds.peaks, sounds.samples)
    qtbot.addWidget(shown)
    shown.resize(1920, 1080)
    shown.show()
    yield shown
    QThreadPool.globalInstance().waitForDone()


def tell(capsys: pytest.CaptureFixture[str], words: str) -> None:
    with capsys.disabled():
        sys.stdout.write(f"\n  {words}\n")


def thread_ms(repeats: int, act: Callable[[int], object]) -> list[float]:
    """Return this thread's processor milliseconds for each of some calls."""
    times = []
    for number in range(repeats):
        begun = time.thread_time()
        act(number)
        times.append((time.thread_time() - begun) * 1000)
    return times


@pytest.mark.bench
@pytest.mark.parametrize("pixels_per_second", [2, 20, 100])
def test_scrolling_stays_smooth_with_automation_on_every_lane(
    qapp: QApplication, view: TimelineView, capsys: pytest.CaptureFixture[str], pixels_per_second: int
) -> None:
    view.set_lane_height(LANE_HEIGHT_STUDIO)
    view.state.show(
        replace(view.view_geometry(), frames_per_pixel=RATE / pixels_per_second, left_frame=RATE * 20.0)
    )
    view.viewport().repaint()
    QThreadPool.globalInstance().waitForDone()
    qapp.processEvents()
    plain = median(frame_times(qapp, view, lambda _: view.state.scroll(11, 0)))
    view.show_curves({track.id: GAIN for track in view.state.session.tracks})
    view.viewport().repaint()
    ruled = median(frame_times(qapp, view, lambda _: view.state.scroll(11, 0)))
    tell(capsys, f"scroll, {pixels_per_second} px/s: {plain:.2f} ms, with automation {ruled:.2f} ms")
    assert ruled < SMOOTH_MS


@pytest.mark.bench
def test_a_mixer_of_two_hundred_tracks_is_cheap(
    qapp: QApplication, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    project = make_project(tmp_path)
    for number in range(TRACKS - 1):
        project.document.apply("Add", lambda now, number=number: edits.add_track(now, f"Track {number}"))
    with open_window(qapp, project) as window:
        track = window.workspace.session.tracks[0].id

        def drag(number: int) -> None:
            window.commands.mixer.set_gain(track, -number / 10)

        hidden = median(thread_ms(FRAMES, drag))
        opened = thread_ms(1, lambda _: (window.mixer.show(), qapp.processEvents()))[0]
        shown = median(thread_ms(FRAMES, lambda number: drag(number + FRAMES)))
        tick = median(thread_ms(FRAMES, lambda _: window.mixer._show_levels()))
        bar = window.mixer.row.horizontalScrollBar()
        scrolled = median(thread_ms(FRAMES, lambda number: bar.setValue(number * 60)))
        tell(
            capsys,
            f"{TRACKS} tracks: a fader's step {hidden:.1f} ms, with the mixer {shown:.1f} ms; "
            f"open {opened:.0f} ms, tick {tick:.2f} ms, scroll by 60 px {scrolled:.2f} ms",
        )
        assert shown < 2 * hidden + TICK_MS / 4
        assert tick < TICK_MS / 4
        assert scrolled < SMOOTH_MS
