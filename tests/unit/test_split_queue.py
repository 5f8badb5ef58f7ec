"""Many songs: what a folder stands for, whose stems go where, and what a bad song ends."""

from __future__ import annotations

import os
from pathlib import Path
from types import NoneType

import pytest

from fanstudio import paths
from fanstudio.errors import AudioFileError, Cancelled, InputError, StorageError, UnusableModel
from fanstudio.jobs import Report, Work
from fanstudio.studio.import_audio import Declaration
from fanstudio.studio.song_files import expand_folders, find_songs
from fanstudio.studio.split_options import SplitOptions
from fanstudio.studio.split_queue import Outcome, QueuedSong, queue_songs, split_songs
from tests.support.models import constant_masks, write_model
from tests.support.songs import write_song


def _touch(root: Path, *names: str) -> Path:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(b"x")
    return root


def _plan(root: Path, *paths: str) -> list[str]:
    """Where the stems of each song would go, below the output folder."""
    queue = queue_songs([root / path for path in paths], root / "out")
    return [str((song.folder / song.name).relative_to(root / "out")) for song in queue]


def test_a_folder_stands_for_its_songs_in_the_order_of_names(tmp_path: Path) -> None:
    _touch(tmp_path, "b.mp3", "a.FLAC", "cover.jpg", ".hidden.wav", "Disc 2/c.wav", ".cache/d.wav")
    _touch(tmp_path, "P.fanstudio/audio/e.wav", "out/a - Vocals.wav", "._b.mp3")
    found = [str(song.relative_to(tmp_path)) for song in find_songs(tmp_path, but=tmp_path / "out")]
    assert found == ["a.FLAC", "b.mp3", "Disc 2/c.wav"]


def test_stems_beside_their_song_are_not_split_again(tmp_path: Path) -> None:
    _touch(tmp_path, "a.wav", "a - Vocals.wav", "a - Rest.flac", "Yesterday - Vocals.wav", "a - Remix.wav")
    found = [song.name for song in find_songs(tmp_path)]
    assert found == ["Yesterday - Vocals.wav", "a - Remix.wav", "a.wav"]


def test_what_is_no_file_is_no_song(tmp_path: Path) -> None:
    os.mkfifo(_touch(tmp_path, "a.wav") / "pipe.wav")
    (tmp_path / "gone.wav").symlink_to(tmp_path / "nowhere.wav")
    assert [song.name for song in find_songs(tmp_path)] == ["a.wav"]


def test_a_folder_among_files_gives_its_songs(tmp_path: Path) -> None:
    _touch(tmp_path, "album/2.wav", "album/1.wav", "single.mp3")
    expanded = expand_folders([tmp_path / "single.mp3", tmp_path / "album", tmp_path / "gone.wav"])
    assert [path.name for path in expanded] == ["single.mp3", "1.wav", "2.wav", "gone.wav"]


def test_a_folder_without_a_song_is_said(tmp_path: Path) -> None:
    _touch(tmp_path, "notes.txt")
    with pytest.raises(InputError, match="no song"):
        find_songs(tmp_path)


def test_a_folder_that_cannot_be_read_is_left_out_and_said(tmp_path: Path) -> None:
    root = _touch(tmp_path / "songs", "a.wav", "z/b.wav")
    deep = os.open(root, os.O_RDONLY)
    for _ in range(17):  # deeper than a path can be long
        os.mkdir("d" * 250, dir_fd=deep)
        above, deep = deep, os.open("d" * 250, os.O_RDONLY, dir_fd=deep)
        os.close(above)
    os.close(deep)
    skipped: list[str] = []
    songs = find_songs(root, skip=lambda _folder, why: skipped.append(why.message))
    assert [song.name for song in songs] == ["a.wav", "b.wav"]
    (line,) = skipped
    assert "cannot be read: File name too long" in line
    with pytest.raises(InputError, match="cannot be read"):
        find_songs(tmp_path / "gone")


def test_a_name_that_no_file_can_have_is_a_song_that_fails(tmp_path: Path) -> None:
    good = write_song(tmp_path / "good.wav", 1.0)
    long = write_song(tmp_path / ("a" * 240 + ".wav"), 1.0)
    never = tmp_path / ("a" * 300 + ".wav")
    outcomes, _heard = _run(queue_songs([never, long, good], tmp_path / "out"))
    assert [type(outcome.error) for outcome in outcomes] == [InputError, InputError, NoneType]
    assert len(list((tmp_path / "out").iterdir())) == 2


