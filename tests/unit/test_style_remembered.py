"""What a preview heard serves the next amount and the next instrument, and is told apart by what it is of."""

from __future__ import annotations

import gc
import threading
from pathlib import Path

import numpy as np
import pytest

from fanstudio.jobs import Work
from fanstudio.model.recipe import RecipeTimbre, Voice
from fanstudio.model.session import Stem
from fanstudio.model.styling import StyleKind
from fanstudio.studio import styles
from fanstudio.studio.project import Project
from fanstudio.studio.style import remembered as module
from fanstudio.studio.style.remembered import Remembered, remembered
from fanstudio.studio.styles import StyleChoice
from tests.support.styled_songs import make_song, track_of


def _played(project: Project, mix: float, start: int = 0) -> np.ndarray:
    target = track_of(project.document.session, Stem.VOCALS)
    told = RecipeTimbre(Voice.SAMPLED, "pulse-25", mix=mix)
    choice = StyleChoice(StyleKind.TIMBRE, "pulse-25", target, timbre=told)
    pair = styles.preview(Work(), project, choice, start, 2.0)
    (made,) = (source for source in pair.after.sources if source.id in pair.lent)
    samples = project.pool.samples_now(made, project.document.session.sample_rate, None)[:, : made.length]
    styles.end_preview(project, pair)
    return samples


def test_another_mix_is_played_of_the_same_sound_and_of_the_same_as_anew(tmp_path: Path) -> None:
    project = make_song(tmp_path / "one")
    first = _played(project, 1.0)
    held = len(remembered(project.pool)._things)
    assert np.array_equal(_played(project, 0.5), first)
    assert len(remembered(project.pool)._things) == held
    module._OF_POOLS.pop(project.pool)
    assert np.array_equal(_played(project, 0.5), first)
    assert first.any()


def test_what_was_heard_ahead_changes_nothing(tmp_path: Path) -> None:
    project, other = make_song(tmp_path / "one"), make_song(tmp_path / "two")
    styles.hear_ahead(Work(), project)
    assert remembered(project.pool)._things
    assert np.array_equal(_played(project, 1.0), _played(other, 1.0))


def test_errors_are_not_kept_and_the_oldest_goes() -> None:
    kept = Remembered()
    with pytest.raises(ZeroDivisionError):
        kept.get_or_make("a", lambda: 1 // 0)
    assert kept.get_or_make("a", lambda: 1) == 1
    assert kept.get_or_make("a", lambda: 2) == 1
    for number in range(module._MOST):
        kept.get_or_make(number, lambda: 0)
    assert kept.get_or_make("a", lambda: 3) == 3


def test_who_asks_meanwhile_waits_and_gets_the_same() -> None:
    kept, begun, go_on = Remembered(), threading.Event(), threading.Event()
    made: list[object] = []

    def make() -> object:
        begun.set()
        assert go_on.wait(10)
        made.append(object())
        return made[-1]

    found: list[object] = []
    threads = [threading.Thread(target=lambda: found.append(kept.get_or_make("a", make))) for _ in range(2)]
    for thread in threads:
        thread.start()
    assert begun.wait(10)
    go_on.set()
    for thread in threads:
        thread.join(10)
    assert len(made) == 1
    assert found == made * 2


def test_a_pool_that_is_gone_is_forgotten(tmp_path: Path) -> None:
    project = make_song(tmp_path)
    remembered(project.pool).get_or_make("a", lambda: 1)
    before = len(module._OF_POOLS)
    del project
    gc.collect()
    assert len(module._OF_POOLS) < before
