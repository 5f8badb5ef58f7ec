"""Styles on songs that are hardly any: silence, noise, a moment, a low rate, two stems."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from fanstudio.audio.mix.tails import mix_end
from fanstudio.audio.prepare import prepare_session
from fanstudio.audio.render import bounce
from fanstudio.errors import InputError
from fanstudio.jobs import Work
from fanstudio.model import edits
from fanstudio.model.integrity import check_session
from fanstudio.model.rights import Basis, Origin
from fanstudio.model.session import Stem
from fanstudio.model.styling import StyleKind
from fanstudio.studio import styles
from fanstudio.studio.project import Project, create_project
from fanstudio.studio.styles import StyleChoice

_RATE = 8_000


def _song(folder: Path, sound: np.ndarray, stems: tuple[Stem, ...]) -> Project:
    project = create_project(folder / "odd", "Odd", _RATE)
    for number, stem in enumerate(stems):
        writer = project.pool.writer(_RATE, len(sound))
        writer.write((sound * (1 + number / 10)).astype(np.float32))
        source = writer.finish(Work(), stem.value, _RATE, Origin(Basis.OWN, "Odd"), stem)
        project.document.apply("Import", lambda session, source=source: edits.import_source(session, source))
    return project


def _noise(seconds: float, level: float) -> np.ndarray:
    return np.random.default_rng(2).normal(0, level, (2, round(seconds * _RATE)))


@pytest.mark.parametrize(
    "sound",
    [np.zeros((2, 3 * _RATE)), _noise(3.0, 0.1), _noise(0.2, 0.1), _noise(0.001, 0.1), _noise(1.0, 3.0)[:1]],
    ids=["silence", "noise", "moment", "click", "far too loud, mono"],
)
@pytest.mark.parametrize("name", ["lo-fi", "8-bit", "orchestral"])
def test_any_sound_takes_a_style(tmp_path: Path, sound: np.ndarray, name: str) -> None:
    project = _song(tmp_path, sound, (Stem.VOCALS, Stem.DRUMS, Stem.BASS, Stem.OTHER))
    styled = styles.plan(Work(), project, StyleChoice(StyleKind.PRESET, name))
    styles.apply(project, styled)
    session = project.document.session
    check_session(session)
    prepare_session(Work(), project.pool, session)
    blocks = bounce(Work(), session, project.pool.samples_at(_RATE), 0, mix_end(session))
    heard = np.concatenate(list(blocks), axis=1)
    assert np.isfinite(heard).all()
    assert np.abs(heard).max(initial=0.0) < 1.0


def test_two_stems_have_what_two_stems_can(tmp_path: Path) -> None:
    project = _song(tmp_path, _noise(2.0, 0.05), (Stem.VOCALS, Stem.ACCOMPANIMENT))
    styled = styles.plan(Work(), project, StyleChoice(StyleKind.PRESET, "synthwave"))
    assert "four stems" in styled.notes[0]
    styles.apply(project, styled)
    kinds = {track.stem: [slot.kind for slot in track.effects] for track in project.document.session.tracks}
    assert kinds[Stem.ACCOMPANIMENT] == ["chorus", "width"]


def test_an_empty_song_says_so(tmp_path: Path) -> None:
    project = create_project(tmp_path / "empty", "Empty", _RATE)
    with pytest.raises(InputError, match="nothing"):
        styles.preview(Work(), project, StyleChoice(StyleKind.PRESET, "club"), 0)
    styled = styles.plan(Work(), project, StyleChoice(StyleKind.PRESET, "club"))
    styles.apply(project, styled)
    check_session(project.document.session)
