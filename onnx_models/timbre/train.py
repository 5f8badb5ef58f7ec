"""Trains the net in two stages; stopped at any time, it goes on from its checkpoint.

    python train.py regress.pt DATA --stage regress --seconds 900
    python train.py tuned.pt DATA --stage tune --start regress.pt --seconds 1800 --rate 1e-3

The first stage learns what was measured in the renders (cheap steps), the second compares sound with sound.
DATA is what `prepare.py` wrote. Needs `torch`; one thread is used. Run it with the project on PYTHONPATH.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from crops import Crops
from net import Net
from synth import both_distances, synthesise
from torch import Tensor

_SAVE_EVERY_S = 60
_WARM_UP_STEPS = 50
_CROPS = {"regress": (24, 150), "tune": (4, 121)}
#: Targets count no further below the loudness of their frame, in dB.
_DEEP_DB = 85.0
_LOUD_DB = 55.0
_LOWEST_DB = -118.0
_TO_DB = 20 / np.log(10)
_LINEAR = 1.0


def regression_loss(net: Net, batch: dict[str, Tensor]) -> Tensor:
    """Return the mean error in dB of partials and bands, where the sound is not silent."""
    answers = net(batch["pitch"], batch["voiced"], batch["loudness"], batch["instrument"])
    floor = (batch["level_db"] - _DEEP_DB).clamp(min=_LOWEST_DB)[:, None]
    heard = ((batch["level_db"] + 85) / 25).clamp(0, 1)[:, None]
    loss = torch.zeros(())
    for answer, wanted in zip(answers, (batch["partials"], batch["bands"]), strict=True):
        ours_db = _TO_DB * torch.log(answer + 1e-9) - batch["shift_db"][:, None]
        weight = heard * (0.5 + ((wanted - batch["level_db"][:, None] + _LOUD_DB) / _LOUD_DB).clamp(0, 1))
        error = (torch.maximum(ours_db, floor) - torch.maximum(wanted, floor)).abs()
        loss = loss + (weight * error).sum() / weight.sum()
    return loss


def spectral_loss(net: Net, batch: dict[str, Tensor]) -> Tensor:
    """Return how far the sound made is from the render."""
    partials, bands = net(batch["pitch"], batch["voiced"], batch["loudness"], batch["instrument"])
    sound = synthesise(batch["f0_hz"], partials, bands)
    logs, linear = both_distances(sound, batch["audio"])
    return logs + _LINEAR * linear


class Training:
    """The net, its running average, the optimiser, and how long they have been at it."""

    def __init__(self, checkpoint: Path, start: Path | None, rate: float, instruments: int) -> None:
        """Go on from `checkpoint` if it is there, else begin with the average of `start`, or anew."""
        self._checkpoint = checkpoint
        self._rate = rate
        self.net, self._average = Net(instruments), Net(instruments)
        self._optimiser = torch.optim.AdamW(self.net.parameters(), lr=rate, weight_decay=1e-4)
        self.spent_s, self.step_count = 0.0, 0
        if checkpoint.exists():
            self._load(torch.load(checkpoint, weights_only=False))
        elif start:
            self.net.load_state_dict(torch.load(start, weights_only=False)["average"])
            self._average.load_state_dict(self.net.state_dict())

    def _load(self, state: dict[str, Any]) -> None:
        self.net.load_state_dict(state["net"])
        self._average.load_state_dict(state["average"])
        self._optimiser.load_state_dict(state["optimiser"])
        self.spent_s, self.step_count = state["spent"], state["step"]

    def save(self, ids: list[str]) -> None:
        """Write the checkpoint whole."""
        part = self._checkpoint.with_suffix(".part")
        state = {"net": self.net, "average": self._average, "optimiser": self._optimiser}
        state = {name: value.state_dict() for name, value in state.items()}
        torch.save({**state, "spent": self.spent_s, "step": self.step_count, "ids": ids}, part)
        part.rename(self._checkpoint)

    def step(self, loss: Tensor, done: float) -> None:
        """Take one step; `done` is how much of the training is over, 0..1."""
        warm = min(1.0, (self.step_count + 1) / _WARM_UP_STEPS)
        for group in self._optimiser.param_groups:
            group["lr"] = float(self._rate * warm * (0.02 + 0.49 * (1 + np.cos(np.pi * min(1.0, done)))))
        self._optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.net.parameters(), 1.0)
        self._optimiser.step()
        self._follow()
        self.step_count += 1

    @torch.no_grad()
    def _follow(self) -> None:
        kept = min(0.995, self.step_count / (self.step_count + 10))
        pairs = zip(self._average.state_dict().values(), self.net.state_dict().values(), strict=True)
        for ours, theirs in pairs:
            ours.lerp_(theirs, 1 - kept)


def train(args: argparse.Namespace) -> None:
    """Train for `args.seconds` in all runs together, the learning rate falling to almost nothing."""
    torch.set_num_threads(1)
    crops = Crops(args.data)
    training = Training(args.out, args.start, args.rate, len(crops.ids))
    rng = np.random.default_rng(training.step_count + 7)
    torch.manual_seed(training.step_count + 7)
    loss_of = {"regress": regression_loss, "tune": spectral_loss}[args.stage]
    losses: list[float] = []
    saved = last = time.monotonic()
    while training.spent_s < args.seconds:
        batch = crops.draw(rng, *_CROPS[args.stage], sound=args.stage == "tune")
        loss = loss_of(training.net, batch)
        training.step(loss, training.spent_s / args.seconds)
        losses.append(float(loss.detach()))
        now = time.monotonic()
        training.spent_s, last = training.spent_s + now - last, now
        if now - saved > _SAVE_EVERY_S or training.spent_s >= args.seconds:
            training.save(crops.ids)
            print(f"step {training.step_count}, {training.spent_s:.0f} s: {np.mean(losses):.3f}", flush=True)
            losses, saved = [], now


def main() -> None:
    """Read the command line and train."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("out", type=Path, help="checkpoint; an existing one is gone on from")
    parser.add_argument("data", type=Path)
    parser.add_argument("--stage", choices=("regress", "tune"), required=True)
    parser.add_argument("--start", type=Path, help="checkpoint to begin from")
    parser.add_argument("--seconds", type=float, required=True)
    parser.add_argument("--rate", type=float, default=3e-3)
    train(parser.parse_args())


if __name__ == "__main__":
    main()
