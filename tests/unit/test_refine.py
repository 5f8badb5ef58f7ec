"""The graph that refines the masks of several scales: what it is given, and what is refused."""

from dataclasses import replace

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from fanstudio import paths
from fanstudio.errors import ModelError
from fanstudio.inference import catalogue, manifest
from fanstudio.inference.runner import Graph
from fanstudio.inference.separation import Separator, measure_rms
from fanstudio.inference.trial import try_model
from fanstudio.jobs import Work
from tests.support.models import constant_masks
from tests.support.refiners import pick_pass, refine_graph, write_refined

RATE = 44100


def noise(length, channels=2):
    return (np.random.default_rng(length).standard_normal((channels, length)) * 0.1).astype(np.float32)


def split(separator, mix, rms=0.1):
    pieces = separator.split(Work(), [mix], sample_rate=RATE, length_frames=mix.shape[1], rms=rms)
    return np.concatenate([piece["vocals"] for piece in pieces], axis=1)


def from_spectra(kind):
    """A graph whose mask hangs on the spectra alone: the real parts after an operation."""
    nodes = [
        helper.make_node("Split", ["spectra"], ["left", "right"], axis=1),
        helper.make_node(kind, ["left"], ["mask"]),
    ]
    return refine_graph(nodes)


def open_refined(folder, graph, **changes):
    return Separator(manifest.load(write_refined(folder, graph, **changes)), "cpu", threads=1, quality="best")


@pytest.mark.parametrize("channels", [1, 2])
def test_the_refined_mask_is_what_counts(tmp_path, channels):
    mix = noise(5000, channels)
    vocals = split(open_refined(tmp_path, pick_pass(1)), mix)
    assert vocals.shape == mix.shape
    assert np.abs(vocals - 0.25 * mix).max() < 1e-6


def test_fast_loads_no_refiner(tmp_path):
    model = manifest.load(write_refined(tmp_path, pick_pass(0, name="other")))
    assert split(Separator(model, "cpu", threads=1), noise(3000)).shape == (2, 3000)


def test_the_mean_of_equal_passes_is_each_of_them(tmp_path):
    """With a net whose mask is the same everywhere, a refiner that takes one pass changes nothing."""
    model = manifest.load(write_refined(tmp_path, pick_pass(0)))
    refined = split(Separator(model, "cpu", threads=1, quality="best"), noise(9000))
    plain = split(Separator(replace(model, refiner=None), "cpu", threads=1, quality="best"), noise(9000))
    assert np.abs(refined - plain).max() < 1e-6


def test_spectra_are_at_the_level_of_the_net(tmp_path):
    """The level that the net wants reaches the refiner: a louder song gives the same mask."""
    separator, mix = open_refined(tmp_path, from_spectra("Sigmoid")), noise(5000)
    quiet, loud = split(separator, mix, rms=0.1), split(separator, 8 * mix, rms=0.8)
    assert np.abs(loud - 8 * quiet).max() < 1e-5


def test_nonsense_from_the_graph_is_told(tmp_path):
    separator = open_refined(tmp_path, from_spectra("Log"))
    with pytest.raises(ModelError, match=r"refine\.onnx"):
        split(separator, noise(5000))


def test_a_mask_beyond_all_sound_is_told(tmp_path):
    graph = pick_pass(0, name="small")
    graph.graph.output[0].name = "mask"
    graph.graph.node.extend(
        [
            helper.make_node("Constant", [], ["huge"], value_float=1e30),
            helper.make_node("Mul", ["small", "huge"], ["mask"]),
        ]
    )
    separator = open_refined(tmp_path, graph)
    with pytest.raises(ModelError, match="no sound"):
        split(separator, noise(5000))


def test_the_hash_of_a_refined_split_holds_the_refiner(tmp_path):
    model = manifest.load(write_refined(tmp_path, pick_pass(0)))
    told = {
        quality: Separator(model, "cpu", threads=1, quality=quality).report(seconds=1, audio_seconds=1)
        for quality in ("fast", "best")
    }
    assert told["fast"].sha256 == model.files[0].sha256
    assert told["best"].sha256 == model.sha256_refined != model.sha256


