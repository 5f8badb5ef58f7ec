from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QDragEnterEvent,
    QDragMoveEvent,
    QDropEvent,
    QImage,
    QMouseEvent,
    QNativeGestureEvent,
    QPointingDevice,
    QWheelEvent,
)
from PySide6.QtWidgets import QApplication
from pytestqt.plugin import QtBot

from fanstudio.gui.timeline.drops import landing
from fanstudio.gui.timeline.hit import Hit, Part
from fanstudio.gui.timeline.view import TimelineView
from fanstudio.gui.tokens import CONTRAST, DARK, LIGHT, RULER_HEIGHT, Theme, blend
from fanstudio.model import edits
from fanstudio.model.document import Document
from fanstudio.model.session import Clip, Session
from tests.support.timelines import BAR, BAR_PIXELS, BEAT, RATE, Sounds, make_session, make_view

LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
SHIFT, CTRL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier
ALT = Qt.KeyboardModifier.AltModifier
FIRST_LANE, SECOND_LANE = RULER_HEIGHT + 56, RULER_HEIGHT + 168
HANDLES = RULER_HEIGHT + 14
Settle = Callable[[], None]


class Screen:
    """A timeline on the screen and a hand on the mouse."""

    def __init__(self, view: TimelineView, document: Document) -> None:
        self.view = view
        self.document = document

    def send(self, kind: QEvent.Type, x: float, y: float, keys: Qt.KeyboardModifier, *, down: bool) -> None:
        port = self.view.viewport()
        at = QPointF(x, y)
        button = LEFT if kind != QEvent.Type.MouseMove else Qt.MouseButton.NoButton
        held = LEFT if down else Qt.MouseButton.NoButton
        event = QMouseEvent(kind, at, QPointF(port.mapToGlobal(at)), button, held, keys)
        QApplication.sendEvent(port, event)

    def press(self, x: float, y: float, keys: Qt.KeyboardModifier = NONE) -> None:
        self.send(QEvent.Type.MouseButtonPress, x, y, keys, down=True)

    def move(self, x: float, y: float, keys: Qt.KeyboardModifier = NONE, *, down: bool = True) -> None:
        self.send(QEvent.Type.MouseMove, x, y, keys, down=down)

    def release(self, x: float, y: float, keys: Qt.KeyboardModifier = NONE) -> None:
        self.send(QEvent.Type.MouseButtonRelease, x, y, keys, down=False)

    def click(self, x: float, y: float, keys: Qt.KeyboardModifier = NONE) -> None:
        self.press(x, y, keys)
        self.release(x, y, keys)

    def drag(
        self, start: tuple[float, float], end: tuple[float, float], keys: Qt.KeyboardModifier = NONE
    ) -> None:
        self.press(*start, keys)
        for step in range(1, 6):
            self.move(
                start[0] + (end[0] - start[0]) * step / 5, start[1] + (end[1] - start[1]) * step / 5, keys
            )
        self.release(*end, keys)

    def wheel(self, x: float, y: float, turn: QPoint, keys: Qt.KeyboardModifier = NONE) -> None:
        port = self.view.viewport()
        at = QPointF(x, y)
        phase = Qt.ScrollPhase.NoScrollPhase
        event = QWheelEvent(
            at, QPointF(port.mapToGlobal(at)), QPoint(), turn, Qt.MouseButton.NoButton, keys, phase, False
        )
        QApplication.sendEvent(port, event)

    def clip(self, clip_id: str) -> Clip:
        return self.document.session.clip(clip_id)[1]

    def track_of(self, clip_id: str) -> str:
        return self.document.session.clip(clip_id)[0].id

    def labels(self) -> list[str]:
        return [step.label for step in self.document.history.past]


def x_of(bars: float) -> float:
    return bars * BAR_PIXELS


@pytest.fixture(scope="module")
def sounds() -> Sounds:
    made = Sounds()
    for source in make_session().sources:
        made.add(source)
    return made


