"""The pool: audio by content, nothing half-done, and everything in the cache made again when it is gone."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from fanstudio.audio.pool import Pool, open_stem_file
from fanstudio.audio.prepared import open_prepared
from fanstudio.errors import AudioFileError, Cancelled, StorageError
from fanstudio.jobs import Work
from fanstudio.model.lineage import Lineage
from fanstudio.model.rights import Basis, Operation, Origin
from fanstudio.model.session import Source, Stem
from tests.support.sounds import noise, own, write_m4a, write_sound

RATE = 44_100
FRAMES = 60_000
SOUND = noise(FRAMES)


@pytest.fixture
def pool(tmp_path: Path) -> Pool:
    return Pool(tmp_path / "p.fanstudio" / "audio", tmp_path / "cache")


@pytest.fixture
def song(tmp_path: Path) -> Path:
    return write_sound(tmp_path / "My Song.WAV", SOUND, RATE, "WAV", "FLOAT")


@pytest.fixture
def source(pool: Pool) -> Source:
    """A source whose making needs no child process."""
    return written(pool)


def written(pool: Pool, rate: int = RATE, sound: np.ndarray = SOUND) -> Source:
    writer = pool.writer(RATE, len(sound))
    for start in range(0, sound.shape[1], 7_000):
        writer.write(sound[:, start : start + 7_000])
    return writer.finish(Work(), "Take 1", rate, Origin(Basis.RECORDED, "Take 1"))


def stored_files(pool: Pool) -> list[str]:
    return sorted(path.name for path in pool.folder.iterdir()) if pool.folder.exists() else []


def cached_files(pool: Pool, tmp_path: Path) -> list[Path]:
    return sorted(path for path in (tmp_path / "cache").rglob("*") if path.is_file())


def test_an_import_keeps_the_original_and_conforms_it(pool: Pool, song: Path) -> None:
    seen: list[float] = []
    got = pool.import_file(Work(lambda fraction, _text: seen.append(fraction)), song, 48_000, own("My Song"))
    digest = hashlib.sha256(song.read_bytes()).hexdigest()
    assert got == Source(
        digest, "My Song", ".wav", RATE, 2, 65_306, replace(own("My Song"), digest=digest), Stem.MIX
    )
    assert stored_files(pool) == [f"{digest}.wav"]
    assert pool.path(got).read_bytes() == song.read_bytes()
    samples = pool.samples(got, 48_000)
    assert samples.shape == (2, 65_306)
    assert samples[:, :100].dtype == np.float32
    assert not samples[:, :100].flags.writeable
    peaks = pool.peaks(got)
    assert peaks is not None
    assert peaks.frames == 65_306
    assert seen == sorted(seen)


def test_what_is_there_already_and_open_stays(
    pool: Pool, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on Windows, where nothing can take the place of an open file."""

    def refuse(_path: Path, _target: Path) -> None:
        raise PermissionError(errno.EACCES, "in use")

    monkeypatch.setattr(Path, "replace", refuse)
    stored = pool.path(source)
    assert written(pool) == source
    assert stored_files(pool) == [stored.name]
    stored.write_bytes(b"changed")
    with pytest.raises(StorageError):
        written(pool)


def test_an_m4a_is_imported_aligned(pool: Pool, tmp_path: Path) -> None:
    got = pool.import_file(Work(), write_m4a(tmp_path / "x.m4a", SOUND, RATE), RATE, own("x"))
    samples = pool.samples(got, RATE)
    assert samples.shape == SOUND.shape
    assert np.square(samples - SOUND).sum() < 0.1 * np.square(SOUND).sum()


