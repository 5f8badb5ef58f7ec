"""Models of one's own are added after they proved to work, or refused with one line."""

from __future__ import annotations

import contextlib
import json
import shutil
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fanstudio import paths
from fanstudio.errors import Cancelled, ModelError
from fanstudio.inference import add as adding
from fanstudio.inference import catalogue, manifest, shelf, speeds
from fanstudio.inference.add import add
from fanstudio.inference.guess import Shapes, guess
from fanstudio.inference.published import PublishedModel
from fanstudio.inference.speeds import Speed
from fanstudio.jobs import Work
from fanstudio.studio import models
from tests.support.kinds import scaling
from tests.support.model_server import padded_graph, published_model
from tests.support.models import constant_masks, write_model
from tests.support.refiners import pick_pass, write_refined

GRAPHS = {"vocals": padded_graph(1000, 0.75), "rest": padded_graph(2000, 0.25)}


def _names() -> list[str]:
    folder = shelf.shelf_folder()
    return sorted(path.name for path in folder.iterdir() if path.is_dir()) if folder.is_dir() else []


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = write_model(tmp_path / "mine", constant_masks([0.6, 0.4]))
    (made / "notes.txt").write_text("not needed")
    return made


@pytest.fixture
def published(monkeypatch: pytest.MonkeyPatch) -> PublishedModel:
    model = published_model("https://models.example", **GRAPHS)
    monkeypatch.setattr(adding, "list_published", lambda: (model,))
    return model


@pytest.mark.parametrize("what", ["folder", "manifest", "other name"])
def test_folder_with_a_manifest_is_tried_and_copied(folder: Path, what: str) -> None:
    given = folder / "model.toml" if what == "manifest" else folder
    if what == "other name":
        given = folder.rename(folder.with_name("My download (1)"))
    added = add(Work(), given)
    assert added.conclusion == ""
    assert catalogue.find("test_model").folder == added.model.folder
    assert sorted(path.name for path in added.model.folder.iterdir()) == ["model.onnx", "model.toml"]
    assert _names() == ["test_model"]


def test_model_that_does_not_work_is_not_added(tmp_path: Path) -> None:
    folder = write_model(tmp_path, constant_masks([float("nan"), 0.4]))
    with pytest.raises(ModelError, match="not numbers"):
        add(Work(), folder)
    assert _names() == []


def _cut(folder: Path) -> None:
    graph = folder / "model.onnx"
    graph.write_bytes(graph.read_bytes()[:-10])


def _swap(folder: Path) -> None:
    (folder / "model.onnx").write_bytes(b"not a graph")


def _change(old: str, new: str) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        path = folder / "model.toml"
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new))

    return change


