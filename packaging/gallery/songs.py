"""The songs that a gallery shows: the demo's stems, given stems, or a file that is split into four."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from fanstudio.audio.mix.tails import mix_end
from fanstudio.audio.prepare import prepare_session
from fanstudio.audio.render import bounce
from fanstudio.audio.samples import Samples
from fanstudio.jobs import Work
from fanstudio.model import edits
from fanstudio.model.rights import Basis, Origin
from fanstudio.model.session import Session, Stem
from fanstudio.studio.project import Project, create_project
from fanstudio.studio.split import place_stems, split_clip
from fanstudio.studio.split_options import SplitOptions

RATE = 44_100
_DEMO = Path(__file__).resolve().parents[2] / "assets" / "demo" / "stems"
_DEMO_STEMS = {Stem.VOCALS: "vocals", Stem.DRUMS: "drums", Stem.BASS: "bass", Stem.OTHER: "chords"}
_DEMO_BPM = 100.0
_BLOCK_FRAMES = 1 << 16


def demo_song(folder: Path) -> Project:
    """Return a project of the demo song's stems, with its tempo."""
    project = song_of_stems(folder, {stem: _DEMO / f"{name}.flac" for stem, name in _DEMO_STEMS.items()})
    project.document.apply("Tempo", lambda session: edits.set_tempo(session, _DEMO_BPM))
    return project


def song_of_stems(folder: Path, files: dict[Stem, Path]) -> Project:
    """Return a project with one track a stem."""
    project = create_project(folder, "Song", RATE)
    for stem, path in files.items():
        _lay(project, path, stem)
    return project


def split_song(folder: Path, path: Path) -> Project:
    """Return a project of a song that is split into four stems."""
    project = create_project(folder, "Song", RATE)
    _lay(project, path, Stem.MIX)
    clip = project.document.session.tracks[0].clips[0].id
    place_stems(project, clip, split_clip(Work(), project, clip, SplitOptions(stems=4)))
    return project


def sound_of(project: Project, stem: Stem) -> Samples | None:
    """Return the samples of a stem's first clip `(channels, frames)`; None where the song lacks it."""
    session = project.document.session
    for track in session.tracks:
        if track.stem is stem and track.clips:
            samples = project.pool.samples(session.source(track.clips[0].source), RATE)
            return np.asarray(samples[0 : samples.shape[0], 0 : samples.shape[1]])
    return None


def render(project: Project, session: Session) -> Samples:
    """Return a whole mix with its tails, `(2, frames)`."""
    prepare_session(Work(), project.pool, session)
    blocks = bounce(Work(), session, project.pool.samples_at(RATE), 0, mix_end(session), _BLOCK_FRAMES)
    return np.concatenate(list(blocks), axis=1)


def _lay(project: Project, path: Path, stem: Stem) -> None:
    source = project.pool.import_file(Work(), path, RATE, Origin(Basis.OWN, path.stem), stem=stem)
    named = replace(source, name=stem.value.capitalize())
    project.document.apply("Import", lambda session: edits.import_source(session, named))
