"""The cache on a full or read-only disk: plain WAVs play, the rest is one clear error, playback goes on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile

from fanstudio.audio.draft import Draft
from fanstudio.audio.pool import Pool
from fanstudio.audio.transport import Transport
from fanstudio.errors import StorageError
from fanstudio.jobs import Work
from fanstudio.model import edits
from fanstudio.model.pattern_edits import with_step
from fanstudio.model.rights import Basis, Origin
from fanstudio.model.session import Source, new_session
from fanstudio.model.warp import Warp
from fanstudio.studio import drum_grid
from fanstudio.studio.drum_machine import DrumMachine
from fanstudio.studio.shelf_table import read_shelf
from fanstudio.studio.tune import TuneOptions, tune_clip
from tests.support.covers import make_cover
from tests.support.disks import SmallDisk, small_disk
from tests.support.outputs import Recording, opener, wait_until

RATE = 44_100
OWN = Origin(Basis.OWN, "Mine")


@pytest.fixture(params=["full", "read-only"])
def cache(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SmallDisk]:
    """A disk for the cache that takes nothing."""
    with small_disk(tmp_path / "cache", "1m") as disk:
        if request.param == "full":
            disk.fill()
        else:
            disk.remount("ro")
        yield disk


def _kept(cache: SmallDisk) -> list[Path]:
    """Return the files on the disk that hold anything."""
    files = (path for path in cache.folder.rglob("*") if path.is_file() and path.name != "filler")
    return [path for path in files if path.stat().st_size]


def _write(path: Path, rate: int = RATE) -> Path:
    sound = np.random.default_rng(1).uniform(-0.5, 0.5, (2 * rate, 2)).astype(np.float32)
    soundfile.write(path, sound, rate, subtype="PCM_16")
    return path


def _import(pool: Pool, path: Path) -> Source:
    return pool.import_file(Work(), path, RATE, OWN)


def _is_heard(pool: Pool, source: Source) -> bool:
    """Tell whether a session that is just this source plays and sounds."""
    outputs: list[Recording] = []
    session = edits.import_source(new_session("Song", RATE), source)
    transport = Transport(session, pool.samples_now, opener(outputs))
    try:
        transport.play()
        wait_until(lambda: bool(outputs) and transport.position > RATE // 4)
        return bool(outputs[-1].heard_so_far().any())
    finally:
        transport.close()


def test_a_plain_wav_is_imported_drawn_and_played(cache: SmallDisk, tmp_path: Path) -> None:
    pool = Pool(tmp_path / "p" / "audio", cache.folder)
    source = _import(pool, _write(tmp_path / "song.wav"))
    assert pool.peaks(source) is not None
    assert _is_heard(pool, source)
    assert _kept(cache) == []
    again = Pool(pool.folder, cache.folder)
    assert again.prepare(Work(), source, RATE).shape == (2, 2 * RATE)
    assert again.build_peaks(Work(), source, RATE).window(0, 1000.0, 8)[1].max() > 0.4


@pytest.mark.parametrize("name", ["song.flac", "song.mp3", "other rate.wav"])
def test_what_must_be_decoded_is_refused_in_one_line(cache: SmallDisk, name: str, tmp_path: Path) -> None:
    pool = Pool(tmp_path / "p" / "audio", cache.folder)
    path = _write(tmp_path / "song.wav", 48_000 if "rate" in name else RATE)
    soundfile.write(tmp_path / name, *soundfile.read(path))
    with pytest.raises(StorageError, match=r"disk is full|Read-only") as caught:
        _import(pool, tmp_path / name)
    assert caught.value.hint
    assert _kept(cache) == []
    assert list(pool.folder.iterdir()) == []


def test_a_stretched_clip_stays_a_draft_and_sounds(cache: SmallDisk, tmp_path: Path) -> None:
    pool = Pool(tmp_path / "p" / "audio", cache.folder)
    source = _import(pool, _write(tmp_path / "song.wav"))
    with pytest.raises(StorageError, match=r"disk is full|Read-only"):
        pool.prepare(Work(), source, RATE, Warp(1.5))
    draft = pool.samples_now(source, RATE, Warp(1.5))
    assert isinstance(draft, Draft)
    assert np.abs(draft[:, :RATE]).max() > 0.1
    assert _kept(cache) == []


def test_the_pitch_of_a_voice_is_known_though_it_cannot_be_kept(
    cache: SmallDisk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cover = make_cover(tmp_path)
    monkeypatch.setattr("fanstudio.studio.pitch.cache_dir", lambda: cache.folder)
    track = cover.pitches.hear(Work(), cover.source())
    assert cover.pitches.at_hand(cover.source()) is track
    assert _kept(cache) == []


def test_a_full_project_takes_neither_tuning_nor_a_pattern_and_plays_on(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", "6m") as disk:
        cover = make_cover(disk.folder)
        project = cover.project
        machine = DrumMachine(read_shelf())
        pattern = with_step(drum_grid.new_pattern(project.document.session, machine, 0), "kick", 0, 1.0)
        disk.fill()
        before, session = disk.names(), project.document.session
        with pytest.raises(StorageError, match="The disk is full"):
            tune_clip(Work(), project, cover.pitches, cover.clip, TuneOptions(1.0))
        with pytest.raises(StorageError, match="The disk is full"):
            drum_grid.render(Work(), project, machine, pattern, "Beat")
        assert disk.names() == before
        assert project.document.session is session
        assert np.abs(np.asarray(project.pool.samples(cover.source(), session.sample_rate))).max() > 0