@pytest.fixture
def screen(qtbot: QtBot, sounds: Sounds) -> Screen:
    document = Document(make_session())
    view = make_view(document, sounds)
    qtbot.addWidget(view)
    view.show()
    qtbot.waitExposed(view)
    return Screen(view, document)


# ── selecting ──


def test_click_selects_and_shift_and_ctrl_add_and_take_out(screen: Screen, qtbot: QtBot) -> None:
    with qtbot.waitSignal(screen.view.selectionChanged):
        screen.click(x_of(1.5), FIRST_LANE)
    assert screen.view.selected_clips() == ("one",)
    screen.click(x_of(4.5), FIRST_LANE, SHIFT)
    assert screen.view.selected_clips() == ("one", "two")
    screen.click(x_of(1.5), FIRST_LANE, CTRL)
    assert screen.view.selected_clips() == ("two",)
    screen.click(x_of(1.5), FIRST_LANE)
    assert screen.view.selected_clips() == ("one",)
    assert not screen.labels()


def test_click_on_one_of_several_selected_leaves_only_it(screen: Screen) -> None:
    screen.view.select(["one", "two"])
    screen.click(x_of(1.5), FIRST_LANE)
    assert screen.view.selected_clips() == ("one",)


def test_click_beside_clips_clears_the_selection_and_locates(screen: Screen, qtbot: QtBot) -> None:
    screen.view.select(["one"])
    with qtbot.waitSignal(screen.view.locateRequested) as located:
        screen.click(x_of(3.5), FIRST_LANE)
    assert screen.view.selected_clips() == ()
    assert located.args == [round(3.5 * BAR)]


def test_rubber_band_selects_and_escape_takes_it_back(screen: Screen, qtbot: QtBot) -> None:
    screen.drag((x_of(3.2), FIRST_LANE - 20), (x_of(2.5), SECOND_LANE))
    assert screen.view.selected_clips() == ("one", "beat")
    screen.press(x_of(6.5), FIRST_LANE)
    screen.move(x_of(5.5), FIRST_LANE + 20)
    assert screen.view.selected_clips() == ("two",)
    qtbot.keyClick(screen.view, Qt.Key.Key_Escape)
    assert screen.view.selected_clips() == ("one", "beat")


def test_deleted_clips_leave_the_selection(screen: Screen, qtbot: QtBot) -> None:
    screen.view.select(["one", "two"])
    with qtbot.waitSignal(screen.view.selectionChanged):
        screen.document.apply("Delete", lambda session: edits.delete_clips(session, ["one"]))
    assert screen.view.selected_clips() == ("two",)


# ── moving ──


def test_drag_moves_a_clip_to_the_beat_in_one_undo_step(screen: Screen) -> None:
    screen.drag((x_of(1.5), FIRST_LANE), (x_of(2.6), FIRST_LANE))
    assert screen.clip("one").position == 2 * BAR
    assert screen.labels() == ["Move clip"]
    screen.document.undo()
    assert screen.clip("one").position == BAR


def test_alt_moves_freely(screen: Screen) -> None:
    screen.drag((x_of(1.5), FIRST_LANE), (x_of(1.5) + 7, FIRST_LANE), ALT)
    assert screen.clip("one").position == BAR + 7 * BAR // BAR_PIXELS


