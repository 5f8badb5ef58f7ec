"""A beat by hand: open the shelf, drag a pattern onto the timeline, change a step, add a loop, save.

A real process in a real window under Xvfb, driven by mouse and keys.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from fanstudio.model import edits, project_file
from fanstudio.model.session import Session, Stem
from fanstudio.studio.project import create_project, save_project
from tests.e2e.desktop import WIDTH, Box, Desktop, wait_for
from tests.support.desk import RATE, add_noise

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(
        not (shutil.which("Xvfb") and shutil.which("xdotool")), reason="needs Xvfb and xdotool"
    ),
]

SHOTS = Path(__file__).resolve().parents[2] / "build" / "e2e"
#: Colours of the dark theme by which things are found on the screen.
ACCENT, MIX, DRUMS, BASS = "#8B7CF6", "#9AA5B1", "#F0A63C", "#7A93F8"

#: Where things are in a window of 1440 × 900.
LANES: Box = (240, 94, 1128, 620)
SECOND_LANE: Box = (240, 205, 1128, 315)
SHELF: Box = (1146, 190, WIDTH - 16, 740)
DIALOG: Box = (270, 130, 1170, 780)
FIRST_ITEM, BELOW_TRACKS, EMPTY_LANE = (1290, 225), (300, 500), (700, 480)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project of eight seconds at 120 beats a minute."""
    home = tmp_path / "home"
    (home / "config").mkdir(parents=True)
    (home / "config" / "settings.json").write_text(json.dumps({"theme": "dark"}))
    monkeypatch.setenv("FANSTUDIO_HOME", str(home))
    made = create_project(tmp_path / "Beat", "Beat", RATE)
    source = add_noise(made, "Song", Stem.MIX, 8)
    made.document.apply("Import", lambda session: edits.import_source(session, source))
    made.document.apply("Tempo", lambda session: edits.set_tempo(session, 120))
    save_project(made)
    return made.folder


@pytest.fixture
def desktop(project: Path, tmp_path: Path) -> Iterator[Desktop]:
    """A screen with the project's window on it."""
    made = Desktop(SHOTS)
    command = [sys.executable, "-m", "fanstudio", "open", str(project)]
    with (tmp_path / "stderr.txt").open("wb") as stderr:
        process = subprocess.Popen(command, env=made.environment, stderr=stderr)
        try:
            wait_for("the window with the song", lambda: made.find(MIX, LANES, least=4000))
            yield made
        finally:
            process.terminate()
            process.wait(20)
            made.close()
    assert "Traceback" not in (tmp_path / "stderr.txt").read_text()


def test_a_pattern_is_dragged_changed_and_kept_beside_a_loop(desktop: Desktop, project: Path) -> None:
    desktop.click(*EMPTY_LANE)
    desktop.key("b")
    wait_for("the shelf", lambda: desktop.find(DRUMS, SHELF, least=60))
    desktop.type("rock")
    desktop.drag(FIRST_ITEM, BELOW_TRACKS)
    clip = wait_for("the pattern", lambda: desktop.find(DRUMS, SECOND_LANE, least=300))
    assert isinstance(clip, tuple)
    desktop.shot("beat-on-the-timeline")
    desktop.click(*clip, times=2)
    wait_for("the grid", lambda: desktop.find(DRUMS, DIALOG, least=3000))
    desktop.key("p", "Down", "Down", "space")
    desktop.shot("beat-in-the-grid")
    done = wait_for("Done", lambda: desktop.find(ACCENT, (980, 600, 1170, 780), least=1000))
    assert isinstance(done, tuple)
    desktop.click(*done)
    wait_for("the grid to close", lambda: not desktop.find(ACCENT, (980, 600, 1170, 780), least=1000))
    desktop.click(1290, 122)
    desktop.key("ctrl+a")
    desktop.type("acid")
    desktop.key("Return")
    wait_for("the loop", lambda: desktop.find(BASS, LANES, least=300))
    desktop.shot("beat-and-bass")
    desktop.key("ctrl+s")
    saved = wait_for("the project to be saved", lambda: _saved(project))
    assert isinstance(saved, Session)
    _song, drums, bass = saved.tracks
    (beat,), (loop,) = drums.clips, bass.clips
    assert beat.pattern is not None
    assert {row.sound for row in beat.pattern.rows} == {"kick", "snare", "rim", "hat"}
    assert loop.warp is not None
    assert (drums.stem, bass.stem) == (Stem.DRUMS, Stem.BASS)


def _saved(project: Path) -> Session | None:
    session = project_file.read(project).saved
    return session if len(session.tracks) == 3 else None
