"""Finds the songs in folders: by suffix, in the order of names, without what was split from them."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import takewhile
from pathlib import Path

from fanstudio.audio.containers import SUFFIXES
from fanstudio.errors import InputError
from fanstudio.model.project_file import SUFFIX as PROJECT
from fanstudio.studio.split_options import REST, STEMS
from fanstudio.text import name_of

#: The stems of larger models count too.
_STEMS = {REST, *STEMS[2], *STEMS[4], "guitar", "piano"}
_WORD_ENDS = re.compile(r"(?<=[ _-])")
_STEM_ENDINGS = tuple(f" - {stem.capitalize()}" for stem in sorted(_STEMS))


#: Hears of a folder that is left out, and why.
Skip = Callable[[Path, InputError], None]


def say_nothing(_folder: Path, _why: InputError) -> None:
    """Leave it out silently."""


def find_songs(folder: Path, *, but: Path | None = None, skip: Skip = say_nothing) -> tuple[Path, ...]:
    """Return the songs in a folder and those below it.

    What is hidden, no file, in a project or in the folder `but`, and stems beside the song that they were
    split from, are left out. Linked folders are not followed. `skip` is told of each folder below that
    cannot be read.

    Raises:
        InputError: the folder cannot be read, or there is no song.

    """
    files = list(_walk(folder, but.resolve() if but else None, skip))
    names = {(file.parent, file.stem) for file in files}
    songs = tuple(file for file in files if not _is_stem(file, names))
    if not songs:
        raise InputError(f"There is no song in {folder}.", hint="Name a folder that holds audio, or files.")
    return songs


def expand_folders(paths: Iterable[Path], skip: Skip = say_nothing) -> tuple[Path, ...]:
    """Return files as they are, and the songs of folders in their place; see `find_songs`."""
    found = (find_songs(path, skip=skip) if is_folder(path) else (path,) for path in paths)
    return tuple(song for songs in found for song in songs)


def shared_beginning(songs: Sequence[Path]) -> str:
    """Return the words with which the names of several songs all begin, as those of one song's stems do.

    Empty where that is one word only, or would leave a number or nothing to tell one of them by.
    """
    names = [name_of(song) for song in songs]
    if len(set(names)) < 2:
        return ""
    words = zip(*(_WORD_ENDS.split(name)[:-1] for name in names), strict=False)
    shared = [word for word, *_others in takewhile(lambda same: len(set(same)) == 1, words)]
    beginning = "".join(shared)
    told = all(name.removeprefix(beginning)[:1].isalpha() for name in names)
    return beginning if told and len(shared) > 1 else ""


def is_folder(path: Path) -> bool:
    """Tell whether there is a folder; what no file can be called, or must not be looked at, is none."""
    try:
        return path.is_dir()
    except OSError:
        return False


def _walk(root: Path, but: Path | None, skip: Skip) -> Iterator[Path]:
    def refuse(error: OSError) -> None:
        folder = Path(error.filename)
        why = InputError(f"The folder {folder} cannot be read: {error.strerror}.")
        if folder == root:
            raise why from error
        skip(folder, why)

    for place, folders, files in os.walk(root, onerror=refuse):
        here = Path(place)
        folders[:] = sorted(name for name in folders if _is_searched(here / name, but))
        for name in sorted(files):
            if _is_song(here / name):
                yield here / name


def _is_song(file: Path) -> bool:
    if file.suffix.lower() not in SUFFIXES or file.name.startswith("."):
        return False
    try:
        return file.is_file()
    except OSError:
        return False


def _is_searched(folder: Path, but: Path | None) -> bool:
    return not folder.name.startswith(".") and folder.suffix != PROJECT and folder.resolve() != but


def _is_stem(file: Path, names: set[tuple[Path, str]]) -> bool:
    """Tell whether a file is called as a stem of a song beside it is."""
    return any(
        file.stem.endswith(ending) and (file.parent, file.stem.removesuffix(ending)) in names
        for ending in _STEM_ENDINGS
    )