def test_the_playhead_stays_when_a_clip_is_dragged(screen: Screen, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(screen.view.locateRequested):
        screen.drag((x_of(1.5), FIRST_LANE), (x_of(2.6), FIRST_LANE))


def test_drag_to_another_lane_keeps_the_time(screen: Screen) -> None:
    screen.drag((x_of(4.5), FIRST_LANE), (x_of(4.5) + 3, SECOND_LANE))
    assert screen.track_of("two") == "kit"
    assert screen.clip("two").position == 4 * BAR
    assert screen.clip("beat").end == 4 * BAR


def test_passing_over_a_clip_leaves_it_whole(screen: Screen) -> None:
    before = screen.clip("two")
    screen.press(x_of(1.5), FIRST_LANE)
    screen.move(x_of(4.5), FIRST_LANE)
    assert screen.document.session.find_clip("two") != before
    screen.move(x_of(8.5), FIRST_LANE)
    screen.release(x_of(8.5), FIRST_LANE)
    assert screen.clip("two") == before
    assert screen.clip("one").position == 8 * BAR


def test_several_clips_move_together_and_stop_at_the_start(screen: Screen) -> None:
    screen.view.select(["one", "beat", "two"])
    screen.drag((x_of(4.5), FIRST_LANE), (x_of(1.0), FIRST_LANE))
    assert (screen.clip("one").position, screen.clip("two").position) == (0, 3 * BAR)
    assert screen.clip("beat").position == 0


def test_escape_abandons_a_move(screen: Screen, qtbot: QtBot) -> None:
    before = screen.document.session
    screen.press(x_of(1.5), FIRST_LANE)
    screen.move(x_of(2.5), FIRST_LANE)
    assert screen.clip("one").position != BAR
    qtbot.keyClick(screen.view, Qt.Key.Key_Escape)
    screen.move(x_of(3.5), FIRST_LANE)
    screen.release(x_of(3.5), FIRST_LANE)
    assert screen.document.session == before
    assert not screen.labels()


def test_undo_in_the_midst_of_a_drag_ends_it(screen: Screen) -> None:
    screen.press(x_of(1.5), FIRST_LANE)
    screen.move(x_of(2.5), FIRST_LANE)
    screen.document.undo()
    screen.move(x_of(3.5), FIRST_LANE)
    screen.release(x_of(3.5), FIRST_LANE)
    assert screen.clip("one").position == BAR
    assert not screen.labels()


def test_a_clip_that_goes_while_it_is_pressed_is_not_dragged(screen: Screen) -> None:
    screen.press(x_of(1.5), FIRST_LANE)
    screen.document.apply("Delete", lambda session: edits.delete_clips(session, ["one"]))
    screen.move(x_of(3.5), FIRST_LANE)
    screen.release(x_of(3.5), FIRST_LANE)
    assert screen.labels() == ["Delete"]


# ── trimming and fades ──


def test_edges_trim(screen: Screen) -> None:
    screen.drag((x_of(1) + 2, FIRST_LANE), (x_of(1.5) + 2, FIRST_LANE))
    assert (screen.clip("one").position, screen.clip("one").offset) == (BAR + 2 * BEAT, 2 * BAR + 2 * BEAT)
    screen.drag((x_of(3) - 2, FIRST_LANE), (x_of(2.5) - 2, FIRST_LANE))
    assert screen.clip("one").end == 2 * BAR + 2 * BEAT
    assert screen.labels() == ["Trim clip", "Trim clip"]
    assert screen.view.selected_clips() == ("one",)


def test_an_edge_stops_at_the_start_of_its_source(screen: Screen) -> None:
    screen.drag((x_of(1) + 2, SECOND_LANE), (x_of(0) + 2, SECOND_LANE))
    assert screen.clip("beat").position == BAR


def test_handles_make_fades(screen: Screen) -> None:
    screen.drag((x_of(1) + 5, HANDLES), (x_of(1) + 45, HANDLES))
    screen.drag((x_of(3) - 5, HANDLES), (x_of(3) - 25, HANDLES))
    clip = screen.clip("one")
    assert (clip.fade_in, clip.fade_out) == (40 * BAR // BAR_PIXELS, 20 * BAR // BAR_PIXELS)
    assert screen.labels() == ["Change fade", "Change fade"]
    screen.drag((x_of(1) + 40, HANDLES), (x_of(1) - 90, HANDLES))
    assert screen.clip("one").fade_in == 0


def test_split_keeps_the_fades_and_both_parts_are_drawn(screen: Screen, settled: Settle) -> None:
    screen.drag((x_of(1) + 5, HANDLES), (x_of(1) + 45, HANDLES))
    screen.document.apply("Split", lambda session: edits.split_clip(session, "one", 2 * BAR))
    left, right, _ = screen.document.session.tracks[0].clips
    assert (left.fade_in, right.fade_in) == (screen.clip("one").fade_in, 0)
    image = photograph(screen.view, settled)
    for bars in (1.8, 2.5):
        assert shows(image, DARK.vocals, x_of(bars), FIRST_LANE + 8)


@pytest.mark.parametrize(
    ("x", "y", "shape"),
    [
        (x_of(1) + 2, FIRST_LANE, Qt.CursorShape.SizeHorCursor),
        (x_of(3) - 2, FIRST_LANE, Qt.CursorShape.SizeHorCursor),
        (x_of(1) + 6, HANDLES, Qt.CursorShape.PointingHandCursor),
        (x_of(2), FIRST_LANE, Qt.CursorShape.ArrowCursor),
        (x_of(2), 10, Qt.CursorShape.PointingHandCursor),
    ],
)
def test_the_cursor_says_what_a_press_would_do(
    screen: Screen, x: float, y: float, shape: Qt.CursorShape
) -> None:
    screen.move(x, y, down=False)
    assert screen.view.viewport().cursor().shape() == shape


# ── the ruler ──


def test_click_on_the_ruler_locates_on_the_beat(screen: Screen, qtbot: QtBot) -> None:
    with qtbot.waitSignal(screen.view.locateRequested) as located:
        screen.click(x_of(2.5) + 6, 10)
    assert located.args == [2 * BAR + 2 * BEAT]
    with qtbot.waitSignal(screen.view.locateRequested) as located:
        screen.click(x_of(2.5) + 7, 10, ALT)
    assert located.args == [round((2.5 + 7 / BAR_PIXELS) * BAR)]


def test_drag_on_the_ruler_loops_and_its_ends_can_be_moved(screen: Screen) -> None:
    screen.drag((x_of(4), 10), (x_of(2), 10))
    loop = screen.document.session.loop
    assert loop is not None
    assert (loop.start, loop.end, loop.enabled) == (2 * BAR, 4 * BAR, True)
    screen.drag((x_of(4) + 2, 33), (x_of(5), 33))
    loop = screen.document.session.loop
    assert loop is not None
    assert (loop.start, loop.end) == (2 * BAR, 5 * BAR)
    assert screen.labels() == ["Set loop range", "Set loop range"]


def test_double_click_on_a_section_loops_it(screen: Screen, qtbot: QtBot) -> None:
    qtbot.mouseDClick(screen.view.viewport(), LEFT, pos=QPoint(int(x_of(2)), 8))
    loop = screen.document.session.loop
    assert loop is not None
    assert (loop.start, loop.end) == (BAR, 4 * BAR)


def test_double_click_on_a_clip_locates(screen: Screen, qtbot: QtBot) -> None:
    with qtbot.waitSignal(screen.view.locateRequested) as located:
        qtbot.mouseDClick(screen.view.viewport(), LEFT, pos=QPoint(int(x_of(2)), FIRST_LANE))
    assert located.args == [2 * BAR]


# ── zoom and scroll ──


def test_ctrl_wheel_zooms_at_the_pointer(screen: Screen) -> None:
    before = screen.view.view_geometry()
    screen.wheel(300, FIRST_LANE, QPoint(0, 120), CTRL)
    after = screen.view.view_geometry()
    assert after.frames_per_pixel < before.frames_per_pixel
    assert after.x_of(before.frame_at(300)) == pytest.approx(300, abs=0.01)


def test_wheel_scrolls_lanes_and_shift_wheel_time(screen: Screen, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(screen.view.verticalScrolled):
        screen.wheel(300, FIRST_LANE, QPoint(0, -120), SHIFT)
    for _ in range(8):
        screen.document.apply("Add track", lambda session: edits.add_track(session, "More"))
    with qtbot.waitSignal(screen.view.verticalScrolled) as scrolled:
        screen.wheel(300, FIRST_LANE, QPoint(0, -120))
    assert scrolled.args == [56]
    assert screen.view.verticalScrollBar().value() == 56
    screen.view.verticalScrollBar().setValue(100)
    assert screen.view.view_geometry().top == 100


def test_scrolling_sideways_moves_the_bar_and_back(screen: Screen) -> None:
    screen.view.state.zoom(8, 0)
    screen.wheel(300, FIRST_LANE, QPoint(-240, 0))
    left = screen.view.view_geometry().left_frame
    assert left == pytest.approx(112 * screen.view.view_geometry().frames_per_pixel)
    bar = screen.view.horizontalScrollBar()
    bar.setValue(bar.maximum())
    assert screen.view.view_geometry().right_frame > screen.document.session.length
    bar.setValue(0)
    assert screen.view.view_geometry().left_frame == 0


def test_fit_and_zoom_to_selection(screen: Screen) -> None:
    screen.view.fit()
    geometry = screen.view.view_geometry()
    assert geometry.right_frame == pytest.approx(6 * BAR, rel=0.02)
    screen.view.select(["two"])
    screen.view.to_selection()
    geometry = screen.view.view_geometry()
    assert (geometry.left_frame, geometry.right_frame) == pytest.approx((4 * BAR, 6 * BAR), rel=0.01)


def test_a_fitted_session_stays_fitted_until_it_is_zoomed(screen: Screen) -> None:
    screen.view.fit()
    screen.view.resize(500, 400)
    assert screen.view.view_geometry().right_frame == pytest.approx(6 * BAR, rel=0.02)
    screen.view.zoom_in()
    shown = screen.view.view_geometry().frames_per_pixel
    screen.view.resize(800, 400)
    assert screen.view.view_geometry().frames_per_pixel == shown


def test_a_drag_beyond_the_end_does_not_zoom(screen: Screen) -> None:
    screen.view.fit()
    shown = screen.view.view_geometry()
    grabbed = shown.x_of(5 * BAR)
    screen.press(grabbed, FIRST_LANE)
    for step in range(1, 6):
        screen.move(grabbed + 20 * step, FIRST_LANE, ALT)
        QApplication.processEvents()
    moved = screen.clip("two").position - 4 * BAR
    assert moved == pytest.approx(shown.frames(100), abs=2)
    assert screen.view.horizontalScrollBar().isVisible()
    assert screen.view.view_geometry().frames_per_pixel == shown.frames_per_pixel
    screen.release(grabbed + 100, FIRST_LANE, ALT)


def test_the_first_clips_are_shown_whole(qtbot: QtBot, sounds: Sounds) -> None:
    session = make_session()
    document = Document(replace(session, tracks=()))
    view = make_view(document, sounds)
    qtbot.addWidget(view)
    view.show()
    view.fit()
    document.apply("Import", lambda now: replace(now, tracks=session.tracks))
    assert view.view_geometry().right_frame == pytest.approx(6 * BAR, rel=0.02)


def test_pinching_zooms_at_the_fingers(screen: Screen) -> None:
    port = screen.view.viewport()
    at = QPointF(300, FIRST_LANE)
    before = screen.view.view_geometry()
    zooms = Qt.NativeGestureType.ZoomNativeGesture
    device = QPointingDevice.primaryPointingDevice()
    there = QPointF(port.mapToGlobal(at))
    QApplication.sendEvent(port, QNativeGestureEvent(zooms, device, 2, at, at, there, 0.5, QPointF()))
    after = screen.view.view_geometry()
    assert after.frames_per_pixel == pytest.approx(before.frames_per_pixel / 1.5)
    assert after.x_of(before.frame_at(300)) == pytest.approx(300, abs=0.01)


def test_zoom_buttons_hold_the_playhead(screen: Screen) -> None:
    screen.view.set_playhead(2 * BAR)
    at = screen.view.view_geometry().x_of(2 * BAR)
    screen.view.zoom_in()
    assert screen.view.view_geometry().x_of(2 * BAR) == pytest.approx(at)
    screen.view.zoom_out()
    assert screen.view.view_geometry().frames_per_pixel == pytest.approx(BAR / BAR_PIXELS)


def test_playing_turns_the_page_and_stopping_does_not(screen: Screen) -> None:
    screen.view.state.zoom(8, 0)
    right = int(screen.view.view_geometry().right_frame)
    screen.view.set_playhead(right + 10)
    assert screen.view.view_geometry().left_frame == 0
    screen.view.set_playing(True)
    screen.view.set_playhead(right + 20)
    geometry = screen.view.view_geometry()
    assert geometry.left_frame < right + 20 < geometry.right_frame
    assert geometry.x_of(right + 20) < geometry.width / 4


def test_a_day_of_frames_scrolls(qtbot: QtBot, sounds: Sounds) -> None:
    session = make_session()
    far = 24 * 3600 * RATE
    moved = edits.move_clip(session, "two", far)
    view = make_view(Document(moved), sounds)
    qtbot.addWidget(view)
    view.state.zoom(1000, 0)
    view.horizontalScrollBar().setValue(view.horizontalScrollBar().maximum())
    assert view.view_geometry().right_frame > far
    view.grab()


# ── keys ──


def test_arrows_go_from_clip_to_clip_and_scroll_there(screen: Screen, qtbot: QtBot) -> None:
    screen.view.state.zoom(8, 0)
    screen.view.select(["one"])
    for key, expected in ((Qt.Key.Key_Right, "two"), (Qt.Key.Key_Down, "beat"), (Qt.Key.Key_Up, "one")):
        qtbot.keyClick(screen.view, key)
        assert screen.view.selected_clips() == (expected,)
        geometry, clip = screen.view.view_geometry(), screen.clip(expected)
        assert geometry.left_frame < clip.end
        assert clip.position < geometry.right_frame


def test_shift_and_arrows_extend_and_ctrl_arrows_nudge(screen: Screen, qtbot: QtBot) -> None:
    screen.view.select(["one"])
    qtbot.keyClick(screen.view, Qt.Key.Key_Right, SHIFT)
    assert screen.view.selected_clips() == ("one", "two")
    qtbot.keyClick(screen.view, Qt.Key.Key_Right, CTRL)
    assert (screen.clip("one").position, screen.clip("two").position) == (BAR + BEAT, 4 * BAR + BEAT)
    assert screen.labels() == ["Nudge clip"]


def test_home_and_end_locate_and_other_keys_are_left_to_the_window(screen: Screen, qtbot: QtBot) -> None:
    with qtbot.waitSignal(screen.view.locateRequested) as located:
        qtbot.keyClick(screen.view, Qt.Key.Key_End)
    assert located.args == [6 * BAR]
    assert screen.view.focusPolicy() == Qt.FocusPolicy.StrongFocus


def test_screen_readers_hear_what_is_selected(screen: Screen) -> None:
    assert screen.view.accessibleName() == "Timeline"
    screen.view.select(["two"])
    assert "Chorus on Vocals" in screen.view.accessibleDescription()


# ── menus and files ──


def test_the_context_menu_is_asked_for_with_what_lies_there(screen: Screen, qtbot: QtBot) -> None:
    at = QPoint(int(x_of(4.5)), FIRST_LANE)
    with qtbot.waitSignal(screen.view.contextMenuRequested) as asked:
        event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, at, screen.view.viewport().mapToGlobal(at))
        QApplication.sendEvent(screen.view.viewport(), event)
    hit, _ = asked.args
    assert (hit.part, hit.clip_id, hit.track_id) == (Part.BODY, "two", "voice")
    assert screen.view.selected_clips() == ("two",)


@pytest.mark.parametrize(("y", "track"), [(FIRST_LANE, "voice"), (RULER_HEIGHT + 300, None)])
def test_dropped_files_say_where(
    screen: Screen, qtbot: QtBot, tmp_path: Path, y: int, track: str | None
) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(tmp_path / "a song.wav")), QUrl("https://example.org/x.wav")])
    at, copy = QPointF(x_of(2), y), Qt.DropAction.CopyAction
    port = screen.view.viewport()
    QApplication.sendEvent(port, QDragEnterEvent(at.toPoint(), copy, data, LEFT, NONE))
    QApplication.sendEvent(port, QDragMoveEvent(at.toPoint(), copy, data, LEFT, NONE))
    assert screen.view.state.drop_at is not None
    with qtbot.waitSignal(screen.view.filesDropped) as dropped:
        QApplication.sendEvent(port, QDropEvent(at, copy, data, LEFT, NONE))
    assert screen.view.state.drop_at is None
    assert dropped.args == [[tmp_path / "a song.wav"], 2 * BAR, track]


