"""Which drums are struck when: beginnings in a drum stem, told apart by where their sound rises."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from fanstudio.audio.low_onsets import find_low_onsets
from fanstudio.audio.onsets import find_onsets
from fanstudio.audio.samples import Readable, padded
from fanstudio.jobs import Work

Values = NDArray[np.float64]
Flags = NDArray[np.bool_]


class Drum(StrEnum):
    """What a kit is made of, roughly."""

    KICK = "kick"
    SNARE = "snare"
    HAT = "hat"


@dataclass(frozen=True, slots=True)
class Hit:
    """A stroke on a drum at a frame, and how hard, 0..1."""

    frame: int
    drum: Drum
    force: float


#: Bands in Hz: a kick drum, a snare's skin, its wires, cymbals.
_BANDS = ((35.0, 110.0), (170.0, 450.0), (1_500.0, 5_000.0), (6_000.0, 14_000.0))
_LOW, _SKIN, _WIRES, _HIGH = range(len(_BANDS))
#: The band that tells how hard a drum is struck.
_BAND = {Drum.KICK: _LOW, Drum.SNARE: _WIRES, Drum.HAT: _HIGH}
#: Seconds that are heard before and after a beginning, and that lie between.
_BEFORE_S, _AFTER_S, _APART_S = 0.03, 0.06, 0.004
#: Beginnings that are as near as this are one.
_SAME_S = 0.06
#: A drum sounds where its band rises by so much, to more than silence, in dB.
_RISE_DB, _SILENT_DB = 5.0, -75.0
#: How far a stroke may be below the loudest of its band; a kick leaves less room for a snare, in dB.
_KICK_WITHIN_DB, _SNARE_WITHIN_DB, _HAT_WITHIN_DB = 12.0, 10.0, 32.0
#: How far the lows of a kick may be below its strongest band, in dB.
_DEEP_DB = 15.0
#: How much further below its loud strokes than the wires a snare's skin may be, and highs below wires, in dB.
_SKIN_DB, _BRIGHT_DB = 6.0, 3.0
#: The force of a loud stroke, by how many dB a tenth of it is softer, and the softest.
_LOUD, _FORCE_DB, _SOFTEST = 0.9, 30.0, 0.2
_FLOOR = 1e-9


def find_hits(work: Work, sound: Readable, sample_rate: int) -> tuple[Hit, ...]:
    """Return the strokes in a drum stem `(channels, frames)`, several at once where several drums sound.

    A kick is a rise of the lows, a snare one of skin and wires that outweigh the highs, a hat one of the
    highs without a snare; each is compared with the loud strokes of its own band. Memory holds the
    beginnings only.

    Raises:
        Cancelled: within a second.

    """
    onsets = _beginnings(work, sound, sample_rate)
    if not len(onsets):
        return ()
    heard = np.array([_bands(work, sound, int(frame), sample_rate) for frame in onsets])
    before_db, after_db = (10 * np.log10(heard[:, side] + _FLOOR) for side in (0, 1))
    struck = _struck(before_db, after_db)
    forces = {drum: _forces(after_db[:, _BAND[drum]], struck[drum]) for drum in Drum}
    return tuple(
        Hit(frame, drum, float(forces[drum][place]))
        for place, frame in enumerate(onsets.tolist())
        for drum in Drum
        if struck[drum][place]
    )


def _beginnings(work: Work, sound: Readable, sample_rate: int) -> NDArray[np.int64]:
    """Return where drums begin, also those that have no click."""
    clear = find_onsets(work.part(0.0, 0.7), sound, sample_rate)
    low = find_low_onsets(work.part(0.7, 1.0), sound, sample_rate)
    near = round(_SAME_S * sample_rate)
    after = np.searchsorted(clear, low - near)
    alone = [after[n] == len(clear) or clear[after[n]] > frame + near for n, frame in enumerate(low)]
    return np.sort(np.concatenate((clear, low[np.array(alone, bool)])))


def _struck(before_db: Values, after_db: Values) -> dict[Drum, Flags]:
    """Tell which drums are struck at each beginning, from its bands `(beginnings, bands)` around it."""
    below_db = after_db - np.percentile(after_db, 95, axis=0)
    rising = (after_db - before_db >= _RISE_DB) & (after_db >= _SILENT_DB)
    deep = after_db[:, _LOW] >= after_db.max(axis=1) - _DEEP_DB
    kick = rising[:, _LOW] & deep & (below_db[:, _LOW] >= -_KICK_WITHIN_DB)
    wires = np.minimum(below_db[:, _WIRES], below_db[:, _SKIN] + _SKIN_DB)
    within_db = np.where(kick, _SNARE_WITHIN_DB / 2, _SNARE_WITHIN_DB)
    full = np.maximum(after_db[:, _SKIN], after_db[:, _WIRES]) >= after_db[:, _HIGH]
    snare = rising[:, _WIRES] & full & (wires >= -within_db)
    bright = after_db[:, _HIGH] >= after_db[:, _WIRES] - _BRIGHT_DB
    hat = rising[:, _HIGH] & bright & ~snare & (below_db[:, _HIGH] >= -_HAT_WITHIN_DB)
    return {Drum.KICK: kick, Drum.SNARE: snare, Drum.HAT: hat}


def _forces(level_db: Values, struck: Flags) -> Values:
    """Return how hard each stroke is beside the loud ones of its drum."""
    if not struck.any():
        return np.zeros(len(level_db))
    below_db = level_db - np.percentile(level_db[struck], 90)
    return np.clip(_LOUD * 10 ** (below_db / _FORCE_DB), _SOFTEST, 1.0)


def _bands(work: Work, sound: Readable, frame: int, sample_rate: int) -> Values:
    """Return the power in each band before and after a frame, `(2, bands)`, so many seconds on the mean."""
    work.check()
    apart = round(_APART_S * sample_rate)
    before, after = (round(seconds * sample_rate) for seconds in (_BEFORE_S, _AFTER_S))
    spans = ((frame - apart - before, frame - apart), (frame - apart, frame - apart + after))
    return np.stack([_powers(padded(sound, start, stop), sample_rate) for start, stop in spans])


def _powers(block: NDArray[np.float32], sample_rate: int) -> Values:
    frames = block.shape[1]
    size = 1 << (round(_AFTER_S * sample_rate) - 1).bit_length()
    spectrum = np.fft.rfft(block * np.hanning(frames), size, axis=1)
    power = np.square(np.abs(spectrum)).mean(axis=0) / frames
    step = sample_rate / size
    edges = [(round(low / step), max(round(low / step) + 1, round(high / step))) for low, high in _BANDS]
    return np.array([power[low:high].sum() for low, high in edges])
