"""Finds the songs in folders: by suffix, in the order of names, without what was split from them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from fanstudio.audio.containers import SUFFIXES
from fanstudio.errors import InputError
from fanstudio.model.project_file import SUFFIX as PROJECT
from fanstudio.studio.split_options import REST, STEMS

#: The stems of larger models count too.
_STEMS = {REST, *STEMS[2], *STEMS[4], "guitar", "piano"}
_STEM_ENDINGS = tuple(f" - {stem.capitalize()}" for stem in sorted(_STEMS))


def find_songs(folder: Path, *, but: Path | None = None) -> tuple[Path, ...]:
    """Return the songs in a folder and those below it.

    What is hidden, no file, in a project or in the folder `but`, and stems beside the song that they were
    split from, are left out. Linked folders are not followed.

    Raises:
        InputError: a folder cannot be read, or there is no song.

    """
    files = list(_walk(folder, but.resolve() if but else None))
    names = {(file.parent, file.stem) for file in files}
    songs = tuple(file for file in files if not _is_stem(file, names))
    if not songs:
        raise InputError(f"There is no song in {folder}.", hint="Name a folder that holds audio, or files.")
    return songs


def expand_folders(paths: Iterable[Path]) -> tuple[Path, ...]:
    """Return files as they are, and the songs of folders in their place; raises as `find_songs` does."""
    return tuple(song for path in paths for song in (find_songs(path) if is_folder(path) else (path,)))


def is_folder(path: Path) -> bool:
    """Tell whether there is a folder; what no file can be called, or must not be looked at, is none."""
    try:
        return path.is_dir()
    except OSError:
        return False


def _walk(root: Path, but: Path | None) -> Iterator[Path]:
    for place, folders, files in os.walk(root, onerror=_refuse):
        here = Path(place)
        folders[:] = sorted(name for name in folders if _is_searched(here / name, but))
        for name in sorted(files):
            if Path(name).suffix.lower() in SUFFIXES and not name.startswith(".") and (here / name).is_file():
                yield here / name


def _is_searched(folder: Path, but: Path | None) -> bool:
    return not folder.name.startswith(".") and folder.suffix != PROJECT and folder.resolve() != but


def _refuse(error: OSError) -> None:
    raise InputError(f"The folder {error.filename} cannot be read: {error.strerror}.") from error


def _is_stem(file: Path, names: set[tuple[Path, str]]) -> bool:
    """Tell whether a file is called as a stem of a song beside it is."""
    return any(
        file.stem.endswith(ending) and (file.parent, file.stem.removesuffix(ending)) in names
        for ending in _STEM_ENDINGS
    )
