"""From a session to marked audio in a file: bounce, loudness, watermark, encode."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from fanstudio.audio.encode import open_encoder, supported_rate
from fanstudio.audio.loudness import LoudnessMeter
from fanstudio.audio.render import bounce
from fanstudio.audio.resample import Resampler
from fanstudio.audio.samples import Samples
from fanstudio.errors import InputError
from fanstudio.export.formats import BITRATE_KBPS, Format
from fanstudio.export.watermark import mark
from fanstudio.jobs import Work
from fanstudio.model.audibility import audible_end
from fanstudio.model.session import Session, Source
from fanstudio.platform.contract import WATERMARK_KEY

CEILING_DBTP = -1.0
_BLOCK_FRAMES = 1 << 16

OpenSamples = Callable[[Source], Samples]


@dataclass(frozen=True, slots=True)
class Bounced:
    """What was written: the file's rate and length, and its loudness."""

    sample_rate: int
    length_frames: int
    loudness_lufs: float


def write_marked(
    work: Work,
    session: Session,
    samples: OpenSamples,
    part: Path,
    row: Format,
    loudness_lufs: float | None,
    message: bytes,
) -> Bounced:
    """Render a session, bring it to a loudness, mark it and encode it to `part`; memory is bounded.

    The gain that the loudness asks for is lowered where true peaks would pass −1 dBTP; without a
    loudness, peaks above that are still brought down, so that no format clips.

    Raises:
        InputError: nothing of the session is heard.
        WatermarkError: it is too short or too quiet to be marked.
        StorageError: the disk is full or gone.
        Cancelled: the work was cancelled.

    """
    rate = supported_rate(row.encoding, session.sample_rate)
    end = audible_end(session)
    measured = _measure(work.part(0.0, 0.25, "Measuring the loudness"), session, samples, end)
    gain = np.float32(10 ** (_gain_db(measured, loudness_lufs) / 20))
    write = work.part(0.25, 1.0, "Rendering and marking")
    blocks = (block * gain for block in bounce(write, session, samples, 0, end, _BLOCK_FRAMES))
    marked = mark(write, _conformed(blocks, session.sample_rate, rate), rate, message, WATERMARK_KEY)
    meter = LoudnessMeter(rate, 2)
    frames = 0
    with open_encoder(part, row.encoding, rate, 2, bitrate_kbps=BITRATE_KBPS) as encoder:
        for block in marked:
            meter.add(block)
            encoder.write(block)
            frames += block.shape[1]
    return Bounced(rate, frames, round(meter.integrated_lufs, 2))


def _measure(work: Work, session: Session, samples: OpenSamples, end: int) -> LoudnessMeter:
    meter = LoudnessMeter(session.sample_rate, 2)
    for block in bounce(work, session, samples, 0, end, _BLOCK_FRAMES):
        meter.add(block)
    if not np.isfinite(meter.integrated_lufs):
        raise InputError("There is only silence to export.", hint="Unmute a track, or raise its gain.")
    return meter


def _gain_db(meter: LoudnessMeter, loudness_lufs: float | None) -> float:
    wanted = 0.0 if loudness_lufs is None else loudness_lufs - meter.integrated_lufs
    return min(wanted, CEILING_DBTP - meter.true_peak_dbtp)


def _conformed(blocks: Iterable[Samples], rate_in: int, rate_out: int) -> Iterator[Samples]:
    resampler = Resampler(rate_in, rate_out, 2)
    for block in blocks:
        yield resampler.push(block)
    yield resampler.finish()