def test_the_first_song_of_all_is_dropped_at_the_start() -> None:
    hit = Hit(Part.BELOW, frame=3 * BAR)
    assert landing(Session("empty", "An empty one"), hit) == (0, 0)
    assert landing(make_session(), hit) == (3 * BAR, len(make_session().tracks))


# ── the picture ──


def photograph(view: TimelineView, settled: Settle) -> QImage:
    """Return the timeline as painted once its tiles are there."""
    view.viewport().grab()
    settled()
    return view.viewport().grab().toImage()


def shows(image: QImage, colour: str, x: float, y: float, tolerance: int = 24) -> bool:
    """Tell whether a colour, or nearly it, is within 3 pixels of a place."""
    wanted = QColor(colour)
    for dx in range(-3, 4):
        for dy in range(-3, 4):
            seen = image.pixelColor(int(x) + dx, int(y) + dy)
            pairs = zip(seen.getRgb()[:3], wanted.getRgb()[:3], strict=True)
            if all(abs(one - other) <= tolerance for one, other in pairs):
                return True
    return False


@pytest.mark.parametrize("theme", [DARK, LIGHT, CONTRAST], ids=lambda theme: theme.name)
def test_clips_have_the_colours_of_their_stems(screen: Screen, settled: Settle, theme: Theme) -> None:
    screen.view.set_theme(theme)
    image = photograph(screen.view, settled)
    assert shows(image, theme.vocals, x_of(1.5), FIRST_LANE + 8)
    assert shows(image, theme.drums, x_of(1.5), SECOND_LANE + 8)
    body = blend(theme.vocals, theme.canvas, 0.16)
    assert shows(image, body, x_of(1.5), RULER_HEIGHT + 96, tolerance=2)
    assert shows(image, theme.canvas, x_of(3.7), FIRST_LANE, tolerance=1)


