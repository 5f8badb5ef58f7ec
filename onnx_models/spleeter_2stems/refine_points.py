"""What the refinement net learns from: points of spectra, drawn where the power is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from refine_data import Example
from refine_net import FEATURES, FRAMES, SEEN_BINS, measure, survey
from torch import Tensor

from fanstudio.inference.kinds import Infer
from fanstudio.inference.scales import ManyScales

POINTS = 8000
#: An example counts by the error that it has, but not as if that were less than this share of the mix.
_LEAST_ERROR = 0.02


@dataclass(frozen=True, slots=True)
class Points:
    """Points of one example.

    `features (n, FEATURES)`; `mean (n,)`, the passes' mean mask; `wanted (n,)`, the best real mask; and
    `weight (n,)`: the sum of weight times squared error of a mask estimates its error over that of the
    mean, as far as a real mask can do anything about it.
    """

    features: Tensor
    mean: Tensor
    wanted: Tensor
    weight: Tensor
    songs: tuple[str, ...]

    def save(self, path: Path) -> None:
        """Write the points; features in half precision."""
        arrays = {name: getattr(self, name).numpy() for name in ("mean", "wanted", "weight")}
        np.savez(path, features=self.features.half().numpy(), songs=np.array(self.songs), **arrays)


def load(path: Path) -> Points:
    """Read what `Points.save` wrote."""
    with np.load(path) as file:
        features, mean, wanted, weight = (
            torch.from_numpy(file[name]).float() for name in ("features", "mean", "wanted", "weight")
        )
        return Points(features, mean, wanted, weight, tuple(map(str, file["songs"])))


def join(points: Iterable[Points]) -> Points:
    """Return all points as those of one example."""
    every = list(points)
    parts = (
        torch.cat([getattr(one, name) for one in every]) for name in ("features", "mean", "wanted", "weight")
    )
    return Points(*parts, songs=())


@torch.no_grad()
def draw(example: Example, kind: ManyScales, infer: Infer, rng: np.random.Generator) -> Points:
    """Draw points of an example: four in five by their power, one in five by their magnitude."""
    if kind.frames != FRAMES:
        raise ValueError(f"the model's windows have {kind.frames} frames, not {FRAMES}")
    spectra = torch.from_numpy(kind.spectra(example.mix))
    masks = torch.from_numpy(kind.passes(example.mix, (0,), infer)[:, 0])
    seen = survey(_planes(spectra), masks.reshape(1, -1, *masks.shape[2:]))
    features, mean = measure(seen, 0, FRAMES), seen.mean
    mix, vocals = spectra[..., :SEEN_BINS], torch.from_numpy(kind.spectra(example.vocals))[..., :SEEN_BINS]
    power = mix.abs().square()
    share = (power / power.sum()).flatten().double()
    chance = 0.8 * share + 0.2 * share.sqrt() / share.sqrt().sum()
    chosen = _draw(chance, rng)
    error = (vocals - mean[:, 0] * mix).abs().square().sum()
    scale = power.sum() / torch.maximum(error, _LEAST_ERROR * power.sum())
    wanted = ((vocals * mix.conj()).real / (power + 1e-9)).flatten()[chosen]
    return Points(
        features=features.permute(0, 2, 3, 1).reshape(-1, FEATURES)[chosen],
        mean=mean.flatten()[chosen],
        wanted=wanted.clamp(-1, 2),
        weight=(share[chosen] / chance[chosen] / POINTS).float() * scale,
        songs=example.songs,
    )


def _planes(spectra: Tensor) -> Tensor:
    """Return complex `(2, frames, bins)` as `(1, 4, frames, bins)`."""
    return torch.view_as_real(spectra).permute(0, 3, 1, 2).reshape(1, 4, *spectra.shape[1:])


def _draw(chance: Tensor, rng: np.random.Generator) -> Tensor:
    """Return indices, one in each of POINTS equal parts of the whole chance."""
    total = torch.cumsum(chance, 0).numpy()
    places = (np.arange(POINTS) + rng.random(POINTS)) / POINTS * total[-1]
    return torch.from_numpy(np.searchsorted(total, places).clip(0, total.size - 1))


def without(points: Sequence[Points], song: str) -> list[Points]:
    """Return the examples to which a song gave nothing."""
    return [one for one in points if song not in one.songs]
