"""From a session to marked audio in a file: bounce, loudness, watermark, encode."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from fanstudio.audio.encode import open_encoder, supported_rate
from fanstudio.audio.loudness import Loudness
from fanstudio.audio.render import bounce
from fanstudio.audio.resample import Resampler
from fanstudio.audio.samples import Samples, SampleSource
from fanstudio.export.formats import BITRATE_KBPS, Format
from fanstudio.export.loudness import choose_level, guarded, levelled
from fanstudio.export.watermark import mark
from fanstudio.jobs import Work
from fanstudio.model.audibility import audible_end
from fanstudio.model.session import Session
from fanstudio.platform.contract import WATERMARK_KEY

_BLOCK_FRAMES = 1 << 16


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
    end = audible_end(session)

    def mix(step: Work) -> Iterator[Samples]:
        rendered = bounce(step, session, samples, 0, end, _BLOCK_FRAMES)
        return _conformed(rendered, session.sample_rate, rate)

    level = choose_level(work.part(0.0, 0.4, "Measuring the loudness"), mix, rate, loudness_lufs)
    write = work.part(0.4, 1.0, "Rendering and marking")
    marked = mark(write, levelled(mix(write), rate, level), rate, message, WATERMARK_KEY)
    meter = Loudness(rate, 2)
    frames = 0
    with open_encoder(part, row.encoding, rate, 2, bitrate_kbps=BITRATE_KBPS) as encoder:
        for block in guarded(marked, rate):
            meter.add(block)
            encoder.write(block)
            frames += block.shape[1]
    return Bounced(rate, frames, round(meter.integrated_lufs, 2))


def _conformed(blocks: Iterable[Samples], rate_in: int, rate_out: int) -> Iterator[Samples]:
    resampler = Resampler(rate_in, rate_out, 2)
    for block in blocks:
        yield resampler.push(block)
    yield resampler.finish()
