"""The first journey, by hand: start, play, split, move a clip, undo, sign in, export, verify.

A real process in a real window under Xvfb, with real clicks and keys. What happened is read from the
project on disk and from the exported file; the pictures stay in `build/e2e`.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from fanstudio.jobs import Work
from fanstudio.model import project_file
from fanstudio.model.session import Session, Stem
from fanstudio.studio.context import Studio
from fanstudio.studio.verify import verify_file
from tests.e2e.desktop import HEIGHT, WIDTH, Box, Desktop, wait_for

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(
        not (shutil.which("Xvfb") and shutil.which("xdotool")), reason="needs Xvfb and xdotool"
    ),
]

SHOTS = Path(__file__).resolve().parents[2] / "build" / "e2e"
#: Colours of the dark theme by which things are found on the screen.
ACCENT, MIX, VOCALS, OTHER = "#8B7CF6", "#9AA5B1", "#F2789F", "#3FC7A0"

#: Where things are in a window of 1440 × 900.
LANES: Box = (240, 94, 1128, 430)
SIDE_PANEL: Box = (1132, 60, WIDTH, 800)
BOTTOM_BAR: Box = (1250, 840, WIDTH, HEIGHT)
JOB_CARD: Box = (1146, 750, WIDTH - 16, 830)
DIALOG: Box = (412, 190, 1030, 720)
DIALOG_FOOT: Box = (860, 560, 1010, 720)
EMPTY_LANE = (700, 700)


class Fan:
    """Somebody at the window."""

    def __init__(self, desktop: Desktop, home: Path, process: subprocess.Popen[bytes]) -> None:
        self.desktop = desktop
        self.home = home
        self.process = process

    def press(self, box: Box, what: str) -> None:
        """Click the one accented thing in a box, when it is there."""
        place = wait_for(what, lambda: self.desktop.find(ACCENT, box, least=2000))
        self.desktop.click(*place)  # type: ignore[misc]

    def session(self) -> Session:
        """Return the session as it is on disk: autosaved, or saved."""
        return project_file.read(self.home / "data" / "projects" / "demo.fanstudio").session

    def saved(self) -> Session:
        self.desktop.key("ctrl+s")
        folder = self.home / "data" / "projects" / "demo.fanstudio"
        wait_for("the project to be saved", lambda: not (folder / "autosave.json").exists())
        return self.session()


@pytest.fixture
def fan(tmp_path: Path) -> Iterator[Fan]:
    home = tmp_path / "home"
    home.mkdir(exist_ok=True)
    (home / "config").mkdir(exist_ok=True)
    (home / "config" / "settings.json").write_text(json.dumps({"theme": "dark"}))
    desktop = Desktop(SHOTS)
    environment = {**desktop.environment, "FANSTUDIO_HOME": str(home), "HOME": str(tmp_path)}
    with (tmp_path / "stderr.txt").open("wb") as stderr:
        process = subprocess.Popen([sys.executable, "-m", "fanstudio"], env=environment, stderr=stderr)
        try:
            wait_for("the window with the demo song", lambda: desktop.find(MIX, LANES, least=4000))
            yield Fan(desktop, home, process)
        finally:
            process.terminate()
            process.wait(20)
            desktop.close()
    assert "Traceback" not in (tmp_path / "stderr.txt").read_text()


def test_the_first_five_minutes(fan: Fan, tmp_path: Path) -> None:
    _play(fan)
    _split(fan)
    _move_and_undo(fan)
    _export(fan)
    _check_the_file(fan, tmp_path)


def _play(fan: Fan) -> None:
    desktop = fan.desktop
    desktop.click(*EMPTY_LANE)
    desktop.key("Home")
    before = desktop.shot("1-demo")
    desktop.key("space")
    clock: Box = (380, 10, 520, 46)
    left, top, right, bottom = clock

    def ticking() -> bool:
        return bool((desktop.picture()[top:bottom, left:right] != before[top:bottom, left:right]).any())

    wait_for("the clock to run", ticking)
    desktop.shot("2-playing")
    desktop.key("space")
    desktop.key("Home")


def _split(fan: Fan) -> None:
    fan.press(SIDE_PANEL, "the Split button")
    fan.desktop.shot("3-splitting")
    wait_for("the stems", lambda: fan.desktop.find(VOCALS, LANES, least=1500))
    wait_for("the accompaniment", lambda: fan.desktop.find(OTHER, LANES, least=3000))
    wait_for("the split to end", lambda: not fan.desktop.find(ACCENT, JOB_CARD, least=10))
    fan.desktop.shot("4-stems")
    session = fan.saved()
    assert [track.stem for track in session.tracks] == [Stem.MIX, Stem.VOCALS, Stem.ACCOMPANIMENT]
    assert session.tracks[0].clips[0].muted


def _move_and_undo(fan: Fan) -> None:
    before = fan.session()
    x, y = fan.desktop.find(OTHER, LANES, least=3000) or (0, 0)
    fan.desktop.drag((x, y), (x + 120, y))
    fan.desktop.shot("5-moved")
    moved = fan.saved().tracks[2].clips[0]
    assert moved.position > before.tracks[2].clips[0].position
    assert moved.length == before.tracks[2].clips[0].length
    fan.desktop.key("ctrl+z")
    fan.desktop.shot("6-undone")
    assert fan.saved() == before
    fan.desktop.key("ctrl+shift+z")
    assert fan.saved().tracks[2].clips[0] == moved


def _export(fan: Fan) -> None:
    fan.press(BOTTOM_BAR, "the Export button")
    fan.press(DIALOG_FOOT, "Sign in to export")
    place = wait_for("the sign-in dialog", lambda: _alone(fan, DIALOG))
    fan.desktop.shot("7-sign-in")
    x, y = place  # type: ignore[misc]
    fan.desktop.click(x, y + 48)
    fan.desktop.key("Home")
    wait_for("the permission", lambda: _green_in_dialog(fan))
    fan.desktop.shot("8-permitted")
    fan.press(DIALOG_FOOT, "the Export button of the dialog")
    wait_for("the exported file", lambda: list(fan.home.parent.glob("*.flac")))
    wait_for("the receipt", lambda: _green_in_dialog(fan))
    fan.desktop.shot("9-receipt")


def _alone(fan: Fan, box: Box) -> tuple[int, int] | None:
    """Return the one wide button across a dialog, which only the sign-in has."""
    place = fan.desktop.find(ACCENT, box, least=10_000)
    return place if place and abs(place[0] - WIDTH // 2) < 10 else None


def _green_in_dialog(fan: Fan) -> tuple[int, int] | None:
    return fan.desktop.find("#41C98A", (430, 250, 470, 520), least=40)


def _check_the_file(fan: Fan, tmp_path: Path) -> None:
    (exported,) = fan.home.parent.glob("*.flac")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FANSTUDIO_HOME", str(fan.home))
        studio = Studio()
        try:
            seen = verify_file(Work(), studio, exported)
        finally:
            studio.close()
    assert seen.verdict == "verified"
    assert seen.found.receipt is not None
    assert seen.found.receipt.tracks[0].ops == ("arrange", "split")
    assert not list(tmp_path.glob("*.part"))
