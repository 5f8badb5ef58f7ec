"""A provider that is not the CPU's, for real: OpenVINO, in an environment of its own."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from fanstudio import paths
from fanstudio.inference.runner import Graph
from fanstudio.jobs import Work
from tests.support.bench_songs import write_looped
from tests.support.odd_graphs import hungry_masks
from tests.support.peer_environments import peer_python

pytestmark = [
    pytest.mark.soak,
    pytest.mark.skipif(sys.platform != "linux", reason="the environment is made for Linux"),
]
ROOT = Path(__file__).resolve().parents[2]
GRAPH = paths.models_dir() / "spleeter_2stems" / "model.onnx"
PROGRAM = """
import dataclasses, json, sys
from pathlib import Path
import numpy as np
from fanstudio.inference.runner import Graph
from fanstudio.jobs import Work

graph = Graph(Path(sys.argv[1]), sys.argv[2], threads=2)
opened = dataclasses.asdict(graph.device)
name, shape = next(iter(graph.inputs.items()))
windows = np.random.default_rng(0).random((int(sys.argv[3]), *shape[1:]), dtype=np.float32)
masks = graph.run(Work(), {name: windows}, "masks")
np.save(sys.argv[4], masks)
print(json.dumps({"opened": opened, "ended": dataclasses.asdict(graph.device), "batch": graph.batch}))
"""


def run_with(python: Path, *arguments: object) -> dict:
    """Run Python on this checkout; return the JSON that it writes."""
    run = subprocess.run(
        [str(python), *map(str, arguments)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )
    return json.loads(run.stdout)


def run_there(folder: Path, graph: Path, device: str, windows: int) -> tuple[dict, Path]:
    out = folder / "masks.npy"
    return run_with(peer_python("openvino"), "-c", PROGRAM, graph, device, windows, out), out


def test_openvino_passes_its_trial_and_computes_what_the_cpu_does(tmp_path):
    found, out = run_there(tmp_path, GRAPH, "openvino", 5)
    assert found["opened"]["name"] == found["ended"]["name"] == "openvino"
    assert found["batch"] == 4
    windows = np.random.default_rng(0).random((5, 2, 512, 1024), dtype=np.float32)
    here = Graph(GRAPH, "cpu").run(Work(), {"magnitude": windows}, "masks")
    assert np.abs(np.load(out) - here).max() < 1e-4


def test_openvino_is_the_best_of_what_that_build_has(tmp_path):
    opened = run_there(tmp_path, GRAPH, "auto", 1)[0]["opened"]
    assert opened["name"] in ("openvino", "cpu")
    if opened["name"] == "cpu":
        assert "openvino: it is slower here than the CPU" in opened["why_not"]
    assert "cuda: this build of onnxruntime lacks it" in opened["why_not"].replace("tensorrt, ", "")


def test_openvino_takes_fewer_windows_where_it_cannot_take_all(tmp_path):
    """4 TB for four windows are beyond it too, though it says so in other words."""
    path = tmp_path / "hungry.onnx"
    path.write_bytes(hungry_masks().SerializeToString())
    found, _out = run_there(tmp_path, path, "openvino", 4)
    assert found["ended"]["name"] == "openvino"
    assert found["ended"]["note"].startswith("4 windows at once were too many")
    assert found["batch"] == 2


@pytest.mark.parametrize("quality", ["fast", "best"])
def test_whole_split_agrees_with_that_of_the_cpu(tmp_path, quality):
    """Four windows at once there, one here; 30 s of the demo song."""
    song = write_looped(tmp_path / "song.wav", 30)
    script = ROOT / "tests" / "bench" / "peers" / "run_fanstudio.py"
    vocals = {}
    for device, python in (("openvino", peer_python("openvino")), ("cpu", Path(sys.executable))):
        told = run_with(python, script, song, tmp_path / device, quality, 2, device)
        assert told["device"] == device
        vocals[device] = soundfile.read(tmp_path / device / "vocals.wav")[0]
    assert vocals["cpu"].any()
    assert np.abs(vocals["openvino"] - vocals["cpu"]).max() < 1e-5 * np.abs(vocals["cpu"]).max()
