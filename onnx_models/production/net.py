"""Two nets: `Effect` foretells what a chain makes of a record's measures; `Setter` sets the chain.

`Setter` is what ships: a convolution over the bands of both records, then the knobs and a curve. `Effect`
stands in for the audio while it is trained, so that the loss is how the result sounds, not how near the
values come to those of a hidden chain. Both take and give what `production_net.numbers_of` tells.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from fanstudio.inference.production_features import BAND_ROWS, BANDS_HZ, DYNAMICS_ROWS
from fanstudio.inference.production_net import KNOBS

BANDS, ROWS, DYNAMICS = len(BANDS_HZ), len(BAND_ROWS), len(DYNAMICS_ROWS)
MOST_DB = 12.0
#: How many measures `dynamics` has.
MEASURES = 8
_WIDTH = 48
_BLOCKS = 4
_SIDE = BAND_ROWS.index("side")
_MOVES = slice(BAND_ROWS.index("fall10"), _SIDE)


def split(numbers: Tensor) -> tuple[Tensor, Tensor]:
    """Return bands `(n, rows, bands)` and dynamics `(n, rows)` of measures `(n, WIDTH)`, about ±1."""
    bands = numbers[:, : ROWS * BANDS].reshape(-1, ROWS, BANDS)
    levels = (bands[:, : _MOVES.start].clamp(-80, 20) + 30) / 20
    moves = bands[:, _MOVES] / 15
    side = (bands[:, _SIDE:] + 15) / 15
    dynamics = numbers[:, ROWS * BANDS : -1] / 10
    return torch.cat((levels, moves, side), 1), dynamics


def spectrum(numbers: Tensor) -> Tensor:
    """Return the mean spectrum in dB `(n, bands)`, held 60 dB under the loudest, without its mean."""
    mean = numbers[:, :BANDS]
    held = torch.maximum(mean, mean.amax(1, keepdim=True) - 60)
    return held - held.mean(1, keepdim=True)


def dynamics(numbers: Tensor) -> Tensor:
    """Return the eight measures of `production_features.dynamics_of`, `(n, 8)`."""
    told = dict(zip(DYNAMICS_ROWS, numbers[:, ROWS * BANDS : -1].unbind(1), strict=True))
    rows = dict(zip(BAND_ROWS, numbers[:, : ROWS * BANDS].reshape(-1, ROWS, BANDS).unbind(1), strict=True))
    counts = (rows["mean"] > rows["mean"].amax(1, keepdim=True) - 30).detach().float()
    counts = counts / counts.sum(1, keepdim=True)
    return torch.stack(
        (
            told["crest"],
            told["frame_crest50"],
            told["frame_crest90"],
            told["frame99"] - told["frame50"],
            told["frame90"] - told["frame50"],
            told["short95"] - told["short50"],
            ((rows["level90"] - rows["level50"]) * counts).sum(1),
            ((rows["level97"] - rows["level50"]) * counts).sum(1),
        ),
        1,
    )


class _Trunk(nn.Module):
    """Residual convolutions over the bands, with what is told of the whole beside every band."""

    def __init__(self, rows: int, whole: int) -> None:
        super().__init__()
        self.whole = nn.Linear(whole, _WIDTH)
        self.first = nn.Conv1d(rows + 1, _WIDTH, 5, padding=2)
        self.blocks = nn.ModuleList(
            nn.Sequential(
                nn.Conv1d(_WIDTH, _WIDTH, 5, padding=2), nn.GELU(), nn.Conv1d(_WIDTH, _WIDTH, 1), nn.GELU()
            )
            for _ in range(_BLOCKS)
        )
        self.register_buffer("place", torch.linspace(-1, 1, BANDS)[None, None])

    def forward(self, rows: Tensor, whole: Tensor) -> tuple[Tensor, Tensor]:
        """Return what is known of each band `(n, width, bands)`, and of all `(n, 3 · width)`."""
        told = self.whole(whole)
        place = torch.zeros_like(rows[:, :1]) + self.place
        hidden = self.first(torch.cat((rows, place), 1)) + told[:, :, None]
        for block in self.blocks:
            hidden = hidden + block(hidden)
        return hidden, torch.cat((hidden.mean(2), hidden.amax(2), told), 1)


class Effect(nn.Module):
    """Foretells the measures of a record behind a chain: a curve in dB over the bands, and knobs."""

    def __init__(self) -> None:
        """Start with a chain that does nothing but the curve."""
        super().__init__()
        self.trunk = _Trunk(ROWS + 1, DYNAMICS + len(KNOBS))
        self.bands = nn.Conv1d(_WIDTH, ROWS, 1)
        self.all = nn.Sequential(nn.Linear(3 * _WIDTH, 64), nn.GELU(), nn.Linear(64, DYNAMICS + 1))
        nn.init.zeros_(self.bands.weight)
        nn.init.zeros_(self.all[-1].weight)

    def forward(self, own: Tensor, curve: Tensor, knobs: Tensor) -> Tensor:
        """Return the measures `(n, WIDTH)`; the last is the loudness."""
        rows, whole = split(own)
        hidden, told = self.trunk(
            torch.cat((rows, curve[:, None] / 10), 1), torch.cat((whole, knobs * 2 - 1), 1)
        )
        moved = self.bands(hidden) * 10
        louder = self.all(told) * 5
        same = torch.zeros_like(moved[:, _MOVES.start :])
        levels = torch.cat((curve[:, None].repeat(1, _MOVES.start, 1), same), 1)
        bands = own[:, : ROWS * BANDS].reshape(-1, ROWS, BANDS) + moved + levels
        return torch.cat((bands.flatten(1), own[:, ROWS * BANDS :] + louder), 1)


class Setter(nn.Module):
    """Sets a curve and knobs so that one record sounds like another."""

    def __init__(self) -> None:
        """Start near the difference of both spectra."""
        super().__init__()
        self.trunk = _Trunk(3 * ROWS + 1, 3 * DYNAMICS)
        self.curve = nn.Conv1d(_WIDTH, 4, 1)
        self.aim = nn.Sequential(nn.Linear(3 * _WIDTH, 64), nn.GELU(), nn.Linear(64, 2 * MEASURES))
        self.knobs = nn.Sequential(
            nn.Linear(3 * _WIDTH, 96), nn.GELU(), nn.Linear(96, 64), nn.GELU(), nn.Linear(64, len(KNOBS))
        )

    def forward(self, own: Tensor, wanted: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Return curve in dB `(n, bands)`, which sums to 0, knobs 0 to 1, and what should come out.

        That is told as `spectrum` and `dynamics` tell it: of another place of the same song it is not what
        is heard, for places of a song differ, and of another song it is.
        """
        (rows, whole), (rows_wanted, whole_wanted) = split(own), split(wanted)
        before, moving = spectrum(own), dynamics(own)
        apart = (spectrum(wanted) - before).clamp(-20, 20)
        seen = torch.cat((rows, rows_wanted, rows_wanted - rows, apart[:, None] / 10), 1)
        hidden, told = self.trunk(seen, torch.cat((whole, whole_wanted, whole_wanted - whole), 1))
        share, rest, share_out, rest_out = self.curve(hidden).unbind(1)
        curve = MOST_DB * torch.tanh((torch.sigmoid(share + 1) * apart + 4 * rest) / MOST_DB)
        out = before + torch.sigmoid(share_out + 1) * apart + 4 * rest_out
        kept, moved = self.aim(told).chunk(2, 1)
        movement = moving + torch.sigmoid(kept + 1) * (dynamics(wanted) - moving) + 2 * moved
        return curve - curve.mean(1, keepdim=True), torch.sigmoid(self.knobs(told)), out, movement
