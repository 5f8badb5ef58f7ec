"""A drum pattern of the shelf plays along with a song, on its bar lines, and stays editable."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from fanstudio.audio.mix.mix import Mix
from fanstudio.errors import EditError, InputError
from fanstudio.jobs import Work
from fanstudio.model.beat_grid import BeatGrid, grid_of
from fanstudio.model.grid_pattern import lay_pattern, pattern_bpm
from fanstudio.model.integrity import check_session
from fanstudio.studio.drum_grid import change_pattern, render
from fanstudio.studio.drum_machine import DrumMachine
from fanstudio.studio.project import Project, create_project
from fanstudio.studio.shelf_table import read_shelf
from fanstudio.studio.song_pattern import find_pattern, render_for_song

RATE = 48_000
MACHINE = DrumMachine(read_shelf())
END = 13 * RATE


def grid(beats: int = 49, drift: float = 1.0) -> BeatGrid:
    gaps = 0.5 * drift ** np.arange(beats - 1)
    return grid_of([0.25, *(0.25 + np.cumsum(gaps)).tolist()], 0, 4, 1.0)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return create_project(tmp_path / "mine", "Mine", RATE)


def _lay(project: Project, beats: BeatGrid, pattern_id: str = "four-floor") -> None:
    made = render_for_song(Work(), project, MACHINE, pattern_id, beats)
    project.document.apply(
        "Lay", lambda session: lay_pattern(session, "Beat", made.pattern, made.source, beats, 0, END)
    )


@pytest.mark.parametrize("drift", [1.0, 0.996, 1.003])
@pytest.mark.parametrize(("pattern_id", "bars"), [("four-floor", 1), ("trap", 2)])
def test_each_pass_begins_on_its_bar_line(project: Project, drift: float, pattern_id: str, bars: int) -> None:
    beats = grid(drift=drift)
    _lay(project, beats, pattern_id)
    session = project.document.session
    check_session(session)
    track = session.tracks[-1]
    lines = [beats.frame_of(4 * bars * number, RATE) for number in range(len(track.clips))]
    assert [clip.position for clip in track.clips] == lines
    assert len(lines) >= 4
    assert track.clips[-1].end <= END
    assert all(0 <= right.position - left.end < 0.02 * RATE for left, right in pairwise(track.clips))
    mixed = np.abs(Mix(session, project.pool.samples_at(RATE), 0).read(END)).max(axis=0)
    for line in lines[1:]:
        assert mixed[line : line + 480].max() > 4 * mixed[line - 480 : line - 24].mean()


def test_its_steps_stay_editable_for_all_passes(project: Project) -> None:
    _lay(project, grid())
    session = project.document.session
    clip = session.tracks[-1].clips[0]
    assert clip.pattern is not None
    silent = type(clip.pattern)("eight", clip.pattern.bpm, clip.pattern.rows[:1], 1, 0.5)
    change_pattern(project, clip.id, render(Work(), project, MACHINE, silent, "Kick alone"))
    now = project.document.session.tracks[-1].clips
    assert {one.pattern for one in now} == {silent}
    assert [one.position for one in now] == [one.position for one in session.tracks[-1].clips]


def test_what_is_not_there_is_refused(project: Project) -> None:
    with pytest.raises(InputError, match="pattern"):
        find_pattern(MACHINE, "polka")
    with pytest.raises(EditError, match="beats"):
        render_for_song(Work(), project, MACHINE, "four-floor", BeatGrid())
    made = render_for_song(Work(), project, MACHINE, "four-floor", grid())
    session = project.document.session
    with pytest.raises(EditError, match="room"):
        lay_pattern(session, "x", made.pattern, made.source, grid(), END + RATE, END)
    assert pattern_bpm(grid()) == 120
