"""Chooses the chain of effects that makes one record sound like another, from their measures alone."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from fanstudio.inference.production_chain import ChainSettings, Setting, changed, setting
from fanstudio.inference.production_features import (
    BANDS_HZ,
    Curve,
    Features,
    dynamics_of,
    shared_bands,
    spectrum_difference,
)
from fanstudio.inference.production_net import Knobs
from fanstudio.inference.production_spectrum import MOST_DB, fit, response_db

#: No peak passes it.
CEILING_DB: Final = -1.0
#: A limiter takes no more than this off the highest peak, whatever was wished.
_MOST_LIMITED_DB: Final = 6.0
_CLOSED_RATIO: Final = (0, 1, 2, 3)

Bands = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Choice:
    """What is wanted: a curve over the bands in dB, the knobs, and by how much they change the loudness.

    `spectrum` and `dynamics` are what should come out, as `Features.spectrum_db`, without its mean, and
    `dynamics_of` tell it.
    """

    curve: Curve
    knobs: Knobs
    spectrum: Curve
    dynamics: Curve
    louder_db: float = 0.0


class Chooser(Protocol):
    """What hears two records and sets the knobs: the net, or a rule, whose ids are empty."""

    model_id: str
    model_sha256: str

    def choose(self, own: Features, wanted: Features) -> Choice:
        """Return what makes `own` sound like `wanted`."""


class ClosedForm:
    """A rule in place of the net: the difference of the spectra, and a ratio of the spreads of level."""

    model_id = ""
    model_sha256 = ""

    def choose(self, own: Features, wanted: Features) -> Choice:
        """Return what makes `own` sound like `wanted`, as far as the rule can tell."""
        curve = np.clip(spectrum_difference(own, wanted), -MOST_DB, MOST_DB)
        ratio = (dynamics_of(own) / np.maximum(dynamics_of(wanted), 1.0))[list(_CLOSED_RATIO)].mean()
        wider = (wanted.width_db - own.width_db) / 20 if min(own.width_db, wanted.width_db) > -35 else 0.0
        return Choice(
            curve,
            Knobs(
                threshold=0.5,
                ratio=float(np.clip(math.log(max(1.0, ratio)) / math.log(8), 0, 1)),
                attack=0.5,
                release=0.5,
                drive=0.0,
                bias=0.0,
                width=float(np.clip(0.5 * 10**wider, 0, 1)),
                reverb=0.0,
                decay=0.5,
                damping=0.5,
                limiter=0.0,
            ),
            spectrum=own.spectrum_db + spectrum_difference(own, wanted),
            dynamics=dynamics_of(wanted),
        )


def choose_chain(
    own: Features, wanted: Features, chooser: Chooser | None = None, *, loudness_lufs: float | None = None
) -> ChainSettings:
    """Return a chain that makes `own` sound like `wanted`, by a net or by the rule.

    The whole comes out at about `loudness_lufs`, or as loud as it was; `production_refine` holds it by ear.
    """
    choice = (chooser or ClosedForm()).choose(own, wanted)
    return chain_of(own, choice, shared_bands(own, wanted), loudness_lufs)


def chain_of(
    own: Features, choice: Choice, counts: Bands, loudness_lufs: float | None = None
) -> ChainSettings:
    """Return the effects of a choice; `counts` tells which bands its curve is heeded in."""
    equalisers = fit(choice.curve, counts)
    answer = response_db(equalisers)
    # The knobs are set for a curve without what all bands share; thresholds move along with it.
    shift = float((answer - choice.curve)[counts].mean())
    effects = [setting("equaliser", values) for values in equalisers]
    effects += choice.knobs.effects(own.loudness_lufs + shift)
    heard = own.loudness_lufs + shift + choice.louder_db + _equaliser_gain(own, choice.curve)
    chain = ChainSettings(tuple(effects), heard - own.loudness_lufs)
    target = own.loudness_lufs if loudness_lufs is None else loudness_lufs
    return louder(chain, target - heard)


def louder(chain: ChainSettings, gain_db: float) -> ChainSettings:
    """Return a chain that is louder by a gain in dB; the peaks stay under the ceiling where it limits.

    A limiter's drive and ceiling move together, which keeps how dense it is; beyond, the gain behind the
    compressor is turned, which is put in where there is none.
    """
    moved = replace(chain, gain_db=chain.gain_db + gain_db)
    limiter = chain.find("limiter")
    if limiter is None:
        return _made_up(moved, gain_db)
    drive = limiter.value("drive_db") + gain_db
    ceiling = min(CEILING_DB, limiter.value("ceiling_db") + gain_db)
    moved = changed(moved, "limiter", drive_db=max(0.0, drive), ceiling_db=ceiling)
    return _made_up(moved, drive) if drive < 0 else moved


def with_limiter(chain: ChainSettings) -> ChainSettings:
    """Return a chain that ends with a limiter."""
    if chain.find("limiter") is not None:
        return chain
    return replace(chain, effects=(*chain.effects, setting("limiter", {"ceiling_db": CEILING_DB})))


def loudness_within_reach(own: Features, wanted: Features) -> float:
    """Return the loudness of `wanted`, or the highest that limiting `own` a little reaches."""
    highest = own.loudness_lufs + CEILING_DB - own.true_peak_dbtp + _MOST_LIMITED_DB
    return min(wanted.loudness_lufs, max(own.loudness_lufs, highest))


def _made_up(chain: ChainSettings, gain_db: float) -> ChainSettings:
    if abs(gain_db) < 0.05:
        return chain
    compressor = chain.find("compressor")
    if compressor is not None:
        return changed(chain, "compressor", makeup_db=compressor.value("makeup_db") + gain_db)
    place = sum(effect.kind in ("equaliser", "saturation") for effect in chain.effects)
    gain: Setting = setting("compressor", {"ratio": 1.0, "makeup_db": gain_db})
    return replace(chain, effects=(*chain.effects[:place], gain, *chain.effects[place:]))


def _equaliser_gain(own: Features, curve: Curve) -> float:
    """Return by how much a curve over the bands makes a record louder, roughly as the ear weighs."""
    weight = np.where(np.array(BANDS_HZ) < 60, 0.2, np.where(np.array(BANDS_HZ) > 1_500, 2.0, 1.0))
    power = weight * 10 ** (own.spectrum_db / 10)
    return float(10 * np.log10((power * 10 ** (curve / 10)).sum() / power.sum()))
