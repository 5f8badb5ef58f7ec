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
from fanstudio.studio.project import Project, create_project
from fanstudio.studio.styles import StyleChoice
from tests.support.tables import show_table

pytestmark = [pytest.mark.bench, pytest.mark.timeout(1800)]

RATE = 44_100
LONGEST_S = 3.0
START = 20 * RATE
_STEMS = ((Stem.VOCALS, "vocals"), (Stem.DRUMS, "drums"), (Stem.BASS, "bass"), (Stem.OTHER, "chords"))


def _demo(folder: Path) -> Project:
    project = create_project(folder / "demo", "Demo", RATE)
    for stem, name in _STEMS:
        path = demo_dir() / "stems" / f"{name}.flac"
        source = project.pool.import_file(Work(), path, RATE, Origin(Basis.OWN, name), stem=stem)
        source = replace(source, name=stem.capitalize())
        project.document.apply("Import", lambda session, source=source: edits.import_source(session, source))
    prepare_session(Work(), project.pool, project.document.session)
    return project


def test_ten_seconds_of_any_style_are_heard_within_three(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    project = _demo(tmp_path)
    took: dict[str, tuple[float, float]] = {}
    for recipe in styles.list_presets():
        choice = StyleChoice(StyleKind.PRESET, recipe.id)
        for _ in range(2):
            began, worked = time.monotonic(), time.process_time()
            pair = styles.preview(Work(), project, choice, START)
            took[recipe.id] = time.monotonic() - began, time.process_time() - worked
            styles.end_preview(project, pair)
    rows = [(name, f"{waited:.2f}", f"{worked:.2f}") for name, (waited, worked) in took.items()]
    show_table(capsys, ("style", "seconds", "of CPU"), rows)
    assert not {name: waited for name, (waited, _) in took.items() if waited > LONGEST_S}
