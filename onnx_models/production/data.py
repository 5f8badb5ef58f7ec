"""The excerpts, chains and measures that `pairs.py` made, as pairs for training and for judging."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from fanstudio.inference.production_features import BANDS_HZ

_STEMS = ("vocals", "drums", "bass", "other", "guitar", "chords")


@dataclass(frozen=True)
class Renders:
    """Excerpts, what chains made of them and of another excerpt of the song, and the chains."""

    own: Tensor
    out: Tensor
    curve: Tensor
    knobs: Tensor
    other_out: Tensor
    song: Tensor
    kind: Tensor

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.own)


def load(folder: Path, *, kept: bool) -> Renders:
    """Return the renders of songs that are kept for judging, or of all others."""
    songs = np.load(folder / "songs.npz")
    at = {
        (int(song), int(place)): features
        for song, place, features in zip(songs["song"], songs["place"], songs["features"], strict=True)
    }
    kinds = [_kind(str(name)) for name in songs["names"]]
    columns: dict[str, list[np.ndarray]] = {name: [] for name in Renders.__annotations__}
    for file in sorted(folder.glob("shard*[0-9].npz")):
        shard = np.load(file)
        for song, places, chain, features in zip(
            shard["song"], shard["places"], shard["chain"], shard["features"], strict=True
        ):
            if bool(songs["kept"][song]) is not kept:
                continue
            for mine, theirs in ((0, 1), (1, 0)):
                columns["own"].append(at[int(song), int(places[mine])])
                columns["out"].append(features[mine])
                columns["curve"].append(chain[: len(BANDS_HZ)])
                columns["knobs"].append(chain[len(BANDS_HZ) :])
                columns["other_out"].append(features[theirs])
                columns["song"].append(np.array(song))
                columns["kind"].append(np.array(kinds[int(song)]))
    return Renders(*(torch.from_numpy(np.stack(rows)) for rows in columns.values()))


@dataclass(frozen=True)
class Batch:
    """Pairs: an excerpt, the reference, what is wanted, and the hidden curve where the song is the same."""

    own: Tensor
    reference: Tensor
    wanted: Tensor
    curve: Tensor
    same: Tensor


def draw(renders: Renders, count: int, random: torch.Generator) -> Batch:
    """Return pairs, a third with a reference of the same song, the others with another of its kind."""
    mine = torch.randint(len(renders), (count,), generator=random)
    theirs = _of_kind(renders, mine, random)
    raw = torch.rand(count, generator=random) < 0.3
    foreign = torch.where(raw[:, None], renders.own[theirs], renders.out[theirs])
    same = (torch.arange(count) % 3 == 0) | (renders.song[mine] == renders.song[theirs])
    return Batch(
        own=renders.own[mine],
        reference=torch.where(same[:, None], renders.other_out[mine], foreign),
        wanted=torch.where(same[:, None], renders.out[mine], foreign),
        curve=renders.curve[mine],
        same=same,
    )


def _of_kind(renders: Renders, mine: Tensor, random: torch.Generator) -> Tensor:
    """Return for each row another one of its kind: nobody asks that a bass sound like an orchestra."""
    theirs = torch.empty_like(mine)
    for kind in renders.kind.unique():
        choices = torch.nonzero(renders.kind == kind)[:, 0]
        where = renders.kind[mine] == kind
        theirs[where] = choices[torch.randint(len(choices), (int(where.sum()),), generator=random)]
    return theirs


def _kind(name: str) -> int:
    """Return 0 for a whole song, another number for each kind of stem."""
    part = name.rpartition("/")[2]
    return _STEMS.index(part) + 1 if part in _STEMS else 0
