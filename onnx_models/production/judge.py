"""Measures "make it sound like that record" on songs that were never trained on, beside what else there is.

    python judge.py FOLDER_OF_MUSIC... --pairs 16 --refine 40 --matchering PYTHON --json FILE

Two sorts of pairs of ten seconds each, of whole songs:

- **same**: the reference is another place of the same song behind a hidden chain of ours. What is wanted is
  known: our place behind that chain.
- **other**: the reference is another song, every second one behind a hidden chain. There is no truth; what
  is wanted is the reference itself, though it has other notes and another beat, which no chain changes.

With `--strength 3` each hidden chain is drawn again until it changes the spectrum of the place by more than
3 dB and its dynamics by more than 2 dB, as errors are defined below; references without a chain stay.

Errors in dB, of the measures of the result against those of what is wanted: `spectrum_error_db` (the mean
over 28 third octaves of the absolute difference of the mean levels, without what all bands share) and
`dynamics_error_db` (the mean over the eight measures of `dynamics_of`). Loudness: the distance from the
loudness that was asked for, which is the wanted one as far as `loudness_within_reach` goes; for Matchering,
the wanted one. Methods:

- nothing: the song as it is
- closed: one equaliser whose five gains follow the difference of the spectra by least squares, and a gain
- bands: no effect but a filter that gives each third octave the reference's level (up to 24 dB), and a gain
- matchering: the package of this name (GPL-3), as it comes, in an environment of its own
- net: this model, with the curve and the loudness put right by ear; what the program does
- refined: the same, and as many settings tried by ear as `--refine` says
"""

from __future__ import annotations

import argparse
import json
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
from chains import Random, random_chain
from songs import RATE, excerpts, find_songs

from fanstudio.audio.samples import Samples
from fanstudio.audio.true_peak import TruePeak
from fanstudio.inference.production import (
    CEILING_DB,
    chain_of,
    loudness_within_reach,
    with_limiter,
)
from fanstudio.inference.production_chain import ChainSettings, process, setting
from fanstudio.inference.production_features import (
    BANDS_HZ,
    Features,
    dynamics_error_db,
    shared_bands,
    spectrum_difference,
    spectrum_error_db,
)
from fanstudio.inference.production_measure import measure
from fanstudio.inference.production_model import ProductionNet, load_model
from fanstudio.inference.production_refine import audition, hold_loudness, refine
from fanstudio.inference.production_spectrum import fit_plain
from fanstudio.jobs import Work

SECONDS = 10.0
#: How many dB a strong chain changes the dynamics by at least, and its equaliser the bands, for each dB that
#: it changes the spectrum by at least.
_MOVED = 2 / 3
_EQUALISED = 0.7
_BATCH = """
import sys, matchering as mg
for line in sys.stdin:
    own, reference, out = line.rstrip("\\n").split("\\t")
    try:
        mg.process(target=own, reference=reference, results=[mg.Result(out, subtype="FLOAT")])
    except Exception as error:
        print(own, error, file=sys.stderr)
"""


@dataclass(frozen=True)
class Pair:
    """A song, a reference, what is wanted, and whether both are one song."""

    own: Samples
    reference: Samples
    wanted: Features
    same: bool


