"""The timbre net is read from its manifest, refused where that is wrong, and run in windows that match."""

import hashlib

import numpy as np
import pytest

from fanstudio.errors import InputError, ModelError
from fanstudio.inference.manifest import splits
from fanstudio.inference.timbre_net import Line, TimbreNet, is_there, load_model
from fanstudio.jobs import Work
from tests.support.timbres import REACH, timbre_graph, timbre_manifest, write_timbre


@pytest.fixture(scope="module")
def net(tmp_path_factory):
    return TimbreNet(load_model(write_timbre(tmp_path_factory.mktemp("models"))), threads=1)


def line(controls, seed=0):
    rng = np.random.default_rng(seed)
    notes = (60 + np.cumsum(rng.normal(0, 0.2, controls))).astype(np.float32)
    return Line(notes, rng.random(controls, np.float32), rng.uniform(-50, -10, controls).astype(np.float32))


def test_the_manifest_is_read(net):
    model = net.model
    assert [instrument.id for instrument in model.instruments] == ["reed", "pipe", "wind"]
    pipe = model.instrument("pipe")
    assert (pipe.row, pipe.lowest, pipe.highest, len(pipe.loudness_db)) == (1, 55, 84, 5)
    assert pipe.gates == (("pitch_accuracy", 0.99),)
    assert model.context == REACH
    assert not splits(model.file.path.parent)
    with pytest.raises(InputError, match="no instrument “tuba”"):
        model.instrument("tuba")


def test_windows_are_those_of_the_whole(net):
    played, shares = line(500), {"reed": 0.25, "wind": 0.75}
    harmonics, noise = net.answer(Work(), played, shares, 0, 500)
    assert harmonics.shape == (80, 500)
    assert noise.shape == (64, 500)
    for first, last in ((0, 1), (0, 100), (100, 101), (3, 250), (480, 500)):
        part, breath = net.answer(Work(), played, shares, first, last)
        np.testing.assert_allclose(part, harmonics[:, first:last], rtol=1e-5, atol=1e-8)
        np.testing.assert_allclose(breath, noise[:, first:last], rtol=1e-5, atol=1e-8)


def test_a_mix_lies_between(net):
    played = line(50)
    ends = [net.answer(Work(), played, {name: 1.0}, 0, 50)[0] for name in ("reed", "pipe")]
    half = net.answer(Work(), played, {"reed": 0.5, "pipe": 0.5}, 0, 50)[0]
    np.testing.assert_allclose(half, (ends[0] + ends[1]) / 2, rtol=1e-4, atol=1e-8)


@pytest.mark.parametrize(
    ("old", "new", "word"),
    [
        ('task = "timbre"', 'task = "pitch"', "task"),
        ("mixed = 3", "mixed = 2", "row"),
        ("highest = 84", "highest = 60", "highest"),
        ("[-45.0, -35.0, -30.0, -25.0, -18.0]", "[-45.0]", "loudness_db"),
        ("[-45.0, -35.0, -30.0, -25.0, -18.0]", "[-45.0, -50.0]", "loudness_db"),
        ("[-45.0, -35.0, -30.0, -25.0, -18.0]", '["loud", "soft"]', "loudness_db"),
        ('id = "pipe"', 'id = "reed"', "twice"),
        ('name = "model.onnx"', 'name = "../model.onnx"', "name"),
        ("context = 4", "context = -1", "context"),
        ("format = 1", "format = 2", "newer"),
    ],
)
def test_a_wrong_manifest_is_refused(tmp_path, old, new, word):
    text = timbre_manifest("0" * 64)
    assert old in text
    folder = write_timbre(tmp_path, manifest=text.replace(old, new))
    with pytest.raises(ModelError, match=word):
        load_model(folder)


def test_a_damaged_or_missing_graph_is_refused(tmp_path):
    folder = write_timbre(tmp_path)
    (folder / "model.onnx").write_bytes(b"no graph")
    with pytest.raises(ModelError):
        TimbreNet(load_model(folder))
    (folder / "model.onnx").unlink()
    with pytest.raises(ModelError):
        TimbreNet(load_model(folder))
    assert is_there(folder)
    assert not is_there(tmp_path)


def test_a_graph_of_other_shapes_is_refused(tmp_path):
    graph = timbre_graph()
    graph.graph.node[-1].input[0] = "spectra"
    data = graph.SerializeToString()
    folder = write_timbre(tmp_path, graph, timbre_manifest(hashlib.sha256(data).hexdigest()))
    with pytest.raises(ModelError):
        TimbreNet(load_model(folder)).answer(Work(), line(20), {"reed": 1.0}, 0, 20)


def test_numbers_that_are_none_are_refused(tmp_path):
    folder = write_timbre(tmp_path, timbre_graph(noise=float("nan")))
    with pytest.raises(ModelError, match="not numbers"):
        TimbreNet(load_model(folder)).answer(Work(), line(20), {"reed": 1.0}, 0, 20)
