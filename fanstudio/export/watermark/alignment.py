"""Where a repeated pattern of tiles lies: folding, circular correlation, the best places."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fanstudio.export.watermark.analysis import BLOCK_STEPS, PHASES, SCALE, Bytes
from fanstudio.export.watermark.coding import CODED_BITS
from fanstudio.export.watermark.tiles import BANDS, TILES, Floats, Pattern

Template = NDArray[np.complex64]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A place where the sync tiles agree: by how many standard deviations, and the soft bits there."""

    z: float
    soft: Floats


def parts(steps: int, length: int) -> Iterator[slice]:
    """Yield slices of `length` that overlap by half and end with the last step."""
    for start in range(0, steps - length, length // 2):
        yield slice(start, start + length)
    yield slice(max(0, steps - length), steps)


def fold(whitened: Bytes, start: int = 0) -> Floats:
    """Sum steps that lie a whole number of blocks apart, (BLOCK_STEPS, BANDS); row 0 is step 0's."""
    first = start % BLOCK_STEPS
    count = -(-(first + len(whitened)) // BLOCK_STEPS)
    padded = np.zeros((count * BLOCK_STEPS, BANDS), np.int8)
    padded[first : first + len(whitened)] = whitened
    sums: Floats = padded.reshape(count, BLOCK_STEPS, BANDS).sum(axis=0, dtype=np.float32)
    return sums / np.float32(SCALE)


def template(signs: Floats) -> Template:
    """Prepare signs (TILES, BANDS) for `correlate`."""
    import scipy.fft

    spectrum: Template = np.conj(scipy.fft.rfft(signs, axis=0))
    return spectrum


def correlate(folded: Floats, signs: Template) -> Floats:
    """Return the correlation at each (shift in tiles, phase), in standard deviations."""
    import scipy.fft

    spectrum = scipy.fft.rfft(folded.reshape(TILES, PHASES, BANDS), axis=0)
    products = np.einsum("tpb,tb->tp", spectrum, signs)
    correlation: Floats = scipy.fft.irfft(products, TILES, axis=0)
    z: Floats = correlation / (correlation.std() + np.float32(1e-6))
    return z


def best_places(folded: Floats, pattern: Pattern, sync: Template, count: int) -> list[Candidate]:
    """Return the `count` places where the pattern's sync tiles agree best."""
    z = correlate(folded, sync)
    order = np.argsort(z, axis=None)[::-1][:count]
    grid = folded.reshape(TILES, PHASES, BANDS)
    places = zip(*np.unravel_index(order, z.shape), strict=True)
    return [
        Candidate(
            float(z[shift, phase]), pattern.gather(np.roll(grid[:, phase], -shift, axis=0))[:CODED_BITS]
        )
        for shift, phase in places
    ]
