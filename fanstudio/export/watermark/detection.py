"""Find a mark in audio: the whole file, then parts of it, and say where it stands."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import scipy.fft
from numpy.typing import NDArray

from fanstudio.export.watermark import tiles
from fanstudio.export.watermark.coding import CODED_BITS, decode, encode
from fanstudio.export.watermark.rates import Resampler, check_rate, recut
from fanstudio.export.watermark.tiles import BANDS, RATE, REACH, TILES, WINDOW, Floats, Pattern
from fanstudio.jobs import Work

Bytes = NDArray[np.int8]
Validate = Callable[[bytes], bool]

#: Steps of analysis in a tile: a mark is found at any offset to within half a step.
_PHASES: Final = 4
_STEP: Final = tiles.TILE_FRAMES * tiles.HOP // _PHASES
_BLOCK: Final = TILES * _PHASES
_STEP_SECONDS: Final = _STEP / RATE
#: Whitened tiles lie within ±2; a byte keeps them to 1/60.
_SCALE: Final = 60.0

#: Lengths of the parts searched after the whole file, in blocks of 20 s.
_PART_BLOCKS: Final = (1, 2, 4, 8)
_BEST_WHOLE: Final = 16
_BEST_PART: Final = 3
MAX_DECODES: Final = 1000
_AT_ONCE: Final = 8

_SPAN_STEPS: Final = 108 * _PHASES
_SPAN_Z: Final = 5.5


@dataclass(frozen=True, slots=True)
class Detection:
    """What was found: the message, how cleanly it was read, and where it stands.

    `confidence` is 0 where nothing was found, else from 0 (coded bits as good as random, which the
    message's own tag nevertheless proves) to 1 (every coded bit read right). `spans_s` are the
    (start, end) seconds that carry the mark, to about 5 s.
    """

    found: bool
    message: bytes | None
    confidence: float
    spans_s: tuple[tuple[float, float], ...]


NOTHING: Final = Detection(False, None, 0.0, ())


def detect(
    work: Work, blocks: Iterable[Floats], sample_rate: int, key: bytes, is_valid: Validate
) -> Detection:
    """Look for a mark of `key` in audio, cut anywhere and marked anywhere.

    `blocks` are float32 (channels, frames), one or two channels, 8 to 192 kHz. A message counts
    only if `is_valid` says that it proves itself; at most `MAX_DECODES` candidates are tried, so
    that a 40-bit tag is met by chance once in 1e9 files. Memory grows by 4 kB a second of audio.

    Raises:
        WatermarkError: a rate or a number of channels that is not supported.

    """
    check_rate(sample_rate)
    whitened = _analyse(work, blocks, sample_rate)
    pattern = tiles.pattern(key)
    candidates = _rank(work, whitened, pattern)
    for start in range(0, min(len(candidates), MAX_DECODES), _AT_ONCE):
        work.check()
        batch = candidates[start : start + _AT_ONCE]
        soft = np.stack([candidate.soft for candidate in batch])
        for message, row in zip(decode(soft), soft, strict=True):
            if is_valid(message):
                coded = encode(message)
                spans = _locate(work, whitened, pattern.spread(coded))
                return Detection(True, message, _agreement(row, coded), spans)
    return NOTHING


def _analyse(work: Work, blocks: Iterable[Floats], sample_rate: int) -> Bytes:
    """Return the whitened tile at each step of the audio, (steps, BANDS), scaled to bytes."""
    parts = [np.zeros((0, BANDS), np.int8)]
    context = REACH * _PHASES
    held: Floats | None = None
    for energies in _energies(_mono(work, blocks, sample_rate)):
        held = np.repeat(energies[:1], context, axis=0) if held is None else held
        held = np.concatenate([held, energies])
        ready = (len(held) - 2 * context - 2) // _PHASES * _PHASES
        if ready > 0:
            parts.append(_whiten(held)[context : context + ready])
            held = held[ready:]
    if held is not None:
        held = np.concatenate([held, np.repeat(held[-1:], context + 2 * _PHASES, axis=0)])
        held = held[: (len(held) - 2) // _PHASES * _PHASES + 2]
        parts.append(_whiten(held)[context:-context])
    return np.concatenate(parts)


def _whiten(energies: Floats) -> Bytes:
    logs = tiles.log_energies(energies[:-2] + energies[2:])
    logs = logs[: len(logs) // _PHASES * _PHASES]
    whitened = tiles.whiten(logs.reshape(-1, _PHASES, BANDS)).reshape(-1, BANDS)
    scaled: Bytes = np.rint(whitened * _SCALE).astype(np.int8)
    return scaled


def _mono(work: Work, blocks: Iterable[Floats], sample_rate: int) -> Iterator[Floats]:
    """Yield the audio as one channel at `RATE`, a few seconds at a time."""
    resampler = Resampler(sample_rate, RATE, 1)
    for piece in recut(blocks, 8 * sample_rate):
        work.check()
        yield resampler.feed(piece.mean(axis=0, keepdims=True))[0]
    yield resampler.finish()[0]
    yield np.zeros(WINDOW, np.float32)


def _energies(pieces: Iterable[Floats]) -> Iterator[Floats]:
    """Yield the band energies (n, BANDS) of a window at each step; the first is centred on frame 0."""
    held = np.zeros(WINDOW // 2, np.float32)
    for piece in pieces:
        held = np.concatenate([held, piece])
        count = (len(held) - WINDOW) // _STEP + 1
        if count > 0:
            yield tiles.band_energies(tiles.spectra(held, _STEP))
            held = held[count * _STEP :]


@dataclass(frozen=True, slots=True)
class _Candidate:
    z: float
    soft: Floats


def _rank(work: Work, whitened: Bytes, pattern: Pattern) -> list[_Candidate]:
    """Return what to decode: the whole file's best alignments, then those of parts, best first."""
    template = _template(pattern.sync)
    candidates = []
    whole = _align(_fold(whitened), pattern, template, _BEST_WHOLE)
    for length in (blocks * _BLOCK for blocks in _PART_BLOCKS if blocks * _BLOCK < len(whitened)):
        for part in _parts(len(whitened), length):
            work.check()
            candidates += _align(_fold(whitened[part], part.start), pattern, template, _BEST_PART)
    candidates.sort(key=lambda candidate: -candidate.z)
    return whole + candidates


def _parts(steps: int, length: int) -> Iterator[slice]:
    """Yield slices of `length` that overlap by half and end with the last step."""
    for start in range(0, steps - length, length // 2):
        yield slice(start, start + length)
    yield slice(max(0, steps - length), steps)


def _fold(whitened: Bytes, start: int = 0) -> Floats:
    """Sum steps that lie a whole number of blocks apart; (_BLOCK, BANDS) from absolute step 0."""
    first = start % _BLOCK
    count = -(-(first + len(whitened)) // _BLOCK)
    fold = np.zeros((count * _BLOCK, BANDS), np.int8)
    fold[first : first + len(whitened)] = whitened
    sums: Floats = fold.reshape(count, _BLOCK, BANDS).sum(axis=0, dtype=np.float32) / np.float32(_SCALE)
    return sums


def _template(chips: Floats) -> NDArray[np.complex64]:
    spectrum: NDArray[np.complex64] = np.conj(scipy.fft.rfft(chips, axis=0))[:, None, :]
    return spectrum


def _correlate(fold: Floats, template: NDArray[np.complex64]) -> Floats:
    """Return the correlation at each (tile shift, phase) in standard deviations."""
    spectrum = scipy.fft.rfft(fold.reshape(TILES, _PHASES, BANDS), axis=0)
    products = np.einsum("tpb,tqb->tp", spectrum, template)
    correlation: Floats = scipy.fft.irfft(products, TILES, axis=0)
    z: Floats = correlation / (correlation.std() + np.float32(1e-6))
    return z


def _align(fold: Floats, pattern: Pattern, template: NDArray[np.complex64], best: int) -> list[_Candidate]:
    z = _correlate(fold, template)
    order = np.argsort(z, axis=None)[::-1][:best]
    grid = fold.reshape(TILES, _PHASES, BANDS)
    candidates = []
    for shift, phase in zip(*np.unravel_index(order, z.shape), strict=True):
        soft = pattern.gather(np.roll(grid[:, phase], -shift, axis=0))[:CODED_BITS]
        candidates.append(_Candidate(float(z[shift, phase]), soft))
    return candidates


def _agreement(soft: Floats, coded: Floats) -> float:
    right = float(np.mean(soft * coded > 0))
    return min(1.0, max(0.0, 2 * right - 1))


def _locate(work: Work, whitened: Bytes, signs: Floats) -> tuple[tuple[float, float], ...]:
    """Return the seconds in which the whole known mark stands out, merged where they touch."""
    template = _template(signs)
    spans: list[tuple[float, float]] = []
    for part in _parts(len(whitened), _SPAN_STEPS):
        work.check()
        z = float(_correlate(_fold(whitened[part], part.start), template).max())
        if z < _SPAN_Z:
            continue
        start, end = part.start * _STEP_SECONDS, part.stop * _STEP_SECONDS
        if spans and start <= spans[-1][1]:
            spans[-1] = (spans[-1][0], end)
        else:
            spans.append((start, end))
    return tuple(spans)
