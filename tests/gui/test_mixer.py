"""The mixer: strips for tracks, buses and the master; each change is one step, and 200 tracks stay cheap."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QWidget
from pytestqt.qtbot import QtBot

from fanstudio.audio.meters import LoudnessReading
from fanstudio.gui.main_window import MainWindow
from fanstudio.gui.panels.mixer_strip import STRIP_WIDTH, MixerStrip
from fanstudio.jobs import Work
from fanstudio.model import edits, mixer_edits
from fanstudio.model.mixer import MASTER
from fanstudio.model.session import Session, Stem
from fanstudio.studio.project import open_project
from tests.support.desk import make_project, open_window


@pytest.fixture
def window(qapp: QApplication, tmp_path: Path) -> Iterator[MainWindow]:
    project = make_project(tmp_path, (Stem.VOCALS, Stem.OTHER))
    with open_window(qapp, project) as opened:
        QTest.keyClick(opened, Qt.Key.Key_X)
        yield opened


def strip(window: MainWindow, index: int = 0) -> MixerStrip:
    return window.mixer.row.strips[index]


def session(window: MainWindow) -> Session:
    return window.workspace.session


def steps(window: MainWindow) -> list[str]:
    return [step.label for step in window.workspace.document.history.past]


def click(widget: QWidget, at: QPoint | None = None) -> None:
    QTest.mouseClick(widget, Qt.MouseButton.LeftButton, pos=at or widget.rect().center())


def drag(widget: QWidget, start: QPoint, end: QPoint) -> None:
    QTest.mousePress(widget, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, start)
    for share in (0.25, 0.5, 0.75, 1.0):
        QTest.mouseMove(widget, start + (end - start) * share)
    QTest.mouseRelease(widget, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, end)


def choose(owner: QWidget, text: str) -> None:
    """Choose from the menu that is open over a widget."""
    (menu,) = [menu for menu in owner.findChildren(QMenu) if menu.isVisible()]
    (action,) = [action for action in menu.actions() if action.text() == text]
    menu.setActiveAction(action)
    QTest.keyClick(menu, Qt.Key.Key_Return)


def add_effects(window: MainWindow, *kinds: str, to: str = "") -> tuple[str, ...]:
    strip_id = to or session(window).tracks[0].id
    for kind in kinds:
        window.workspace.apply("Add", lambda now, kind=kind: mixer_edits.add_effect(now, strip_id, kind))
    return tuple(slot.id for slot in mixer_edits.effects_of(session(window), strip_id))


def add_bus(window: MainWindow, name: str = "Room") -> str:
    window.workspace.apply("Add bus", lambda now: mixer_edits.add_bus(now, name))
    return session(window).buses[-1].id


# ── the dock ─────────────────────────────────────────────────────────────────────────────────


def test_the_mixer_is_hidden_at_first_and_comes_and_goes_by_x(qapp: QApplication, tmp_path: Path) -> None:
    with open_window(qapp, make_project(tmp_path)) as window:
        assert window.mixer.isHidden()
        assert window.mixer.row.strips == ()
        QTest.keyClick(window, Qt.Key.Key_X)
        assert window.mixer.isVisible()
        assert len(window.mixer.row.strips) == 1
        QTest.keyClick(window, Qt.Key.Key_X)
        assert window.mixer.isHidden()
        click(window.heads.mixer_button)
        assert window.mixer.isVisible()
        click(window.mixer.close_button)
        assert window.mixer.isHidden()


def test_the_mixer_comes_back_as_it_was_left(qapp: QApplication, tmp_path: Path) -> None:
    project = make_project(tmp_path)
    with open_window(qapp, project) as window:
        QTest.keyClick(window, Qt.Key.Key_X)
    with open_window(qapp) as window:
        assert window.mixer.isHidden()
        window.workspace.open(open_project(Work(), project.folder))
        assert window.mixer.isVisible()
        assert len(window.mixer.row.strips) == 1
        QTest.keyClick(window.mixer, Qt.Key.Key_Escape)
    with open_window(qapp, open_project(Work(), project.folder)) as window:
        assert window.mixer.isHidden()
        window.commands.mixer.show_strip(MASTER)
        assert window.workspace.settings.get("mixer_shown") is True


def test_effects_are_offered_where_the_strip_of_the_track_is_seen(qapp: QApplication, tmp_path: Path) -> None:
    with open_window(qapp, make_project(tmp_path, (Stem.OTHER,) * 6)) as window:
        track = session(window).tracks[-1].id
        window.workspace.select_track(track)
        QTest.keyClick(window, Qt.Key.Key_E)
        qapp.processEvents()
        strip = window.mixer.row.strips[-1]
        (menu,) = [menu for menu in strip.findChildren(QMenu) if menu.isVisible()]
        assert in_view(window, track)
        menu.close()


def test_the_strip_of_the_selected_track_comes_into_view(qapp: QApplication, tmp_path: Path) -> None:
    with open_window(qapp, make_project(tmp_path, (Stem.OTHER,) * 9)) as window:
        ids = [track.id for track in session(window).tracks]
        window.workspace.select_track(ids[-1])
        QTest.keyClick(window, Qt.Key.Key_X)
        qapp.processEvents()
        assert in_view(window, ids[-1])
        window.workspace.select_track(ids[0])
        assert in_view(window, ids[0])


def in_view(window: MainWindow, strip_id: str) -> bool:
    row = window.mixer.row.viewport()
    (strip,) = [strip for strip in window.mixer.row.strips if strip.face.id == strip_id]
    return row.rect().contains(QRect(strip.mapTo(row, QPoint()), strip.size()))


def test_there_is_a_strip_for_each_track_and_bus_and_the_master(window: MainWindow) -> None:
    add_bus(window)
    assert [strip.face.name for strip in window.mixer.row.strips] == ["Vocals", "Other", "Room"]
    assert window.mixer.master.face.name == "Master"
    assert window.mixer.heading.text() == "2 tracks · 1 bus"
    last = session(window).tracks[-1].id
    window.workspace.apply("Move track", lambda now: edits.move_track(now, last, 0))
    assert [strip.face.name for strip in window.mixer.row.strips] == ["Other", "Vocals", "Room"]


def test_the_mixer_follows_to_another_project(window: MainWindow, tmp_path: Path) -> None:
    window.workspace.open(make_project(tmp_path, (Stem.DRUMS,), title="Another"))
    assert [strip.face.name for strip in window.mixer.row.strips] == ["Drums"]


def test_every_control_has_a_name_for_screen_readers(window: MainWindow) -> None:
    bus = add_bus(window)
    track = session(window).tracks[0].id
    window.commands.mixer.set_send(track, bus, -6.0)
    add_effects(window, "reverb")
    for shown in (*window.mixer.row.strips, window.mixer.master):
        for stop in shown.stops:
            assert shown.face.name.lower() in stop.accessibleName().lower(), stop


# ── strips ───────────────────────────────────────────────────────────────────────────────────


def test_a_drag_of_an_upright_fader_is_one_step(window: MainWindow) -> None:
    fader, before = strip(window).levels.fader, len(steps(window))
    middle = fader.width() // 2
    drag(fader, QPoint(middle, 30), QPoint(middle, fader.height() - 20))
    assert session(window).tracks[0].gain_db < -20
    assert steps(window)[before:] == ["Set gain"]
    QTest.mouseDClick(fader, Qt.MouseButton.LeftButton)
    assert session(window).tracks[0].gain_db == 0.0


def test_a_bus_has_gain_pan_mute_and_solo(window: MainWindow) -> None:
    add_bus(window)
    shown = strip(window, 2)
    click(shown.levels.mute)
    click(shown.levels.solo)
    drag(shown.levels.pan, QPoint(12, 12), QPoint(37, 12))
    shown.levels.fader.step_by(-4)
    bus = session(window).buses[0]
    assert (bus.muted, bus.soloed, bus.pan, bus.gain_db) == (True, True, 0.5, -2.0)
    assert steps(window)[-3:] == ["Mute bus", "Solo bus", "Set pan"]


def test_the_master_has_a_fader_and_effects_alone(window: MainWindow) -> None:
    master = window.mixer.master
    master.levels.fader.step_by(-2)
    assert session(window).master_gain_db == -1.0
    assert [
        part.isHidden()
        for part in (master.levels.pan, master.levels.mute, master.levels.solo, master.chain.output)
    ] == [True] * 4
    assert master.stops == (
        master,
        master.chain.add_effect,
        master.chain.rack,
        window.mixer.loudness,
        master.levels.fader,
    )


def test_meters_of_strips_move_while_it_plays(qtbot: QtBot, window: MainWindow) -> None:
    window.commands.transport.toggle()
    qtbot.waitUntil(
        lambda: strip(window).levels.meter.peak_db > -20 and window.mixer.master.levels.meter.peak_db > -20
    )
    window.commands.transport.toggle()


def test_a_bus_has_a_meter_of_what_it_is_fed(qtbot: QtBot, window: MainWindow) -> None:
    bus = add_bus(window)
    window.commands.mixer.set_output(session(window).tracks[0].id, bus)
    window.commands.transport.toggle()
    qtbot.waitUntil(lambda: strip(window, 2).levels.meter.peak_db > -20)
    window.commands.transport.toggle()


def test_the_master_tells_its_loudness_and_forgets_it_when_pressed(qtbot: QtBot, window: MainWindow) -> None:
    numbers = window.mixer.loudness
    assert numbers.peak.text() == "–"
    window.commands.mixer.set_gain(MASTER, 12.0)
    window.commands.transport.toggle()
    qtbot.waitUntil(lambda: numbers.peak.property("tone") == "deny", timeout=20_000)
    window.commands.transport.toggle()
    QTest.qWait(50)
    assert numbers.peak.property("tone") == "deny", "it holds"
    click(numbers)
    assert (numbers.peak.text(), numbers.peak.property("tone")) == ("–", "")


def test_numbers_of_loudness_are_written_and_coloured(window: MainWindow) -> None:
    numbers = window.mixer.loudness
    numbers.show_reading(LoudnessReading(-13.0, -14.26, -15.0, -0.4))
    assert (numbers.short_term.text(), numbers.integrated.text(), numbers.peak.text()) == (
        "−14.3", "−15.0", "−0.4",
    )  # fmt: skip
    assert numbers.peak.property("tone") == "wait"
    numbers.show_reading(LoudnessReading(true_peak_dbtp=-3.0))
    assert numbers.peak.property("tone") == ""


def test_a_click_on_a_strip_selects_its_track(window: MainWindow) -> None:
    click(strip(window, 1), QPoint(80, 12))
    assert window.workspace.selected_track == session(window).tracks[1].id


def test_a_bus_is_renamed_by_f2_and_removed_by_delete(window: MainWindow) -> None:
    bus = add_bus(window)
    track = session(window).tracks[0].id
    window.commands.mixer.set_output(track, bus)
    shown = strip(window, 2)
    shown.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(shown, Qt.Key.Key_F2)
    QTest.keyClicks(shown.name._edit, "Cave")
    QTest.keyClick(shown.name._edit, Qt.Key.Key_Return)
    assert session(window).buses[0].name == "Cave"
    assert strip(window).chain.output.toolTip().startswith("Goes to Cave.")
    shown.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(shown, Qt.Key.Key_Delete)
    assert session(window).buses == ()
    assert session(window).tracks[0].output == ""
    assert len(window.mixer.row.strips) == 2


def test_arrows_go_from_strip_to_strip_and_to_the_master(window: MainWindow) -> None:
    strip(window).setFocus(Qt.FocusReason.TabFocusReason)
    for expected in (strip(window, 1), window.mixer.master):
        QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Right)
        assert QApplication.focusWidget() is expected
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Left)
    assert QApplication.focusWidget() is strip(window, 1)
    QTest.keyClick(strip(window, 1), Qt.Key.Key_M)
    assert session(window).tracks[1].muted


def test_tab_goes_through_the_strips_in_their_order(window: MainWindow) -> None:
    add_bus(window)
    strip(window).setFocus(Qt.FocusReason.TabFocusReason)
    walked = []
    for _ in range(60):
        walked.append(QApplication.focusWidget())
        QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
    shown = (*window.mixer.row.strips, window.mixer.master)
    stops = [stop for each in shown for stop in each.stops]
    assert walked[: len(stops)] == stops


# ── outputs and sends ────────────────────────────────────────────────────────────────────────


def test_an_output_is_chosen_from_a_menu(window: MainWindow) -> None:
    bus = add_bus(window)
    click(strip(window).chain.output)
    choose(strip(window), "Room")
    assert session(window).tracks[0].output == bus
    click(strip(window).chain.output)
    choose(strip(window), "Master")
    assert session(window).tracks[0].output == ""


def test_a_send_to_a_new_bus_is_one_step(window: MainWindow) -> None:
    before = len(steps(window))
    click(strip(window).chain.add_send)
    choose(strip(window), "New bus")
    (send,) = session(window).tracks[0].sends
    assert send.bus == session(window).buses[0].id
    assert steps(window)[before:] == ["Add send"]
    assert len(strip(window).chain.sends.knobs) == 1


def test_a_send_is_turned_and_removed(window: MainWindow) -> None:
    bus = add_bus(window)
    window.commands.mixer.set_send(session(window).tracks[0].id, bus, 0.0)
    (knob,) = strip(window).chain.sends.knobs
    before = len(steps(window))
    drag(knob, QPoint(12, 12), QPoint(12, 40))
    assert session(window).tracks[0].sends[0].gain_db < -6
    assert steps(window)[before:] == ["Set send"]
    knob.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(knob, Qt.Key.Key_Delete)
    assert session(window).tracks[0].sends == ()
    assert strip(window).chain.sends.isHidden()
    assert len(list(session(window).clips())) == 2


# ── effects ──────────────────────────────────────────────────────────────────────────────────


def test_an_effect_is_added_by_menu_and_its_panel_opens(window: MainWindow) -> None:
    click(strip(window).chain.add_effect)
    choose(strip(window), "Compressor")
    (slot,) = session(window).tracks[0].effects
    assert slot.kind == "compressor"
    assert window.workspace.selected_track == session(window).tracks[0].id
    assert window.side.effects.isVisible()
    assert window.side.effects.slot_id == slot.id
    assert steps(window)[-1] == "Add effect"


def test_e_offers_effects_for_the_selected_track(qapp: QApplication, tmp_path: Path) -> None:
    with open_window(qapp, make_project(tmp_path, (Stem.VOCALS, Stem.BASS))) as window:
        window.workspace.select_track(session(window).tracks[1].id)
        QTest.keyClick(window, Qt.Key.Key_E)
        choose(strip(window, 1), "Gate")
        assert [slot.kind for slot in session(window).tracks[1].effects] == ["gate"]


def test_a_slot_is_switched_by_its_dot_and_opened_by_its_name(window: MainWindow) -> None:
    first, second = add_effects(window, "equaliser", "reverb")
    rack = strip(window).chain.rack
    place = rack.visualItemRect(rack.item(1))
    click(rack.viewport(), QPoint(8, place.center().y()))
    assert [slot.enabled for slot in session(window).tracks[0].effects] == [True, False]
    assert steps(window)[-1] == "Switch effect off"
    click(rack.viewport(), QPoint(60, place.center().y()))
    assert window.side.effects.slot_id == second
    click(rack.viewport(), QPoint(60, rack.visualItemRect(rack.item(0)).center().y()))
    assert window.side.effects.slot_id == first


def test_a_slot_is_dragged_to_another_place(window: MainWindow) -> None:
    first, second, third = add_effects(window, "equaliser", "reverb", "gate")
    rack, before = strip(window).chain.rack, len(steps(window))
    start = rack.visualItemRect(rack.item(0)).center()
    drag(rack.viewport(), start, QPoint(start.x(), rack.visualItemRect(rack.item(2)).bottom() + 4))
    assert rack.slot_ids == (second, third, first)
    assert steps(window)[before:] == ["Move effect"]
    drag(rack.viewport(), start, start + QPoint(0, 6))
    assert rack.slot_ids == (second, third, first)
    drag(rack.viewport(), rack.visualItemRect(rack.item(1)).center(), start)
    assert rack.slot_ids == (third, second, first)


def test_a_rack_is_driven_by_keys(window: MainWindow) -> None:
    first, second = add_effects(window, "equaliser", "reverb")
    rack = strip(window).chain.rack
    rack.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(rack, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    assert rack.slot_ids == (second, first)
    assert [track.stem for track in session(window).tracks] == [Stem.VOCALS, Stem.OTHER]
    QTest.keyClick(rack, Qt.Key.Key_Space)
    assert not session(window).tracks[0].effects[1].enabled
    assert not window.workspace.transport.playing
    QTest.keyClick(rack, Qt.Key.Key_Up)
    QTest.keyClick(rack, Qt.Key.Key_Return)
    assert window.side.effects.slot_id == second
    QTest.keyClick(rack, Qt.Key.Key_Delete)
    assert rack.slot_ids == (first,)
    assert window.side.effects.isHidden()
    assert len(list(session(window).clips())) == 2


def test_space_plays_after_a_click_into_a_rack(window: MainWindow) -> None:
    add_effects(window, "gate")
    rack = strip(window).chain.rack
    rack.setFocus(Qt.FocusReason.MouseFocusReason)
    QTest.keyClick(rack, Qt.Key.Key_Space)
    assert window.workspace.transport.playing
    assert session(window).tracks[0].effects[0].enabled
    QTest.keyClick(rack, Qt.Key.Key_Space)


def test_a_slots_menu_moves_and_removes_it(window: MainWindow) -> None:
    first, second = add_effects(window, "equaliser", "reverb", to=MASTER)
    master = window.mixer.master
    master.chain.rack.menu_wanted.emit(second, QPoint(10, 10))
    choose(master, "Move up")
    assert master.chain.rack.slot_ids == (second, first)
    master.chain.rack.menu_wanted.emit(second, QPoint(10, 10))
    choose(master, "Remove")
    assert master.chain.rack.slot_ids == (first,)


def test_a_strip_holds_so_many_effects_and_says_so(window: MainWindow) -> None:
    add_effects(window, *["gate"] * 16)
    window.commands.mixer.add_effect(session(window).tracks[0].id, "reverb")
    (note,) = window.side.jobs.notes
    assert note.texts[0] == "A strip holds at most 16 effects."


# ── many tracks ──────────────────────────────────────────────────────────────────────────────


def test_of_two_hundred_tracks_only_those_in_view_have_strips(qapp: QApplication, tmp_path: Path) -> None:
    project = make_project(tmp_path)
    for number in range(199):
        project.document.apply("Add", lambda now, number=number: edits.add_track(now, f"Track {number}"))
    with open_window(qapp, project) as window:
        window.mixer.show()
        row = window.mixer.row
        shown = row.viewport().width() // STRIP_WIDTH + 3
        assert 3 <= len(row.strips) <= shown
        row.horizontalScrollBar().setValue(row.horizontalScrollBar().maximum())
        assert row.strips[-1].face.name == "Track 198"
        assert len(row.strips) <= shown
        row.strips[-2].setFocus(Qt.FocusReason.TabFocusReason)
        row.horizontalScrollBar().setValue(0)
        assert row.strips[-1].face.name == "Track 197"
        QTest.keyClick(row.strips[-1], Qt.Key.Key_Left)
        assert QApplication.focusWidget().face.name == "Track 196"
        assert QApplication.focusWidget().visibleRegion().boundingRect().width() == STRIP_WIDTH


def test_a_hidden_mixer_builds_nothing(window: MainWindow) -> None:
    QTest.keyClick(window, Qt.Key.Key_X)
    window.workspace.apply("Add track", lambda now: edits.add_track(now, "More"))
    assert "More" not in [strip.face.name for strip in window.mixer.row.strips]
    QTest.keyClick(window, Qt.Key.Key_X)
    assert "More" in [strip.face.name for strip in window.mixer.row.strips]
