"""WAV files whose frames come in any order: the bytes of one that was written from front to back."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from fanstudio.audio.live import LiveStems
from fanstudio.audio.pool import open_stem_file
from fanstudio.audio.samples import silence
from fanstudio.audio.wav import PlacedWav, read_placed


@pytest.mark.parametrize("channels", [1, 2])
def test_any_order_gives_the_same_bytes(tmp_path: Path, channels: int) -> None:
    samples = np.random.default_rng(channels).uniform(-2, 2, (channels, 10_001)).astype(np.float32)
    with open_stem_file(tmp_path / "straight.wav", 44_100, channels) as writer:
        writer.write(samples)
    placed = PlacedWav(tmp_path / "placed.wav", 44_100, channels, 10_001)
    for start, end in ((7_000, 10_001), (0, 3), (3, 7_000)):
        placed.write(start, samples[:, start:end])
        assert np.array_equal(
            read_placed(tmp_path / "placed.wav", channels, start, end - start), samples[:, start:end]
        )
    placed.close()
    assert (tmp_path / "placed.wav").read_bytes() == (tmp_path / "straight.wav").read_bytes()


def test_what_is_not_written_is_silence(tmp_path: Path) -> None:
    PlacedWav(tmp_path / "a.wav", 44_100, 2, 500).close()
    assert not read_placed(tmp_path / "a.wav", 2, 0, 500).any()
    assert not read_placed(tmp_path / "a.wav", 2, 400, 100).any()


@pytest.mark.parametrize("kept_bytes", [0, 50, 2000, 2003])
def test_a_file_cut_short_is_an_error_and_silence_to_who_listens(tmp_path: Path, kept_bytes: int) -> None:
    path = tmp_path / "a.wav"
    PlacedWav(path, 44_100, 2, 500).close()
    with path.open("r+b") as stream:
        stream.truncate(kept_bytes)
    with pytest.raises(OSError, match="cut short"):
        read_placed(path, 2, 100, 400)
    live = LiveStems({"vocals": path}, 2, 500, None)["vocals"]
    assert np.array_equal(live.peek(100, 500), silence(2, 400))
