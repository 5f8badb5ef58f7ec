"""Measures splitters of accompaniments on songs with known stems: SDR of each stem, a row a song.

    python judge.py SONGS --only Lithium --model FOLDER      # a folder with model.toml and its graph
    python judge.py SONGS --rule                             # the rule of thumb that needs no model

SONGS is what `prepare.py songs` wrote: what is split is the accompaniment that the first stage makes of
the mix, with its damage. Where a song has no bass, bass and other together are compared with its other.
Needs fanstudio itself.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from spectra import RATE

from fanstudio.inference.cascade import Splitter
from fanstudio.inference.harmonic_percussive import HarmonicPercussive
from fanstudio.inference.manifest import load
from fanstudio.inference.separation import Separator
from fanstudio.jobs import Work

STEMS = ("drums", "bass", "other")
#: `prepare.py` brings every mix to this level.
_MIX_RMS = 0.2

Samples = NDArray[np.float32]


def judge(splitter: Splitter, folder: Path, song: str) -> dict[str, float]:
    """Return the signal-to-distortion ratio in dB of each stem that the song has."""
    true = {stem: np.load(file) for stem in STEMS if (file := _wave(folder, song, stem)).exists()}
    estimates = split(splitter, np.load(_wave(folder, song, "accompaniment")))
    if "bass" not in true:
        estimates["other"] = estimates["bass"] + estimates["other"]
    return {stem: sdr_db(samples, estimates[stem]) for stem, samples in true.items()}


def split(splitter: Splitter, mix: Samples) -> dict[str, Samples]:
    """Return the stems of an accompaniment."""
    blocks = [mix[:, i : i + 65536] for i in range(0, mix.shape[1], 65536)]
    pieces = list(splitter.split(Work(), blocks, sample_rate=RATE, length_frames=mix.shape[1], rms=_MIX_RMS))
    return {stem: np.concatenate([piece[stem] for piece in pieces], axis=1) for stem in STEMS}


def sdr_db(true: Samples, estimate: Samples) -> float:
    """Return 10·log₁₀(‖s‖² / ‖s − ŝ‖²) over the whole signal, both channels together."""
    return float(10 * np.log10(np.sum(np.square(true)) / np.sum(np.square(true - estimate))))


def _wave(folder: Path, song: str, stem: str) -> Path:
    return folder / f"{song}.{stem}.wave.npy"


def main() -> None:
    """Read the command line and print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("songs", type=Path)
    parser.add_argument("--only", default="", help="a word in the songs' names")
    parser.add_argument("--model", type=Path)
    parser.add_argument("--rule", action="store_true")
    args = parser.parse_args()
    splitter: Splitter = HarmonicPercussive() if args.rule else Separator(load(args.model), "cpu", threads=1)
    for path in sorted(args.songs.glob("*.accompaniment.wave.npy")):
        song = path.name.removesuffix(".accompaniment.wave.npy")
        if args.only in song:
            figures = judge(splitter, args.songs, song)
            print(song, ", ".join(f"{stem} {value:.2f} dB" for stem, value in figures.items()), flush=True)


if __name__ == "__main__":
    main()
