"""A style on a song of three hours: memory stays bounded, and a cancel is felt at once."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pytest

from fanstudio.errors import Cancelled
from fanstudio.jobs import Work
from fanstudio.model import edits
from fanstudio.model.recipe import (
    GrooveRecipe,
    Recipe,
    RecipeEffect,
    RecipeTimbre,
    SongRecipe,
    StemRecipe,
    Voice,
)
from fanstudio.model.rights import Basis, Origin
from fanstudio.model.session import Stem
from fanstudio.model.styling import StyleKind
from fanstudio.studio import styles
from fanstudio.studio.project import Project, create_project
from fanstudio.studio.styles import StyleChoice
from tests.support.cancelling import cancelled_soon
from tests.support.processes import held_mb
from tests.support.styled_songs import stem_sounds

_RATE = 8_000
_PIECE_S = 7
_RECIPE = Recipe(
    "long",
    "Long",
    song=SongRecipe(0.9, 0.0, True),
    groove=GrooveRecipe(half_time=True),
    stems=((Stem.VOCALS, StemRecipe(timbre=RecipeTimbre(Voice.SAMPLED, "pulse-25"))),),
    master=(RecipeEffect("saturation"),),
)
_CHOICE = StyleChoice(StyleKind.PRESET, "long", recipe=_RECIPE)


def _long(folder: Path, hours: float) -> Project:
    project = create_project(folder / "long", "Long", _RATE)
    sounds = stem_sounds(22.0)
    for stem in (Stem.VOCALS, Stem.DRUMS, Stem.OTHER):
        piece = sounds[stem][:1, ::3][:, : _PIECE_S * _RATE]
        writer = project.pool.writer(_RATE, 1)
        for _ in range(round(hours * 3600 / _PIECE_S)):
            writer.write(piece)
        source = writer.finish(Work(), stem.value, _RATE, Origin(Basis.OWN, "Long"), stem)
        project.document.apply("Import", lambda session, source=source: edits.import_source(session, source))
    project.document.apply("Tempo", lambda session: edits.set_tempo(session, 120.0))
    return project


@pytest.mark.skipif(sys.platform != "linux", reason="reads memory from /proc")
def test_a_style_on_a_long_song_is_cancelled_at_once(tmp_path: Path) -> None:
    project = _long(tmp_path, 0.5)
    files = sorted(project.pool.folder.iterdir())
    work, cancelled_at = cancelled_soon(1.0)
    with pytest.raises(Cancelled):
        styles.plan(work, project, _CHOICE)
    assert time.process_time() - cancelled_at[0] < 1.0
    assert sorted(project.pool.folder.iterdir()) == files


@pytest.mark.soak
@pytest.mark.skipif(sys.platform != "linux", reason="reads memory from /proc")
def test_three_hours_take_a_style_in_bounded_memory(tmp_path: Path) -> None:
    project = _long(tmp_path, 3.0)
    before = held_mb()
    styled = styles.plan(Work(), project, _CHOICE)
    assert held_mb() - before < 300
    styles.apply(project, styled)
    assert styled.notes == ()
