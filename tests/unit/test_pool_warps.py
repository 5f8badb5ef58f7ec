"""Warped sources in the pool: a sketch at once, the rendition from then on, kept for the next time."""

from __future__ import annotations

from multiprocessing import active_children
from pathlib import Path

import numpy as np
import pytest

from fanstudio.audio.draft import Draft
from fanstudio.audio.pool import Pool
from fanstudio.audio.warped import warped_name
from fanstudio.errors import AudioFileError, ChildError, StorageError
from fanstudio.jobs import Work
from fanstudio.model.rights import Basis, Origin
from fanstudio.model.session import Source
from fanstudio.model.warp import Warp
from tests.support.disks import small_disk
from tests.support.sounds import noise

RATE = 8_000
FRAMES = 12_000
WARP = Warp(1.5, -2.0, keep_formants=True)


@pytest.fixture
def pool(tmp_path: Path) -> Pool:
    return Pool(tmp_path / "p.fanstudio" / "audio", tmp_path / "cache")


@pytest.fixture
def source(pool: Pool) -> Source:
    writer = pool.writer(RATE, 2)
    writer.write(noise(FRAMES))
    return writer.finish(Work(), "Take 1", RATE, Origin(Basis.RECORDED, "Take 1"))


def renditions(tmp_path: Path) -> list[Path]:
    return [path for path in (tmp_path / "cache" / "renditions").glob("*") if "-w2-" in path.name]


def test_what_is_not_warped_yet_is_sketched_and_then_taken_over(pool: Pool, source: Source) -> None:
    draft = pool.samples_now(source, RATE, WARP)
    assert isinstance(draft, Draft)
    assert draft is pool.samples_now(source, RATE, WARP)
    assert not pool.ready(source, RATE, WARP)
    whole = pool.prepare(Work(), source, RATE, WARP)
    assert whole.shape == draft.shape == (2, 18_000)
    draft[:, :100]
    assert np.array_equal(draft[:, 100:5_000], whole[:, 100:5_000])
    assert pool.ready(source, RATE, WARP)
    assert pool.samples_now(source, RATE, WARP) is pool.samples(source, RATE, WARP) is whole


def test_samples_waits_for_the_rendition_and_keeps_it(pool: Pool, source: Source, tmp_path: Path) -> None:
    seen: list[float] = []
    whole = pool.prepare(Work(lambda fraction, _text: seen.append(fraction)), source, RATE, WARP)
    assert np.array_equal(pool.samples_at(RATE)(source, WARP)[:, :], whole[:, :])
    assert seen == sorted(seen)
    assert len(renditions(tmp_path)) == 1
    again = Pool(pool.folder, tmp_path / "cache")
    assert again.ready(source, RATE, WARP)
    assert np.array_equal(again.samples(source, RATE, WARP)[:, :], whole[:, :])


def test_an_idle_warp_is_the_source_itself(pool: Pool, source: Source) -> None:
    assert pool.samples(source, RATE, Warp()) is pool.samples(source, RATE)


def test_a_rendition_cut_short_is_made_again(pool: Pool, source: Source, tmp_path: Path) -> None:
    whole = pool.samples(source, RATE, WARP)[:, :]
    [path] = renditions(tmp_path)
    path.write_bytes(path.read_bytes()[:-4])
    fresh = Pool(pool.folder, tmp_path / "cache")
    assert not fresh.ready(source, RATE, WARP)
    assert np.array_equal(fresh.samples(source, RATE, WARP)[:, :], whole)


def test_a_missing_source_is_missing_for_its_warp_too(pool: Pool, source: Source, tmp_path: Path) -> None:
    pool.path(source).unlink()
    fresh = Pool(pool.folder, tmp_path / "cache")
    with pytest.raises(AudioFileError, match="missing"):
        fresh.samples_now(source, RATE, WARP)
    with pytest.raises(AudioFileError, match="missing"):
        fresh.samples(source, RATE, WARP)
    assert not renditions(tmp_path)


def test_a_source_that_is_being_made_is_sketched_from_what_is_there(pool: Pool, source: Source) -> None:
    sound = np.full((2, FRAMES), 0.5, np.float32)
    pool.lend(source.id, sound)
    sketch = pool.samples_now(source, RATE, Warp(2.0))
    assert sketch.shape == (2, 2 * FRAMES)
    assert np.allclose(sketch[:, 1_000:20_000], 0.5, atol=1e-6)
    with pytest.raises(AudioFileError, match="still being split"):
        pool.prepare(Work(), source, RATE, Warp(2.0))


def test_there_is_room_for_so_much(pool: Pool, source: Source, tmp_path: Path) -> None:
    for semitones in (1.0, 2.0):
        pool.prepare(Work(), source, RATE, Warp(1.0, semitones))
    pool.make_room([], RATE)
    assert len(renditions(tmp_path)) == 2
    pool.make_room([(source, Warp(1.0, 2.0))], RATE, 0)
    [left] = renditions(tmp_path)
    assert "-2.0" in left.name
    assert not pool.ready(source, RATE, Warp(1.0, 1.0))


# ── faults ───────────────────────────────────────────────────────────────────────────────────


def cached(tmp_path: Path) -> list[str]:
    return sorted(path.name for path in (tmp_path / "cache").rglob("*") if path.is_file())


def test_nothing_remains_where_the_process_is_killed(pool: Pool, tmp_path: Path) -> None:
    writer = pool.writer(RATE, 2)
    for _ in range(40):
        writer.write(noise(60_000))
    long = writer.finish(Work(), "Long", RATE, Origin(Basis.RECORDED, "Long"))
    before = cached(tmp_path)
    others = set(active_children())

    def kill(fraction: float, _text: str) -> None:
        if fraction > 0.1:
            for child in set(active_children()) - others:
                child.kill()

    with pytest.raises(ChildError, match="unexpectedly"):
        pool.prepare(Work(kill), long, RATE, Warp(4.0))
    assert cached(tmp_path) == before
    assert not pool.unfinished()


def test_what_a_crash_of_the_whole_program_leaves_is_found(pool: Pool, tmp_path: Path) -> None:
    folder = tmp_path / "cache" / "renditions"
    folder.mkdir(parents=True)
    left = [folder / f"{warped_name('a', RATE, WARP)}.0123456789abcdef.part{lane}" for lane in ("", ".1")]
    for path in left:
        path.write_bytes(b"half")
    assert sorted(pool.unfinished()) == left
    Pool.remove_leftovers(pool.unfinished())
    assert not any(path.exists() for path in left)


def test_a_full_disk_is_said_and_nothing_half_written_stays(tmp_path: Path) -> None:
    with small_disk(tmp_path / "small", "400k") as disk:
        pool = Pool(tmp_path / "p.fanstudio" / "audio", disk.folder)
        writer = pool.writer(RATE, 2)
        writer.write(noise(40_000))
        source = writer.finish(Work(), "Take 1", RATE, Origin(Basis.RECORDED, "Take 1"))
        before = disk.names()
        with pytest.raises(StorageError, match="full"):
            pool.prepare(Work(), source, RATE, Warp(2.0))
        assert [name for name in disk.names() if name.endswith(".f32") or "part" in name] == [
            name for name in before if name.endswith(".f32")
        ]
        assert isinstance(pool.samples_now(source, RATE, Warp(2.0)), Draft)
