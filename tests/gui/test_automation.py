"""Automation over the lanes: points come, move and go by mouse and keys, each as one undo step."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QWidget
from pytestqt.qtbot import QtBot

from fanstudio.gui.automation import find_target, ruled_value, targets_of
from fanstudio.gui.dialogs.clip_list import ClipListDialog
from fanstudio.gui.main_window import MainWindow
from fanstudio.gui.timeline.automation_gestures import DragPoint
from fanstudio.gui.timeline.curves import share_at, y_of_share
from fanstudio.gui.timeline.gestures import Pointer
from fanstudio.gui.timeline.hit import Hit, Part
from fanstudio.gui.timeline.view import TimelineView
from fanstudio.model import automation_edits, edits, mixer_edits
from fanstudio.model.mixer import GAIN, MASTER, PAN, Point, effect_target, send_target
from fanstudio.model.session import Session, Stem
from tests.support.desk import RATE, dialog_of, make_project, open_window


@pytest.fixture
def window(qapp: QApplication, tmp_path: Path) -> Iterator[MainWindow]:
    project = make_project(tmp_path, (Stem.VOCALS, Stem.OTHER))
    with open_window(qapp, project) as opened:
        opened.workspace.set_setting("snap", "off")
        yield opened


def session(window: MainWindow) -> Session:
    return window.workspace.session


def track_id(window: MainWindow, index: int = 0) -> str:
    return session(window).tracks[index].id


def timeline(window: MainWindow) -> TimelineView:
    return window.stage.timeline


def steps(window: MainWindow) -> list[str]:
    return [step.label for step in window.workspace.document.history.past]


def points(window: MainWindow, strip_id: str = "", name: str = GAIN) -> tuple[Point, ...]:
    curves = mixer_edits.automation_of(session(window), strip_id or track_id(window))
    return next((curve.points for curve in curves if curve.target == name), ())


def automate(window: MainWindow, *pairs: tuple[float, float], strip_id: str = "", name: str = GAIN) -> None:
    """Put a curve of (seconds, value) on a strip and show it."""
    strip_id = strip_id or track_id(window)
    made = [Point(round(seconds * RATE), value) for seconds, value in pairs]
    window.workspace.apply("Automate", lambda now: automation_edits.set_automation(now, strip_id, name, made))
    window.commands.automation.show(strip_id, name)


def place(window: MainWindow, seconds: float, value: float, strip_id: str = "") -> QPoint:
    """Return where a value at a time lies on the lane of a curve that shows."""
    state = timeline(window).state
    curve = state.curves.find(state.session, strip_id or track_id(window))
    share = curve.target.scale.share_of(value)
    y = y_of_share(state.geometry, curve.lane, share)
    return QPointF(state.geometry.x_of(seconds * RATE), y).toPoint()


def drag(widget: QWidget, start: QPoint, end: QPoint) -> None:
    QTest.mousePress(widget, Qt.MouseButton.LeftButton, pos=start)
    for share in (0.25, 0.5, 0.75, 1.0):
        QTest.mouseMove(widget, start + (end - start) * share)
    QTest.mouseRelease(widget, Qt.MouseButton.LeftButton, pos=end)


def double_click(widget: QWidget, at: QPoint) -> None:
    QTest.mouseClick(widget, Qt.MouseButton.LeftButton, pos=at)
    QTest.mouseDClick(widget, Qt.MouseButton.LeftButton, pos=at)


def choose(owner: QWidget, *texts: str) -> None:
    """Choose from the menu that is open over a widget, through its submenus."""
    (menu,) = [menu for menu in owner.findChildren(QMenu) if menu.isVisible()]
    for text in texts[:-1]:
        (action,) = [action for action in menu.actions() if action.text() == text]
        menu = action.menu()
    (action,) = [action for action in menu.actions() if action.text() == texts[-1]]
    action.trigger()
    for left in owner.findChildren(QMenu):
        left.close()


# ── the mouse ────────────────────────────────────────────────────────────────────────────────


def test_a_shows_the_gain_of_the_selected_track_and_hides_it(window: MainWindow) -> None:
    before = steps(window)
    window.workspace.select_track(track_id(window, 1))
    QTest.keyClick(window, Qt.Key.Key_A)
    (curve,) = timeline(window).state.curves.shown(session(window))
    assert (curve.lane, curve.target.name, curve.points) == (1, GAIN, ())
    QTest.keyClick(timeline(window), Qt.Key.Key_A)
    assert timeline(window).state.curves.shown(session(window)) == ()
    assert steps(window) == before


def test_a_double_click_adds_a_point_and_a_drag_moves_it(window: MainWindow) -> None:
    window.commands.automation.show(track_id(window), GAIN)
    before = len(steps(window))
    viewport = timeline(window).viewport()
    double_click(viewport, place(window, 1.0, -6.0))
    (point,) = points(window)
    assert point.frame == pytest.approx(RATE, abs=60)
    assert point.value == pytest.approx(-6.0, abs=0.7)
    assert steps(window)[before:] == ["Add automation point"]
    drag(viewport, place(window, 1.0, point.value), place(window, 2.0, -20.0))
    (point,) = points(window)
    assert point.frame == pytest.approx(2 * RATE, abs=120)
    assert point.value == pytest.approx(-20.0, abs=1.0)
    assert steps(window)[before:] == ["Add automation point", "Move automation point"]
    window.commands.edit.undo()
    window.commands.edit.undo()
    assert points(window) == ()
    assert len(list(session(window).clips())) == 2


def test_a_point_stays_between_its_neighbours(window: MainWindow) -> None:
    automate(window, (1.0, 0.0), (2.0, -6.0), (3.0, 0.0))
    drag(timeline(window).viewport(), place(window, 2.0, -6.0), place(window, 3.8, -6.0))
    assert [point.frame for point in points(window)] == [RATE, 3 * RATE - 1, 3 * RATE]


def test_shift_moves_a_point_up_and_down_alone(window: MainWindow) -> None:
    automate(window, (1.0, 0.0), (2.0, -6.0))
    state, start, end = timeline(window).state, place(window, 2.0, -6.0), place(window, 2.5, -20.0)
    gesture = DragPoint(
        state, Hit(Part.POINT, 2 * RATE, track_id(window), None, 1), Pointer(start.x(), start.y())
    )
    gesture.move(Pointer(end.x(), end.y(), shift=True))
    gesture.release(Pointer(end.x(), end.y(), shift=True))
    assert points(window)[1].frame == 2 * RATE
    assert points(window)[1].value < -12


def test_a_drag_upright_does_not_move_a_point_to_the_beat(window: MainWindow) -> None:
    window.workspace.set_setting("snap", "beat")
    automate(window, (1.13, -6.0), (3.0, 0.0))
    drag(timeline(window).viewport(), place(window, 1.13, -6.0), place(window, 1.13, -20.0))
    assert points(window)[0].frame == round(1.13 * RATE)
    double_click(timeline(window).viewport(), place(window, 2.01, -3.0))
    assert points(window)[1].frame == 2 * RATE


def test_a_double_click_on_a_point_deletes_it(window: MainWindow) -> None:
    automate(window, (1.0, 0.0), (2.0, -6.0))
    double_click(timeline(window).viewport(), place(window, 2.0, -6.0))
    assert [point.frame for point in points(window)] == [RATE]
    assert steps(window)[-1] == "Delete automation point"


def test_a_press_beside_the_points_locates_and_leaves_the_clips_alone(window: MainWindow) -> None:
    automate(window, (1.0, 0.0))
    before = session(window)
    QTest.mouseClick(timeline(window).viewport(), Qt.MouseButton.LeftButton, pos=place(window, 2.5, -30.0))
    assert window.workspace.playhead == pytest.approx(2.5 * RATE, abs=60)
    drag(timeline(window).viewport(), place(window, 2.0, -30.0), place(window, 3.0, -30.0))
    assert session(window) is before


def test_the_lanes_menu_deletes_switches_and_hides(window: MainWindow) -> None:
    automate(window, (1.0, 0.0), (2.0, -6.0))
    viewport = timeline(window).viewport()

    def open_menu(at: QPoint) -> None:
        event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, at, viewport.mapToGlobal(at))
        QApplication.sendEvent(viewport, event)

    open_menu(place(window, 2.0, -6.0))
    choose(window.stage, "Delete point")
    assert len(points(window)) == 1
    open_menu(place(window, 3.0, -20.0))
    choose(window.stage, "Switch automation off")
    assert not session(window).tracks[0].automation[0].enabled
    open_menu(place(window, 3.0, -20.0))
    choose(window.stage, "Show", "Pan")
    assert window.commands.automation.wanted == {track_id(window): PAN}
    open_menu(place(window, 3.0, 0.5))
    choose(window.stage, "Hide automation")
    assert window.commands.automation.wanted == {}
    assert len(points(window)) == 1


# ── keys ─────────────────────────────────────────────────────────────────────────────────────


def test_points_are_driven_by_keys(window: MainWindow) -> None:
    automate(window, (0.5, 0.0), (2.0, -6.0), (3.0, 0.0))
    view = timeline(window)
    state = view.state
    assert state.curves.chosen == (track_id(window), 0)
    QTest.keyClick(view, Qt.Key.Key_Right)
    assert state.curves.chosen == (track_id(window), 1)
    assert view.accessibleDescription() == "Gain of Vocals: point 2 of 3, −6.0 dB at 0:02.000."
    QTest.keyClick(view, Qt.Key.Key_Up)
    QTest.keyClick(view, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    assert -6 < points(window)[1].value < -4
    QTest.keyClick(view, Qt.Key.Key_Right, Qt.KeyboardModifier.ControlModifier)
    assert points(window)[1].frame == round(2.5 * RATE)
    QTest.keyClick(view, Qt.Key.Key_Delete)
    assert [point.frame for point in points(window)] == [RATE // 2, 3 * RATE]
    assert len(list(session(window).clips())) == 2
    QTest.keyClick(view, Qt.Key.Key_Escape)
    assert state.curves.chosen is None
    QTest.keyClick(view, Qt.Key.Key_Right)
    assert window.workspace.selected_clips


def test_shift_a_adds_a_point_on_the_curve_at_the_playhead(window: MainWindow) -> None:
    automate(window, (1.0, 0.0), (3.0, -10.0))
    window.commands.transport.locate(2 * RATE)
    QTest.keyClick(timeline(window), Qt.Key.Key_A, Qt.KeyboardModifier.ShiftModifier)
    assert points(window)[1] == Point(2 * RATE, -5.0)
    assert timeline(window).state.curves.chosen == (track_id(window), 1)


def test_a_chosen_point_and_selected_clips_exclude_each_other(window: MainWindow) -> None:
    automate(window, (1.0, 0.0))
    clip = session(window).tracks[1].clips[0].id
    window.workspace.select_clips((clip,))
    assert timeline(window).state.curves.chosen is None
    QTest.mouseClick(timeline(window).viewport(), Qt.MouseButton.LeftButton, pos=place(window, 1.0, 0.0))
    assert not window.workspace.selected_clips
    assert window.workspace.selected_track == track_id(window)


# ── menus of faders and values, buses and the master ─────────────────────────────────────────


def test_automate_begins_a_curve_at_the_playhead_with_what_the_fader_says(window: MainWindow) -> None:
    window.mixer.show()
    window.commands.track.set_gain(track_id(window), -4.0)
    window.commands.transport.locate(RATE)
    strip = window.mixer.row.strips[0]
    strip.levels.fader.customContextMenuRequested.emit(QPoint(4, 4))
    choose(strip, "Automate…")
    assert points(window) == (Point(RATE, -4.0),)
    assert steps(window)[-1] == "Automate gain"
    strip.levels.fader.customContextMenuRequested.emit(QPoint(4, 4))
    choose(strip, "Remove automation")
    assert points(window) == ()


def test_a_value_of_an_effect_is_automated_from_its_panel(window: MainWindow) -> None:
    window.commands.mixer.add_effect(track_id(window), "reverb")
    panel = window.side.effects
    (row,) = [row for row in panel.rows if row.row.name == "mix"]
    row.customContextMenuRequested.emit(QPoint(4, 4))
    choose(panel, "Automate…")
    name = effect_target(panel.slot_id, "mix")
    assert points(window, name=name) == (Point(0, 0.25),)
    (curve,) = timeline(window).state.curves.shown(session(window))
    assert curve.target.title == "Reverb: Mix"
    window.commands.mixer.remove_effect(track_id(window), panel.slot_id)
    assert window.commands.automation.wanted == {}


def test_a_bus_and_the_master_get_lanes_below_the_tracks(window: MainWindow) -> None:
    window.workspace.apply("Add bus", lambda now: mixer_edits.add_bus(now, "Room"))
    bus = session(window).buses[0].id
    automate(window, (1.0, -3.0), strip_id=bus)
    automate(window, (2.0, -6.0), strip_id=MASTER)
    state = timeline(window).state
    assert [curve.lane for curve in state.curves.shown(state.session)] == [2, 3]
    assert state.lanes == 4
    heads = window.heads._lanes
    assert [lane.name.text() for lane in heads.values()] == ["Room", "Master"]
    drag(timeline(window).viewport(), place(window, 2.0, -6.0, MASTER), place(window, 3.0, -6.0, MASTER))
    assert points(window, MASTER)[0].frame > 2.5 * RATE
    heads[bus].closed.emit()
    assert [curve.lane for curve in state.curves.shown(state.session)] == [2]
    window.workspace.apply("Remove bus", lambda now: mixer_edits.remove_bus(now, bus))
    assert state.lanes == 3


def test_lanes_follow_the_order_of_the_tracks_and_go_with_them(window: MainWindow) -> None:
    automate(window, (1.0, -3.0))
    first = track_id(window)
    state = timeline(window).state
    window.workspace.apply("Move track", lambda now: edits.move_track(now, first, 1))
    assert state.curves.shown(state.session)[0].lane == 1
    window.workspace.apply("Delete track", lambda now: edits.remove_track(now, first))
    assert window.commands.automation.wanted == {}
    window.workspace.open(window.workspace.project)


# ── values ───────────────────────────────────────────────────────────────────────────────────


def test_everything_of_a_strip_can_be_automated(window: MainWindow) -> None:
    window.workspace.apply("Add bus", lambda now: mixer_edits.add_bus(now, "Room"))
    bus, track = session(window).buses[0].id, track_id(window)
    window.commands.mixer.set_send(track, bus, -8.0)
    window.commands.mixer.add_effect(track, "delay", {"mix": 0.5})
    found = {target.name: target for target in targets_of(session(window), track)}
    assert list(found)[:3] == [GAIN, PAN, send_target(bus)]
    assert found[send_target(bus)].title == "Send to Room"
    assert len(found) > 5
    for target in found.values():
        share = target.scale.share_of(target.value)
        assert 0 <= share <= 1
        assert 0 <= target.scale.share_of(target.scale.rest) <= 1
        assert target.scale.value_at(share) == pytest.approx(target.value, rel=0.01, abs=0.06)
        assert target.scale.text(target.value)
    assert [target.name for target in targets_of(session(window), MASTER)] == [GAIN]
    assert find_target(session(window), "gone", GAIN) is None


def test_a_curve_is_straight_between_its_points_and_holds_beyond_them() -> None:
    curve = (Point(100, 0.0), Point(200, -10.0))
    assert [ruled_value(curve, frame) for frame in (0, 100, 150, 200, 900)] == [0.0, 0.0, -5.0, -10.0, -10.0]


def test_a_place_in_a_lane_and_its_y_are_each_other(window: MainWindow) -> None:
    geometry = timeline(window).view_geometry()
    for share in (0.0, 0.3, 1.0):
        assert share_at(geometry, 1, y_of_share(geometry, 1, share)) == pytest.approx(share)
    assert share_at(geometry, 1, -500) == 1.0


def test_curves_are_painted_over_their_lane_alone(window: MainWindow) -> None:
    view = timeline(window)
    plain = view.viewport().grab().toImage()
    automate(window, *[(number * 0.001, -6.0 - number % 3) for number in range(4_000)])
    view.state.choose_point(None)
    crowded = view.viewport().grab().toImage()
    box = view.view_geometry()
    inside, outside = round(box.lane_top(0)) + 40, round(box.lane_top(1)) + 40
    row = [plain.pixel(x, inside) != crowded.pixel(x, inside) for x in range(20, 400)]
    assert sum(row) > 300
    assert all(plain.pixel(x, outside) == crowded.pixel(x, outside) for x in range(20, 400))


# ── what automation rules ────────────────────────────────────────────────────────────────────


def test_a_fader_that_is_ruled_follows_its_curve_and_leaves_the_hand(
    qtbot: QtBot, window: MainWindow
) -> None:
    window.mixer.show()
    automate(window, (1.0, 0.0), (3.0, -20.0))
    strip, head = window.mixer.row.strips[0], window.heads.heads[0]
    window.commands.transport.locate(2 * RATE)
    qtbot.waitUntil(lambda: strip.levels.fader.gain_db == -10.0 and head.fader.gain_db == -10.0)
    assert strip.levels.gain_text.text() == head.gain_text.text() == "−10.0 dB"
    before = steps(window)
    QTest.mouseDClick(head.fader, Qt.MouseButton.LeftButton)
    assert steps(window) == before
    assert "Automation" in strip.levels.fader.toolTip()
    window.commands.automation.enable(track_id(window), GAIN, False)
    assert strip.levels.fader.isEnabled()
    assert strip.levels.fader.gain_db == head.fader.gain_db == 0.0
    assert strip.levels.fader.toolTip().startswith("Gain")


def test_sends_and_effects_that_are_ruled_follow_too(qtbot: QtBot, window: MainWindow) -> None:
    window.mixer.show()
    track = track_id(window)
    window.workspace.apply("Add bus", lambda now: mixer_edits.add_bus(now, "Room"))
    bus = session(window).buses[0].id
    window.commands.mixer.set_send(track, bus, 0.0)
    window.commands.mixer.add_effect(track, "reverb")
    panel = window.side.effects
    automate(window, (0.0, -60.0), (4.0, 12.0), name=send_target(bus))
    automate(window, (0.0, 0.0), (4.0, 1.0), name=effect_target(panel.slot_id, "mix"))
    window.commands.transport.locate(2 * RATE)
    (row,) = [row for row in panel.rows if row.row.name == "mix"]
    qtbot.waitUntil(lambda: row.field.text() == "50 %")
    (knob,) = window.mixer.row.strips[0].chain.sends.knobs
    qtbot.waitUntil(lambda: knob.accessibleDescription() == "−24.0 dB")
    assert not row.hand.isEnabled()
    assert not knob.isEnabled()


# ── the list ─────────────────────────────────────────────────────────────────────────────────


def test_the_list_of_clips_holds_automation(window: MainWindow) -> None:
    automate(window, (1.0, 0.0), (2.0, -6.0))
    automate(window, (2.0, -6.0), strip_id=MASTER)
    window.commands.automation.hide(track_id(window))
    window.commands.view.show_clip_list()
    dialog = dialog_of(window, ClipListDialog)
    assert [dialog.list.topLevelItem(row).text(0) for row in range(3)] == ["Vocals", "Other", "Master"]
    curve = dialog.list.topLevelItem(0).child(1)
    assert (curve.text(0), curve.text(2)) == ("Automation: Gain", "2 points")
    dialog.list.setCurrentItem(curve)
    QTest.keyClick(dialog.list, Qt.Key.Key_M)
    assert dialog.list.currentItem().text(4) == "off"
    QTest.keyClick(dialog.list, Qt.Key.Key_Return)
    assert window.commands.automation.wanted[track_id(window)] == GAIN
    assert timeline(window).state.curves.chosen == (track_id(window), 0)


def test_keys_in_the_list_mean_the_master_where_it_is_chosen(window: MainWindow) -> None:
    automate(window, (2.0, -6.0), strip_id=MASTER)
    window.workspace.select_track(track_id(window))
    window.commands.view.show_clip_list()
    dialog = dialog_of(window, ClipListDialog)
    dialog.list.setCurrentItem(dialog.list.topLevelItem(2))
    QTest.keyClick(dialog.list, Qt.Key.Key_Delete)
    QTest.keyClick(dialog.list, Qt.Key.Key_S)
    assert len(session(window).tracks) == 2
    assert not any(track.soloed for track in session(window).tracks)
    dialog.list.setCurrentItem(dialog.list.topLevelItem(2).child(0))
    QTest.keyClick(dialog.list, Qt.Key.Key_Delete)
    assert session(window).master_automation == ()
    dialog.list.setCurrentItem(dialog.list.topLevelItem(1))
    QTest.keyClick(dialog.list, Qt.Key.Key_A)
    assert list(window.commands.automation.wanted)[-1] == track_id(window, 1)
