"""The net: a magnitude spectrum in, for each bin the shares of drums, bass and other out."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

BINS = 2049
STEMS = ("drums", "bass", "other")
#: Bins are taken singly below 2.8 kHz, then by two, four and eight; the last bin is left out.
GROUPS = ((0, 256, 1), (256, 512, 2), (512, 1024, 4), (1024, 2048, 8))
GROUPED = sum((end - start) // size for start, end, size in GROUPS)
_SINGLE_BINS = 24
_BANDS = 64
_FLOOR = 0.01
_SHAPES = 4
_WIDTH = 16
_CONTEXT = 192


def group_power(power: Tensor) -> Tensor:
    """Return the sums over groups of bins, `(…, bins)` to `(…, groups)`."""
    parts = [power[..., a:b].unflatten(-1, (-1, size)).sum(-1) for a, b, size in GROUPS]
    return torch.cat(parts, -1)


def ungroup(values: Tensor) -> Tensor:
    """Return for each bin the value of its group, `(…, groups)` to `(…, bins)`."""
    parts, done = [], 0
    for start, end, size in GROUPS:
        count = (end - start) // size
        part = values[..., done : done + count]
        parts.append(part.unsqueeze(-1).expand(*part.shape, size).flatten(-2) if size > 1 else part)
        done += count
    return torch.cat([*parts, values[..., -1:]], -1)


def group_centres() -> np.ndarray:
    """Return the bin in the middle of each group."""
    return np.concatenate([np.arange(a, b, size) + (size - 1) / 2 for a, b, size in GROUPS])


def band_weights() -> np.ndarray:
    """Return the interpolation from bands to groups, `(bands, groups)`; each column sums to 1."""
    upper = np.geomspace(_SINGLE_BINS, BINS - 1, _BANDS - _SINGLE_BINS)
    centres = np.concatenate([np.arange(_SINGLE_BINS), upper])
    return np.stack([np.interp(group_centres(), centres, row) for row in np.eye(_BANDS)])


class Block(nn.Module):
    """A residual convolution over time, `dilation` frames apart; `(batch, channels, frames)`."""

    def __init__(self, dilation: int) -> None:
        """Draw the weights."""
        super().__init__()
        self.norm = nn.BatchNorm1d(_CONTEXT)
        self.conv = nn.Conv1d(_CONTEXT, _CONTEXT, 3, padding=dilation, dilation=dilation)
        self.mix = nn.Conv1d(_CONTEXT, _CONTEXT, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Add what the convolution finds."""
        return x + self.mix(functional.relu(self.conv(self.norm(x))))


class Plane(nn.Module):
    """A residual convolution over time and bands; `(batch, channels, frames, bands)`."""

    def __init__(self, bands_apart: int, frames_apart: int) -> None:
        """Draw the weights."""
        super().__init__()
        apart = (frames_apart, bands_apart)
        self.conv = nn.Conv2d(_WIDTH, _WIDTH, 3, padding=apart, dilation=apart)
        self.norm = nn.BatchNorm2d(_WIDTH)

    def forward(self, x: Tensor) -> Tensor:
        """Add what the convolution finds."""
        return x + functional.relu(self.norm(self.conv(x)))


class Net(nn.Module):
    """Grouped magnitudes `(batch, frames, groups)` in, logits `(batch, 3, frames, groups)` out.

    Their softmax is the masks.
    The logits of a group are a linear function of what is seen around it (how steady, how sudden), whose
    coefficients the net chooses for each band and frame from the whole spectrum around it in time.
    """

    def __init__(self) -> None:
        """Draw the weights."""
        super().__init__()
        weights = torch.tensor(band_weights(), dtype=torch.float32)
        self.register_buffer("to_groups", weights)
        self.register_buffer("to_bands", (weights / weights.sum(1, keepdim=True)).T.contiguous())
        self.start = nn.Conv2d(_SHAPES + 1, _WIDTH, 3, padding=1)
        self.planes = nn.ModuleList(Plane(b, f) for b, f in ((1, 1), (2, 2), (4, 1), (6, 4)))
        self.squeeze = nn.Conv1d(8 * _BANDS, _CONTEXT, 1)
        self.narrow = nn.Conv2d(_WIDTH, 8, 1)
        self.blocks = nn.ModuleList(Block(d) for d in (1, 2, 4, 8, 16, 1, 4, 16))
        self.spread = nn.Conv1d(_CONTEXT, 12 * _BANDS, 1)
        self.join = nn.Conv2d(_WIDTH + 12, 32, 1)
        self.choose = nn.Conv2d(32, 2 * (_SHAPES + 1), 1)

    def forward(self, magnitude: Tensor) -> Tensor:
        """Return the logits."""
        shapes = look_around(torch.log10(magnitude + _FLOOR))
        level = torch.log10(magnitude**2 @ self.to_bands + _FLOOR**2) / 2
        bands = torch.stack([level, *((shape @ self.to_bands) for shape in shapes)], 1)
        base, *slopes = (self._choose(bands) @ self.to_groups).unflatten(1, (2, _SHAPES + 1)).unbind(2)
        logits = base
        for slope, shape in zip(slopes, shapes, strict=True):
            logits = logits + slope * shape[:, None]
        other = logits[:, :1] - logits[:, :1]
        return torch.cat([logits, other], 1)

    def _choose(self, bands: Tensor) -> Tensor:
        y = functional.relu(self.start(bands))
        for plane in self.planes:
            y = plane(y)
        context = self.squeeze(self.narrow(y).transpose(2, 3).flatten(1, 2))
        for block in self.blocks:
            context = block(context)
        spread = self.spread(functional.relu(context)).unflatten(1, (12, _BANDS)).transpose(2, 3)
        return self.choose(functional.relu(self.join(torch.cat([y, spread], 1))))


def look_around(x: Tensor) -> list[Tensor]:
    """Return four shapes of each group's surroundings in log magnitude, each within -1..1."""
    steady, broad = _mean(x, 1), _mean(x, 2)
    found = (steady - broad, x - steady, x - broad, _open(x, 1) - _open(x, 2))
    return [torch.tanh(1.5 * shape) for shape in found]


def _pad(x: Tensor, axis: int, before: int, after: int) -> Tensor:
    first, last = x.narrow(axis, 0, 1), x.narrow(axis, x.shape[axis] - 1, 1)
    return torch.cat([first] * before + [x] + [last] * after, axis)


def _mean(x: Tensor, axis: int) -> Tensor:
    """Return the mean of 17 neighbours, by doubling."""
    total = _pad(x, axis, 8, 8)
    length = x.shape[axis]
    last = total.narrow(axis, 16, length)
    for step in (1, 2, 4, 8):
        count = total.shape[axis] - step
        total = total.narrow(axis, 0, count) + total.narrow(axis, step, count)
    return (total.narrow(axis, 0, length) + last) / 17


def _open(x: Tensor, axis: int) -> Tensor:
    """Return the opening by 8 neighbours: what is shorter than that along `axis` is gone."""
    padded = _pad(x, axis, 7, 7)
    for pick in (torch.minimum, torch.maximum):
        for step in (1, 2, 4):
            count = padded.shape[axis] - step
            padded = pick(padded.narrow(axis, 0, count), padded.narrow(axis, step, count))
    return padded