@pytest.mark.parametrize(
    "graph",
    [
        pick_pass(0, name="other"),
        refine_graph([helper.make_node("Identity", ["spectra"], ["mask"])], output=4),
        refine_graph([helper.make_node("Split", ["spectra"], ["mask", "b"], axis=1)], plane=(8, 100)),
        refine_graph([helper.make_node("Split", ["spectra"], ["mask", "b"], axis=1)], inputs=(4, 4)),
        b"no graph",
    ],
)
def test_other_graphs_are_refused(tmp_path, graph):
    with pytest.raises(ModelError, match=r"refine\.onnx"):
        open_refined(tmp_path, graph)


def test_a_changed_file_is_refused(tmp_path):
    with pytest.raises(ModelError, match="damaged"):
        open_refined(tmp_path, pick_pass(0), digest="0" * 64)


def test_a_file_elsewhere_is_refused(tmp_path):
    with pytest.raises(ModelError, match=r"best\.name"):
        manifest.load(write_refined(tmp_path, pick_pass(0), best__name="../refine.onnx"))


def test_a_model_of_more_stems_has_none(tmp_path):
    stems = {"files__stems": ["vocals", "drums", "other"], "files__rows": [0, 1, 2]}
    with pytest.raises(ModelError, match="does not refine"):
        open_refined(tmp_path, pick_pass(0), net=constant_masks([0.2, 0.3, 0.5]), **stems)


@pytest.fixture(scope="module")
def shipped():
    return Separator(catalogue.find("spleeter_2stems"), "cpu", quality="best")


def test_shipped_graph_keeps_silence_silent_and_sums_to_the_mix(shipped):
    silence = np.zeros((2, 2000), np.float32)
    assert not split(shipped, silence).any()
    assert shipped.model.refiner is not None
    graph = onnx.load(shipped.model.refiner.path)
    assert {node.domain for node in graph.graph.node} == {""}


def test_a_graph_that_gives_another_shape_than_it_says_is_found_by_a_trial(tmp_path):
    nodes = [
        helper.make_node("Constant", [], ["zero"], value_float=0.0),
        helper.make_node("Constant", [], ["starts"], value_ints=[0]),
        helper.make_node("Constant", [], ["axes"], value_ints=[1]),
        helper.make_node("Constant", [], ["one"], value_ints=[1]),
        helper.make_node("ReduceSum", ["masks"], ["sum"], keepdims=0),
        helper.make_node("Mul", ["sum", "zero"], ["nothing"]),
        helper.make_node("Cast", ["nothing"], ["none"], to=TensorProto.INT64),
        helper.make_node("Add", ["none", "one"], ["ends"]),
        helper.make_node("Slice", ["masks", "starts", "ends", "axes"], ["mask"]),
    ]
    with pytest.raises(ModelError, match="returned a mask of shape"):
        try_model(Work(), write_refined(tmp_path, refine_graph(nodes)), "cpu")


@pytest.mark.parametrize("level", [0.0, 1e-30, 1e-3, 1.0, 1e6])
def test_shipped_graph_gives_masks_at_any_level(shipped, level):
    """Powers of what the program lets pass, 1e6 at most in the samples, do not overflow."""
    graph = Graph(shipped.model.refiner.path, "cpu", threads=1)
    rng = np.random.default_rng(1)
    inputs = {
        name: (scale * rng.random(graph.inputs[name])).astype(np.float32)
        for name, scale in (("spectra", level * 4096), ("masks", 1.0))
    }
    inputs["masks"][..., :100] = np.round(inputs["masks"][..., :100])
    mask = graph.run(Work(), inputs, "mask")
    assert 0 <= mask.min() <= mask.max() <= 1
    assert mask.std() > 0


def test_shipped_graph_gives_the_same_twice_and_parts_voice_from_band(shipped):
    import soundfile

    start, frames = 12 * RATE, 8 * RATE
    mix, vocals = (
        soundfile.read(paths.demo_dir() / name, start=start, frames=frames, dtype="float32")[0].T
        for name in ("song.flac", "stems/vocals.flac")
    )
    rms = measure_rms(Work(), [mix])
    found = split(shipped, mix, rms)
    assert np.array_equal(found, split(shipped, mix, rms))
    error = np.sum((vocals - found) ** 2)
    assert 10 * np.log10(np.sum(vocals**2) / error) > 7
