"""Warped renditions: whole or not at all, and only as many as there is room for."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from fanstudio.audio.rendition import rendition_bytes
from fanstudio.audio.samples import Samples, silence
from fanstudio.audio.warped import oldest_beyond, render_warped, warped_name, write_warped
from fanstudio.errors import AudioFileError, Cancelled, StorageError
from fanstudio.jobs import Work
from fanstudio.model.warp import Warp

RATE = 8_000
WARP = Warp(1.5, 2.0, keep_formants=True)


def missing() -> Samples:
    raise AudioFileError("The audio file is missing.")


def test_a_child_writes_it_whole(tmp_path: Path) -> None:
    target = tmp_path / "x.f32"
    render_warped(Work(), target, partial(silence, 2, 4_000), 4_000, RATE, WARP)
    assert target.stat().st_size == rendition_bytes(2, WARP.length(4_000))
    assert list(tmp_path.iterdir()) == [target]


def test_the_same_warp_gives_the_same_bytes_in_a_child(tmp_path: Path) -> None:
    open_source = partial(np.full, (1, 6_000), 0.2, np.float32)
    render_warped(Work(), tmp_path / "child", open_source, 6_000, RATE, WARP)
    write_warped(Work(), tmp_path / "here", open_source, RATE, WARP)
    assert (tmp_path / "child").read_bytes() == (tmp_path / "here").read_bytes()


def test_nothing_remains_of_one_that_is_cancelled(tmp_path: Path) -> None:
    work = Work()
    work.cancel()
    with pytest.raises(Cancelled):
        write_warped(work, tmp_path / "x.f32", partial(silence, 2, 40_000), RATE, WARP)
    assert not list(tmp_path.iterdir())


def test_a_missing_source_is_said_as_such(tmp_path: Path) -> None:
    with pytest.raises(AudioFileError, match="missing"):
        render_warped(Work(), tmp_path / "x.f32", missing, 4_000, RATE, WARP)
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_a_full_disk_is_said_as_such(tmp_path: Path) -> None:
    target = tmp_path / "x.f32"
    target.symlink_to("/dev/full")
    with pytest.raises(StorageError, match="full"):
        write_warped(Work(), target, partial(np.full, (1, 60_000), 0.2, np.float32), RATE, WARP)
    assert not list(tmp_path.iterdir())


def test_names_tell_warps_apart_that_sound_different() -> None:
    warps = [Warp(1.5), Warp(1.25), Warp(1.5, 1.0), Warp(1.5, 1.0, keep_formants=True)]
    assert len({warped_name("a", RATE, warp) for warp in warps}) == len(warps)
    assert warped_name("a", RATE, Warp(1.5, 0.0, keep_formants=True)) == warped_name("a", RATE, Warp(1.5))


def test_what_was_not_used_for_longest_makes_room(tmp_path: Path) -> None:
    paths = [tmp_path / warped_name("a", RATE, Warp(1.0, semitones)) for semitones in range(1, 5)]
    for age, path in enumerate(paths):
        path.write_bytes(bytes(100))
        os.utime(path, (1_000 - age, 1_000 - age))
    (tmp_path / "a-8000.f32").write_bytes(bytes(1_000))
    assert oldest_beyond(tmp_path, {paths[2]}, 400) == []
    assert oldest_beyond(tmp_path, {paths[2]}, 250) == [paths[3], paths[1]]
    assert oldest_beyond(tmp_path, {paths[2]}, 0) == [paths[3], paths[1], paths[0]]
