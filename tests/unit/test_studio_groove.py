"""A recipe's groove in a project: drums heard, copied and moved; a pattern of the shelf on the bar lines."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from fanstudio.audio.mix.mix import Mix
from fanstudio.errors import EditError, InputError
from fanstudio.jobs import Work
from fanstudio.model import edits
from fanstudio.model.beat_grid import BeatGrid, grid_of
from fanstudio.model.grid_pattern import lay_pattern, pattern_bpm
from fanstudio.model.groove_laying import lay_groove
from fanstudio.model.integrity import check_session
from fanstudio.model.recipe import GrooveRecipe
from fanstudio.model.rights import Basis, Origin
from fanstudio.model.session import Session, Stem
from fanstudio.studio.drum_machine import DrumMachine
from fanstudio.studio.groove import find_pattern, hear_groove
from fanstudio.studio.project import Project, create_project
from fanstudio.studio.shelf_table import read_shelf
from tests.support.sounds import Floats
from tests.unit.test_groove import begun, drum

RATE = 48_000
MACHINE = DrumMachine(read_shelf())
EIGHTHS = [0.25 + 0.25 * number for number in range(48)]


def grid(beats: int = 49, drift: float = 1.0) -> BeatGrid:
    gaps = 0.5 * drift ** np.arange(beats - 1)
    return grid_of([0.25, *(0.25 + np.cumsum(gaps)).tolist()], 0, 4, 1.0)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    made = create_project(tmp_path / "mine", "Mine", RATE)
    _add(made, drum(EIGHTHS, 13), "Drums", Stem.DRUMS)
    _add(made, drum([1.0], 13, 300.0), "Voice", Stem.VOCALS)
    return made


def _add(project: Project, sound: Floats, name: str, stem: Stem) -> None:
    writer = project.pool.writer(RATE, len(sound))
    writer.write(sound)
    source = writer.finish(Work(), name, RATE, Origin(Basis.OWN, name), stem)
    project.document.apply("Add", lambda session: edits.import_source(session, source))


def _mixed(project: Project, session: Session, track_id: str) -> Floats:
    session = edits.solo_track(session, track_id, True)
    return Mix(session, project.pool.samples_at(RATE), 0).read(session.length)


@pytest.mark.parametrize(
    "recipe", [GrooveRecipe(swing=0.6), GrooveRecipe(half_time=True)], ids=["swing", "half"]
)
def test_drums_move_on_a_copy_and_the_rest_stays(project: Project, recipe: GrooveRecipe) -> None:
    before = project.document.session
    heard = hear_groove(Work(), project, MACHINE, recipe, grid())
    drums = before.tracks[0]
    assert len(heard.attacks[drums.clips[0].source]) == len(EIGHTHS)
    after, taken = lay_groove(before, recipe, heard)
    check_session(after)
    assert list(taken) == [drums.id]
    assert after.track(drums.id).muted
    assert after.track(drums.id).clips == drums.clips
    assert after.tracks[-1] == before.tracks[-1]
    found = begun(_mixed(project, after, taken[drums.id]))
    if recipe.swing:
        wanted = [place + 0.05 * (number % 2) for number, place in enumerate(EIGHTHS)]
    else:
        wanted = [0.25 + 0.5 * number for number in range(24)]
    assert np.abs(np.array(found) - np.array(wanted) * RATE).max() < 0.001 * RATE


def test_no_groove_changes_nothing_and_needs_no_beats(project: Project) -> None:
    session = project.document.session
    heard = hear_groove(Work(), project, MACHINE, GrooveRecipe(), BeatGrid())
    assert lay_groove(session, GrooveRecipe(), heard) == (session, {})


def test_a_target_without_drums_and_muted_drums_stay(project: Project) -> None:
    session, recipe = project.document.session, GrooveRecipe(swing=0.5)
    heard = hear_groove(Work(), project, MACHINE, recipe, grid())
    assert lay_groove(session, recipe, heard, target=session.tracks[1].id)[0] == session
    muted = edits.mute_track(session, session.tracks[0].id, True)
    assert lay_groove(muted, recipe, heard)[0] == muted


@pytest.mark.parametrize("drift", [1.0, 0.996, 1.003])
def test_a_pattern_plays_on_the_bar_lines_and_stays_editable(project: Project, drift: float) -> None:
    beats = grid(drift=drift)
    recipe = GrooveRecipe(pattern="four-floor")
    heard = hear_groove(Work(), project, MACHINE, recipe, beats)
    after, _ = lay_groove(project.document.session, recipe, heard)
    check_session(after)
    track = after.tracks[-1]
    assert track.name == "Four on the floor"
    lines = [beats.frame_of(4 * bar, RATE) for bar in range(len(track.clips))]
    assert [clip.position for clip in track.clips] == lines
    assert all(clip.pattern is not None and clip.pattern.rows for clip in track.clips)
    assert all(0 <= right.position - left.end < 0.01 * RATE for left, right in pairwise(track.clips))
    assert track.clips[-1].end <= project.document.session.length
    mixed = np.abs(_mixed(project, after, track.id)).max(axis=0)
    for line in lines:
        assert mixed[line : line + 480].max() > 4 * mixed[line - 480 : line - 24].mean()


def test_what_is_not_there_is_refused(project: Project) -> None:
    with pytest.raises(InputError, match="pattern"):
        find_pattern(MACHINE, "polka")
    with pytest.raises(EditError, match="beats"):
        hear_groove(Work(), project, MACHINE, GrooveRecipe(pattern="four-floor"), BeatGrid())
    session = project.document.session
    pattern = find_pattern(MACHINE, "four-floor").pattern
    assert pattern is not None
    with pytest.raises(EditError, match="room"):
        lay_pattern(session, "x", pattern, session.sources[0], grid(), session.length, session.length)
    assert pattern_bpm(grid()) == 120
