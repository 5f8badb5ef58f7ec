"""The drum grid: a clip whose steps stay editable, rendered into the pool, one undo step an edit."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from fanstudio.audio.kit import read_sound
from fanstudio.jobs import Work
from fanstudio.model import edits
from fanstudio.model.pattern import Pattern
from fanstudio.model.pattern_edits import with_step
from fanstudio.model.session import Clip
from fanstudio.studio import drum_grid
from fanstudio.studio.drum_machine import DrumMachine
from fanstudio.studio.project import Project, create_project
from fanstudio.studio.shelf_table import read_shelf

RATE = 48_000
MACHINE = DrumMachine(read_shelf())


@pytest.fixture
def project(tmp_path: Path) -> Project:
    made = create_project(tmp_path / "mine", "Mine", RATE)
    made.document.apply("Set tempo", lambda session: edits.set_tempo(session, 120.0))
    return made


def _beat(project: Project) -> Pattern:
    pattern = drum_grid.new_pattern(project.document.session, MACHINE, 0)
    return with_step(with_step(pattern, "kick", 0, 1.0), "snare", 4, 0.8)


def _added(project: Project, repeats: int = 1) -> Clip:
    rendered = drum_grid.render(Work(), project, MACHINE, _beat(project), "Beat")
    drum_grid.add_pattern(project, rendered, 0, "Beat")
    clip = next(project.document.session.clips())
    for _ in range(repeats - 1):
        last = max(project.document.session.clips(), key=lambda clip: clip.end)
        project.document.apply("Duplicate", lambda session, last=last: edits.duplicate_clip(session, last.id))
    return clip


def test_a_new_grid_has_a_row_for_each_sound_and_the_tempo_of_its_place(project: Project) -> None:
    pattern = drum_grid.new_pattern(project.document.session, MACHINE, 0)
    assert [row.sound for row in pattern.rows] == [sound.id for sound in MACHINE.shelf.kit("garage").sounds]
    assert (pattern.bpm, pattern.bars) == (120.0, 1)


def test_what_is_rendered_is_the_kits_sounds_at_their_steps(project: Project) -> None:
    clip = _added(project)
    source = project.document.session.source(clip.source)
    samples = np.asarray(project.pool.samples(source, RATE))
    kick = read_sound(MACHINE.shelf.kit("garage").sounds[0].recording.path, RATE)
    assert samples.shape == (2, 96_000)
    assert np.allclose(samples[:, :20_000], kick[:, :20_000], atol=1e-6)


def test_rows_that_are_silent_are_not_kept_and_come_back_in_the_grid(project: Project) -> None:
    clip = _added(project)
    assert clip.pattern is not None
    assert [row.sound for row in clip.pattern.rows] == ["kick", "snare"]
    assert drum_grid.all_rows(MACHINE, clip.pattern) == _beat(project)


def test_an_edit_is_one_undo_step_and_undo_brings_the_old_sound_back(project: Project) -> None:
    clip = _added(project)
    before = project.document.session
    changed = drum_grid.render(Work(), project, MACHINE, with_step(_beat(project), "hat", 2, 0.5), "Beat")
    drum_grid.change_pattern(project, clip.id, changed)
    after = project.document.session.clip(clip.id)[1]
    assert after.source == changed.source.id != clip.source
    assert [source.id for source in project.document.session.sources] == [after.source]
    project.document.undo()
    assert project.document.session == before
    assert project.pool.samples(before.source(clip.source), RATE).shape == (2, 96_000)


def test_the_same_steps_give_the_same_source(project: Project) -> None:
    first = drum_grid.render(Work(), project, MACHINE, _beat(project), "Beat")
    again = drum_grid.render(Work(), project, MACHINE, _beat(project), "Beat")
    assert first == again
    assert len(list(project.pool.folder.glob("*.wav"))) == 1


def test_all_repeats_change_unless_one_alone_is_meant(project: Project) -> None:
    clip = _added(project, repeats=3)
    rendered = drum_grid.render(Work(), project, MACHINE, with_step(_beat(project), "hat", 2, 0.5), "Beat")
    drum_grid.change_pattern(project, clip.id, rendered)
    assert {other.source for other in project.document.session.clips()} == {rendered.source.id}
    project.document.undo()
    drum_grid.change_pattern(project, clip.id, rendered, repeats=False)
    played = [other.source == rendered.source.id for other in project.document.session.clips()]
    assert played == [True, False, False]


def test_a_new_tempo_leaves_the_drums_alone_until_they_are_asked_to_follow(project: Project) -> None:
    _added(project, repeats=2)
    assert drum_grid.out_of_tempo(project.document.session) == ()
    project.document.apply("Set tempo", lambda session: edits.set_tempo(session, 100.0))
    late = drum_grid.out_of_tempo(project.document.session)
    assert len(late) == 2
    drum_grid.follow_tempo(project, drum_grid.render_in_tempo(Work(), project, MACHINE, late))
    session = project.document.session
    assert [(clip.position, clip.length) for clip in session.clips()] == [(0, 115_200), (115_200, 115_200)]
    assert drum_grid.out_of_tempo(session) == ()
    assert len(session.sources) == 1


def test_a_clip_that_went_meanwhile_is_not_missed(project: Project) -> None:
    clip = _added(project, repeats=2)
    project.document.apply("Set tempo", lambda session: edits.set_tempo(session, 100.0))
    rendered = drum_grid.render_in_tempo(
        Work(), project, MACHINE, drum_grid.out_of_tempo(project.document.session)
    )
    project.document.apply("Delete", lambda session: edits.delete_clips(session, [clip.id]))
    drum_grid.follow_tempo(project, rendered)
    assert [other.length for other in project.document.session.clips()] == [115_200]
