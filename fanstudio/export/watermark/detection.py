"""Find a mark in audio: the whole file, then parts of it, and say where it stands."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

import numpy as np

from fanstudio.export.watermark import speed, tiles
from fanstudio.export.watermark.alignment import Candidate, best_places, correlate, fold, parts, template
from fanstudio.export.watermark.analysis import BLOCK_STEPS, PHASES, STEP_SECONDS, Bytes, analyse
from fanstudio.export.watermark.coding import decode, encode
from fanstudio.export.watermark.speed import Change
from fanstudio.export.watermark.tiles import Floats, Pattern
from fanstudio.jobs import Work

Validate = Callable[[bytes], bool]

#: A 40-bit tag is met by chance in one of 1e9 files that are tried so often.
MAX_DECODES: Final = 1000
_PLAIN_DECODES: Final = 600
_AT_ONCE: Final = 8
#: Lengths of the parts searched beside the whole, in blocks of 20 s.
_PART_BLOCKS: Final = (1, 2, 4, 8)
_BEST_WHOLE: Final = 16
_BEST_PART: Final = 3

_SPAN_STEPS: Final = 108 * PHASES
_SPAN_Z: Final = 5.5


@dataclass(frozen=True, slots=True)
class Detection:
    """What was found: the message, how cleanly it was read, and where it stands.

    `confidence` is 0 where nothing was found, else from 0 (coded bits as good as random, which the
    message's own tag nevertheless proves) to 1 (every coded bit read right). `spans_s` are the
    (start, end) seconds that carry the mark, to about 3 s; after a change of speed only the first
    90 s are looked at. `change` says how much faster or higher the audio is than when it was marked.
    """

    found: bool
    message: bytes | None
    confidence: float
    spans_s: tuple[tuple[float, float], ...]
    change: Change = field(default_factory=Change)


NOTHING: Final = Detection(False, None, 0.0, ())


def detect(
    work: Work,
    blocks: Iterable[Floats],
    sample_rate: int,
    key: bytes,
    is_valid: Validate,
    *,
    search_speed: bool = False,
) -> Detection:
    """Look for a mark of `key` in audio, cut anywhere and marked anywhere.

    `blocks` are float32 (channels, frames), one or two channels, 8 to 192 kHz. A message counts
    only if `is_valid` says that it proves itself; at most `MAX_DECODES` candidates are tried.
    Where nothing is found, `search_speed` looks on for audio that was played faster or slower
    (-26 % to +36 %), stretched as far, or transposed by up to 3 semitones. Memory grows by 4 kB a
    second of audio.

    Raises:
        WatermarkError: a rate, a number of channels or values that are not supported.

    """
    analysis = analyse(work, blocks, sample_rate)
    pattern = tiles.pattern(key)
    plain = ((Change(), candidate) for candidate in _rank(work, analysis.tiles, pattern))
    found = _first_valid(work, islice(plain, _PLAIN_DECODES), is_valid)
    if found is None and search_speed:
        changed = speed.search(work, analysis.head, pattern)
        found = _first_valid(work, islice(changed, MAX_DECODES - _PLAIN_DECODES), is_valid)
    if found is None:
        return NOTHING
    change, message, soft = found
    coded = encode(message)
    whitened = analysis.tiles
    if change != Change():
        whitened = speed.undo(speed.cumulate(analysis.head), change)
    spans = _locate(work, whitened, pattern.spread(coded), change.tempo)
    return Detection(True, message, _agreement(soft, coded), spans, change)


def _first_valid(
    work: Work, candidates: Iterator[tuple[Change, Candidate]], is_valid: Validate
) -> tuple[Change, bytes, Floats] | None:
    while batch := list(islice(candidates, _AT_ONCE)):
        work.check()
        messages = decode(np.stack([candidate.soft for _, candidate in batch]))
        for (change, candidate), message in zip(batch, messages, strict=True):
            if is_valid(message):
                return change, message, candidate.soft
    return None


def _rank(work: Work, whitened: Bytes, pattern: Pattern) -> list[Candidate]:
    """Return what to decode: the whole file's best places, then those of its parts, best first."""
    sync = template(pattern.sync)
    whole = best_places(fold(whitened), pattern, sync, _BEST_WHOLE)
    candidates = []
    for length in (blocks * BLOCK_STEPS for blocks in _PART_BLOCKS if blocks * BLOCK_STEPS < len(whitened)):
        for part in parts(len(whitened), length):
            work.check()
            candidates += best_places(fold(whitened[part], part.start), pattern, sync, _BEST_PART)
    return whole + sorted(candidates, key=lambda candidate: -candidate.z)


def _agreement(soft: Floats, coded: Floats) -> float:
    right = float(np.mean(soft * coded > 0))
    return max(0.0, 2 * right - 1)


def _locate(work: Work, whitened: Bytes, signs: Floats, tempo: float) -> tuple[tuple[float, float], ...]:
    """Return the seconds in which the whole known mark stands out, merged where they touch."""
    known = template(signs)
    spans: list[tuple[float, float]] = []
    for part in parts(len(whitened), _SPAN_STEPS):
        work.check()
        if correlate(fold(whitened[part], part.start), known).max() < _SPAN_Z:
            continue
        start, end = part.start * STEP_SECONDS / tempo, part.stop * STEP_SECONDS / tempo
        if spans and start <= spans[-1][1]:
            spans[-1] = (spans[-1][0], end)
        else:
            spans.append((start, end))
    return tuple(spans)