def test_a_muted_track_is_painted_at_a_quarter(screen: Screen, settled: Settle) -> None:
    screen.document.apply("Mute", lambda session: edits.mute_track(session, "voice", True))
    image = photograph(screen.view, settled)
    assert not shows(image, DARK.vocals, x_of(1.5), FIRST_LANE + 8)
    assert shows(image, blend(DARK.vocals, DARK.canvas, 0.26), x_of(1.5), FIRST_LANE + 8, tolerance=16)
    assert shows(image, DARK.drums, x_of(1.5), SECOND_LANE + 8)


def test_a_selected_clip_has_a_light_frame(screen: Screen, settled: Settle) -> None:
    top = RULER_HEIGHT + 9
    assert not shows(photograph(screen.view, settled), DARK.text, x_of(2), top)
    screen.view.select(["one"])
    assert shows(photograph(screen.view, settled), DARK.text, x_of(2), top)


def test_a_denied_clip_is_striped_and_says_why(screen: Screen, settled: Settle) -> None:
    plain = photograph(screen.view, settled)
    screen.view.set_denied({"one": "The artist opted out"})
    striped = photograph(screen.view, settled)
    row = RULER_HEIGHT + 94
    changed = [
        x for x in range(int(x_of(1.1)), int(x_of(2.9))) if plain.pixel(x, row) != striped.pixel(x, row)
    ]
    assert len(changed) > 20
    assert shows(striped, DARK.deny, x_of(2), RULER_HEIGHT + 8, tolerance=40)