def find_pairs(folders: list[Path], count: int, strength_db: float = 0.0) -> Iterator[Pair]:
    """Yield as many pairs of each sort, always the same ones for a strength."""
    songs = [
        song
        for song in find_songs(folders)
        if song.kept and song.path.stem not in ("vocals", "drums", "bass", "other", "guitar", "chords")
    ]
    places = [found for song in songs if len(found := list(excerpts(song, 2, SECONDS))) == 2]
    for number in range(count):
        random = np.random.default_rng((11, number))
        first, second = places[number % len(places)]
        chain, hidden = _hide(random, first, strength_db)
        yield Pair(first, process(chain, second, RATE), hear(hidden), same=True)
        other = places[(number + 1 + number // len(places)) % len(places)][number % 2]
        foreign = _hide(random, other, strength_db)[1] if number % 2 else other
        yield Pair(first, foreign, hear(foreign), same=False)


def _hide(random: Random, sound: Samples, strength_db: float) -> tuple[ChainSettings, Samples]:
    """Return the first random chain that is as strong as asked for, and what it makes of a sound."""
    own = hear(sound)
    while True:
        chain, numbers = random_chain(random)
        curve = numbers[: len(BANDS_HZ)]
        # Effects are slow to hear, and a chain with a weak equaliser is hardly ever strong enough.
        if np.abs(curve - curve.mean()).mean() < _EQUALISED * strength_db:
            continue
        hidden = process(chain, sound, RATE)
        if strength_db <= 0:
            return chain, hidden
        found = hear(hidden)
        moved = dynamics_error_db(own, found)
        if spectrum_error_db(own, found) > strength_db and moved > _MOVED * strength_db:
            return chain, hidden


def hear(sound: Samples) -> Features:
    """Return the measures of a sound."""
    return measure(Work(), sound, RATE)


def true_peak_dbtp(sound: Samples) -> float:
    """Return the true peak of a whole sound; `measure` hears places of it, whose cut ends ring higher."""
    meter = TruePeak(RATE, len(sound))
    meter.add(sound)
    return meter.dbtp


def closed(own: Samples, reference: Samples) -> Samples:
    """Return a song behind an equaliser that follows the difference of the spectra."""
    mine, theirs = hear(own), hear(reference)
    counts = shared_bands(mine, theirs)
    values = fit_plain(np.clip(spectrum_difference(mine, theirs), -12, 12), counts)
    return _as_loud(own, ChainSettings((setting("equaliser", values),)), mine, theirs)


def bands(own: Samples, reference: Samples) -> Samples:
    """Return a song each third octave of which has the reference's level."""
    mine, theirs = hear(own), hear(reference)
    gains = np.clip(spectrum_difference(mine, theirs), -24, 24)
    hertz = np.fft.rfftfreq(own.shape[1], 1 / RATE)
    curve = np.interp(np.log2(np.maximum(hertz, 1)), np.log2(BANDS_HZ), gains)
    filtered = np.fft.irfft(np.fft.rfft(own) * 10 ** (curve / 20), own.shape[1])
    return _as_loud(filtered.astype(np.float32), ChainSettings(), mine, theirs)


def with_net(net: ProductionNet, steps: int) -> Callable[[Samples, Samples], Samples]:
    """Return what the program does, with so many settings tried by ear."""

    def make(own: Samples, reference: Samples) -> Samples:
        mine, theirs = hear(own), hear(reference)
        counts = shared_bands(mine, theirs)
        heard = audition(own, RATE, mine, counts)
        choice = refine(Work(), heard, net.choose(mine, theirs), steps)
        loudness = loudness_within_reach(mine, theirs)
        chain = hold_loudness(Work(), heard, chain_of(mine, choice, counts, loudness), loudness, limited=True)
        return process(chain, own, RATE)

    return make


def _as_loud(own: Samples, chain: ChainSettings, mine: Features, theirs: Features) -> Samples:
    heard = audition(own, RATE, mine, shared_bands(mine, theirs), 1)
    held = hold_loudness(
        Work(), heard, with_limiter(chain), loudness_within_reach(mine, theirs), limited=True
    )
    return process(held, own, RATE)


def by_matchering(python: Path, pairs: list[Pair]) -> list[Samples | None]:
    """Return what Matchering makes of all pairs; None where it fails."""
    with tempfile.TemporaryDirectory() as folder:
        names = [[f"{folder}/{number}{word}.wav" for word in "abc"] for number in range(len(pairs))]
        for (own, reference, _), pair in zip(names, pairs, strict=True):
            soundfile.write(own, pair.own.T, RATE, subtype="FLOAT")
            soundfile.write(reference, pair.reference.T, RATE, subtype="FLOAT")
        told = "".join("\t".join(line) + "\n" for line in names)
        subprocess.run([python, "-c", _BATCH], input=told, text=True, check=True, capture_output=True)
        made = [Path(out) for *_, out in names]
        return [
            np.ascontiguousarray(soundfile.read(out, dtype="float32")[0].T) if out.exists() else None
            for out in made
        ]


def judge(pairs: list[Pair], made: list[Samples | None], name: str) -> dict[str, dict[str, float]]:
    """Return for each sort of pairs the mean errors, the loudness's distance and the highest peak."""
    table = {}
    for sort in ("same", "other"):
        rows = []
        for pair, sound in zip(pairs, made, strict=True):
            if pair.same != (sort == "same") or sound is None:
                continue
            out, own = hear(sound), hear(pair.own)
            asked = (
                own.loudness_lufs if name == "nothing" else loudness_within_reach(own, hear(pair.reference))
            )
            asked = pair.wanted.loudness_lufs if name == "matchering" else asked
            rows.append(
                (
                    spectrum_error_db(out, pair.wanted),
                    dynamics_error_db(out, pair.wanted),
                    abs(out.loudness_lufs - asked),
                    true_peak_dbtp(sound),
                )
            )
        values = np.array(rows)
        table[sort] = {
            "spectrum_db": float(values[:, 0].mean()),
            "dynamics_db": float(values[:, 1].mean()),
            "loudness_lu": float(values[:, 2].mean()),
            "highest_peak_dbtp": float(values[:, 3].max()),
            "pairs": len(rows),
        }
    return table


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--pairs", type=int, default=16)
    parser.add_argument("--strength", type=float, default=0.0, help="dB; 3 is strong, 0 takes every chain")
    parser.add_argument("--refine", type=int, default=0)
    parser.add_argument("--model", type=Path, help="a folder with model.toml; the shipped one without it")
    parser.add_argument("--matchering", type=Path, help="a Python that has the package")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    pairs = list(find_pairs(options.folders, options.pairs, options.strength))
    net = ProductionNet(load_model(options.model))
    methods: dict[str, Callable[[Samples, Samples], Samples]] = {
        "nothing": lambda own, _: own,
        "closed": closed,
        "bands": bands,
        "net": with_net(net, 0),
    }
    if options.refine:
        methods["refined"] = with_net(net, options.refine)
    made = {name: [make(pair.own, pair.reference) for pair in pairs] for name, make in methods.items()}
    if options.matchering:
        made["matchering"] = by_matchering(options.matchering, pairs)
    table = {name: judge(pairs, sounds, name) for name, sounds in made.items()}
    for name, sorts in table.items():
        told = "   ".join(
            f"{sort}: spectrum {row['spectrum_db']:.2f} dynamics {row['dynamics_db']:.2f} "
            f"loudness {row['loudness_lu']:.2f} peak {row['highest_peak_dbtp']:+.2f} ({row['pairs']:.0f})"
            for sort, row in sorts.items()
        )
        print(f"{name:11} {told}", flush=True)
    if options.json:
        options.json.write_text(json.dumps({"ceiling_dbtp": CEILING_DB, "table": table}, indent=1))


if __name__ == "__main__":
    main()
