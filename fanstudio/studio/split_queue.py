"""Split many: files and folders of songs, one after another; a bad one does not end the rest."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence, Set
from dataclasses import dataclass, replace
from pathlib import Path

from fanstudio.errors import Cancelled, FanstudioError, StorageError, UnusableModel
from fanstudio.jobs import Report, Work
from fanstudio.model.rights import Origin
from fanstudio.studio.import_audio import Declaration
from fanstudio.studio.song_files import Skip, find_songs, is_folder, say_nothing
from fanstudio.studio.split_files import Existing, SplitFiles, split_song
from fanstudio.studio.split_options import SplitOptions
from fanstudio.text import name_of


@dataclass(frozen=True, slots=True)
class QueuedSong:
    """A song that waits to be split: where its stems go, under which name, and how much work it is."""

    path: Path
    folder: Path
    name: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a queued song: its stems, or the error that it failed with."""

    song: Path
    files: SplitFiles | None = None
    error: FanstudioError | None = None


def queue_songs(paths: Sequence[Path], output: Path, skip: Skip = say_nothing) -> tuple[QueuedSong, ...]:
    """Return the songs of files and folders, each once, and where the stems of each go.

    Folders are searched through (`find_songs`, which tells `skip` what it leaves out); below `output`
    their songs keep the folders they lie in.
    Songs whose stems would have the same names go into folders called after their own, or get a number.

    Raises:
        InputError: a folder of `paths` cannot be read, or holds no song.

    """
    found: dict[Path, QueuedSong] = {}
    for path in paths:
        for song, folder in _songs_in(path, output, skip):
            found.setdefault(song.resolve(), QueuedSong(song, folder, song.stem, _size(song)))
    return tuple(_apart(list(found.values())))


def split_songs(
    work: Work,
    songs: Sequence[QueuedSong],
    declaration: Declaration,
    options: SplitOptions,
    *,
    begin: Callable[[QueuedSong], Report],
    format_name: str = "wav",
    existing: Existing = Existing.REPLACE,
) -> Iterator[Outcome]:
    """Split songs one after another, and yield what became of each when it did.

    `begin` is told of each song before its turn and returns who hears of that song's progress; `work`
    hears of the whole's. A song that fails does not end the others; a disk that cannot be written and a
    model that cannot be loaded do.

    Raises:
        UnusableModel: the model is damaged or does not work here.
        StorageError: the folder cannot be written.
        Cancelled: within a second; the songs before keep their stems, this one leaves none.

    """
    total = sum(song.size_bytes for song in songs) or 1
    done = 0
    for song in songs:
        step = _both(work.part(done / total, (done + song.size_bytes) / total), begin(song))
        outcome = _split_one(step, song, declaration, options, format_name, existing)
        step.finishing().report(1.0)
        yield outcome
        done += song.size_bytes


def _split_one(
    work: Work,
    song: QueuedSong,
    declaration: Declaration,
    options: SplitOptions,
    format_name: str,
    existing: Existing,
) -> Outcome:
    origin = Origin(declaration.basis, name_of(song.path), licence_url=declaration.licence_url)
    try:
        files = split_song(
            work,
            song.path,
            song.folder,
            origin,
            options,
            name=song.name,
            format_name=format_name,
            existing=existing,
        )
    except (Cancelled, StorageError, UnusableModel):
        raise
    except FanstudioError as error:
        return Outcome(song.path, error=error)
    return Outcome(song.path, files)


def _both(whole: Work, one: Report) -> Work:
    def report(fraction: float, text: str) -> None:
        whole.finishing().report(fraction, text)
        one(fraction, text)

    return whole.told_to(report)


def _songs_in(path: Path, output: Path, skip: Skip) -> Iterator[tuple[Path, Path]]:
    """Yield the songs that a file or folder stands for, and the folder for the stems of each."""
    if not is_folder(path):
        yield path, output
        return
    for song in find_songs(path, but=output, skip=skip):
        yield song, output / song.parent.relative_to(path)


def _apart(songs: Sequence[QueuedSong]) -> Iterator[QueuedSong]:
    """Yield the songs with no two of them writing the same files."""
    homes: defaultdict[tuple[Path, str], set[Path]] = defaultdict(set)
    for song in songs:
        homes[_files(song)].add(song.path.resolve().parent)
    given: set[tuple[Path, str]] = set()
    for song in songs:
        if len(homes[_files(song)]) > 1:
            song = replace(song, folder=song.folder / song.path.resolve().parent.name)
        song = _numbered(song, given)
        given.add(_files(song))
        yield song


def _numbered(song: QueuedSong, given: Set[tuple[Path, str]]) -> QueuedSong:
    number, free = 1, song
    while _files(free) in given:
        number += 1
        free = replace(song, name=f"{song.name} ({number})")
    return free


def _files(song: QueuedSong) -> tuple[Path, str]:
    """Return what must differ between two songs; many file systems take no note of case."""
    return song.folder, song.name.casefold()


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