@pytest.mark.parametrize("kind", ["truncated", "not audio", "gone"])
def test_a_bad_file_is_named_and_leaves_nothing(kind: str, pool: Pool, song: Path, tmp_path: Path) -> None:
    bad = tmp_path / "Bad one.flac"
    if kind == "truncated":
        write_sound(bad, SOUND, RATE, "FLAC")
        bad.write_bytes(bad.read_bytes()[:-20_000])
    elif kind == "not audio":
        bad.write_text("hello")
    with pytest.raises(AudioFileError, match="Bad one") as caught:
        pool.import_file(Work(), bad, RATE, own("bad"))
    assert "\n" not in caught.value.message
    assert stored_files(pool) == []
    assert cached_files(pool, tmp_path) == []


def test_a_cancelled_import_leaves_nothing(pool: Pool, song: Path, tmp_path: Path) -> None:
    work = Work()

    def cancel_when_decoding(fraction: float, _text: str) -> None:
        if fraction > 0.15:
            work.cancel()

    work = Work(cancel_when_decoding, work._cancelled)
    with pytest.raises(Cancelled):
        pool.import_file(work, song, RATE, own("x"))
    assert stored_files(pool) == []
    assert cached_files(pool, tmp_path) == []


def test_a_writer_streams_into_a_source(pool: Pool, source: Source) -> None:
    assert (source.name, source.suffix, source.length, source.channels) == ("Take 1", ".wav", FRAMES, 2)
    assert np.array_equal(pool.samples(source, RATE), SOUND)
    assert pool.samples_at(RATE)(source, None) is pool.samples(source, RATE)
    assert stored_files(pool) == [f"{source.id}.wav"]


def test_equal_sound_is_one_file(pool: Pool, source: Source) -> None:
    assert written(pool).id == source.id
    assert len(stored_files(pool)) == 1


def test_a_writer_that_is_discarded_leaves_nothing(pool: Pool) -> None:
    writer = pool.writer(RATE, 2)
    writer.write(SOUND)
    writer.discard()
    assert stored_files(pool) == []


def test_a_stem_that_another_process_wrote_is_adopted(pool: Pool) -> None:
    part = pool.new_part()
    with open_stem_file(part, 48_000, 1) as encoder:
        encoder.write(SOUND[:1])
    lineage = Lineage(Operation.SPLIT, ("0" * 64,), "spleeter_2stems", ai=True)
    got = pool.adopt(Work(), part, "Vocals", RATE, own("song"), Stem.VOCALS, lineage)
    assert (got.stem, got.lineage, got.sample_rate, got.channels) == (Stem.VOCALS, lineage, 48_000, 1)
    assert got.length == 55_125
    assert not part.exists()
    assert pool.peaks(got) is not None


def test_a_damaged_stem_is_refused_and_removed(pool: Pool) -> None:
    part = pool.new_part()
    part.write_bytes(b"RIFF")
    with pytest.raises(AudioFileError):
        pool.adopt(Work(), part, "Vocals", RATE, own("song"))
    assert stored_files(pool) == []


def test_a_lost_cache_is_made_again(pool: Pool, source: Source, tmp_path: Path) -> None:
    shutil.rmtree(tmp_path / "cache")
    again = Pool(pool.folder, tmp_path / "cache")
    assert not again.ready(source, RATE)
    with pytest.raises(AudioFileError, match="still being prepared"):
        again.samples_now(source, RATE)
    assert again.peaks(source) is None
    assert np.array_equal(again.samples(source, RATE), SOUND)
    assert again.ready(source, RATE)
    assert again.samples_now(source, RATE) is again.samples(source, RATE)
    assert again.build_peaks(Work(), source, RATE).frames == FRAMES
    assert again.peaks(source) is not None


def test_a_damaged_rendition_is_made_again(pool: Pool, song: Path, tmp_path: Path) -> None:
    got = pool.import_file(Work(), song, 48_000, own("My Song"))
    whole = np.asarray(pool.samples(got, 48_000))
    rendition = pool.rendition(got, 48_000)
    rendition.write_bytes(rendition.read_bytes()[:1_000])
    assert np.array_equal(Pool(pool.folder, tmp_path / "cache").samples(got, 48_000), whole)


