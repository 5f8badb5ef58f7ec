"""The sheet of models: what it says, one click to the best, and failures as one line."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from fanstudio.errors import ModelError
from fanstudio.gui import model_jobs
from fanstudio.gui.dialogs import models as dialog
from fanstudio.gui.dialogs.models import ModelsDialog
from fanstudio.gui.main_window import MainWindow
from fanstudio.gui.widgets.model_row import ModelRow
from fanstudio.inference import add as adding
from fanstudio.inference import shelf
from fanstudio.inference.published import PublishedModel
from fanstudio.jobs import Work
from fanstudio.settings import Settings
from fanstudio.studio import models
from tests.support.desk import dialog_of, open_window
from tests.support.model_server import Shop, files_of, padded_graph, published_model, serving_models
from tests.support.models import constant_masks, write_model

READY = "A test is ready. Choose it as the model when you split."
GRAPHS = {"vocals": padded_graph(400_000, 0.75), "rest": padded_graph(1000, 0.25)}


@pytest.fixture
def shop() -> Iterator[Shop]:
    with serving_models(files_of(published_model("", **GRAPHS), **GRAPHS)) as opened:
        yield opened


@pytest.fixture
def published(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> PublishedModel:
    """One model to fetch, the best, from a server of ours."""
    model = published_model(shop.url, **GRAPHS)
    monkeypatch.setattr(models, "list_published", lambda: (model,))
    monkeypatch.setattr(models, "find_published", lambda _id: model)
    monkeypatch.setattr(dialog, "BEST", model.id)
    return model


@pytest.fixture
def window(qapp: QApplication) -> Iterator[MainWindow]:
    with open_window(qapp) as opened:
        yield opened


def _open(qtbot: QtBot, window: MainWindow) -> ModelsDialog:
    window.actions_["models"].trigger()
    sheet = dialog_of(window, ModelsDialog)
    qtbot.waitUntil(lambda: bool(sheet.rows) and sheet.rows[-1].isVisible())
    return sheet


def _row(sheet: ModelsDialog, model_id: str) -> ModelRow:
    (row,) = [row for row in sheet.rows if row.line.id == model_id]
    return row


def _words(row: ModelRow) -> str:
    return " ".join(found.text() for found in row.findChildren(QLabel))


def test_sheet_says_what_there_is_and_what_the_built_in_model_is_worth(
    qtbot: QtBot, window: MainWindow
) -> None:
    sheet = _open(qtbot, window)
    assert [row.line.id for row in sheet.rows][:3] == ["spleeter_2stems", "drums_bass_other", models.BEST]
    built_in = _words(_row(sheet, "spleeter_2stems"))
    for fact in (
        "BUILT IN",
        "vocals, accompaniment",
        "vocals 6.9 dB",
        "not measured here yet",
        "21 MB",
        "MIT",
    ):
        assert fact in built_in
    assert "3 to 5 dB below the best" in sheet.offer.findChild(QLabel).text()
    assert sheet.offer_button.accessibleName() == (
        "Get Demucs v4, fine-tuned (four stems), 497 MB, MIT licence"
    )
    for row in sheet.rows:
        assert row.line.title in row.accessibleName()
        for made in row.buttons.values():
            assert row.line.title in made.accessibleName()


def test_one_click_gets_the_best(
    qtbot: QtBot, window: MainWindow, published: PublishedModel, shop: Shop
) -> None:
    shop.pause_s = 0.03
    sheet = _open(qtbot, window)
    QTest.mouseClick(sheet.offer_button, Qt.MouseButton.LeftButton)
    assert not sheet.offer_button.isEnabled()
    assert list(_row(sheet, "test_model").buttons) == ["Cancel"]
    qtbot.waitUntil(lambda: "MB/s" in _row(sheet, "test_model").detail.text(), timeout=5000)
    assert _row(sheet, "test_model").bar.value() > 0
    qtbot.waitUntil(lambda: sheet.offer.isHidden(), timeout=8000)
    assert sheet.said.text() == READY
    assert _row(sheet, "test_model").line.state == "yours"


def test_offline_is_one_line_in_the_sheet(
    qtbot: QtBot, window: MainWindow, published: PublishedModel, shop: Shop
) -> None:
    shop.faults.append(("status", 503))
    sheet = _open(qtbot, window)
    QTest.mouseClick(sheet.offer_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not sheet.said.isHidden(), timeout=5000)
    assert "is busy (HTTP 503). Try again later." in sheet.said.text()
    assert sheet.said.property("role") == "error"
    assert sheet.offer_button.isEnabled()
    assert window.side.jobs.notes == ()


def test_cancelling_keeps_what_came_and_the_next_fetch_goes_on(
    qtbot: QtBot, window: MainWindow, published: PublishedModel, shop: Shop
) -> None:
    shop.faults.append(("stall", 200_000))
    sheet = _open(qtbot, window)
    QTest.mouseClick(sheet.offer_button, Qt.MouseButton.LeftButton)
    part = shelf.shelf_folder() / ".part-test_model" / "test_model" / "vocals.onnx.part"
    qtbot.waitUntil(lambda: part.exists() and part.stat().st_size == 200_000, timeout=5000)
    QTest.mouseClick(_row(sheet, "test_model").buttons["Cancel"], Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "Cancelled" in sheet.said.text(), timeout=2000)
    QTest.mouseClick(_row(sheet, "test_model").buttons["Get"], Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: sheet.said.text() == READY, timeout=8000)
    assert shop.asked[1] == ("/test_model/vocals.onnx", "bytes=200000-")


def test_fetch_goes_on_when_the_sheet_is_closed_and_its_failure_gets_a_card(
    qtbot: QtBot, window: MainWindow, published: PublishedModel, shop: Shop
) -> None:
    shop.faults.append(("stall", 1000))
    sheet = _open(qtbot, window)
    QTest.mouseClick(sheet.offer_button, Qt.MouseButton.LeftButton)
    QTest.keyClick(sheet, Qt.Key.Key_Escape)
    assert [card.title.text() for card in window.side.jobs.cards] == ["Fetching A test"]
    shop.faults += [("status", 404)]
    shop.closing.set()
    qtbot.waitUntil(lambda: bool(window.side.jobs.notes), timeout=8000)
    assert "HTTP 404" in window.side.jobs.notes[0].texts[0]
    assert window.side.jobs.notes[0].texts[1] == "Nothing was added, and your models are as they were."


def test_checking_tells_the_speed(qtbot: QtBot, window: MainWindow) -> None:
    write_model(shelf.shelf_folder(), constant_masks([1, 0]))
    sheet = _open(qtbot, window)
    QTest.mouseClick(_row(sheet, "test_model").buttons["Check"], Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "A test works: " in sheet.said.text(), timeout=30_000)
    qtbot.waitUntil(lambda: "× realtime here (cpu)" in _words(_row(sheet, "test_model")))


def test_own_model_is_removed_by_the_keyboard(qtbot: QtBot, window: MainWindow) -> None:
    write_model(shelf.shelf_folder(), constant_masks([1, 0]))
    sheet = _open(qtbot, window)
    row = _row(sheet, "test_model")
    row.buttons["Remove"].setFocus()
    QTest.keyClick(row.buttons["Remove"], Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: sheet.said.text() == "A test was removed.")
    qtbot.waitUntil(lambda: "test_model" not in {row.line.id for row in sheet.rows})


def test_tab_goes_down_the_sheet(qtbot: QtBot, window: MainWindow) -> None:
    sheet = _open(qtbot, window)
    qtbot.waitUntil(lambda: QApplication.focusWidget() is not None)
    assert QApplication.focusWidget().accessibleName() == "Close"
    names = []
    while len(names) < 12 and (not names or names[-1] != "Close"):
        QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
        names.append(QApplication.focusWidget().accessibleName())
    assert names[0] == sheet.offer_button.accessibleName()
    listed = [made.accessibleName() for row in sheet.rows for made in row.buttons.values()]
    assert [name for name in names if name in listed] == listed
    assert names[-2:] == ["Add model…", "Close"]


def test_damaged_model_says_what_is_wrong(qtbot: QtBot, window: MainWindow) -> None:
    folder = write_model(shelf.shelf_folder(), constant_masks([1, 0]))
    (folder / "model.onnx").unlink()
    row = _row(_open(qtbot, window), "test_model")
    assert "model.onnx is missing." in _words(row)
    assert list(row.buttons) == ["Remove"]


def _drop(target: QWidget, path: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(QPoint(5, 5), Qt.DropAction.CopyAction, data, *keys)
    QApplication.sendEvent(target, enter)
    assert enter.isAccepted()
    QApplication.sendEvent(target, QDropEvent(QPointF(5, 5), Qt.DropAction.CopyAction, data, *keys))


@pytest.fixture
def added(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """What the sheet hands over to be added; adding itself is tested without a window."""
    paths: list[Path] = []

    def add(_work: Work, path: Path) -> None:
        paths.append(path)
        raise ModelError(f"{path.name} is no model that fanstudio knows.", hint="Try another.")

    monkeypatch.setattr(model_jobs, "add_model", add)
    return paths


@pytest.mark.parametrize("what", ["folder", "manifest", "graph"])
@pytest.mark.parametrize("where", ["window", "side panel", "sheet"])
def test_models_are_added_by_dropping(
    qtbot: QtBot, window: MainWindow, tmp_path: Path, added: list[Path], what: str, where: str
) -> None:
    folder = write_model(tmp_path / "mine", constant_masks([1, 0]))
    path = {"folder": folder, "manifest": folder / "model.toml", "graph": folder / "model.onnx"}[what]
    target = {"window": window, "side panel": window.side}.get(where) or _open(qtbot, window)
    _drop(target, path)
    sheet = dialog_of(window, ModelsDialog)
    qtbot.waitUntil(lambda: "no model that fanstudio knows. Try another." in sheet.said.text())
    assert added == [path]


def test_several_models_are_added_at_once(
    qtbot: QtBot, window: MainWindow, tmp_path: Path, added: list[Path]
) -> None:
    folders = [write_model(tmp_path / name, constant_masks([1, 0])) for name in ("one", "two")]
    assert window.commands.models.take_paths([*folders, tmp_path / "song.wav"]) == [tmp_path / "song.wav"]
    qtbot.waitUntil(lambda: sorted(added) == folders)


def test_parts_of_one_model_may_be_dropped_together(
    qtbot: QtBot,
    window: MainWindow,
    tmp_path: Path,
    published: PublishedModel,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(adding, "list_published", lambda: (published,))
    for stem, data in GRAPHS.items():
        (tmp_path / f"{stem}.onnx").write_bytes(data)
    jobs = window.commands.models.jobs
    ended: list[tuple[str, bool]] = []
    jobs.changed.connect(lambda: ended.append(jobs.said))
    window.commands.models.take_paths([tmp_path / f"{stem}.onnx" for stem in GRAPHS])
    qtbot.waitUntil(lambda: not jobs.tasks)
    assert [words for words, _ in ended if words.endswith("A test is ready.")]
    assert not any(failed for _, failed in ended)


def test_mirror_of_the_settings_is_used(tmp_path: Path, published: PublishedModel, shop: Shop) -> None:
    folder = tmp_path / "mirror" / "test_model"
    folder.mkdir(parents=True)
    for stem, data in GRAPHS.items():
        (folder / f"{stem}.onnx").write_bytes(data)
    settings = Settings(tmp_path / "settings.json", {"models_mirror": str(tmp_path / "mirror")})
    assert not models.pull_model(Work(), settings, "test_model").was_there
    assert shop.asked == []


@pytest.mark.parametrize("theme", ["dark", "light", "contrast"])
def test_nothing_is_cut_off_in_any_theme(
    qtbot: QtBot, window: MainWindow, theme: str, settled: Callable[[], None]
) -> None:
    window.appearance.choose(theme)
    sheet = _open(qtbot, window)
    settled()
    for row in sheet.rows:
        for found in row.findChildren(QLabel):
            assert found.height() >= found.heightForWidth(found.width()), found.text()