@pytest.mark.parametrize(
    ("damage", "complaint"),
    [
        (_cut, "damaged"),
        (_swap, "damaged"),
        (lambda folder: (folder / "model.onnx").unlink(), "cannot be read"),
        (_change('name = "model.onnx"', 'name = "../model.onnx"'), "name"),
        (_change('name = "model.onnx"', 'name = "/etc/passwd"'), "name"),
        (_change('id = "test_model"', 'id = "../test_model"'), "states no id"),
        (_change('id = "test_model"', 'id = ".."'), "states no id"),
        (_change('id = "test_model"', "id = 5"), "states no id"),
        (_change('id = "test_model"', 'id = "spleeter_2stems"'), "comes with fanstudio"),
        (_change("format = 1", "format = 2"), "newer"),
        (_change("frames = 16", "frames = 17"), "does not take"),
        (_change("format = 1", "= ="), "not a TOML file"),
        (lambda folder: (folder / "model.toml").write_bytes(b"#" * 70_000), "states no id|too long"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_added(
    folder: Path, damage: Callable[[Path], object], complaint: str
) -> None:
    damage(folder)
    with pytest.raises(ModelError, match=complaint) as caught:
        add(Work(), folder)
    assert "\n" not in caught.value.message
    assert _names() == []


def test_graph_that_is_no_file_is_not_read(folder: Path) -> None:
    (folder / "model.onnx").unlink()
    (folder / "model.onnx").mkdir()
    with pytest.raises(ModelError, match="is not a file"):
        add(Work(), folder)


def test_name_that_no_file_can_have_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="cannot be read"):
        add(Work(), tmp_path / ("a" * 300 + ".onnx"))


def test_graph_that_refines_comes_along(tmp_path: Path) -> None:
    folder = write_refined(tmp_path, pick_pass(0))
    refiner = (folder / "refine.onnx").read_bytes()
    assert (add(Work(), folder).model.folder / "refine.onnx").read_bytes() == refiner
    (shelf.place_of("test_model") / "refine.onnx").unlink()
    assert {line.id: line.problem for line in models.list_models()}["test_model"] == "refine.onnx is missing."


def test_graph_that_does_not_refine_is_refused(tmp_path: Path) -> None:
    folder = write_refined(tmp_path, constant_masks([1]))
    with pytest.raises(ModelError, match="does not refine"):
        add(Work(), folder)
    assert _names() == []


def test_model_that_is_there_is_not_replaced(folder: Path) -> None:
    shutil.copytree(folder, shelf.place_of("test_model"))
    with pytest.raises(ModelError, match="already") as caught:
        add(Work(), folder)
    assert "remove test_model" in caught.value.hint
    shelf.remove("test_model")
    assert _names() == []


def test_damaged_model_is_replaced(folder: Path) -> None:
    shutil.copytree(folder, shelf.place_of("test_model"))
    _cut(shelf.place_of("test_model"))
    add(Work(), folder)
    catalogue.find("test_model")


@pytest.mark.parametrize("name", ["", "..", ".", "../models/test_model", "nothing", "spleeter_2stems"])
def test_only_models_of_ones_own_are_removed(name: str) -> None:
    write_model(shelf.shelf_folder(), constant_masks([1, 0]))
    (paths.data_dir() / "model.toml").write_text("")
    with pytest.raises(ModelError, match="no model called"):
        shelf.remove(name)
    assert _names() == ["test_model"]


def test_cancelling_adds_nothing(folder: Path) -> None:
    work = Work()

    def cancel(_fraction: float, text: str) -> None:
        if text.startswith("Loading"):
            work.cancel()

    work = Work(cancel)
    with pytest.raises(Cancelled):
        add(work, folder)
    assert _names() == []


@pytest.mark.parametrize("renamed", [False, True])
def test_graphs_are_known_by_their_hashes(tmp_path: Path, published: PublishedModel, renamed: bool) -> None:
    for stem, data in GRAPHS.items():
        (tmp_path / (f"download-{stem}.onnx" if renamed else f"{stem}.onnx")).write_bytes(data)
    given = tmp_path if renamed else tmp_path / "vocals.onnx"
    added = add(Work(), given)
    assert added.conclusion == "It is A test, by its SHA-256."
    assert (added.model.folder / "rest.onnx").read_bytes() == GRAPHS["rest"]


def test_graphs_of_one_model_may_be_added_one_by_one(tmp_path: Path, published: PublishedModel) -> None:
    for stem, data in GRAPHS.items():
        (tmp_path / f"{stem}.onnx").write_bytes(data)
    added = [add(Work(), tmp_path / f"{stem}.onnx") for stem in GRAPHS]
    assert added[0] == added[1]


def test_part_of_a_model_says_what_is_missing(tmp_path: Path, published: PublishedModel) -> None:
    (tmp_path / "vocals.onnx").write_bytes(GRAPHS["vocals"])
    with pytest.raises(ModelError, match=r"part of A test; it also needs rest\.onnx") as caught:
        add(Work(), tmp_path / "vocals.onnx")
    assert caught.value.hint


@pytest.mark.parametrize("name", ["unknown.onnx", "song.wav", "empty", "missing.onnx"])
def test_what_is_no_model_is_refused(tmp_path: Path, name: str) -> None:
    given = tmp_path / name
    if name == "empty":
        given.mkdir()
    elif name != "missing.onnx":
        given.write_bytes(b"RIFF")
    with pytest.raises(ModelError, match=r"no model that fanstudio knows|is not there|not an ONNX graph"):
        add(Work(), given)


@pytest.mark.parametrize("rows", [4, 6])
def test_lone_demucs_graph_is_known_by_its_shapes(tmp_path: Path, rows: int) -> None:
    path = tmp_path / 'My "Demucs" (v4).onnx'
    gains = [0.1 * (row + 1) for row in range(rows)]
    path.write_bytes(scaling((1, 2, 44_100), gains).SerializeToString())
    added = add(Work(), path)
    assert added.conclusion == f"Its shapes are those of Demucs with {rows} stems."
    assert added.model.id == "my__demucs___v4"
    assert added.model.stems[:3] == ("vocals", "drums", "bass")
    assert added.model.residual == "other"
    assert _names() == ["my__demucs___v4"]


def test_lone_mdx_graph_is_asked_for_a_manifest(tmp_path: Path) -> None:
    path = tmp_path / "UVR.onnx"
    path.write_bytes(scaling(("batch", 4, 2048, 256)).SerializeToString())
    with pytest.raises(ModelError, match="without a manifest") as caught:
        add(Work(), path)
    assert "n_fft" in caught.value.hint


@pytest.mark.parametrize("shape", [(1, 2, 1000), (1, 44_100), (1, 3, 224, 224)])
def test_graph_of_something_else_is_refused(tmp_path: Path, shape: tuple[int, ...]) -> None:
    path = tmp_path / "net.onnx"
    path.write_bytes(scaling(shape).SerializeToString())
    with pytest.raises(ModelError, match="no model that fanstudio knows"):
        add(Work(), path)


@given(st.text(max_size=40).filter(lambda text: not set(text) & {"/", "\0"}))
def test_guessed_manifest_is_in_order_whatever_the_file_is_called(name: str) -> None:
    shapes = Shapes({name: (1, 2, 343_980)}, {"y": (1, 4, 2, 343_980)})
    guessed = guess(Path("x") / f"{name}.onnx", "0" * 64, shapes)
    model_id = tomllib.loads(guessed.manifest.decode())["id"]
    with contextlib.suppress(ModelError):  # a tensor without a printable name
        manifest.parse(Path("x") / model_id, guessed.manifest)


def test_list_tells_what_is_there_and_what_is_wrong() -> None:
    write_model(shelf.shelf_folder(), constant_masks([1, 0]))
    damaged = shelf.shelf_folder() / "broken"
    damaged.mkdir()
    (damaged / "model.toml").write_text("id = ")
    lines = {line.id: line for line in models.list_models()}
    assert lines["spleeter_2stems"].state == "built in"
    assert lines["test_model"].state == "yours"
    assert lines["broken"].state == "damaged"
    assert "not a TOML file" in lines["broken"].problem
    (shelf.place_of("test_model") / "model.onnx").unlink()
    again = {line.id: line for line in models.list_models()}
    assert (again["test_model"].state, again["test_model"].problem) == ("damaged", "model.onnx is missing.")
    json.dumps([line.to_json() for line in again.values()])


#: A number that no float holds.
BEYOND = '{"a": ["cpu", 1' + "0" * 400 + "]}"


def test_speed_is_known_after_a_check() -> None:
    write_model(shelf.shelf_folder(), constant_masks([1, 0]))
    sha256 = catalogue.find("test_model").sha256
    trial = models.check_model(Work(), "test_model", "cpu")
    line = next(line for line in models.list_models() if line.id == "test_model")
    assert line.speed == Speed("cpu", trial.times_realtime)
    assert trial.times_realtime > 0
    speeds.remember(sha256, Speed("cuda", 99.0))
    assert speeds.recall(sha256) == Speed("cuda", 99.0)


@pytest.mark.parametrize(
    "text", ["", "[]", '{"a": 1}', '{"a": ["cpu", NaN]}', '{"a": ["cpu", -1]}', "\xff", BEYOND]
)
def test_damaged_speeds_count_as_none(text: str) -> None:
    (paths.cache_dir() / "model_speeds.json").write_text(text, encoding="latin-1")
    assert speeds.recall("a") is None
    speeds.remember("a", Speed("cpu", 2.0))
    assert speeds.recall("a") == Speed("cpu", 2.0)


def test_check_refuses_what_is_not_installed() -> None:
    with pytest.raises(ModelError, match="no model called"):
        models.check_model(Work(), "../spleeter_2stems")
