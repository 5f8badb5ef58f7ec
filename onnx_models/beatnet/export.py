"""Write model.onnx from the three checkpoints in the wheel of the Python package BeatNet 1.1.3.

Usage: python export.py BeatNet-1.1.3-py3-none-any.whl [which: 1, 2, 3 or 123] [target]
Needs torch and onnx.

Runs of the same wheel give the same bytes. The graph carries the state of the recurrent layers in and out,
so that a song can be heard piece by piece; of several nets it gives the mean of what they tell.
"""

from __future__ import annotations

import hashlib
import io
import sys
import zipfile
from pathlib import Path

import onnx
import torch
from torch import nn

BANDS, KERNEL, FLAT, CELLS, LAYERS = 272, 10, 262, 150, 2
WHEEL_SHA256 = "1ecfa17bdcbe899975a88bdb6efebd6970d846a4f3b6cfd5c6f320647c641c7e"


class OneNet(nn.Module):
    """One of BeatNet's nets, as its paper describes it and its checkpoints name its layers."""

    def __init__(self) -> None:
        """Make the layers; the weights come from a checkpoint."""
        super().__init__()
        self.conv1 = nn.Conv1d(1, 2, KERNEL)
        self.linear0 = nn.Linear(FLAT, CELLS)
        self.lstm = nn.LSTM(CELLS, CELLS, LAYERS, batch_first=True)
        self.linear = nn.Linear(CELLS, 3)

    def forward(
        self, features: torch.Tensor, hidden: torch.Tensor, cell: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Return how likely beat, downbeat and neither are at each frame `(frames, 3)`, and the new state."""
        seen = torch.max_pool1d(torch.relu(self.conv1(features.unsqueeze(1))), 2)
        squeezed = self.linear0(seen.reshape(-1, FLAT))
        told, (hidden, cell) = self.lstm(squeezed.unsqueeze(0), (hidden, cell))
        return torch.softmax(self.linear(told[0]), dim=1), hidden, cell


class Nets(nn.Module):
    """Several nets side by side; their states are stacked along the layers."""

    def __init__(self, nets: list[OneNet]) -> None:
        """Take the nets."""
        super().__init__()
        self.nets = nn.ModuleList(nets)

    def forward(
        self, features: torch.Tensor, hidden: torch.Tensor, cell: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Return the mean of what the nets tell, without "neither", and their states."""
        told, hiddens, cells = [], [], []
        for number, net in enumerate(self.nets):
            state = slice(LAYERS * number, LAYERS * (number + 1))
            one, new_hidden, new_cell = net(features, hidden[state], cell[state])
            told.append(one)
            hiddens.append(new_hidden)
            cells.append(new_cell)
        mean = torch.stack(told).mean(dim=0)[:, :2]
        return mean, torch.cat(hiddens), torch.cat(cells)


def load(wheel: Path, number: int) -> OneNet:
    """Read checkpoint `number` (1 to 3)."""
    with zipfile.ZipFile(wheel) as archive:
        data = archive.read(f"BeatNet/models/model_{number}_weights.pt")
    net = OneNet()
    net.load_state_dict(torch.load(io.BytesIO(data), weights_only=True))
    return net.eval()


def export(wheel: Path, which: str, target: Path) -> None:
    """Write the graph of the nets named by the figures of `which`."""
    nets = Nets([load(wheel, int(number)) for number in which]).eval()
    state = torch.zeros(LAYERS * len(which), 1, CELLS)
    example = (torch.rand(50, BANDS), state, state)
    torch.onnx.export(
        nets,
        example,
        str(target),
        input_names=["features", "hidden", "cell"],
        output_names=["beats", "hidden_out", "cell_out"],
        dynamic_axes={"features": {0: "frames"}, "beats": {0: "frames"}},
        opset_version=17,
        dynamo=False,
    )
    model = onnx.load(str(target))
    onnx.checker.check_model(model)
    target.write_bytes(model.SerializeToString(deterministic=True))


def main() -> None:
    """Export and say the hash for the manifest."""
    wheel = Path(sys.argv[1])
    if hashlib.sha256(wheel.read_bytes()).hexdigest() != WHEEL_SHA256:
        sys.exit(f"{wheel} is not the wheel of BeatNet 1.1.3.")
    which = sys.argv[2] if len(sys.argv) > 2 else "123"
    target = Path(sys.argv[3]) if len(sys.argv) > 3 else Path(__file__).parent / "model.onnx"
    export(wheel, which, target)
    print(hashlib.sha256(target.read_bytes()).hexdigest(), target)


if __name__ == "__main__":
    main()
