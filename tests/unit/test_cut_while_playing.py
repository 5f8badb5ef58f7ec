"""Files that are cut short while they play: the process lives, says so, and goes on when they are whole."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.cut_while_playing import KINDS


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_that_is_cut_short_while_it_plays_ends_nothing(kind: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.support.cut_while_playing", str(tmp_path), kind],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        cwd=Path(__file__).resolve().parents[2],
        env=dict(os.environ, FANSTUDIO_HOME=str(tmp_path / "home")),
    )
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert "“song”" in said["told"]
    # What can be made again is made again; the file itself cannot be.
    assert said["refused"] == ("The audio file of “song” was changed." if kind == "wav" else "")
