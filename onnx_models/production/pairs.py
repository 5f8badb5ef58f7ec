"""Makes what pairs are built of: excerpts of songs, random chains run over them, and their features.

    python pairs.py --out FOLDER --chains 3000 FOLDER_OF_MUSIC...

Every chain runs over two excerpts of one song. A pair is (own, reference, wanted): an excerpt as it was;
another one of the same song with a chain, and the first with the same chain; or any excerpt of another
song, with or without a chain, which is wanted itself. Thousands of excerpts give any number of pairs.
Resumable: a shard that is there is left as it is. Needs fanstudio itself.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from chains import random_chain
from numpy.typing import NDArray
from songs import RATE, Song, excerpts, find_songs

from fanstudio.audio.samples import Samples
from fanstudio.inference.production_chain import process
from fanstudio.inference.production_measure import measure_blocks
from fanstudio.inference.production_net import numbers_of

_EXCERPTS = 8
_SHARD = 100

#: The excerpts of each song.
Heard = list[list[Samples]]


def main() -> None:
    """Make what is missing."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--chains", type=int, default=3000)
    parser.add_argument("--from-end", action="store_true", help="for a second process beside the first")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    songs = find_songs(options.folders)
    heard = _load_excerpts(options.out, songs)
    shards = range(options.chains // _SHARD)
    for shard in reversed(shards) if options.from_end else shards:
        target = options.out / f"shard{shard:04d}.npz"
        if not target.exists():
            _write(target, _shard(heard, songs, shard))


def _load_excerpts(out: Path, songs: list[Song]) -> Heard:
    """Return the excerpts of each song; what they sound like is written beside, once."""
    heard = [list(excerpts(song, _EXCERPTS)) for song in songs]
    target = out / "songs.npz"
    if not target.exists():
        rows = [(number, place) for number, blocks in enumerate(heard) for place in range(len(blocks))]
        _write(
            target,
            {
                "song": np.array([number for number, _ in rows]),
                "place": np.array([place for _, place in rows]),
                "features": np.stack([_features(heard[number][place]) for number, place in rows]),
                "kept": np.array([song.kept for song in songs]),
                "names": np.array([song.name for song in songs]),
            },
        )
    return heard


def _shard(heard: Heard, songs: list[Song], shard: int) -> dict[str, NDArray]:
    random = np.random.default_rng((5, shard))
    usable = [number for number, blocks in enumerate(heard) if len(blocks) >= 2]
    rows = []
    while len(rows) < _SHARD:
        number = int(random.choice(usable))
        places = random.choice(len(heard[number]), 2, replace=False)
        chain, numbers = random_chain(random)
        both = [process(chain, heard[number][place], RATE) for place in places]
        if all(np.isfinite(one).all() and np.abs(one).max() > 1e-3 for one in both):
            rows.append((number, places, numbers, np.stack([_features(one) for one in both])))
    return {
        "song": np.array([row[0] for row in rows]),
        "places": np.stack([row[1] for row in rows]),
        "chain": np.stack([row[2] for row in rows]),
        "features": np.stack([row[3] for row in rows]),
    }


def _features(sound: Samples) -> NDArray[np.float32]:
    return numbers_of(measure_blocks([sound], RATE))


def _write(target: Path, arrays: dict[str, NDArray]) -> None:
    part = target.with_suffix(".part.npz")
    np.savez(part, **arrays)
    part.rename(target)


if __name__ == "__main__":
    main()
