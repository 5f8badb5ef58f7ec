"""Audio as the detector sees it: whitened tiles at every quarter of a tile, and a spectrogram's head."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from fanstudio.audio.resample import Resampler
from fanstudio.export.watermark import tiles
from fanstudio.export.watermark.rates import check_rate, recut
from fanstudio.export.watermark.tiles import BANDS, RATE, REACH, WINDOW, Floats
from fanstudio.jobs import Work

Bytes = NDArray[np.int8]

#: Steps in a tile: a mark is found at any offset to within half a step.
PHASES: Final = 4
STEP: Final = tiles.TILE_FRAMES * tiles.HOP // PHASES
STEP_SECONDS: Final = STEP / RATE
BLOCK_STEPS: Final = tiles.TILES * PHASES
#: Whitened tiles lie within ±2; a byte keeps them to 1/60.
SCALE: Final = 60.0

#: What is kept for a search over speeds: this many steps (90 s), up to bin number `HEAD_BINS` (9.9 kHz).
HEAD_STEPS: Final = round(90 / STEP_SECONDS)
HEAD_BINS: Final = 460
_PIECE_SECONDS: Final = 8


@dataclass(frozen=True, slots=True)
class Analysis:
    """Whitened tiles (steps, BANDS) as bytes, and the power (≤ HEAD_STEPS, HEAD_BINS) at the start."""

    tiles: Bytes
    head: Floats


def analyse(work: Work, blocks: Iterable[Floats], sample_rate: int) -> Analysis:
    """Read audio once; 4 kB a second stay in memory, and 14 MB of spectrogram.

    Raises:
        WatermarkError: a rate, a number of channels or values that are not supported.

    """
    check_rate(sample_rate)
    head: list[Floats] = [np.zeros((0, HEAD_BINS), np.float32)]
    kept = 0

    def energies() -> Iterator[Floats]:
        nonlocal kept
        for power in _powers(_mono(work, blocks, sample_rate)):
            if kept < HEAD_STEPS:
                head.append(power[: HEAD_STEPS - kept])
                kept += len(head[-1])
            yield tiles.band_energies(power)

    whitened = np.concatenate([np.zeros((0, BANDS), np.int8), *_whitened(energies())])
    return Analysis(whitened, np.concatenate(head))


def whiten_steps(energies: Floats) -> Bytes:
    """Return the whitened tile that begins at each step of band energies (steps + 2, BANDS).

    Steps that do not fill a tile at the end are dropped.
    """
    logs = tiles.log_energies(energies[:-2] + energies[2:])
    logs = logs[: len(logs) // PHASES * PHASES]
    whitened = tiles.whiten(logs.reshape(-1, PHASES, BANDS)).reshape(-1, BANDS)
    scaled: Bytes = np.rint(whitened * np.float32(SCALE)).astype(np.int8)
    return scaled


def _mono(work: Work, blocks: Iterable[Floats], sample_rate: int) -> Iterator[Floats]:
    """Yield the audio as one channel at `RATE`, a few seconds at a time."""
    resampler = Resampler(sample_rate, RATE, 1)
    for piece in recut(blocks, _PIECE_SECONDS * sample_rate):
        work.check()
        yield resampler.push(piece.mean(axis=0, keepdims=True))[0]
    yield resampler.finish()[0]
    yield np.zeros(WINDOW, np.float32)


def _powers(pieces: Iterable[Floats]) -> Iterator[Floats]:
    """Yield the power (n, HEAD_BINS) of a window at each step; the first is centred on frame 0."""
    held = np.zeros(WINDOW // 2, np.float32)
    for piece in pieces:
        held = np.concatenate([held, piece])
        count = (len(held) - WINDOW) // STEP + 1
        if count > 0:
            yield tiles.power(tiles.spectra(held, STEP)[:, :HEAD_BINS])
            held = held[count * STEP :]


def _whitened(energies: Iterable[Floats]) -> Iterator[Bytes]:
    """Yield whitened tiles; the audio's ends are taken to go on as they are."""
    context = REACH * PHASES
    held: Floats | None = None
    for piece in energies:
        held = np.repeat(piece[:1], context, axis=0) if held is None else held
        held = np.concatenate([held, piece])
        ready = (len(held) - 2 * context - 2) // PHASES * PHASES
        if ready > 0:
            yield whiten_steps(held)[context : context + ready]
            held = held[ready:]
    if held is not None:
        held = np.concatenate([held, np.repeat(held[-1:], context + PHASES + 2, axis=0)])
        yield whiten_steps(held)[context:-context]
