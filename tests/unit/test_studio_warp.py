"""Warps in a project: what is rendered, for whom, and what an export waits for."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from fanstudio.audio.mix.mix import Mix
from fanstudio.audio.render import bounce
from fanstudio.errors import EditError
from fanstudio.jobs import Work
from fanstudio.model import edits
from fanstudio.model.session import Stem
from fanstudio.model.warp import Warp
from fanstudio.studio.project import Project
from fanstudio.studio.warp import (
    fit_tempo,
    keep_formants,
    render_warps,
    set_pitch,
    set_speed,
    unrendered,
    unwarp,
    warps_in_use,
)
from tests.support.desk import RATE, make_project


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return make_project(tmp_path, (Stem.VOCALS, Stem.OTHER), seconds=1)


def ids(project: Project) -> list[str]:
    return [clip.id for clip in project.document.session.clips()]


def test_each_warp_is_rendered_once_and_then_there(project: Project) -> None:
    project.document.apply("Speed", lambda session: set_speed(session, ids(project), 1.25))
    first = ids(project)[0]
    project.document.apply("Split", lambda session: edits.split_clip(session, first, 3_000))
    assert (
        len(warps_in_use(project.document.session)) == len(unrendered(project, project.document.session)) == 2
    )
    seen: list[tuple[float, str]] = []
    render_warps(Work(lambda *told: seen.append(told)), project, project.document.session)
    assert unrendered(project, project.document.session) == ()
    assert seen[-1][1] == "Stretching clips"
    assert max(fraction for fraction, _ in seen) == pytest.approx(1.0)


def test_speed_and_pitch_are_set_apart_from_each_other(project: Project) -> None:
    chosen = ids(project)
    session = set_pitch(set_speed(project.document.session, chosen, 0.8), chosen, -2)
    assert [clip.warp for clip in session.clips()] == [Warp(1.25, -2, keep_formants=True), Warp(1.25, -2)]
    session = keep_formants(session, chosen, True)
    assert all(clip.warp and clip.warp.keep_formants for clip in session.clips())
    assert all(clip.warp is None for clip in unwarp(session, chosen).clips())


def test_clips_fit_the_sessions_tempo(project: Project) -> None:
    session = fit_tempo(project.document.session, ids(project), 96)
    assert {clip.stretch for clip in session.clips()} == {0.8}
    with pytest.raises(EditError):
        fit_tempo(session, ids(project), 0)
    with pytest.raises(EditError, match="quarter"):
        fit_tempo(session, ids(project), 20)
    assert fit_tempo(session, [], 100) is session


def test_a_mix_that_plays_goes_over_from_the_draft_to_the_rendition(project: Project) -> None:
    project.document.apply("Pitch", lambda session: set_pitch(session, ids(project)[:1], 2))
    session, pool = project.document.session, project.pool
    mix = Mix(session, lambda source, warp: pool.samples_now(source, RATE, warp), 0)
    sketched = mix.read(2_000)
    render_warps(Work(), project, session)
    mix.read(1_000)
    whole = np.concatenate(list(bounce(Work(), session, pool.samples_at(RATE), 0, 6_000)), axis=1)
    assert np.array_equal(mix.read(3_000), whole[:, 3_000:])
    assert not np.array_equal(sketched, whole[:, :2_000])
