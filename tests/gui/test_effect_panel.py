"""The effect panel: built from each effect's table, a drag is one undo step, presets and reset hold."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from fanstudio.audio.effects import EFFECTS
from fanstudio.audio.effects.effect import Effect, Parameter
from fanstudio.audio.effects.equaliser import Equaliser
from fanstudio.audio.transport import Transport
from fanstudio.gui.effect_words import parameter_title
from fanstudio.gui.main_window import MainWindow
from fanstudio.gui.panels.effects import EffectPanel
from fanstudio.gui.panels.effects_row import ParameterRow
from fanstudio.gui.widgets.parameter_scale import share_of, value_at, value_text
from fanstudio.gui.widgets.value_field import parse_value
from fanstudio.model import mixer_edits
from fanstudio.model.mixer import EffectSlot
from fanstudio.model.session import Stem
from tests.support.desk import make_project, open_window

PARAMETERS = [(effect, row) for effect in EFFECTS for row in effect.parameters]
EVERY_PARAMETER = pytest.mark.parametrize(
    ("effect", "row"), PARAMETERS, ids=[f"{effect.kind}.{row.name}" for effect, row in PARAMETERS]
)


@pytest.fixture
def window(qapp: QApplication, tmp_path: Path) -> Iterator[MainWindow]:
    with open_window(qapp, make_project(tmp_path, (Stem.VOCALS,))) as opened:
        yield opened


def open_effect(window: MainWindow, kind: str, values: dict[str, float] | None = None) -> EffectPanel:
    window.commands.mixer.add_effect(window.workspace.session.tracks[0].id, kind, values)
    QTest.qWait(1)
    return window.side.effects


def slot(window: MainWindow) -> EffectSlot:
    return window.workspace.session.tracks[0].effects[0]


def row_of(panel: EffectPanel, name: str) -> ParameterRow:
    (found,) = [row for row in panel.rows if row.row.name == name]
    return found


def steps(window: MainWindow) -> list[str]:
    return [step.label for step in window.workspace.document.history.past]


def test_what_was_chosen_last_is_in_view(qtbot: QtBot, window: MainWindow) -> None:
    window.resize(1280, 720)
    panel, inspector = open_effect(window, "equaliser"), window.side.inspector
    clip = window.workspace.session.tracks[0].clips[0]
    window.workspace.select_clips((clip.id,))
    qtbot.waitUntil(lambda: not inspector.visibleRegion().isEmpty())
    qtbot.waitUntil(lambda: inspector.visibleRegion().boundingRect().height() >= inspector.height() - 1)
    open_effect(window, "reverb")
    qtbot.waitUntil(lambda: panel.visibleRegion().boundingRect().top() == 0)


@pytest.mark.parametrize("effect", EFFECTS, ids=[effect.kind for effect in EFFECTS])
def test_every_effect_has_a_panel_of_its_parameters(window: MainWindow, effect: type[Effect]) -> None:
    panel = open_effect(window, effect.kind)
    assert panel.heading.text() == effect.title
    assert panel.owner.text() == "on Vocals"
    assert [row.row for row in panel.rows] == list(effect.parameters)
    titles = [parameter_title(effect, row) for row in effect.parameters]
    assert len(set(titles)) == len(titles)
    assert all(row.toolTip() == row.row.text for row in panel.rows)
    assert panel.curve.isVisible() is (effect is Equaliser)


@EVERY_PARAMETER
def test_a_slider_stands_where_a_value_lies_and_gives_it_back(effect: type[Effect], row: Parameter) -> None:
    assert share_of(row, row.low) == pytest.approx(0)
    assert share_of(row, row.high) == pytest.approx(1)
    for share in (0.0, 0.2, 0.5, 0.9, 1.0):
        value = value_at(row, share)
        assert row.low <= value <= row.high
        assert share_of(row, value) == pytest.approx(share, abs=0.02)
    assert value_at(row, share_of(row, row.default)) == pytest.approx(row.default, rel=0.005)


@EVERY_PARAMETER
def test_a_value_is_read_as_it_is_written(effect: type[Effect], row: Parameter) -> None:
    for value in (row.low, row.default, row.high):
        assert parse_value(row, value_text(row, value)) == pytest.approx(value, rel=0.05, abs=0.006)


@pytest.mark.parametrize(
    ("unit", "value", "text"),
    [
        ("Hz", 80.0, "80 Hz"), ("Hz", 2_400.0, "2.4 kHz"), ("Hz", 0.8, "0.8 Hz"), ("dB", -3.5, "−3.5 dB"),
        ("ms", 120.0, "120 ms"), (": 1", 3.0, "3 : 1"), ("s", 1.6, "1.6 s"),
    ],
)  # fmt: skip
def test_values_are_written_short(unit: str, value: float, text: str) -> None:
    assert value_text(Parameter("x", unit, -100, 20_000, 0, ""), value) == text


def test_a_share_is_written_in_per_cent() -> None:
    mix = Parameter("mix", "", 0, 1, 0.25, "")
    assert value_text(mix, 0.25) == "25 %"
    assert parse_value(mix, "40 %") == pytest.approx(0.4)
    assert parse_value(mix, "soon") is None


def test_a_drag_of_a_slider_is_one_step(window: MainWindow) -> None:
    panel = open_effect(window, "compressor")
    slider = row_of(panel, "threshold_db").slider
    before, middle = len(steps(window)), slider.height() // 2
    QTest.mousePress(slider, Qt.MouseButton.LeftButton, pos=QPoint(slider.width() // 2, middle))
    for x in (20, 15, 10):
        QTest.mouseMove(slider, QPoint(x, middle))
    QTest.mouseRelease(slider, Qt.MouseButton.LeftButton, pos=QPoint(10, middle))
    assert dict(slot(window).values)["threshold_db"] < -40
    assert steps(window)[before:] == ["Set threshold"]
    QTest.mouseDClick(slider, Qt.MouseButton.LeftButton)
    assert dict(slot(window).values)["threshold_db"] == -18
    window.commands.edit.undo()
    window.commands.edit.undo()
    assert slot(window).values == ()
    assert row_of(panel, "threshold_db").field.text() == "−18 dB"


def test_a_value_can_be_typed(window: MainWindow) -> None:
    panel = open_effect(window, "equaliser")
    field = row_of(panel, "presence_hz").field
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, "2,5 kHz")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert dict(slot(window).values)["presence_hz"] == 2_500
    field.selectAll()
    QTest.keyClicks(field, "99 kHz")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert dict(slot(window).values)["presence_hz"] == 12_000
    field.selectAll()
    QTest.keyClicks(field, "high")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert dict(slot(window).values)["presence_hz"] == 12_000
    assert field.text() == "12 kHz"


def test_a_preset_is_taken_and_reset(window: MainWindow) -> None:
    panel = open_effect(window, "equaliser", {"body_db": 3.0})
    QTest.mouseClick(panel.preset, Qt.MouseButton.LeftButton)
    (menu,) = [menu for menu in panel.findChildren(QMenu) if menu.isVisible()]
    titles = [preset.title for preset in Equaliser.presets]
    assert [action.text() for action in menu.actions()] == ["Default", *titles]
    menu.setActiveAction(menu.actions()[2])
    QTest.keyClick(menu, Qt.Key.Key_Return)
    assert dict(slot(window).values) == Equaliser.presets[1].values
    assert panel.preset.text() == "Warm ▾"
    assert panel.curve.gain_at(40) == pytest.approx(3, abs=0.4)
    QTest.mouseClick(panel.reset, Qt.MouseButton.LeftButton)
    assert slot(window).values == ()
    assert panel.preset.text() == "Default ▾"
    assert panel.curve.gain_at(40) == pytest.approx(0, abs=0.01)
    assert steps(window)[-2:] == ["Preset Warm", "Reset effect"]


def test_an_effect_is_switched_off_in_its_panel(window: MainWindow) -> None:
    panel = open_effect(window, "reverb")
    QTest.mouseClick(panel.on, Qt.MouseButton.LeftButton, pos=QPoint(8, panel.on.height() // 2))
    assert not slot(window).enabled
    window.commands.edit.undo()
    assert panel.on.isChecked()


def test_the_panel_goes_with_its_effect(window: MainWindow) -> None:
    panel = open_effect(window, "gate")
    window.commands.edit.undo()
    assert panel.isHidden()
    window.commands.edit.redo()
    assert panel.isHidden()
    window.commands.mixer.open_effect(window.workspace.session.tracks[0].id, slot(window).id)
    assert panel.isVisible()
    QTest.mouseClick(panel.close_button, Qt.MouseButton.LeftButton)
    assert panel.isHidden()


def test_an_effect_that_nobody_knows_says_so(window: MainWindow) -> None:
    panel = open_effect(window, "vocoder_3000")
    assert panel.heading.text() == "vocoder_3000"
    assert panel.fault.isVisible()
    assert panel.rows == ()


def test_a_compressor_says_by_how_much_it_turns_down(qtbot: QtBot, window: MainWindow) -> None:
    panel = open_effect(window, "compressor", {"threshold_db": -40.0, "ratio": 10.0})
    assert panel.reduction.isHidden()
    window.commands.transport.toggle()
    qtbot.waitUntil(lambda: panel.reduction.isVisible(), timeout=20_000)
    qtbot.waitUntil(lambda: float(panel.reduction.text().split()[2]) > 10)
    window.commands.transport.toggle()


def test_a_fault_of_the_effect_is_shown_in_its_panel(
    qtbot: QtBot, window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    panel = open_effect(window, "reverb")
    fault = "Reverb gave something that is not sound; it is silenced."
    open_effect(window, "reverb")
    first, second = window.workspace.session.tracks[0].effects
    monkeypatch.setattr(Transport, "faults", {first.id: fault})
    window.commands.mixer.toggle()
    rack = window.mixer.row.strips[0].chain.rack
    qtbot.waitUntil(lambda: rack.item(0).toolTip() == fault)
    assert [rack.item(row).text() for row in (0, 1)] == ["! Reverb", "Reverb"]
    assert panel.slot_id == second.id
    assert panel.fault.isHidden()
    window.commands.mixer.open_effect(window.workspace.session.tracks[0].id, first.id)
    qtbot.waitUntil(panel.fault.isVisible)
    assert panel.fault.text() == fault
    monkeypatch.setattr(Transport, "faults", {})
    qtbot.waitUntil(panel.fault.isHidden)
    assert rack.item(0).text() == "Reverb"


def test_values_out_of_range_are_shown_at_its_ends(window: MainWindow) -> None:
    panel = open_effect(window, "equaliser", {"low_db": 400.0, "nonsense": 1.0})
    assert row_of(panel, "low_db").field.text() == "18 dB"


def test_other_edits_leave_the_panel_alone(window: MainWindow) -> None:
    panel = open_effect(window, "gate")
    track = window.workspace.session.tracks[0].id
    rows = panel.rows
    window.workspace.apply("Add", lambda now: mixer_edits.add_effect(now, track, "reverb"))
    assert panel.rows == rows
    assert panel.heading.text() == "Gate"


@pytest.mark.parametrize("hertz", [30.0, 400.0, 3_000.0, 15_000.0])
def test_the_curve_is_what_the_equaliser_does(hertz: float) -> None:
    import numpy as np

    rate, frames = 48_000, 48_000
    values = {"low_cut_hz": 60.0, "body_db": -9.0, "presence_db": 6.0, "high_db": 4.0}
    effect = Equaliser(**values)
    effect.prepare(rate, 1)
    tone = np.sin(2 * np.pi * hertz / rate * np.arange(frames)).astype(np.float32)[None]
    heard = effect.process(tone)[0, frames // 2 :]
    measured_db = 20 * np.log10(np.sqrt(np.mean(heard**2)) / np.sqrt(np.mean(tone[0, frames // 2 :] ** 2)))
    drawn_db = Equaliser.response_db(values, rate, np.array([hertz]))[0]
    assert drawn_db == pytest.approx(float(measured_db), abs=0.05)
