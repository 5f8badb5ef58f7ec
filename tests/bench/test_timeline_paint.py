from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from statistics import median

import pytest
from PySide6.QtCore import QThreadPool
from PySide6.QtWidgets import QApplication
from pytestqt.plugin import QtBot

from fanstudio.gui.theme import apply_theme
from fanstudio.gui.timeline.view import TimelineView
from fanstudio.gui.tokens import DARK, LANE_HEIGHT_STUDIO
from fanstudio.model.document import Document
from fanstudio.model.session import Clip, Session, Stem, Track, new_session
from tests.support.timelines import RATE, Sounds, make_source

TRACKS, CLIPS, SECONDS = 32, 200, 600
FRAMES = 40
#: What the eye takes for one movement: 60 frames a second.
SMOOTH_MS = 1000 / 60


def big_session() -> Session:
    stems = (Stem.VOCALS, Stem.DRUMS, Stem.BASS, Stem.OTHER)
    sources = tuple(make_source(stem.value, stem, 60.0) for stem in stems)
    step = SECONDS * RATE // CLIPS
    tracks = []
    for lane in range(TRACKS):
        source = sources[lane % 4]
        clips = tuple(
            Clip(
                f"{lane}-{n}",
                source.id,
                f"Clip {n}",
                n * step,
                (n % 15) * step,
                step - RATE // 20,
                fade_out=RATE // 5,
            )
            for n in range(CLIPS)
        )
        tracks.append(Track(str(lane), f"Track {lane}", source.stem, clips))
    return replace(new_session("Big", RATE), sources=sources, tracks=tuple(tracks))


@pytest.fixture
def view(qtbot: QtBot, qapp: QApplication) -> Iterator[TimelineView]:
    apply_theme(qapp, DARK)
    session, sounds = big_session(), Sounds()
    for source in session.sources:
        sounds.add(source)
    shown = TimelineView(Document(session), DARK, sounds.peaks, sounds.samples)
    qtbot.addWidget(shown)
    shown.resize(1920, 1080)
    shown.show()
    yield shown
    QThreadPool.globalInstance().waitForDone()


def frame_times(app: QApplication, view: TimelineView, step: Callable[[int], None]) -> list[float]:
    """Return the processor milliseconds of this thread for each of `FRAMES` changes and its painting."""
    times = []
    for number in range(FRAMES):
        begun = time.thread_time()
        step(number)
        view.viewport().repaint()
        times.append((time.thread_time() - begun) * 1000)
        app.processEvents()
    return times


def tell(capsys: pytest.CaptureFixture[str], what: str, times: list[float]) -> None:
    with capsys.disabled():
        sys.stdout.write(f"\n  {what:34} median {median(times):6.2f} ms, worst {max(times):6.2f} ms\n")


@pytest.mark.bench
@pytest.mark.parametrize("pixels_per_second", [2, 20, 100, 2000])
@pytest.mark.parametrize("lane_height", [112, LANE_HEIGHT_STUDIO])
def test_scrolling_is_smooth(
    qapp: QApplication,
    view: TimelineView,
    capsys: pytest.CaptureFixture[str],
    pixels_per_second: int,
    lane_height: int,
) -> None:
    view.set_lane_height(lane_height)
    view.state.show(
        replace(view.view_geometry(), frames_per_pixel=RATE / pixels_per_second, left_frame=RATE * 20.0)
    )
    view.viewport().repaint()
    QThreadPool.globalInstance().waitForDone()
    qapp.processEvents()
    times = frame_times(qapp, view, lambda _: view.state.scroll(11, 0))
    tell(capsys, f"scroll, {pixels_per_second} px/s, lanes {lane_height} px", times)
    assert median(times) < SMOOTH_MS


@pytest.mark.bench
def test_zooming_is_smooth(
    qapp: QApplication, view: TimelineView, capsys: pytest.CaptureFixture[str]
) -> None:
    view.fit()
    times = frame_times(qapp, view, lambda _: view.state.zoom(1.26, 960))
    tell(capsys, "zoom sweep", times)
    assert median(times) < 2 * SMOOTH_MS


@pytest.mark.bench
def test_the_playhead_is_cheap(
    qapp: QApplication, view: TimelineView, capsys: pytest.CaptureFixture[str]
) -> None:
    view.state.show(replace(view.view_geometry(), frames_per_pixel=RATE / 100))
    view.viewport().repaint()
    QThreadPool.globalInstance().waitForDone()
    qapp.processEvents()
    times = []
    for number in range(FRAMES):
        begun = time.thread_time()
        view.set_playhead(RATE + number * 800)
        qapp.processEvents()
        times.append((time.thread_time() - begun) * 1000)
    tell(capsys, "playhead, 100 px/s", times)
    assert median(times) < SMOOTH_MS / 4
