"""How much of the instrument's tone and breath, and of the voice itself, sounds at each control."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fanstudio.inference.timbre_options import TimbreOptions
from fanstudio.inference.timbre_voice import Done, Voice

Floats = NDArray[np.float32]
Flags = NDArray[np.bool_]

#: A tone that ends rings on: each control has this part of the one before it.
_RING = 0.6
_INAUDIBLE = 1e-4
#: Breath comes before the tone and outlasts it, by controls.
_BEFORE, _AFTER = 2, 8
_BREATH_EDGE, _DRY_EDGE = 5, 3


@dataclass(frozen=True, slots=True, eq=False)
class Gates:
    """Linear factors for each control: of harmonics, of noise, and of the voice as it was."""

    tone: Floats
    noise: Floats
    dry: Floats


def open_gates(voice: Voice, options: TimbreOptions) -> Gates:
    """Return what sounds where: the instrument where a line is sung, the voice where it is wanted."""
    wet = 10 ** (options.under_db / 20) * options.mix if options.double else options.mix
    tone = ring_out(soften(voice.sung, 1))
    noise = soften(_widened(voice.sung), _BREATH_EDGE)
    return Gates(np.float32(wet) * tone, np.float32(wet) * noise, _dry(voice, options))


def _dry(voice: Voice, options: TimbreOptions) -> Floats:
    if options.double:
        return np.ones(len(voice), np.float32)
    kept = np.zeros(len(voice), np.float32)
    if options.pass_chords:
        kept = soften(voice.within(Done.PASSED), _DRY_EDGE)
    if options.consonants:
        kept = np.maximum(kept, options.consonants * soften(voice.within(Done.RESTED), 1))
    return (1 - options.mix + options.mix * kept).astype(np.float32)


def soften(flags: Flags, reach: int) -> Floats:
    """Return flags as 0..1 with edges like a bell's, `reach` controls to either side."""
    bell = np.hanning(2 * reach + 3)[1:-1]
    framed = np.pad(flags.astype(np.float64), reach, mode="edge")
    return np.convolve(framed, bell / bell.sum(), "valid").astype(np.float32)


def ring_out(gate: Floats) -> Floats:
    """Return a gate that falls by no more than 4 dB from one control to the next."""
    # The highest of all earlier values, each fallen since, is a running maximum of logarithms.
    steps = np.arange(len(gate)) * -np.log(_RING)
    with np.errstate(divide="ignore"):
        highest = np.maximum.accumulate(np.log(gate.astype(np.float64)) + steps)
    ringing = np.exp(highest - steps)
    return np.asarray(np.where(ringing > _INAUDIBLE, ringing, 0.0), np.float32)


def _widened(sung: Flags) -> Flags:
    """Return flags that begin earlier and end later."""
    reach = np.ones(_BEFORE + _AFTER + 1)
    framed = np.pad(sung.astype(np.float64), (_AFTER, _BEFORE))
    return np.convolve(framed, reach, "valid") > 0.5
