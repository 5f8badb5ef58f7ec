"""Trains the net; stopped at any time, it goes on from its checkpoint.

    python train.py base.pt --made DATA --seconds 2600
    python train.py fold.pt --made DATA --songs SONGS --start base.pt --leave-out Lithium \\
        --seconds 300 --rate 7e-4

DATA and SONGS are what `prepare.py` wrote. Needs `torch`. One thread is used.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from clips import Clips, draw_batch
from net import Net, group_centres
from torch import Tensor

_HZ_PER_BIN = 44_100 / 4096
#: Errors count no further than this far below the mix, in power.
_FLOOR = 1e-3
#: How much of the loss is measured with highs lifted, as ears do.
_LIFTED = 0.25
_LIFT = torch.from_numpy(np.clip(group_centres() * _HZ_PER_BIN / 1500, 0.05, 4).astype(np.float32))
_SAVE_EVERY_S = 60
_WARM_UP_STEPS = 50


def loss_db(logits: Tensor, magnitude: Tensor, parts: Tensor, known: Tensor) -> Tensor:
    """Return the error against the mix in dB, over all stems; bass and other are one where not `known`."""
    error = torch.softmax(logits, 1) * magnitude[:, None] - parts
    plain = _error_db(error, magnitude, known)
    return (1 - _LIFTED) * plain + _LIFTED * _error_db(error * _LIFT, magnitude * _LIFT, known)


def _error_db(error: Tensor, mix: Tensor, known: Tensor) -> Tensor:
    power = mix.pow(2).sum((1, 2))[:, None] + 1
    merged = torch.stack([error[:, 0], error[:, 1] + error[:, 2]], 1)
    three, two = (
        10 * torch.log10(each.pow(2).sum((2, 3)) / power + _FLOOR).mean(1) for each in (error, merged)
    )
    return torch.where(known, three, two).mean()


class Training:
    """The net, its running average, the optimiser, and how long they have been at it."""

    def __init__(self, checkpoint: Path, start: Path | None, rate: float) -> None:
        """Go on from `checkpoint` if it is there, else begin with the average of `start`, or anew."""
        self._checkpoint = checkpoint
        self._rate = rate
        self.net, self._average = Net(), Net()
        self._optimiser = torch.optim.AdamW(self.net.parameters(), lr=rate, weight_decay=0.01)
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

    def save(self) -> None:
        """Write the checkpoint whole."""
        part = self._checkpoint.with_suffix(".part")
        state = {"net": self.net, "average": self._average, "optimiser": self._optimiser}
        state = {name: value.state_dict() for name, value in state.items()}
        torch.save({**state, "spent": self.spent_s, "step": self.step_count}, part)
        part.rename(self._checkpoint)

    def step(self, loss: Tensor, done: float) -> None:
        """Take one step; `done` is how much of the training is over, 0..1."""
        warm = min(1.0, (self.step_count + 1) / _WARM_UP_STEPS)
        for group in self._optimiser.param_groups:
            group["lr"] = float(self._rate * warm * 0.5 * (1 + np.cos(np.pi * min(1.0, done))))
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
            ours.lerp_(theirs, 1 - kept) if ours.is_floating_point() else ours.copy_(theirs)


def train(args: argparse.Namespace) -> None:
    """Train for `args.seconds` in all runs together, the learning rate falling to zero."""
    torch.set_num_threads(1)
    training = Training(args.out, args.start, args.rate)
    rng = np.random.default_rng(training.step_count + 7)
    clips = Clips(args.made, args.songs, args.leave_out, args.real if args.start else 0.0)
    losses: list[float] = []
    saved = last = time.monotonic()
    while training.spent_s < args.seconds:
        magnitude, parts, known = draw_batch(clips, rng, args.batch)
        loss = loss_db(training.net(magnitude), magnitude, parts, known)
        training.step(loss, training.spent_s / args.seconds)
        losses.append(float(loss.detach()))
        now = time.monotonic()
        training.spent_s, last = training.spent_s + now - last, now
        if now - saved > _SAVE_EVERY_S or training.spent_s >= args.seconds:
            training.save()
            print(
                f"step {training.step_count}, {training.spent_s:.0f} s: {np.mean(losses):.3f} dB", flush=True
            )
            losses, saved = [], now


def main() -> None:
    """Read the command line and train."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("out", type=Path, help="checkpoint; an existing one is gone on from")
    parser.add_argument("--made", type=Path, required=True)
    parser.add_argument("--songs", type=Path, default=Path("songs"))
    parser.add_argument("--start", type=Path, help="checkpoint to begin from; real songs come in then")
    parser.add_argument("--leave-out", default="", help="words in names of songs that are not trained on")
    parser.add_argument("--real", type=float, default=0.5, help="share of clips that are of real songs")
    parser.add_argument("--seconds", type=float, required=True)
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--batch", type=int, default=4)
    train(parser.parse_args())


if __name__ == "__main__":
    main()
