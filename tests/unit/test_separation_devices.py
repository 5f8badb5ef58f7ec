"""A split whose device gives up goes on on the CPU, and says so while it runs and afterwards."""

import numpy as np

from fanstudio.inference import manifest
from fanstudio.inference.runner import Device
from fanstudio.inference.separation import Separator
from fanstudio.jobs import Work
from tests.support.models import constant_masks, write_model
from tests.support.odd_graphs import hungry_masks


def test_split_goes_on_on_the_cpu(tmp_path):
    """The graph asks for 128 TB; when it is opened anew on the CPU, another lies in its place."""
    folder = write_model(tmp_path, hungry_masks(2**45))
    separator = Separator(manifest.load(folder), "cpu", threads=1)
    (graph,) = separator.net._graphs
    graph.device = Device("cuda", "CUDAExecutionProvider", "tensorrt: no")
    (folder / "model.onnx").write_bytes(constant_masks([0.25, 0.75]).SerializeToString())

    texts = []
    mix = (np.random.default_rng(0).standard_normal((2, 6000)) * 0.1).astype(np.float32)
    work = Work(lambda _fraction, text: texts.append(text))
    pieces = list(separator.split(work, [mix], sample_rate=44100, length_frames=6000, rms=0.1))

    vocals = np.concatenate([piece["vocals"] for piece in pieces], axis=1)
    assert np.abs(vocals - mix / 4).max() < 1e-5
    report = separator.report(seconds=1, audio_seconds=1)
    assert report.device == "cpu"
    assert report.why_not_better == "tensorrt: no; cuda: it ran out of memory"
    assert report.note == "cuda failed while it ran: it ran out of memory"
    assert texts[0] == "Splitting"
    assert texts[-1] == f"Splitting; {report.note}"
