"""Heard at once, by hand: open a song of four minutes, Split, mute the accompaniment, hear the vocals.

A real process in a real window under Xvfb. That the vocals sound is read from their meter, which shows what
the transport plays, while the split's card still stands in the side panel.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile

from fanstudio import paths
from fanstudio.jobs import Work
from fanstudio.model import project_file
from fanstudio.model.session import Stem
from fanstudio.studio.import_audio import Declaration
from fanstudio.studio.new_project import make_project
from tests.e2e.desktop import WIDTH, Box, Desktop, wait_for

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(
        not (shutil.which("Xvfb") and shutil.which("xdotool")), reason="needs Xvfb and xdotool"
    ),
]

SHOTS = Path(__file__).resolve().parents[2] / "build" / "e2e"
SECONDS = 240
#: Colours of the dark theme by which things are found on the screen.
ACCENT, MIX, VOCALS, METER = "#8B7CF6", "#9AA5B1", "#F2789F", "#41C98A"

#: Where things are in a window of 1440 × 900.
LANES: Box = (240, 94, 1128, 200)
VOCALS_LANE: Box = (240, 205, 1128, 315)
VOCALS_METER: Box = (212, 210, 228, 312)
JOB_CARD: Box = (1146, 750, WIDTH - 16, 830)
MUTE_OF_ACCOMPANIMENT = (27, 372)
EMPTY_LANE = (700, 700)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with four minutes of the demo song, from where it sings."""
    home = tmp_path / "home"
    (home / "config").mkdir(parents=True)
    (home / "config" / "settings.json").write_text(json.dumps({"theme": "dark"}))
    monkeypatch.setenv("FANSTUDIO_HOME", str(home))
    demo, rate = soundfile.read(paths.demo_dir() / "song.flac", dtype="int16")
    long = np.take(demo, range(6 * rate, (6 + SECONDS) * rate), axis=0, mode="wrap")
    soundfile.write(tmp_path / "song.flac", long, rate)
    return make_project(Work(), tmp_path / "Long.fanstudio", [tmp_path / "song.flac"], Declaration()).folder


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


def test_vocals_are_heard_while_the_rest_is_split(desktop: Desktop, project: Path) -> None:
    desktop.click(*EMPTY_LANE)
    desktop.key("Home")
    asked = time.monotonic()
    desktop.key("ctrl+shift+t")
    wait_for("the heads of the stems", lambda: desktop.find(VOCALS, (0, 200, 240, 320), least=300))
    desktop.click(*MUTE_OF_ACCOMPANIMENT)
    desktop.key("space")
    wait_for("the vocals to sound", lambda: desktop.find(METER, VOCALS_METER, least=40))
    heard = time.monotonic() - asked
    desktop.shot("heard-at-once")
    assert _splitting(desktop), f"the split was over when vocals sounded, {heard:.1f} s after the key"
    session = project_file.read(project).session
    assert [track.stem for track in session.tracks] == [Stem.MIX]
    wait_for("the split to end", lambda: not _splitting(desktop))
    desktop.shot("heard-at-once-whole")
    desktop.key("space")
    desktop.key("ctrl+s")
    wait_for("the project to be saved", lambda: len(project_file.read(project).saved.tracks) == 3)
    saved = project_file.read(project).saved
    assert [track.stem for track in saved.tracks] == [Stem.MIX, Stem.VOCALS, Stem.ACCOMPANIMENT]
    assert saved.tracks[2].muted
    assert not list((project / "audio").glob(".part*"))


def _splitting(desktop: Desktop) -> bool:
    """Tell whether a card shows progress."""
    return desktop.find(ACCENT, JOB_CARD, least=10) is not None
