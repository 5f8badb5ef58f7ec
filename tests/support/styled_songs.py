"""Small songs of four stems, made by rule, for styles to be tried on."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from fanstudio.jobs import Work
from fanstudio.model import edits
from fanstudio.model.rights import Basis, Origin
from fanstudio.model.session import Session, Stem
from fanstudio.studio.project import Project, create_project

RATE = 22_050
BPM = 120.0
SECONDS = 8.0
STEMS = (Stem.VOCALS, Stem.DRUMS, Stem.BASS, Stem.OTHER)


def stem_sounds(seconds: float = SECONDS) -> dict[Stem, np.ndarray]:
    """Return a sung line, drums on the beat, a bass and chords, `(2, frames)` each."""
    time = np.arange(round(seconds * RATE)) / RATE
    beat = time * BPM / 60
    chance = np.random.default_rng(5)
    melody = np.take([57, 60, 62, 64, 62, 60, 57, 55], (beat // 2).astype(int) % 8)
    f0 = 440 * 2 ** ((melody - 69) / 12) * (1 + 0.006 * np.sin(2 * np.pi * 5.5 * time))
    sung = sum(np.sin(n * 2 * np.pi * np.cumsum(f0) / RATE) / n**1.4 for n in range(1, 9))
    sung = sung * np.minimum(1, 8 * (beat / 2 % 1)) * np.minimum(1, 6 * (1 - beat / 2 % 1))
    struck = np.exp(-14 * (beat % 1) * 60 / BPM)
    hats = np.exp(-60 * (2 * beat % 1) / 2 * 60 / BPM) * chance.standard_normal(len(time))
    drums = np.sin(2 * np.pi * 60 * time) * struck + 0.2 * hats
    root = 440 * 2 ** ((np.take([33, 33, 29, 31], (beat // 4).astype(int) % 4) - 69) / 12)
    bass = np.tanh(2 * np.sin(2 * np.pi * np.cumsum(root) / RATE)) * np.exp(-2 * (beat % 1))
    chords = sum(
        np.sin(2 * np.pi * np.cumsum(root * ratio) / RATE) * np.exp(-1.2 * (beat % 2))
        for ratio in (4.0, 5.04, 5.993)
    )
    sounds = (0.16 * sung, 0.35 * drums, 0.25 * bass, 0.08 * chords)
    sides = ((1, 1), (1, 1), (1, 1), (1, 0.7))
    return {
        stem: (sound[None] * np.array(side)[:, None]).astype(np.float32)
        for stem, sound, side in zip(STEMS, sounds, sides, strict=True)
    }


def make_song(folder: Path, stems: tuple[Stem, ...] = STEMS, seconds: float = SECONDS) -> Project:
    """Make a project with these stems on tracks of their own, at 120 beats a minute."""
    project = create_project(folder / "song", "Song", RATE)
    for stem, sound in stem_sounds(seconds).items():
        if stem in stems:
            _add(project, stem, sound)
    project.document.apply("Set tempo", lambda session: edits.set_tempo(session, BPM))
    return project


def track_of(session: Session, stem: Stem) -> str:
    """Return the id of the first track of a stem."""
    return next(track.id for track in session.tracks if track.stem is stem)


def _add(project: Project, stem: Stem, sound: np.ndarray) -> None:
    writer = project.pool.writer(RATE, sound.shape[0])
    writer.write(sound)
    source = writer.finish(Work(), stem.value, RATE, Origin(Basis.OWN, "Song"), stem)
    source = replace(source, name=stem.value.capitalize())
    project.document.apply("Import", lambda session: edits.import_source(session, source))
