"""Trains the refinement net of `quality="best"`, song-wise, and writes it as an ONNX graph.

    python train_refine.py points ALBUM MUSIC points       # examples 0..264, about 2 s each; resumes
    python train_refine.py judge points                    # each song by a net that never heard it
    python train_refine.py fit points refine.onnx [--without SONG]

ALBUM holds a folder of stems for each song; MUSIC is a folder of instrumental music, whatever its depth.
The model card says which were used.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from refine_data import Mixer, read_song
from refine_net import BINS, FEATURES, FRAMES, PASSES, SHRINK, RefineGraph, Refiner
from refine_points import Points, draw, join, load, without
from torch import Tensor

from fanstudio.inference import manifest
from fanstudio.inference.nets import Net
from fanstudio.inference.scales import ManyScales
from fanstudio.jobs import Work

#: In pairs of partners; a song's folder ends in its name.
SONGS = ("Hydrogen", "Lithium", "Sodium", "Francium")
EXAMPLES = 265
STEPS, BATCH = 900, 4096
RATE_OF_LEARNING = 4e-3
#: The mean of the weights forgets with this factor a step.
MEMORY = 0.99


def make_points(album: Path, music: Path, folder: Path) -> None:
    """Write the points of each example that is not there yet."""
    model = manifest.load(Path(__file__).parent)
    kind, net, work = model.kind.finer(), Net(model, "cpu", 1), Work()
    if not isinstance(kind, ManyScales):
        raise SystemExit("model.toml names no hops for the best quality")
    folder.mkdir(parents=True, exist_ok=True)
    files = sorted(path for path in music.rglob("*") if path.suffix in (".ogg", ".opus"))
    songs = [read_song(name, next(album.glob(f"*{name}"))) for name in SONGS]
    mixer = Mixer(songs, files, kind.grid.size)
    for number in range(EXAMPLES):
        path = folder / f"{number:05d}.npz"
        if path.exists():
            continue
        rng = np.random.default_rng(1000 + number)
        points = draw(mixer.make(number, rng), kind, lambda windows: net.run(work, windows), rng)
        part = path.with_suffix(".part.npz")
        points.save(part)
        part.replace(path)


def fit(examples: Sequence[Points]) -> Refiner:
    """Train on examples; the mean of the weights over the last steps is what is returned."""
    points = join(examples)
    refiner = Refiner()
    refiner.centre.copy_(points.features.mean(0))
    refiner.scale.copy_(1 / (points.features.std(0) + 1e-2))
    optimiser = torch.optim.AdamW(refiner.parameters(), lr=RATE_OF_LEARNING, weight_decay=1e-3)
    smooth = torch.optim.swa_utils.AveragedModel(refiner, avg_fn=_average)
    weight = points.weight / points.weight.mean()
    for step in range(STEPS):
        for group in optimiser.param_groups:
            warm, cool = min(1, (step + 1) / 30), 0.5 + 0.5 * math.cos(math.pi * step / STEPS)
            group["lr"] = RATE_OF_LEARNING * warm * cool
        chosen = torch.randint(len(weight), (BATCH,))
        mask = refiner(points.features[chosen], points.mean[chosen])
        loss = (weight[chosen] * (mask - points.wanted[chosen]).square()).mean()
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(refiner.parameters(), 1.0)
        optimiser.step()
        smooth.update_parameters(refiner)
    refiner.load_state_dict(smooth.module.state_dict())
    return refiner


def _average(mean: Tensor, new: Tensor, count: Tensor) -> Tensor:
    keep = min(MEMORY, float(count) / (float(count) + 10))
    return keep * mean + (1 - keep) * new


@torch.no_grad()
def gain_db(refiner: Refiner, points: Points) -> float:
    """Return by how many dB the refined mask errs less than the mean of the passes, on one example."""
    mask = refiner(points.features, points.mean, SHRINK)
    before, after = ((points.weight * (m - points.wanted).square()).sum() for m in (points.mean, mask))
    return float(10 * torch.log10(before / after))


def judge(examples: Sequence[Points]) -> None:
    """Print what a net gains on each song with its own accompaniment, trained on the other songs."""
    for song in SONGS:
        refiner = fit(without(examples, song))
        gains = [gain_db(refiner, points) for points in examples if points.songs == (song,)]
        print(f"{song}: {np.mean(gains):+.2f} dB over {len(gains)} examples")


def export(refiner: Refiner, path: Path) -> None:
    """Write the graph; the same net gives the same file."""
    inputs = torch.zeros(1, 4, FRAMES, BINS), torch.zeros(1, 2 * PASSES, FRAMES, BINS)
    names = {"input_names": ["spectra", "masks"], "output_names": ["mask"]}
    torch.onnx.export(RefineGraph(refiner).eval(), inputs, path, opset_version=17, dynamo=False, **names)
    print(f"{path}: {path.stat().st_size / 1e3:.0f} kB, {FEATURES} features")


def main() -> None:
    """Run one of the steps."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    steps = parser.add_subparsers(dest="step", required=True)
    for name, paths in (
        ("points", ("album", "music", "folder")),
        ("judge", ("folder",)),
        ("fit", ("folder", "output")),
    ):
        step = steps.add_parser(name)
        for path in paths:
            step.add_argument(path, type=Path)
        if name == "fit":
            step.add_argument("--without", default="", choices=("", *SONGS))
    arguments = parser.parse_args()
    torch.manual_seed(1)
    torch.set_num_threads(1)
    if arguments.step == "points":
        make_points(arguments.album, arguments.music, arguments.folder)
        return
    examples = [load(path) for path in sorted(arguments.folder.glob("?????.npz"))]
    if arguments.step == "judge":
        judge(examples)
    else:
        export(fit(without(examples, arguments.without)), arguments.output)


if __name__ == "__main__":
    main()