def test_what_is_not_split_yet_is_veiled(screen: Screen, settled: Settle) -> None:
    """The drums' clip plays its source's first four bars, of which the third is there."""
    drums = screen.document.session.sources[1]
    plain = photograph(screen.view, settled)
    screen.view.set_splitting({drums.id: ((2 * BAR, 3 * BAR),)})
    veiled = photograph(screen.view, settled)
    row, line = SECOND_LANE + 20, RULER_HEIGHT + 112 + 101

    def same(bars: float) -> bool:
        return all(
            plain.pixel(int(x_of(bars)) + x, row) == veiled.pixel(int(x_of(bars)) + x, row) for x in range(9)
        )

    assert [same(bars) for bars in (1.5, 2.5, 3.5, 4.5)] == [False, False, True, False]
    assert shows(veiled, DARK.drums, x_of(3.5), line)
    assert not shows(veiled, DARK.drums, x_of(4.5), line)
    screen.view.set_splitting({})
    assert photograph(screen.view, settled) == plain


def test_the_playhead_is_painted_and_moves_cheaply(screen: Screen, settled: Settle, qtbot: QtBot) -> None:
    screen.view.set_playhead(3 * BAR)
    image = photograph(screen.view, settled)
    assert shows(image, DARK.text, x_of(3), 350, tolerance=60)
    screen.view.set_playhead(round(3.5 * BAR))
    image = photograph(screen.view, settled)
    assert not shows(image, DARK.text, x_of(3), 350, tolerance=60)


