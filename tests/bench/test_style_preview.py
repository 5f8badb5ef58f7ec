"""How long a fan waits to hear ten seconds of a style, from a song that is split."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import pytest

from fanstudio.audio.prepare import prepare_session
from fanstudio.jobs import Work
from fanstudio.model import edits
from fanstudio.model.rights import Basis, Origin
from fanstudio.model.session import Stem
from fanstudio.model.styling import StyleKind
from fanstudio.paths import demo_dir
from fanstudio.studio import styles
from fanstudio.studio.project import Project, create_project, open_project, save_project
from fanstudio.studio.styles import StyleChoice
from tests.support.styled_songs import track_of
from tests.support.tables import show_table

pytestmark = [pytest.mark.bench, pytest.mark.timeout(1800)]

RATE = 44_100
LONGEST_S = 3.0
START = 20 * RATE
_STEMS = ((Stem.VOCALS, "vocals"), (Stem.DRUMS, "drums"), (Stem.BASS, "bass"), (Stem.OTHER, "chords"))


def demo_project(folder: Path) -> Project:
    """Make a project of the demo song's four stems, ready to be played."""
    project = create_project(folder / "demo", "Demo", RATE)
    for stem, name in _STEMS:
        path = demo_dir() / "stems" / f"{name}.flac"
        source = project.pool.import_file(Work(), path, RATE, Origin(Basis.OWN, name), stem=stem)
        source = replace(source, name=stem.capitalize())
        project.document.apply("Import", lambda session, source=source: edits.import_source(session, source))
    prepare_session(Work(), project.pool, project.document.session)
    return project


class _Waits:
    """How long previews of one style take, by the wall and by the processors, in seconds."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.walls: list[float] = []
        self.cells: list[str] = []

    def preview(self, choice: StyleChoice) -> None:
        began, worked = time.monotonic(), time.process_time()
        pair = styles.preview(Work(), self.project, choice, START)
        wall, cpu = time.monotonic() - began, time.process_time() - worked
        styles.end_preview(self.project, pair)
        self.walls.append(wall)
        self.cells += [f"{wall:.2f}", f"{cpu:.2f}"]


def _opened(made: Project) -> Project:
    """Open a project anew: nothing that was heard in it is remembered."""
    project = open_project(Work(), made.folder)
    prepare_session(Work(), project.pool, project.document.session)
    return project


def _choices(project: Project) -> dict[str, StyleChoice]:
    vocals = track_of(project.document.session, Stem.VOCALS)
    presets = {recipe.id: StyleChoice(StyleKind.PRESET, recipe.id) for recipe in styles.list_presets()}
    return {**presets, "violin": StyleChoice(StyleKind.TIMBRE, "violin", vocals)}


def test_ten_seconds_of_any_style_are_heard_within_three(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """At once in a song just split; with the panel open for a moment; and once more with another amount."""
    made = demo_project(tmp_path)
    save_project(made)
    styles.hear_ahead(Work(), made)
    waits: dict[str, _Waits] = {}
    for name, choice in _choices(made).items():
        fresh = waits[name] = _Waits(_opened(made))
        fresh.preview(choice)
        ahead = _Waits(_opened(made))
        styles.hear_ahead(Work(), ahead.project)
        ahead.preview(choice)
        ahead.preview(replace(choice, amount=0.6))
        fresh.walls += ahead.walls
        fresh.cells += ahead.cells
    heads = ("at once", "CPU", "panel open", "CPU", "another amount", "CPU")
    show_table(capsys, ("style, seconds", *heads), [(name, *wait.cells) for name, wait in waits.items()])
    assert not {name: wait.walls for name, wait in waits.items() if max(wait.walls) > LONGEST_S}
