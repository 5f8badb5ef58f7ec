"""The octave of an instrument is that of the whole stem, wherever a preview listens."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from fanstudio.audio.prepare import prepare_session
from fanstudio.audio.render import bounce
from fanstudio.inference.pitch import track_pitch
from fanstudio.jobs import Work
from fanstudio.model import edits
from fanstudio.model.recipe import RecipeTimbre, Voice
from fanstudio.model.rights import Basis, Origin
from fanstudio.model.session import Session, Stem
from fanstudio.model.styling import StyleKind
from fanstudio.studio import styles
from fanstudio.studio.project import Project, create_project
from fanstudio.studio.styles import StyleChoice
from tests.support.styled_songs import track_of
from tests.support.voices import melody, sing

_RATE = 22_050


def _high_then_low(folder: Path) -> Project:
    """A voice that a bass plays an octave below, but for its end, which it could play as it is."""
    notes = [62, 64, 65, 67, 64] * 13 + [53, 55, 57, 58, 57, 55, 53, 55]
    line = sing(melody(notes, 0.5, _RATE, gap_s=0.05), _RATE)
    return _project(folder, [line])


def _project(folder: Path, lines: list[np.ndarray]) -> Project:
    project = create_project(folder / "voice", "Voice", _RATE)
    for number, line in enumerate(lines):
        writer = project.pool.writer(_RATE, line.shape[0])
        writer.write(line)
        source = writer.finish(Work(), f"{number}", _RATE, Origin(Basis.OWN, "Voice"), Stem.VOCALS)
        project.document.apply("Import", lambda session, source=source: edits.import_source(session, source))
    return project


def _choice(project: Project) -> StyleChoice:
    target = track_of(project.document.session, Stem.VOCALS)
    told = RecipeTimbre(Voice.SAMPLED, "synth-bass")
    return StyleChoice(StyleKind.TIMBRE, "synth-bass", target, timbre=told)


def _notes(project: Project, session: Session, start: int, length: int) -> np.ndarray:
    blocks = bounce(
        Work(),
        session,
        lambda source, warp: project.pool.samples_now(source, _RATE, warp),
        start,
        start + length,
    )
    track = track_pitch(Work(), np.concatenate(list(blocks), axis=1), _RATE)
    return track.semitones[track.voiced]


def test_a_preview_of_the_last_place_is_in_the_octave_of_the_whole(tmp_path: Path) -> None:
    project = _high_then_low(tmp_path)
    choice = _choice(project)
    seconds = 3.0
    start = project.document.session.length - round(seconds * _RATE)
    pair = styles.preview(Work(), project, choice, start, seconds)
    previewed = _notes(project, pair.after, pair.after_start, pair.after_length)
    styles.end_preview(project, pair)
    styles.apply(project, styles.plan(Work(), project, choice))
    session = project.document.session
    prepare_session(Work(), project.pool, session)
    applied = _notes(project, session, start, round(seconds * _RATE))
    assert 40 < np.median(applied) < 47
    assert np.median(previewed) == pytest.approx(np.median(applied), abs=1.0)


def test_a_preview_plays_the_clip_that_is_heard_though_another_is_not(tmp_path: Path) -> None:
    line = sing(melody([69, 71, 72, 74], 0.5, _RATE), _RATE)
    project = _project(tmp_path, [line, line[:, ::-1].copy()])

    def join(session: Session) -> Session:
        first, second = session.tracks
        (clip,) = second.clips
        moved = replace(clip, position=10 * _RATE)
        return replace(session, tracks=(replace(first, clips=(*first.clips, moved)),))

    project.document.apply("Join", join)
    pair = styles.preview(Work(), project, _choice(project), 0, 2.0)
    assert pair.notes == ()
    assert len(pair.lent) == 1
    assert len(pair.after.tracks) == 2
    styles.end_preview(project, pair)
