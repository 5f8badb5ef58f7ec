"""The net that sets a chain after a reference: its files, and what it chooses."""

import shutil
from dataclasses import astuple

import numpy as np
import pytest

from fanstudio import paths
from fanstudio.errors import ModelError
from fanstudio.inference.production import choose_chain
from fanstudio.inference.production_chain import process
from fanstudio.inference.production_features import dynamics_error_db, shared_bands, spectrum_error_db
from fanstudio.inference.production_model import MODEL, ProductionNet, load_model
from tests.unit.test_production import RATE, beat, heard


@pytest.fixture(scope="module")
def net():
    return ProductionNet()


def test_the_net_names_itself(net):
    assert net.model_id == MODEL
    assert len(net.model_sha256) == 64


def test_a_choice_is_the_same_every_time_and_within_bounds(net):
    own, wanted = heard(beat()), heard(beat(6, seed=4, wide=0.1))
    one, other = net.choose(own, wanted), net.choose(own, wanted)
    assert np.array_equal(one.curve, other.curve)
    assert one.knobs == other.knobs
    assert np.abs(one.curve).max() <= 24
    assert all(0 <= knob <= 1 for knob in astuple(one.knobs))


def test_a_hidden_equaliser_is_followed(net):
    sound, hidden = beat(12), beat(12, seed=5)
    hidden = np.diff(hidden, axis=1, prepend=0).astype(np.float32)
    own, wanted = heard(sound), heard(hidden)
    out = heard(process(choose_chain(own, wanted, net), sound, RATE))
    assert spectrum_error_db(out, wanted) < 0.7 * spectrum_error_db(own, wanted)


def test_a_dull_reference_leaves_high_bands_alone(net):
    own, dull = heard(beat()), heard(beat(6, rate=8_000), 8_000)
    curve = net.choose(own, dull).curve
    assert not curve[~shared_bands(own, dull)].any()


def test_mono_records_ask_for_no_width(net):
    own, mono = heard(beat()), heard(beat()[:1])
    assert net.choose(own, mono).knobs.width == 0.5
    assert net.choose(mono, own).knobs.width == 0.5


def test_a_record_like_itself_hardly_changes(net):
    sound = beat(8)
    own = heard(sound)
    out = heard(process(choose_chain(own, own, net), sound, RATE))
    assert spectrum_error_db(out, own) < 3
    assert dynamics_error_db(out, own) < 3


def copied(tmp_path):
    return shutil.copytree(paths.models_dir() / MODEL, tmp_path / MODEL)


def test_a_damaged_graph_is_refused(tmp_path):
    folder = copied(tmp_path)
    graph = folder / "model.onnx"
    graph.write_bytes(graph.read_bytes()[:-1] + b"x")
    with pytest.raises(ModelError, match="damaged"):
        ProductionNet(load_model(folder))


@pytest.mark.parametrize(
    ("old", "new"),
    [('task = "production"', 'task = "pitch"'), ('knobs = "knobs"', ""), ("format = 1", "format = 9")],
)
def test_a_wrong_manifest_is_refused(tmp_path, old, new):
    folder = copied(tmp_path)
    manifest = folder / "model.toml"
    manifest.write_text(manifest.read_text().replace(old, new))
    with pytest.raises(ModelError):
        load_model(folder)


def test_outputs_of_another_net_are_refused(tmp_path):
    folder = copied(tmp_path)
    manifest = folder / "model.toml"
    manifest.write_text(manifest.read_text().replace('knobs = "knobs"', 'knobs = "curve"'))
    net = ProductionNet(load_model(folder))
    with pytest.raises(ModelError):
        net.choose(heard(beat(2)), heard(beat(2)))
