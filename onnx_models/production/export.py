"""Writes the trained nets as two graphs, `model.onnx` and `foretell.onnx`, and compares them with the nets.

    python export.py --nets FOLDER --out FOLDER

`model.onnx` takes `own` and `wanted` `(n, WIDTH)` and gives `curve` in dB, `knobs`, by how much the result is
foretold to be `louder`, and the `spectrum` and the `dynamics` that it should have. `foretell.onnx` takes
`own`, `curve` and `knobs` and gives what they make of it: `louder`, `spectrum`, `dynamics`.
"""

from __future__ import annotations

import argparse
import hashlib
from pathlib import Path

import numpy as np
import onnxruntime
import torch
from net import BANDS, Effect, Setter, dynamics, spectrum
from torch import Tensor, nn

from fanstudio.inference.production_net import KNOBS, WIDTH

_SET = ("curve", "knobs", "louder", "spectrum", "dynamics")
_FORETOLD = ("louder", "spectrum", "dynamics")


class Setting(nn.Module):
    """The setter, and how much louder its chain makes a record."""

    def __init__(self, setter: nn.Module, effect: nn.Module) -> None:
        """Join both nets."""
        super().__init__()
        self.setter, self.effect = setter, effect

    def forward(self, own: Tensor, wanted: Tensor) -> tuple[Tensor, ...]:
        """Return curve, knobs, louder, spectrum and dynamics."""
        curve, knobs, out, movement = self.setter(own, wanted)
        found = self.effect(own, curve, knobs)
        return curve, knobs, (found - own)[:, -1:], out, movement


class Foretelling(nn.Module):
    """What a chain makes of a record, as the search needs it."""

    def __init__(self, effect: nn.Module) -> None:
        """Take the net."""
        super().__init__()
        self.effect = effect

    def forward(self, own: Tensor, curve: Tensor, knobs: Tensor) -> tuple[Tensor, ...]:
        """Return louder, spectrum and dynamics."""
        found = self.effect(own, curve, knobs)
        return (found - own)[:, -1:], spectrum(found), dynamics(found)


def main() -> None:
    """Write and compare."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nets", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent)
    options = parser.parse_args()
    setter, effect = Setter(), Effect()
    for net, name in ((setter, "setter"), (effect, "effect")):
        net.load_state_dict(torch.load(options.nets / f"{name}.pt", weights_only=True)["net"])
    own, wanted = torch.randn(3, WIDTH) * 10 - 20, torch.randn(3, WIDTH) * 10 - 20
    curve, knobs = torch.randn(3, BANDS), torch.rand(3, len(KNOBS))
    _write(Setting(setter, effect), {"own": own, "wanted": wanted}, _SET, options.out / "model.onnx")
    _write(
        Foretelling(effect),
        {"own": own, "curve": curve, "knobs": knobs},
        _FORETOLD,
        options.out / "foretell.onnx",
    )


def _write(net: nn.Module, inputs: dict[str, Tensor], outputs: tuple[str, ...], target: Path) -> None:
    names = [*inputs, *outputs]
    net.eval()
    torch.onnx.export(
        net,
        tuple(inputs.values()),
        target,
        input_names=list(inputs),
        output_names=list(outputs),
        dynamic_axes={name: {0: "count"} for name in names},
        opset_version=17,
        dynamo=False,
    )
    session = onnxruntime.InferenceSession(target)
    found = session.run(None, {name: array[:1].numpy() for name, array in inputs.items()})
    with torch.no_grad():
        meant = net(*(array[:1] for array in inputs.values()))
    apart = max(np.abs(one - other.numpy()).max() for one, other in zip(found, meant, strict=True))
    digest = hashlib.sha256(target.read_bytes()).hexdigest()
    print(f"{target.name}: {target.stat().st_size} bytes, SHA-256 {digest}, at most {apart:.1e} off")


if __name__ == "__main__":
    main()