def test_songs_of_a_folder_keep_their_folders(tmp_path: Path) -> None:
    _touch(tmp_path, "music/a.wav", "music/One/a.wav", "music/One/Bonus/b.wav")
    assert _plan(tmp_path, "music") == ["a", "One/a", "One/Bonus/b"]


def test_a_song_that_is_named_twice_is_split_once(tmp_path: Path) -> None:
    _touch(tmp_path, "music/a.wav")
    (tmp_path / "link.wav").symlink_to(tmp_path / "music" / "a.wav")
    assert _plan(tmp_path, "music/a.wav", "music", "music/../music/a.wav", "link.wav") == ["a"]


def test_songs_of_one_name_are_told_apart(tmp_path: Path) -> None:
    _touch(tmp_path, "One/song.wav", "Two/Song.wav", "other.wav")
    assert _plan(tmp_path, "One/song.wav", "Two/Song.wav", "other.wav") == ["One/song", "Two/Song", "other"]
    _touch(tmp_path, "One/song.mp3", "One/song (2).wav")
    assert _plan(tmp_path, "One") == ["song (2)", "song", "song (3)"]


def test_folders_of_one_name_are_told_apart(tmp_path: Path) -> None:
    _touch(tmp_path, "x/Disc/a.wav", "y/Disc/a.wav")
    assert _plan(tmp_path, "x", "y") == ["Disc/Disc/a", "Disc/Disc/a (2)"]


def _run(
    queue: tuple[QueuedSong, ...], work: Work | None = None, options: SplitOptions | None = None
) -> tuple[list[Outcome], list[list[float]]]:
    heard: list[list[float]] = []

    def begin(_song: QueuedSong) -> Report:
        heard.append([])
        return lambda fraction, _text: heard[-1].append(fraction)

    run = split_songs(work or Work(), queue, Declaration(), options or SplitOptions(), begin=begin)
    return list(run), heard


def test_a_bad_song_does_not_end_the_rest(tmp_path: Path) -> None:
    (tmp_path / "bad.wav").write_text("no")
    good = write_song(tmp_path / "good.wav", 1.0)
    whole: list[float] = []
    work = Work(lambda fraction, _text: whole.append(fraction))
    queue = queue_songs([tmp_path / "bad.wav", tmp_path / "gone.wav", good], tmp_path / "out")
    (bad, gone, fine), heard = _run(queue, work)
    assert isinstance(bad.error, AudioFileError)
    assert isinstance(gone.error, AudioFileError)
    assert fine.files is not None
    assert [path.name for path in fine.files.stems.values()] == [
        "good - Vocals.wav",
        "good - Accompaniment.wav",
    ]
    assert [steps[-1] for steps in heard] == [1.0, 1.0, 1.0]
    assert heard[2] == sorted(heard[2])
    assert whole == sorted(whole)
    assert whole[-1] == pytest.approx(1.0)


def test_a_disk_that_cannot_be_written_ends_the_queue(tmp_path: Path) -> None:
    song = write_song(tmp_path / "song.wav", 1.0)
    _touch(tmp_path, "out")
    with pytest.raises(StorageError):
        _run(queue_songs([song], tmp_path / "out"))


def test_a_damaged_model_ends_the_queue(tmp_path: Path) -> None:
    folder = write_model(paths.data_dir() / "models", constant_masks([1, 0]))
    (folder / "model.onnx").write_bytes(b"no graph")
    songs = [write_song(tmp_path / f"{name}.wav", 1.0) for name in "ab"]
    with pytest.raises(UnusableModel, match="is damaged"):
        _run(queue_songs(songs, tmp_path / "out"), options=SplitOptions(model_id="test_model"))
    assert not (tmp_path / "out").exists()


def test_cancelling_keeps_the_songs_before_and_nothing_of_this_one(tmp_path: Path) -> None:
    songs = [write_song(tmp_path / f"{name}.wav", 1.0) for name in "ab"]
    work = Work()
    run = split_songs(
        work,
        queue_songs(songs, tmp_path / "out"),
        Declaration(),
        SplitOptions(),
        begin=lambda _song: lambda _fraction, _text: None,
    )
    assert next(run).error is None
    work.cancel()
    with pytest.raises(Cancelled):
        next(run)
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "a - Accompaniment.wav",
        "a - Vocals.wav",
    ]
