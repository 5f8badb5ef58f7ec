"""Previews: sounds that are not in the session, alone and along with the song."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from fanstudio.model import edits
from fanstudio.model.integrity import check_session
from fanstudio.model.session import Session
from fanstudio.settings import load as load_settings
from fanstudio.studio.preview import Preview, along, lend
from fanstudio.studio.project import Project
from tests.support.desk import RATE, make_project, silent_transport

#: Two seconds are a bar at 120 beats a minute.
BAR = 2 * RATE


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return make_project(tmp_path, seconds=9)


@pytest.fixture
def preview(project: Project) -> Iterator[Preview]:
    made = Preview(project, lambda stage: silent_transport(stage, load_settings()))
    yield made
    made.close()


def _sound(frames: int) -> np.ndarray:
    return np.ones((2, frames), np.float32)


def _places(session: Session) -> list[int]:
    return [clip.position for clip in session.tracks[-1].clips]


def test_a_loop_joins_on_its_bar_and_goes_on_to_the_songs_end(project: Project) -> None:
    session = project.document.session
    joined = along(session, lend(project, _sound(BAR)), BAR + 100, loop=True)
    assert _places(joined) == [BAR, 2 * BAR, 3 * BAR, 4 * BAR]
    assert joined.tracks[:-1] == session.tracks
    late = along(session, lend(project, _sound(BAR)), session.length + 3 * BAR, loop=True)
    assert len(_places(late)) == 1


def test_a_one_shot_sounds_on_the_next_beat(project: Project) -> None:
    beat = BAR // 4
    joined = along(project.document.session, lend(project, _sound(100)), beat + 10, loop=False)
    assert _places(joined) == [2 * beat]


def test_it_is_heard_although_a_track_is_soloed(project: Project) -> None:
    session = edits.solo_track(project.document.session, project.document.session.tracks[0].id, True)
    assert along(session, lend(project, _sound(BAR)), 0, loop=True).tracks[-1].soloed


def test_what_plays_changes_without_a_stop_and_nothing_stays_lent(project: Project, preview: Preview) -> None:
    preview.change(_sound(BAR), preview.round_and_round)
    assert not preview.playing
    preview.play(_sound(BAR), preview.round_and_round)
    for frames in (BAR, BAR // 2, 2 * BAR):
        preview.change(_sound(frames), preview.round_and_round)
        assert preview.playing
    assert len(project.pool._lent) == 2
    preview.stop()
    assert not preview.playing
    preview.close()
    assert not project.pool._lent
    check_session(project.document.session)
