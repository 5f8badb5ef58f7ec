"""The refinement net: what is measured at each point of a spectrum, and the mask that follows from it."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

FRAMES, BINS = 376, 2049
PASSES = 3
#: What no pass sees follows the mean below it: 13 kHz.
SEEN_BINS = 1216
HIDDEN = 48
#: Frames that go through the layers at once: a bound on the memory that the graph takes.
SLICE_FRAMES = 16
#: Of the correction that the layers learn, so much is used: songs that they have not heard differ.
SHRINK = 0.65
_TINY = 1e-6
#: Neighbourhoods of a point, in frames x bins: mean over blocks, then over that many blocks around.
NEIGHBOURHOODS = (
    ((1, 1), (3, 3)),
    ((1, 1), (9, 1)),
    ((1, 1), (1, 9)),
    ((4, 4), (7, 3)),
    ((1, 16), (1, 9)),
    ((4, 16), (11, 5)),
    ((8, 1), (11, 1)),
)
FEATURES = 12 + 2 * len(NEIGHBOURHOODS)


def logit(mask: Tensor) -> Tensor:
    """Return a quarter of the log odds of a mask, kept within ±1.55."""
    kept = mask.clamp(2e-3, 1 - 2e-3)
    return 0.25 * (torch.log(kept) - torch.log(1 - kept))


@dataclass(frozen=True, slots=True)
class Survey:
    """What features are made of, over all frames, by channel.

    `masks` are `(2, PASSES, frames, SEEN_BINS)`, `mean` and `power` `(2, 1, frames, SEEN_BINS)`. `alike`
    is the cosine between the channels; `near` holds power and vocals' power of each neighbourhood, a
    value a block; `frame` the vocals' share of each frame's power. Of each bin, `low` and `high` are the
    bins of half and of double its frequency, and `place` says in two ways where it lies.
    """

    masks: Tensor
    mean: Tensor
    power: Tensor
    alike: Tensor
    near: tuple[tuple[Tensor, Tensor], ...]
    frame: Tensor
    low: Tensor
    high: Tensor
    place: Tensor


def survey(spectra: Tensor, masks: Tensor) -> Survey:
    """Look at a whole window.

    `spectra` are `(1, 4, frames, bins)`: left real, left imaginary, right real, right imaginary; `masks`
    `(1, 2 * PASSES, frames, bins)`: left and right by each pass, the shortest transform first.
    """
    left_re, left_im, right_re, right_im = spectra[..., :SEEN_BINS].split(1, 1)
    short, own, long = (mask.transpose(0, 1) for mask in masks[..., :SEEN_BINS].split(2, 1))
    left = left_re * left_re + left_im * left_im + _TINY
    right = right_re * right_re + right_im * right_im + _TINY
    power = torch.cat([left, right])
    mean = (own + short + long) * (1 / PASSES)
    vocal = mean * power
    bins = torch.arange(SEEN_BINS)
    return Survey(
        masks=torch.cat([own, short, long], 1),
        mean=mean,
        power=power,
        alike=(left_re * right_re + left_im * right_im) * torch.rsqrt(left * right),
        near=tuple((_smooth(power, *size), _smooth(vocal, *size)) for size in NEIGHBOURHOODS),
        frame=vocal.mean(-1, keepdim=True) / power.mean(-1, keepdim=True),
        low=bins // 2,
        high=(2 * bins).clamp(max=SEEN_BINS - 1),
        place=torch.stack([0.2 * torch.log2(bins + 1.0) - 1, 2 * bins / SEEN_BINS - 1])[None, :, None],
    )


def measure(seen: Survey, start: int, end: int, nothing: Tensor | float = 0.0) -> Tensor:
    """Return the features `(2, FEATURES, end - start, SEEN_BINS)` of frames; both ends are of whole blocks.

    Each neighbourhood gives two: the share of vocals in its power, and how far the point stands out of it.
    `nothing` is a zero that all waits for.
    """
    level, alike = torch.log(seen.power[:, :, start:end] + nothing), seen.alike[:, :, start:end]
    odds = logit(seen.masks[:, :, start:end] + nothing)
    mean_odds = odds.mean(1, keepdim=True)
    shares, contrasts = [], []
    for (block, _), (near_power, near_vocal) in zip(NEIGHBOURHOODS, seen.near, strict=True):
        rows = slice(start // block[0], end // block[0])
        shares.append(_spread(logit(near_vocal[:, :, rows] / near_power[:, :, rows]), block))
        contrasts.append(0.2 * (level - _spread(torch.log(near_power[:, :, rows]), block)))
    flat = 0 * level
    features = [
        odds,
        logit(seen.mean[:, :, start:end].flip(0)),
        0.1 * level,
        0.1 * (level - level.flip(0)),
        torch.cat([alike, alike]),
        *shares,
        logit(seen.frame[:, :, start:end]) + flat,
        *contrasts,
        mean_odds[..., seen.low],
        mean_odds[..., seen.high],
        seen.place + flat,
    ]
    return torch.cat(features, 1)


def _smooth(values: Tensor, block: tuple[int, int], around: tuple[int, int]) -> Tensor:
    """Return the mean over a neighbourhood of each block of `(2, 1, frames, bins)`."""
    if block != (1, 1):
        values = functional.avg_pool2d(values, block, block)
    pad = around[0] // 2, around[1] // 2
    return functional.avg_pool2d(values, around, 1, pad, count_include_pad=False)


def _spread(values: Tensor, block: tuple[int, int]) -> Tensor:
    """Give every point of a block its value."""
    if block == (1, 1):
        return values
    return functional.interpolate(values, scale_factor=[float(side) for side in block], mode="nearest")


class Refiner(nn.Module):
    """Three layers at each point; their result is added to the log odds of the passes' mean mask."""

    def __init__(self) -> None:
        """Start as the mean of the passes."""
        super().__init__()
        self.register_buffer("centre", torch.zeros(FEATURES))
        self.register_buffer("scale", torch.ones(FEATURES))
        self.layers = nn.Sequential(
            nn.Linear(FEATURES, HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, 1)
        )
        last = self.layers[-1]
        nn.init.zeros_(last.weight)
        nn.init.zeros_(last.bias)

    def forward(self, features: Tensor, mean: Tensor, share: float = 1.0) -> Tensor:
        """Return masks `(points,)` for features `(points, FEATURES)` and the passes' mean masks.

        `share` of the correction is used.
        """
        correction = self.layers((features - self.centre) * self.scale)[:, 0]
        return torch.sigmoid(4 * logit(mean) + share * correction)


