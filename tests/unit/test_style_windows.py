"""Windows of a song are heard alone: what lies elsewhere is neither stretched nor missed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from fanstudio.jobs import Work
from fanstudio.model import edits
from fanstudio.model.recipe import GrooveRecipe, Recipe, RecipeEffect, SongRecipe
from fanstudio.model.session import Session, Stem
from fanstudio.model.styling import StyleKind
from fanstudio.model.warp import Warp
from fanstudio.studio import styles
from fanstudio.studio.style import windows
from fanstudio.studio.styles import StyleChoice
from tests.support.styled_songs import RATE, make_song, track_of

_SLOW = Recipe(
    "slow",
    "Slow",
    song=SongRecipe(0.9, 0.0, True),
    groove=GrooveRecipe(half_time=True),
    master=(RecipeEffect("saturation"),),
)
_CHOICE = StyleChoice(StyleKind.PRESET, "slow", recipe=_SLOW)


def _two_warps(session: Session) -> Session:
    """The vocals are cut, and their second half is warped otherwise than the first."""
    vocals = session.track(track_of(session, Stem.VOCALS))
    session = edits.split_clip(session, vocals.clips[0].id, 3 * RATE)
    track = session.track(vocals.id)
    first, second = track.clips
    warp = Warp(stretch=1.25)
    second = replace(second, warp=warp, offset=round(1.25 * second.offset), length=RATE)
    tracks = tuple(replace(item, clips=(first, second)) if item is track else item for item in session.tracks)
    return replace(session, tracks=tracks)


@pytest.mark.parametrize("start", [0, 3 * RATE])
def test_a_clip_beyond_the_window_may_be_warped_otherwise(tmp_path: Path, start: int) -> None:
    project = make_song(tmp_path, seconds=6.0)
    project.document.apply("Warp", _two_warps)
    pair = styles.preview(Work(), project, _CHOICE, start, 1.0)
    assert pair.after != pair.before
    styles.end_preview(project, pair)


def test_what_is_stretched_to_be_measured_does_not_grow_with_the_song(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stretched: list[int] = []
    warp = windows.warped_window

    def counting(work, plain, rate, how, window):  # type: ignore[no-untyped-def]
        stretched.append(window.length)
        return warp(work, plain, rate, how, window)

    monkeypatch.setattr(windows, "warped_window", counting)
    project = make_song(tmp_path, (Stem.OTHER,), 60.0)
    styles.plan(Work(), project, _CHOICE)
    assert len(stretched) == 4
    assert max(stretched) < 10 * RATE
    assert np.ptp(stretched) < 2 * RATE
