"""Songs for the benches: the demo song, over and over."""

from __future__ import annotations

from pathlib import Path

import soundfile

from fanstudio import paths


def write_looped(path: Path, seconds: int, rate: int = 44_100) -> Path:
    """Write `seconds` of the demo song, stereo, 16 bit; at another `rate` it plays faster or slower."""
    song, _rate = soundfile.read(paths.demo_dir() / "song.flac", dtype="int16", always_2d=True)
    left = seconds * rate
    with soundfile.SoundFile(path, "w", rate, song.shape[1], "PCM_16") as stream:
        while left:
            stream.write(song[:left])
            left -= min(left, len(song))
    return path