class RefineGraph(nn.Module):
    """What is exported: spectra and masks of one window in, its mask out, for all bins."""

    def __init__(self, refiner: Refiner) -> None:
        """Take the layers of `refiner` as 1 x 1 convolutions."""
        super().__init__()
        linear = [layer for layer in refiner.layers if isinstance(layer, nn.Linear)]
        self.layers = nn.ModuleList(nn.Conv2d(layer.in_features, layer.out_features, 1) for layer in linear)
        with torch.no_grad():
            for layer, source in zip(self.layers, linear, strict=True):
                layer.weight.copy_(source.weight[:, :, None, None])
                layer.bias.copy_(source.bias)
            self.layers[-1].weight.mul_(SHRINK)
            self.layers[-1].bias.mul_(SHRINK)
            first = self.layers[0]
            first.bias.sub_(linear[0].weight @ (refiner.centre * refiner.scale))
            first.weight.mul_(refiner.scale[None, :, None, None])

    def forward(self, spectra: Tensor, masks: Tensor) -> Tensor:
        """Return the mask `(1, 2, FRAMES, BINS)`; above SEEN_BINS, the frame's mean of what is below."""
        seen = survey(spectra, masks)
        parts: list[Tensor] = []
        for start in range(0, FRAMES, SLICE_FRAMES):
            parts.append(self._refine(seen, start, min(start + SLICE_FRAMES, FRAMES), parts))
        refined = torch.cat(parts, 2)
        above = refined.mean(-1, keepdim=True).expand(2, 1, FRAMES, BINS - SEEN_BINS)
        return torch.cat([refined, above], -1).transpose(0, 1)

    def _refine(self, seen: Survey, start: int, end: int, before: list[Tensor]) -> Tensor:
        """Refine a slice after those before it: side by side they would take twice the memory."""
        nothing = 0 * before[-1][:1, :, :1, :1] if before else 0.0
        first, second, last = self.layers
        hidden = torch.relu(second(torch.relu(first(measure(seen, start, end, nothing)))))
        return torch.sigmoid(4 * logit(seen.mean[:, :, start:end]) + last(hidden))