def test_a_wav_at_the_sessions_rate_needs_no_rendition(pool: Pool, source: Source, tmp_path: Path) -> None:
    assert not list((tmp_path / "cache").rglob("*.f32"))
    assert pool.rendition(source, RATE) == pool.path(source)
    assert pool.rendition(written(pool, 48_000), 48_000).suffix == ".f32"
    with closing(open_prepared(pool.rendition(source, RATE), 2, FRAMES)) as samples:
        assert np.array_equal(samples, SOUND)


def test_a_file_that_could_not_be_read_is_opened_again_when_it_is_back(pool: Pool, source: Source) -> None:
    samples, stored = pool.samples(source, RATE), pool.path(source)
    data, times = stored.read_bytes(), stored.stat()
    stored.write_bytes(data[:5_000])
    with pytest.raises(AudioFileError, match="cut short"):
        _ = samples[:, 50_000:]
    with pytest.raises(AudioFileError, match="was changed"):
        pool.samples(source, RATE)
    stored.write_bytes(data)
    os.utime(stored, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert pool.samples_now(source, RATE) is not samples
    assert np.array_equal(pool.samples(source, RATE), SOUND)


def test_a_wav_is_hashed_again_only_when_it_was_touched(pool: Pool, source: Source, tmp_path: Path) -> None:
    cache, stored = tmp_path / "cache", pool.path(source)
    assert Pool(pool.folder, cache).ready(source, RATE)
    data = stored.read_bytes()
    stored.write_bytes(data[:-1] + b"\0")
    touched = Pool(pool.folder, cache)
    assert not touched.ready(source, RATE)
    with pytest.raises(AudioFileError, match="was changed"):
        touched.samples(source, RATE)
    stored.write_bytes(data)
    assert np.array_equal(touched.samples(source, RATE), SOUND)
    assert Pool(pool.folder, cache).ready(source, RATE)


def test_missing_and_changed_files_are_told(pool: Pool, source: Source, tmp_path: Path) -> None:
    pool.verify(Work(), source)
    assert pool.missing((source,)) == ()
    stored = pool.path(source)
    data = bytearray(stored.read_bytes())
    data[-1] ^= 1
    stored.write_bytes(data)
    with pytest.raises(AudioFileError, match=r"“Take 1” was changed") as caught:
        pool.verify(Work(), source)
    assert caught.value.hint
    shutil.rmtree(tmp_path / "cache")
    fresh = Pool(pool.folder, tmp_path / "cache")
    with pytest.raises(AudioFileError, match="was changed"):
        fresh.samples(source, RATE)
    stored.unlink()
    assert fresh.missing((source,)) == (source,)
    with pytest.raises(AudioFileError, match=r"“Take 1” is missing"):
        fresh.samples(source, RATE)
    with pytest.raises(AudioFileError, match=r"“Take 1” is missing"):
        fresh.samples_now(source, RATE)


def test_leftovers_of_a_crash_can_be_removed(pool: Pool, source: Source) -> None:
    pool.new_part().write_bytes(b"half")
    (pool.folder / ".part-1").mkdir()
    (pool.folder / ".part-1" / "song.mp3").write_bytes(b"half")
    pool.remove_leftovers(pool.unfinished())
    assert stored_files(pool) == [f"{source.id}.wav"]


def test_a_folder_that_cannot_be_made_is_a_storage_error(tmp_path: Path, song: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StorageError):
        Pool(tmp_path / "file" / "audio", tmp_path / "cache").import_file(Work(), song, RATE, own("x"))
    with pytest.raises(StorageError):
        Pool(tmp_path / "audio", tmp_path / "file").import_file(Work(), song, 2 * RATE, own("x"))
    assert stored_files(Pool(tmp_path / "audio", tmp_path)) == []


def test_a_suffix_of_no_known_shape_is_left_out(pool: Pool, tmp_path: Path, song: Path) -> None:
    odd = tmp_path / "song.b ä d"
    shutil.copyfile(song, odd)
    assert pool.import_file(Work(), odd, RATE, own("x")).suffix == ""
