"""A clip's song on tracks of stems: four of them, a chosen one with the rest, and one step to undo."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from fanstudio.errors import InputError
from fanstudio.jobs import Work
from fanstudio.model.session import Stem
from fanstudio.platform.usage import derive
from fanstudio.studio.project import Project
from fanstudio.studio.split import place_stems, split_clip
from fanstudio.studio.split_options import SplitOptions
from fanstudio.studio.split_speed import expected_seconds
from tests.support.songs import RATE, make_song_project


def _split(project: Project, options: SplitOptions) -> list[Stem]:
    clip = next(iter(project.document.session.clips())).id
    assert place_stems(project, clip, split_clip(Work(), project, clip, options))
    return [track.stem for track in project.document.session.tracks]


def _stems_sum_to_the_mix(project: Project) -> bool:
    mix, *stems = (project.pool.samples(source, RATE)[:, :] for source in project.document.session.sources)
    return bool(np.abs(np.sum(stems, axis=0) - mix).max() < 1e-5)


def test_four_stems_are_one_step_with_their_lineage(tmp_path: Path) -> None:
    project = make_song_project(tmp_path, 12.0)
    before = project.document.session
    options = SplitOptions(stems=4)
    assert _split(project, options) == [Stem.MIX, Stem.VOCALS, Stem.DRUMS, Stem.BASS, Stem.OTHER]
    assert _stems_sum_to_the_mix(project)
    for source in project.document.session.sources[1:]:
        assert source.lineage is not None
        assert source.lineage.parents == (before.sources[0].id,)
        assert source.lineage.settings == (("stems", "vocals, drums, bass, other"), ("quality", "fast"))
    assert expected_seconds(options, 12.0) is not None
    assert expected_seconds(SplitOptions(stems=4, quality="best"), 12.0) is None
    project.document.undo()
    assert project.document.session == before


def test_the_rest_is_a_mix_that_can_be_split_on(tmp_path: Path) -> None:
    project = make_song_project(tmp_path, 2.0)
    options = SplitOptions(wanted=("drums",), keep_rest=True)
    assert _split(project, options) == [Stem.MIX, Stem.DRUMS, Stem.MIX]
    assert _stems_sum_to_the_mix(project)
    drums, rest = project.document.session.tracks[1:]
    assert [track.name for track in (drums, rest)] == ["Drums", "Rest"]
    again = split_clip(Work(), project, rest.clips[0].id, SplitOptions(wanted=("vocals",)))
    assert [stem.stem for stem in again.stems] == [Stem.VOCALS]
    used = {(item.stem, item.ai) for item in derive(project.document.session).ingredients}
    assert used >= {("drums", True), ("mix", True)}


def test_a_stem_that_the_model_lacks_is_refused_before_the_work(tmp_path: Path) -> None:
    project = make_song_project(tmp_path, 1.0)
    clip = next(iter(project.document.session.clips())).id
    options = SplitOptions(wanted=("guitar",), model_id="spleeter_2stems")
    with pytest.raises(InputError, match="no stem “guitar”"):
        split_clip(Work(), project, clip, options)
