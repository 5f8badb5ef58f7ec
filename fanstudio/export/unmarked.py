"""Audio that leaves without permit and mark: stems of the fan's own or open material."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from fanstudio.audio.decode import open_audio
from fanstudio.audio.encode import open_encoder
from fanstudio.errors import InputError
from fanstudio.export.formats import find_format
from fanstudio.export.gate import check_unmarked
from fanstudio.files import part_file
from fanstudio.jobs import Work
from fanstudio.model.rights import Origin

FORMATS = ("wav", "flac")


def check_may_leave(origin: Origin) -> None:
    """Raise NotPermitted if material of this origin needs a permit."""
    check_unmarked((origin,))


def write_unmarked(work: Work, files: Sequence[tuple[Path, Path]], format_name: str) -> float:
    """Turn float32 WAV files into finished ones, (from, to) each; return the attenuation in dB.

    WAV stays as it is. FLAC holds no more than full scale: where one file passes it, all are lowered
    by the same attenuation, so that their sum stays the mix, only softer.

    Raises:
        InputError: the format is neither.
        StorageError: the disk is full or read-only.

    """
    if format_name not in FORMATS:
        raise InputError(f"Stems are written as {' or '.join(FORMATS)}, not {format_name}.")
    if format_name == "wav":
        for source, target in files:
            with part_file(target) as part:
                source.replace(part)
        return 0.0
    gain = min(1.0, 1.0 / max((_peak(work, source) for source, _target in files), default=1.0))
    for source, target in files:
        with part_file(target) as part:
            _encode(work, source, part, format_name, np.float32(gain))
    return round(20 * math.log10(gain), 2) if gain < 1 else 0.0


def _peak(work: Work, path: Path) -> float:
    peak = 1e-9
    with open_audio(path) as reader:
        for block in reader.blocks():
            work.check()
            peak = max(peak, float(np.abs(block).max()))
    return peak


def _encode(work: Work, source: Path, part: Path, format_name: str, gain: np.float32) -> None:
    with (
        open_audio(source) as reader,
        open_encoder(part, find_format(format_name).encoding, reader.sample_rate, reader.channels) as encoder,
    ):
        for block in reader.blocks():
            work.check()
            encoder.write(block * gain)
