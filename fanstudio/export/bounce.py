"""From a session to marked audio in a file: bounce, loudness, watermark, encode."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from fanstudio.audio.encode import Encoding, open_encoder, supported_rate
from fanstudio.audio.loudness import Loudness
from fanstudio.audio.mix.tails import mix_end
from fanstudio.audio.render import bounce
from fanstudio.audio.resample import Resampler
from fanstudio.audio.samples import Samples, SampleSource
from fanstudio.export.formats import BITRATE_KBPS, Format
from fanstudio.export.loudness import choose_level, guarded, levelled
from fanstudio.export.watermark import mark
from fanstudio.jobs import Work
from fanstudio.model.session import Session
from fanstudio.platform.contract import WATERMARK_KEY

#: A block and what is added to it stay in a core's cache.
_BLOCK_FRAMES: Final = 1 << 15
_KEPT_BYTES: Final = 1 << 24


@dataclass(frozen=True, slots=True)
class Bounced:
    """What was written: the file's rate and length, and its loudness."""

    sample_rate: int
    length_frames: int
    loudness_lufs: float


def write_marked(
    work: Work,
    session: Session,
    samples: SampleSource,
    part: Path,
    row: Format,
    loudness_lufs: float | None,
    message: bytes,
) -> Bounced:
    """Render a session, bring it to a loudness, mark it and encode it to `part`; memory is bounded.

    Where the loudness asks for peaks above −1 dBTP they are limited, but by `MOST_REDUCTION_DB` at
    most: such a mix stays quieter, and what is returned says so. The mark comes after the loudness;
    what it adds to a peak is limited once more.

    Raises:
        InputError: there is only silence.
        WatermarkError: it is too short or too quiet to be marked.
        StorageError: the disk is full or gone.
        Cancelled: the work was cancelled.

    """
    rate = supported_rate(row.encoding, session.sample_rate)

    def mix(step: Work) -> Iterator[Samples]:
        return rendered(step, session, samples, rate)

    level = choose_level(work.part(0.0, 0.4, "Measuring the loudness"), mix, rate, loudness_lufs)
    write = work.part(0.4, 1.0, "Rendering and marking")
    marked = mark(write, levelled(mix(write), rate, level), rate, message, WATERMARK_KEY)
    meter = Loudness(rate, 2)
    frames = encode(_metered(guarded(marked, rate), meter), part, row.encoding, rate)
    return Bounced(rate, frames, round(meter.integrated_lufs, 2))


def rendered(work: Work, session: Session, samples: SampleSource, rate: int) -> Iterator[Samples]:
    """Yield the whole mix at a rate, tails included, in blocks `(2, frames)`.

    Raises:
        AudioFileError: a source's samples are missing or damaged.
        Cancelled: the work was cancelled.

    """
    resampler = Resampler(session.sample_rate, rate, 2)
    _keep_freed_arrays()
    for block in bounce(work, session, samples, 0, mix_end(session), _BLOCK_FRAMES):
        yield resampler.push(block)
    yield resampler.finish()


def _keep_freed_arrays() -> None:
    """Let glibc give the mix's arrays out again: it keeps those that are as big as one it was given back.

    What it gets anew from the system costs a page fault every 4 kB, half as much time as the mix itself.
    """
    np.empty(_KEPT_BYTES, np.uint8)


def encode(blocks: Iterable[Samples], part: Path, encoding: Encoding, rate: int) -> int:
    """Write stereo blocks to `part` and return how many frames; raise StorageError where that fails."""
    frames = 0
    with open_encoder(part, encoding, rate, 2, bitrate_kbps=BITRATE_KBPS) as encoder:
        for block in blocks:
            encoder.write(block)
            frames += block.shape[1]
    return frames


def _metered(blocks: Iterable[Samples], meter: Loudness) -> Iterator[Samples]:
    for block in blocks:
        meter.add(block)
        yield block
