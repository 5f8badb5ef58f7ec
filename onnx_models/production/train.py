"""Trains both nets on what `pairs.py` made; goes on where it stopped.

python train.py effect --pairs FOLDER --out FOLDER --steps 4000
python train.py setter --pairs FOLDER --out FOLDER --steps 3000
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path

import torch
from data import Batch, Renders, draw, load
from net import BANDS, ROWS, Effect, Setter, dynamics, spectrum
from torch import Tensor, nn

_BATCH = 128
_EVERY = 100
_RATE = 1.5e-3


def main() -> None:
    """Train one of the nets."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("net", choices=("effect", "setter"))
    parser.add_argument("--pairs", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=3000)
    parser.add_argument("--begin", type=Path, help="a setter whose weights to begin with")
    options = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(1)
    options.out.mkdir(parents=True, exist_ok=True)
    renders, kept = (load(options.pairs, kept=kept) for kept in (False, True))
    print(f"{len(renders)} renders to train on, {len(kept)} to judge by", flush=True)
    if options.net == "effect":
        net: nn.Module = Effect()
        run(net, options, lambda random: effect_loss(net, renders, random), lambda: foretold(net, kept))
        return
    effect = Effect()
    effect.load_state_dict(torch.load(options.out / "effect.pt", weights_only=True)["net"])
    effect.requires_grad_(False)
    net = Setter()
    if options.begin:
        net.load_state_dict(torch.load(options.begin, weights_only=True)["net"])
    loss = lambda random: setter_loss(net, effect, draw(renders, _BATCH, random))  # noqa: E731
    run(net, options, loss, lambda: reached(net, effect, kept))


def run(
    net: nn.Module,
    options: argparse.Namespace,
    loss: Callable[[torch.Generator], Tensor],
    judge: Callable[[], str],
) -> None:
    """Train, and keep a checkpoint every few hundred steps."""
    optimiser = torch.optim.AdamW(net.parameters(), _RATE, weight_decay=1e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, _RATE, total_steps=options.steps + 1)
    place = options.out / f"{options.net}.pt"
    step = _resume(place, net, optimiser, schedule)
    began = time.time()
    while step < options.steps:
        value = loss(torch.Generator().manual_seed(step))
        optimiser.zero_grad()
        value.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimiser.step()
        schedule.step()
        step += 1
        if step % _EVERY == 0 or step == options.steps:
            with torch.no_grad():
                told = judge()
            print(f"{step} {value.item():.3f} {told} {time.time() - began:.0f} s", flush=True)
            _keep(place, net, optimiser, schedule, step)


def effect_loss(net: nn.Module, renders: Renders, random: torch.Generator) -> Tensor:
    """Return how far the measures are off that `net` foretells."""
    rows = torch.randint(len(renders), (_BATCH,), generator=random)
    found = net(renders.own[rows], renders.curve[rows], renders.knobs[rows])
    apart = (found - renders.out[rows]).abs().clamp(max=15)
    return (
        apart[:, : ROWS * BANDS].mean()
        + apart[:, ROWS * BANDS :].mean()
        + _distance(found, renders.out[rows])
    )


def setter_loss(net: nn.Module, effect: nn.Module, batch: Batch) -> Tensor:
    """Return how far off what is wanted a chain would sound, as `effect` foretells it."""
    curve, knobs, out, movement = net(batch.own, batch.reference)
    found = effect(batch.own, curve, knobs)
    side = slice((ROWS - 1) * BANDS, ROWS * BANDS)
    falls = slice(7 * BANDS, 9 * BANDS)
    hidden = batch.curve - batch.curve.mean(1, keepdim=True)
    return (
        _distance(found, batch.wanted)
        + (out - out.mean(1, keepdim=True) - spectrum(batch.wanted)).abs().mean()
        + (movement - dynamics(batch.wanted)).abs().mean()
        + 0.15 * (found[:, side] - batch.wanted[:, side]).abs().mean()
        + 0.10 * (found[:, falls] - batch.wanted[:, falls]).abs().mean()
        + 0.30 * ((curve - hidden).abs().mean(1) * batch.same).mean()
        + 0.20 * knobs[:, _STRONG].mean()
    )


#: Ratio, drive, reverb and limiter: what is not needed is not used.
_STRONG = (1, 4, 7, 10)


def _distance(found: Tensor, wanted: Tensor) -> Tensor:
    spectra = (spectrum(found) - spectrum(wanted)).abs().mean()
    return spectra + (dynamics(found) - dynamics(wanted)).abs().mean()


def foretold(net: nn.Module, kept: Renders) -> str:
    """Tell how well `net` foretells chains over songs that it never heard."""
    found = net(kept.own, kept.curve, kept.knobs)
    apart = [(measure(found) - measure(kept.out)).abs().mean() for measure in (spectrum, dynamics)]
    loud = (found[:, -1] - kept.out[:, -1]).abs().mean()
    return f"spectrum {apart[0]:.2f} dB, dynamics {apart[1]:.2f} dB, loudness {loud:.2f} LU off"


def reached(net: nn.Module, effect: nn.Module, kept: Renders) -> str:
    """Tell how near chains come, as foretold, on songs that were never heard; (before)."""
    batch = draw(kept, 2000, torch.Generator().manual_seed(7))
    curve, knobs, out, movement = net(batch.own, batch.reference)
    found = effect(batch.own, curve, knobs)
    aims = (out - out.mean(1, keepdim=True) - spectrum(batch.wanted), movement - dynamics(batch.wanted))
    told = []
    for name, where in (("same", batch.same), ("other", ~batch.same)):
        for word, measure in (("spectrum", spectrum), ("dynamics", dynamics)):
            after, before = (
                (measure(one[where]) - measure(batch.wanted[where])).abs().mean()
                for one in (found, batch.own)
            )
            aim = aims[word == "dynamics"][where].abs().mean()
            told.append(f"{name} {word} {after:.2f} aim {aim:.2f} ({before:.2f})")
    return ", ".join(told)


def _resume(place: Path, net: nn.Module, *others: object) -> int:
    if not place.exists():
        return 0
    kept = torch.load(place, weights_only=True)
    net.load_state_dict(kept["net"])
    for other, state in zip(others, kept["others"], strict=True):
        other.load_state_dict(state)  # type: ignore[attr-defined]
    return int(kept["step"])


def _keep(place: Path, net: nn.Module, *others: object) -> None:
    *held, step = others
    part = place.with_suffix(".part")
    states = [other.state_dict() for other in held]  # type: ignore[attr-defined]
    torch.save({"net": net.state_dict(), "others": states, "step": step}, part)
    part.rename(place)


if __name__ == "__main__":
    main()