def test_fades_shape_the_waveform(screen: Screen, settled: Settle) -> None:
    screen.document.apply("Fade", lambda session: edits.set_fades(session, "one", fade_in=BAR))
    image = photograph(screen.view, settled)
    assert not shows(image, DARK.vocals, x_of(1.12), FIRST_LANE + 30)
    assert shows(image, DARK.vocals, x_of(2.5), FIRST_LANE + 30)


def test_peaks_that_come_later_are_painted(qtbot: QtBot, settled: Settle) -> None:
    document, sounds = Document(make_session()), Sounds()
    view = make_view(document, sounds)
    qtbot.addWidget(view)
    view.show()
    assert not shows(photograph(view, settled), DARK.vocals, x_of(1.5), FIRST_LANE + 8)
    source = document.session.sources[0]
    sounds.add(source)
    view.refresh_peaks(source.id)
    assert shows(photograph(view, settled), DARK.vocals, x_of(1.5), FIRST_LANE + 8)


def test_small_clips_are_painted_as_one_lane(qtbot: QtBot, sounds: Sounds, settled: Settle) -> None:
    session = make_session()
    source = session.sources[0]
    clips = tuple(Clip(f"c{n}", source.id, "c", n * BEAT, n * BEAT, BEAT - 2000) for n in range(70))
    track = replace(session.tracks[0], clips=clips)
    document = Document(replace(session, tracks=(track, session.tracks[1])))
    view = make_view(document, sounds)
    qtbot.addWidget(view)
    view.show()
    view.state.fit(0, 70 * BEAT)
    image = photograph(view, settled)
    assert shows(image, DARK.vocals, 400, FIRST_LANE + 8, tolerance=40)
    document.apply("Mute", lambda now: edits.mute_track(now, "voice", True))
    assert not shows(photograph(view, settled), DARK.vocals, 400, FIRST_LANE + 8, tolerance=40)


def test_zooming_paints_stand_ins_at_once(screen: Screen, settled: Settle) -> None:
    photograph(screen.view, settled)
    screen.view.state.zoom(1.7, 0)
    at_once = screen.view.viewport().grab().toImage()
    assert shows(at_once, DARK.vocals, x_of(1.5 * 1.7), FIRST_LANE + 8)


def test_another_document_can_be_shown(screen: Screen, settled: Settle) -> None:
    other = Document(edits.remove_track(make_session(), "voice"))
    screen.view.select(["one"])
    screen.view.set_document(other)
    assert screen.view.selected_clips() == ()
    screen.document.apply("Old", lambda session: edits.add_track(session, "Unseen"))
    screen.view.select(["beat"])
    assert screen.view.selected_clips() == ("beat",)


def test_a_closed_view_no_longer_listens(qtbot: QtBot, sounds: Sounds, settled: Settle) -> None:
    document = Document(make_session())
    view = make_view(document, sounds)
    view.show()
    view.deleteLater()
    del view
    settled()
    document.apply("Add", lambda session: edits.add_track(session, "More"))
    assert not document._listeners
