"""The key of a song, from how much of each pitch class sounds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from fanstudio.audio.samples import Readable
from fanstudio.inference.chroma import Chroma, hear_chroma
from fanstudio.jobs import Work
from fanstudio.model.scale import Key, Mode

#: How well each degree fits a key, from the tonic on: Krumhansl and Kessler (1982), by listeners' ratings,
#: and Albrecht and Shanahan (2013), by counting notes; the mean of both tells relative keys apart best.
_RATED: Final = {
    Mode.MAJOR: (6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88),
    Mode.MINOR: (6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17),
}
_COUNTED: Final = {
    Mode.MAJOR: (0.238, 0.006, 0.111, 0.006, 0.137, 0.094, 0.016, 0.214, 0.009, 0.080, 0.008, 0.081),
    Mode.MINOR: (0.220, 0.006, 0.104, 0.123, 0.019, 0.103, 0.012, 0.214, 0.062, 0.022, 0.061, 0.052),
}
#: By so much the best key must beat the second to be certain.
_CERTAIN = 0.2


@dataclass(frozen=True, slots=True)
class KeyEstimate:
    """The key that fits best, how sure that is (0..1), and how far A4 lies from 440 Hz."""

    key: Key
    confidence: float
    tuning_cents: float
    #: The key that fits second best: mostly the relative one.
    second: Key

    @property
    def a4_hz(self) -> float:
        """Return the frequency of the song's A4."""
        return 440.0 * 2 ** (self.tuning_cents / 1200)


def find_key(work: Work, sound: Readable, sample_rate: int) -> KeyEstimate | None:
    """Return the key of a song `(channels, frames)`, or None where nothing with a pitch sounds.

    Raises:
        InputError: samples that are not numbers.
        Cancelled: within a second.

    """
    return judge_key(hear_chroma(work, sound, sample_rate))


def judge_key(chroma: Chroma) -> KeyEstimate | None:
    """Return the key that a chroma fits best; None for silence."""
    classes = chroma.classes
    if classes.std() < 1e-9:
        return None
    fits = sorted(((_fit(classes, key), key) for key in _KEYS), key=lambda fit: fit[0], reverse=True)
    (best, key), (next_best, second) = fits[:2]
    confidence = max(0.0, best) * min(1.0, (best - next_best) / _CERTAIN)
    return KeyEstimate(key, confidence, chroma.tuning_cents, second)


_KEYS = tuple(Key(tonic, mode) for mode in Mode for tonic in range(12))


def _fit(classes: np.ndarray[tuple[int, ...], np.dtype[np.float64]], key: Key) -> float:
    """Return the mean correlation of a song's pitch classes with the profiles of a key."""
    turned = np.roll(classes, -key.tonic)
    profiles = (_RATED[key.mode], _COUNTED[key.mode])
    return float(np.mean([np.corrcoef(turned, profile)[0, 1] for profile in profiles]))
