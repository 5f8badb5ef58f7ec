"""A small project for covers: a backing with its own voice, and a fan's recording over it, off key."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from fanstudio.jobs import Work
from fanstudio.model import edits, take_edits
from fanstudio.model.lineage import Lineage
from fanstudio.model.rights import Basis, Operation, Origin
from fanstudio.model.session import Source, Stem
from fanstudio.studio.pitch import Pitches
from fanstudio.studio.project import Project, create_project
from tests.support.voices import hz_of, melody, sing

RATE = 22_050
NOTE_S, GAP_S = 0.5, 0.06
#: What the song's voice sings, in A minor.
NOTES = [57, 60, 64, 62, 60, 57]
#: How far the fan is off, in cents.
OFF_CENTS = [30, -35, 25, -28, 38, -30]
#: The recording begins so many frames before the song's first note.
EARLY = 3_000


@dataclass(frozen=True)
class Cover:
    """The project, its pitches, and ids of the tracks and of the fan's clip."""

    project: Project
    pitches: Pitches
    chords: str
    drums: str
    original: str
    singer: str
    clip: str

    @property
    def session(self):
        """The session as it is now."""
        return self.project.document.session

    def source(self) -> Source:
        """What the fan's clip plays now."""
        return self.session.source(self.session.clip(self.clip)[1].source)


def make_cover(folder: Path, *, octave: int = 0) -> Cover:
    """Make the project; the fan sings `octave` octaves away."""
    project = create_project(folder / "cover", "Cover", RATE)
    song = Origin(Basis.CATALOGUE, "Song", "Band", "ZZFAN2600009", digest="0" * 64)
    split = Lineage(Operation.SPLIT, ("a" * 64,), "some_model", "b" * 64, True)
    line = sing(melody(NOTES, NOTE_S, RATE, gap_s=GAP_S), RATE)
    frames = line.shape[1]
    mix = Source("a" * 64, "Song", ".wav", RATE, 1, frames, song)
    off = [note + 12 * octave + cents / 100 for note, cents in zip(NOTES, OFF_CENTS, strict=True)]
    fan = sing(melody(off, NOTE_S, RATE, gap_s=GAP_S, vibrato_cents=25), RATE, seed=1)
    fan = np.concatenate((np.zeros((1, EARLY), np.float32), fan), axis=1)
    chords, drums, original, recording = (
        _add(project, sound, name, origin, stem, lineage)
        for sound, name, origin, stem, lineage in (
            (_chords(frames), "Other", song, Stem.OTHER, split),
            (_drums(frames), "Drums", song, Stem.DRUMS, split),
            (line, "Vocals", song, Stem.VOCALS, split),
            (fan, "My voice", Origin(Basis.RECORDED, "My voice"), Stem.VOCALS, None),
        )
    )

    def build(session):
        session = edits.add_source(session, mix)
        for source in (chords, drums, original):
            session = edits.import_source(session, source, position=EARLY)
        session = edits.add_track(session, "My voice", Stem.VOCALS)
        return take_edits.add_take(session, session.tracks[-1].id, recording, 0)

    session = project.document.apply("Build", build)
    ids = [track.id for track in session.tracks]
    return Cover(project, Pitches(project.pool, RATE), *ids, session.tracks[-1].clips[0].id)


def _add(project, sound, name, origin, stem, lineage) -> Source:
    writer = project.pool.writer(RATE, 1)
    writer.write(sound)
    return writer.finish(Work(), name, RATE, origin, stem, lineage)


def _chords(frames: int):
    """A minor, D minor, G major and A minor in turn, a second each."""
    time = np.arange(RATE) / RATE
    bars = []
    for root, third in ((57, 3), (62, 3), (55, 4), (57, 3)):
        notes = (root - 12, root, root + third, root + 7)
        tones = [np.sin(2 * np.pi * hz_of(note) * k * time) / k for note in notes for k in range(1, 5)]
        bars.append(np.sum(tones, axis=0) * np.exp(-time))
    song = np.tile(np.concatenate(bars), frames // (4 * RATE) + 1)[:frames]
    return (0.05 * song).astype(np.float32)[None]


def _drums(frames: int):
    time = np.arange(frames) / RATE % 0.5
    return (0.2 * np.random.default_rng(0).normal(size=frames) * np.exp(-30 * time)).astype(np.float32)[None]
