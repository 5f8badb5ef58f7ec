"""FFmpeg's loudness meter, for an opinion that is not ours."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

needs_ffmpeg = pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="ffmpeg is not installed")


@dataclass(frozen=True)
class Ebur128:
    """What FFmpeg says of a file at its end."""

    momentary: float
    short_term: float
    integrated: float
    true_peak: float


def ebur128(path: Path) -> Ebur128:
    command = [
        "ffmpeg",
        "-nostdin",
        "-hide_banner",
        "-i",
        path,
        "-af",
        "ebur128=peak=true",
        "-f",
        "null",
        "-",
    ]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stderr
    last = [line for line in said.splitlines() if " S:" in line][-1]
    momentary, short_term = (float(re.search(rf"{key}: *(\S+)", last)[1]) for key in "MS")
    integrated = float(re.findall(r"I: +(\S+) LUFS", said)[-1])
    return Ebur128(momentary, short_term, integrated, float(re.findall(r"Peak: +(\S+) dBFS", said)[-1]))
