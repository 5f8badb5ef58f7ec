"""What a few windows of music measure: the figures by which a style is told, taken from the sound alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from fanstudio.audio.onsets import find_onsets
from fanstudio.audio.samples import Samples
from fanstudio.jobs import Work

Spectra = NDArray[np.float64]

_WINDOW: Final = 2048
_TINY: Final = 1e-12


@dataclass(frozen=True, slots=True, eq=False)
class Sound:
    """Windows of music `(2, frames)` at a rate, and their power spectra `(times, bins)` of the middle."""

    windows: tuple[Samples, ...]
    sample_rate: int
    power: Spectra

    @property
    def hertz(self) -> Spectra:
        """Return the frequency of each bin."""
        hertz: Spectra = np.arange(_WINDOW // 2 + 1, dtype=np.float64) * (self.sample_rate / _WINDOW)
        return hertz

    @property
    def seconds(self) -> float:
        """Return how long all windows are together."""
        return float(sum(window.shape[1] for window in self.windows)) / self.sample_rate


def listen_to(windows: Sequence[Samples], sample_rate: int) -> Sound:
    """Return windows with their spectra."""
    spectra = [np.zeros((0, _WINDOW // 2 + 1)), *(_spectra(window) for window in windows)]
    return Sound(tuple(windows), sample_rate, np.concatenate(spectra))


def measure(work: Work, sound: Sound) -> dict[str, float]:
    """Return every figure of a sound by name; raise Cancelled within a second."""
    figures = {}
    for number, (name, function) in enumerate(FIGURES.items()):
        work.report(number / len(FIGURES), "Measuring")
        figures[name] = function(sound)
    return figures


def bandwidth_hz(sound: Sound) -> float:
    """Return the frequency below which 97 % of the power lies that is left when bass is weighed down."""
    weighed = sound.power.mean(axis=0) * sound.hertz
    share = np.cumsum(weighed) / max(float(weighed.sum()), _TINY)
    return float(sound.hertz[min(int(np.searchsorted(share, 0.97)), len(share) - 1)])


def brightness_db(sound: Sound) -> float:
    """Return how loud 4 kHz and above are against what is between 200 Hz and 2 kHz."""
    return _between(sound, 4_000, 20_000) - _between(sound, 200, 2_000)


def bass_db(sound: Sound) -> float:
    """Return how loud 120 Hz and below are against what is between 200 Hz and 2 kHz."""
    return _between(sound, 20, 120) - _between(sound, 200, 2_000)


def width_db(sound: Sound) -> float:
    """Return the power of the sides against that of the middle; −40 is mono."""
    middle = sum(float(np.square(window.mean(axis=0)).sum()) for window in sound.windows)
    sides = sum(float(np.square((window[0] - window[-1]) / 2).sum()) for window in sound.windows)
    return max(-40.0, _db(sides / max(middle, _TINY)))


def crest_db(sound: Sound) -> float:
    """Return how far peaks stand above the mean level, in the middle of windows of 0.2 s."""
    crests = []
    for window in sound.windows:
        frames = _frames(window.mean(axis=0), round(0.2 * sound.sample_rate))
        levels = np.sqrt(np.square(frames).mean(axis=1))
        loud = levels > levels.max(initial=0.0) * 0.05
        crests.append(_db_all((np.abs(frames).max(axis=1) / np.maximum(levels, _TINY))[loud] ** 2))
    joined = np.concatenate(crests)
    return float(np.median(joined)) if len(joined) else 0.0


def floor_db(sound: Sound) -> float:
    """Return how far the softest moments lie below the usual level, above 1 kHz; −60 is silence."""
    levels = _db_all(sound.power[:, sound.hertz > 1_000].sum(axis=1))
    if not len(levels):
        return 0.0
    return max(-60.0, float(np.percentile(levels, 3) - np.percentile(levels, 60)))


def onsets_per_s(sound: Sound) -> float:
    """Return how many sounds begin in a second."""
    count = sum(len(find_onsets(Work(), window, sound.sample_rate)) for window in sound.windows)
    return count / max(sound.seconds, _TINY)


def percussion_db(sound: Sound) -> float:
    """Return the power of what begins at once against that of what stays, by median filters.

    D. Fitzgerald, “Harmonic/percussive separation using median filtering”, DAFx 2010.
    """
    from scipy.ndimage import median_filter

    magnitude = np.sqrt(sound.power[:, :512])
    stays = median_filter(magnitude, (17, 1), mode="nearest")
    begins = median_filter(magnitude, (1, 17), mode="nearest")
    share = begins**2 / np.maximum(begins**2 + stays**2, _TINY)
    power = sound.power[:, :512]
    return _db(float((power * share).sum()) / max(float((power * (1 - share)).sum()), _TINY))


def squareness_db(sound: Sound) -> float:
    """Return how strong 2 to 6 kHz are where it is loud: plain waves with many partials have them always."""
    band = sound.power[:, (sound.hertz >= 2_000) & (sound.hertz < 6_000)].sum(axis=1)
    body = sound.power[:, (sound.hertz >= 200) & (sound.hertz < 2_000)].sum(axis=1)
    loud = body > np.percentile(body, 50) if len(body) else body > 0
    return float(np.median(_db_all(band[loud] / np.maximum(body[loud], _TINY)))) if loud.any() else 0.0


FIGURES: Final[Mapping[str, Callable[[Sound], float]]] = {
    function.__name__: function
    for function in (
        bandwidth_hz,
        brightness_db,
        bass_db,
        width_db,
        crest_db,
        floor_db,
        onsets_per_s,
        percussion_db,
        squareness_db,
    )
}


def _spectra(window: Samples) -> Spectra:
    frames = _frames(window.mean(axis=0), _WINDOW, _WINDOW // 2)
    return np.square(np.abs(np.fft.rfft(frames * np.hanning(_WINDOW), axis=1)))


def _frames(line: Spectra | Samples, size: int, hop: int | None = None) -> Spectra:
    """Return windows of a line `(windows, size)`; a line that is too short is one window with silence."""
    padded = np.pad(line.astype(np.float64), (0, max(0, size - len(line))))
    spans = np.lib.stride_tricks.sliding_window_view(padded, size)
    framed: Spectra = spans[:: hop or size]
    return framed


def _between(sound: Sound, low_hz: float, high_hz: float) -> float:
    inside = (sound.hertz >= low_hz) & (sound.hertz < high_hz)
    return _db(float(sound.power[:, inside].sum(axis=1).mean()))


def _db(power: float) -> float:
    return float(10 * np.log10(max(power, _TINY)))


def _db_all(power: Spectra) -> Spectra:
    decibels: Spectra = 10 * np.log10(np.maximum(power, _TINY))
    return decibels
