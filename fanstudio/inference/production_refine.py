"""Listens to what a chain makes of a record, and mends it: its curve, its loudness, its knobs by search."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from fanstudio.audio.samples import Readable, Samples, padded
from fanstudio.inference.production import Bands, Choice, chain_of, louder, with_limiter
from fanstudio.inference.production_chain import ChainSettings, process
from fanstudio.inference.production_features import Curve, Features, dynamics_of
from fanstudio.inference.production_measure import measure_blocks, stretches
from fanstudio.inference.production_spectrum import MOST_DB
from fanstudio.jobs import Work

#: How much of what is still missing a pass puts right: effects behind the equaliser answer to it.
_SHARE: Final = 0.8
_PASSES: Final = 3
#: Knobs in the order in which they are tried, and the first step of each way.
_TRIED: Final = ("ratio", "limiter", "threshold", "drive", "attack", "release", "reverb", "width")
_STEP: Final = 0.2
_LEAST_STEP: Final = 0.03
_LOUDNESS_PASSES: Final = 2
#: A piece is no longer than this.
_PIECE_S: Final = 4.0
_NEAR_LU: Final = 0.1


@dataclass(frozen=True, slots=True)
class Audition:
    """Pieces of a record that a chain is tried on; `own` is the whole record.

    Where the pieces differ from the whole, what is heard of them is told as if they did not.
    """

    own: Features
    pieces: tuple[Samples, ...]
    rate: int
    counts: Bands
    pieces_alone: Features

    def hear(self, chain: ChainSettings) -> Features:
        """Return what a chain makes of the pieces."""
        return measure_blocks((process(chain, piece, self.rate) for piece in self.pieces), self.rate)

    def distance(self, found: Features, choice: Choice) -> float:
        """Return how far off a choice's aim something sounds: dB of the spectrum and of the dynamics."""
        spectrum = np.abs(self.missing(found, choice)[self.counts]).mean()
        whole = dynamics_of(found) + dynamics_of(self.own) - dynamics_of(self.pieces_alone)
        return float(spectrum + np.abs(whole - choice.dynamics).mean())

    def missing(self, found: Features, choice: Choice) -> Curve:
        """Return by how many dB each band is still off, less what they share."""
        off = choice.spectrum - found.spectrum_db - self.own.spectrum_db + self.pieces_alone.spectrum_db
        off -= off[self.counts].mean()
        return np.where(self.counts, off, 0.0)

    def louder_than_whole(self) -> float:
        """Return by how much the pieces are louder than the whole."""
        return self.pieces_alone.loudness_lufs - self.own.loudness_lufs


def audition(sound: Readable, rate: int, own: Features, counts: Bands, most: int = 2) -> Audition:
    """Return some pieces of a record, evenly spread, that `own` was measured of.

    Raises:
        AudioFileError: its samples cannot be read.
        InputError: they are silent.

    """
    places = stretches(sound.shape[1], rate)
    chosen = [places[round(at)] for at in np.linspace(0, len(places) - 1, most + 2)[1:-1]]
    longest = round(_PIECE_S * rate)
    pieces = tuple(
        padded(sound, start, min(stop, start + longest))[:2] for start, stop in dict.fromkeys(chosen)
    )
    return Audition(own, pieces, rate, counts, measure_blocks(pieces, rate))


def refine(work: Work, heard: Audition, choice: Choice, steps: int = 0) -> Choice:
    """Return a choice that comes nearer to its aim: the curve is put right, then the knobs by search.

    `steps` is how many settings are tried by ear, none by default; the result is never worse.

    Raises:
        Cancelled: within some seconds.

    """
    choice, best = _put_right(work.part(0.0, 0.2), heard, choice)
    moves = _moves()
    for number in range(steps):
        work.report(0.2 + 0.8 * number / steps, "Trying settings by ear")
        name, step = next(moves)
        place = getattr(choice.knobs, name) + step
        if not -_STEP < place < 1 + _STEP:
            continue
        knobs = replace(choice.knobs, **{name: float(np.clip(place, 0, 1))})
        other, distance = _heard(heard, replace(choice, knobs=knobs))
        if distance < best:
            choice, best = other, distance
    return choice


def hold_loudness(
    work: Work, heard: Audition, chain: ChainSettings, loudness_lufs: float, *, limited: bool
) -> ChainSettings:
    """Return a chain that brings the record to a loudness; with `limited`, no peak passes the ceiling."""
    chain = with_limiter(chain) if limited else chain
    for number in range(_LOUDNESS_PASSES):
        work.report(number / _LOUDNESS_PASSES, "Listening to the loudness")
        found = heard.hear(chain).loudness_lufs - heard.louder_than_whole()
        chain = replace(chain, gain_db=found - heard.own.loudness_lufs)
        if abs(loudness_lufs - found) < _NEAR_LU:
            break
        chain = louder(chain, loudness_lufs - found)
    return chain


def _put_right(work: Work, heard: Audition, choice: Choice) -> tuple[Choice, float]:
    best, distance = choice, np.inf
    for number in range(_PASSES + 1):
        work.report(number / (_PASSES + 1), "Listening to the result")
        found = heard.hear(chain_of(heard.own, choice, heard.counts))
        if (now := heard.distance(found, choice)) < distance:
            best, distance = choice, now
        curve = choice.curve + _SHARE * heard.missing(found, choice)
        choice = replace(choice, curve=np.clip(curve, -MOST_DB, MOST_DB))
    return best, distance


def _heard(heard: Audition, choice: Choice) -> tuple[Choice, float]:
    """Return a choice with its curve put right a little, and how far off it was before."""
    found = heard.hear(chain_of(heard.own, choice, heard.counts))
    curve = np.clip(choice.curve + 0.3 * heard.missing(found, choice), -MOST_DB, MOST_DB)
    return replace(choice, curve=curve), heard.distance(found, choice)


def _moves() -> Iterator[tuple[str, float]]:
    """Yield knobs and by how much they are turned, in smaller and smaller steps."""
    step = _STEP
    while True:
        for name in _TRIED:
            yield name, step
            yield name, -step
        step = max(_LEAST_STEP, step / 2)
