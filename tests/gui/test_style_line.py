"""Where a voice is one line: the strip, what it says, and the ways from it to a place and an instrument."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from fanstudio.gui.appearance import Appearance
from fanstudio.gui.main_window import MainWindow
from fanstudio.gui.panels.style import StylePanel
from fanstudio.gui.widgets.confidence_strip import ConfidenceStrip, Doubt, Sureness, describe
from fanstudio.jobs import Work
from fanstudio.model import edits
from fanstudio.model.rights import Basis, Operation, Origin
from fanstudio.model.session import Stem
from fanstudio.studio.project import Project, create_project
from tests.support.desk import RATE, make_project, open_window
from tests.support.voices import melody, sing

SEVERAL = "Several notes at once: the original stays there"
SURENESS = Sureness(
    0.01,
    np.concatenate((np.full(600, 0.9), np.full(400, 0.1))).astype(np.float32),
    (Doubt(1.0, 1.1, "a consonant or noise: the instrument rests", slight=True), Doubt(6.0, 10.0, SEVERAL)),
)


@pytest.fixture
def strip(qapp: QApplication, qtbot: QtBot) -> Iterator[ConfidenceStrip]:
    appearance = Appearance(qapp, "dark")
    made = ConfidenceStrip(appearance)
    made.resize(200, 40)
    made.show_sureness(SURENESS)
    qtbot.addWidget(made)
    made.show()
    yield made
    appearance.deleteLater()


def test_columns_are_means_and_any_width_will_do() -> None:
    assert SURENESS.columns(10) == pytest.approx([0.9] * 6 + [0.1] * 4)
    assert len(SURENESS.columns(4_000)) == 4_000
    assert SURENESS.columns(4_000)[[0, -1]] == pytest.approx([0.9, 0.1])
    assert not Sureness(0.01, np.zeros(0, np.float32)).columns(7).any()


def test_words_say_how_much_and_what_is_done_but_not_of_each_consonant() -> None:
    assert SURENESS.doubtful_s == 4.0
    assert describe(SURENESS) == f"Not one line in 40 % of it. {SEVERAL}."
    assert describe(Sureness(0.01, SURENESS.confidence)) == "One line is heard throughout."
    assert describe(Sureness(0.01, np.zeros(0, np.float32))) == ""


def test_a_click_and_the_arrow_keys_locate(strip: ConfidenceStrip, qtbot: QtBot) -> None:
    located: list[float] = []
    strip.located.connect(located.append)
    QTest.mouseClick(strip, Qt.MouseButton.LeftButton, pos=QPoint(100, 20))
    strip.show_place(5.0)
    QTest.keyClick(strip, Qt.Key.Key_Right)
    strip.show_place(8.0)
    QTest.keyClick(strip, Qt.Key.Key_Left)
    assert located == pytest.approx([5.0, 6.0, 6.0], abs=0.06)


def test_what_is_under_the_pointer_is_said(strip: ConfidenceStrip) -> None:
    assert strip.words_at(20.5) == "0:01 a consonant or noise: the instrument rests"
    assert strip.words_at(60) == "0:03 One line is heard"
    assert strip.words_at(140) == f"0:07 {SEVERAL}"


def test_doubt_is_told_by_more_than_colour(strip: ConfidenceStrip) -> None:
    picture = strip.grab().toImage()
    wait, ok = strip._inks.token("wait"), strip._inks.token("ok")
    assert picture.pixelColor(160, 2) == wait
    assert picture.pixelColor(60, 2) != wait
    assert picture.pixelColor(60, 30) == ok
    column = {picture.pixelColor(x, 15).name() for x in range(130, 190)}
    assert len(column) == 2, "stripes"


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """Return a song whose voice sings a melody, and then a chord."""
    project = create_project(tmp_path / "Song", "Song", RATE)
    line = sing(melody([60, 64, 67, 65, 62, 60], 0.5, RATE), RATE, seed=1)[0]
    chord = sum(sing(melody([note], 2.0, RATE), RATE, seed=2)[0] for note in (55, 62, 66, 71))
    voice = np.concatenate((line, np.asarray(chord) / 3)).astype(np.float32)
    writer = project.pool.writer(RATE, 1)
    writer.write(voice[None])
    source = writer.finish(Work(), "Vocals", RATE, Origin(Basis.OWN, "Vocals"), Stem.VOCALS)
    project.document.apply("Import", lambda session: edits.import_source(session, source))
    return project


@pytest.fixture
def panel(qapp: QApplication, project: Project) -> Iterator[StylePanel]:
    with open_window(qapp, project) as window:
        window.workspace.select_track(window.workspace.session.tracks[0].id)
        window.actions_["style"].trigger()
        yield window.side.style_panel


def _choose(panel: StylePanel, instrument: str) -> None:
    offer = next(offer for offer in panel.tiles.offers if offer.id == instrument)
    QTest.mouseClick(panel.tiles.tile(offer), Qt.MouseButton.LeftButton)


def _window(panel: StylePanel) -> MainWindow:
    window = panel.window()
    assert isinstance(window, MainWindow)
    return window


def test_an_instrument_shows_where_the_voice_is_one_line(qtbot: QtBot, panel: StylePanel) -> None:
    window = _window(panel)
    assert not panel.line.isVisible()
    _choose(panel, "violin")
    assert panel.line.isVisible()
    qtbot.waitUntil(panel.line.strip.isVisible, timeout=30_000)
    assert panel.line.words.text().startswith("Not one line in")
    before = window.workspace.playhead
    QTest.mouseClick(
        panel.line.strip, Qt.MouseButton.LeftButton, pos=QPoint(panel.line.strip.width() // 2, 9)
    )
    length = window.workspace.session.tracks[0].clips[0].length
    assert abs(window.workspace.playhead - length // 2) < length // 50 != before
    _choose(panel, "marimba")
    assert not panel.line.isVisible()


def test_options_of_an_instrument_are_taken_along(qtbot: QtBot, panel: StylePanel) -> None:
    _choose(panel, "violin")
    options = panel.options
    assert not options.morph.isVisible()
    options.blend.setCurrentIndex(options.blend.findData("flute"))
    options.blend.activated.emit(1)
    assert options.morph.isVisible()
    options.octave.setCurrentIndex(options.octave.findData(-1))
    QTest.mouseClick(options.double, Qt.MouseButton.LeftButton, pos=QPoint(8, options.double.height() // 2))
    choice = panel.choice()
    assert choice is not None
    timbre = choice.timbre
    assert timbre is not None
    assert (timbre.instrument, timbre.second, timbre.morph) == ("violin", "flute", 0.5)
    assert (timbre.octave, timbre.double) == (-1, True)
    assert choice.target == _window(panel).workspace.session.tracks[0].id
    qtbot.waitUntil(lambda: not _window(panel).workspace.bridge.tasks, timeout=30_000)


def test_a_voice_becomes_a_violin_and_a_voice_again(qtbot: QtBot, panel: StylePanel) -> None:
    window = _window(panel)
    before = window.workspace.session
    _choose(panel, "violin")
    qtbot.waitUntil(lambda: not window.workspace.bridge.tasks, timeout=30_000)
    QTest.mouseClick(panel.foot.apply, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not window.workspace.bridge.tasks, timeout=60_000)
    session = window.workspace.session
    assert panel.foot.words.property("role") != "error", panel.foot.words.text()
    made = [source for source in session.sources if source.lineage is not None]
    assert [source.lineage.operation for source in made if source.lineage] == [Operation.RESTYLE]
    assert any(step.ai for step in panel.report.steps)
    QTest.mouseClick(panel.applied.cards[0].remove, Qt.MouseButton.LeftButton)
    assert not window.workspace.session.stylings
    assert window.workspace.session.tracks == before.tracks


def test_noise_is_said_to_be_no_line_and_nothing_is_changed(
    qtbot: QtBot, qapp: QApplication, tmp_path: Path
) -> None:
    with open_window(qapp, make_project(tmp_path, (Stem.VOCALS,))) as window:
        before = window.workspace.session
        window.workspace.select_track(before.tracks[0].id)
        window.actions_["style"].trigger()
        panel = window.side.style_panel
        _choose(panel, "violin")
        for button in (panel.foot.preview, panel.foot.apply):
            qtbot.waitUntil(lambda: not window.workspace.bridge.tasks, timeout=30_000)
            button.click()
            qtbot.waitUntil(lambda: not window.workspace.bridge.tasks, timeout=30_000)
            window.commands.style.hearing.stop()
        assert not any(source.lineage for source in window.workspace.session.sources)
        said = panel.foot.words.text() + panel.report.accessibleName()
        assert "voice" in said
