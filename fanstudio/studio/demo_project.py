"""The demo: the project's own song, a catalogue track of the embedded platform, as a project."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from fanstudio.audio.decode import probe
from fanstudio.audio.digest import hash_file
from fanstudio.errors import FanstudioError, NewerProject, ProjectError
from fanstudio.files import storage_error
from fanstudio.jobs import Work
from fanstudio.model import edits
from fanstudio.model.document import Document
from fanstudio.model.rights import Basis, Origin
from fanstudio.model.session import Marker, Session, new_id
from fanstudio.model.timebase import rescale
from fanstudio.paths import data_dir, demo_dir
from fanstudio.studio.context import Studio
from fanstudio.studio.import_audio import Imported, place_sources
from fanstudio.studio.project import Project, filled_project, open_project


@dataclass(frozen=True, slots=True)
class DemoSong:
    """What `assets/demo/demo.toml` says of the song; sections are (first frame, name)."""

    audio: Path
    origin: Origin
    sample_rate: int
    tempo_bpm: float
    beats_per_bar: int
    key: str
    sections: tuple[tuple[int, str], ...]
    #: The true stem of each name, exact.
    stems: tuple[Path, ...]


def read_demo_song() -> DemoSong:
    """Return the demo song that is shipped; raise ProjectError if it is not there or not whole."""
    folder = demo_dir()
    try:
        song = _song(folder, tomllib.loads((folder / "demo.toml").read_text("utf-8")))
        whole = hash_file(Work(), song.audio) == song.origin.digest
    except (OSError, ValueError, KeyError, TypeError, FanstudioError):
        whole = False
    if not whole:
        raise ProjectError(
            "The demo song of this installation is missing or damaged.", hint="Install fanstudio again."
        )
    return song


def _song(folder: Path, told: dict[str, Any]) -> DemoSong:
    origin = Origin(
        Basis.CATALOGUE, told["title"], told["artist"], told["isrc"], (told["iswc"],), digest=told["sha256"]
    )
    return DemoSong(
        folder / told["file"],
        origin,
        told["sample_rate"],
        float(told["tempo_bpm"]),
        int(told["metre"].split("/")[0]),
        told["key"],
        tuple((section["start_frame"], section["name"].capitalize()) for section in told["sections"]),
        tuple(folder / name for name in told["stems"]),
    )


def make_demo_project(work: Work, folder: Path) -> Project:
    """Make and save a project with the demo song on one track; nothing is left of it on failure."""
    song = read_demo_song()
    with filled_project(folder, f"{song.origin.title} remix", probe(song.audio).sample_rate) as project:
        rate = project.document.session.sample_rate
        source = project.pool.import_file(work, song.audio, rate, song.origin)
        place_sources(project, Imported((replace(source, name=song.origin.title),), rate))
        project.document.apply("Set the tempo", lambda session: _describe(session, song))
    return Project(project.folder, Document(project.document.session), project.pool)


def open_demo_project(work: Work, _studio: Studio) -> Project:
    """Open the demo project of this user, made if it is absent, made anew if it is damaged."""
    folder = data_dir() / "projects" / "demo.fanstudio"
    if folder.exists():
        try:
            return open_project(work, folder)
        except NewerProject:
            raise
        except ProjectError:
            _set_aside(folder)
    return make_demo_project(work, folder)


def _set_aside(folder: Path) -> None:
    try:
        folder.rename(folder.with_name(f"damaged-{new_id()}.fanstudio"))
    except OSError as error:
        raise storage_error(error, folder) from error


def _describe(session: Session, song: DemoSong) -> Session:
    session = edits.set_tempo(session, song.tempo_bpm, song.beats_per_bar)
    markers = tuple(
        Marker(rescale(frame, song.sample_rate, session.sample_rate), name) for frame, name in song.sections
    )
    return replace(session, markers=markers, key=song.key)
