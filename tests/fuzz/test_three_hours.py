"""A song of three hours through every command: memory stays bounded, in the parent and in its children."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import soundfile

from tests.support.processes import finish, finish_measured
from tests.support.songs import RATE, music

pytestmark = [
    pytest.mark.soak,
    pytest.mark.timeout(7200),
    pytest.mark.skipif(sys.platform != "linux", reason="reads memory from /proc"),
]
_MOST_MB = 650


def _write_long(path: Path, seconds: int, channels: int) -> Path:
    minute = music(60.0).T[:, :channels]
    with soundfile.SoundFile(path, "w", RATE, channels, "PCM_16") as stream:
        for _ in range(seconds // 60):
            stream.write(minute)
    return path


@pytest.mark.parametrize("channels", [1, 2])
def test_three_hours(channels: int, tmp_path: Path) -> None:
    song = _write_long(tmp_path / "song.wav", 3 * 3600, channels)
    out = tmp_path / "out.flac"
    steps = (
        ("new", tmp_path / "P", song),
        ("export", tmp_path / "P", "-o", out),
        ("split", song, "-o", tmp_path / "stems"),
    )
    for arguments in steps:
        code, err, peaks, seconds = finish_measured(*arguments, home=tmp_path / "home")
        sys.stdout.write(f"{arguments[0]}, {channels} channels: {peaks} MB, {seconds:.0f} s\n")
        assert code == 0, err
        # The library of the credentials holds a FLAC file whole while it signs and reads it.
        file_mb = out.stat().st_size // 1_000_000 if arguments[0] == "export" else 0
        assert max(peaks.values()) < _MOST_MB + file_mb
    assert finish("verify", out, home=tmp_path / "home", timeout=3600)[0] == 0
