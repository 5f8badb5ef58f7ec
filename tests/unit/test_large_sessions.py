"""Many tracks and many files: opened, played, saved and undone like few."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from fanstudio.audio.transport import Transport
from fanstudio.jobs import Work
from fanstudio.model import edits
from fanstudio.studio.project import open_project, save_project
from tests.support.large_sessions import make_large
from tests.support.mixes import render
from tests.support.outputs import Recording, opener, wait_until

TRACKS, RATE = 200, 8_000


def test_two_hundred_tracks_open_play_and_save(tmp_path: Path) -> None:
    made = make_large(tmp_path, TRACKS, 4, 0.5, RATE)
    project = open_project(Work(), made.folder)
    session = project.document.session
    assert session == made.document.session
    assert len(session.tracks) == TRACKS
    assert len(session.buses) == 8
    outputs: list[Recording] = []
    transport = Transport(session, project.pool.samples_now, opener(outputs))
    transport.play()
    wait_until(lambda: not transport.playing and bool(outputs[-1].takes), 30)
    assert transport.notice.removeprefix("No sound device: playing silently.") in ("", " ")
    transport.close()
    rendered = render(session, project.pool.samples_at(RATE), 0, 2_000)
    assert abs(rendered).max() > 0.05
    label = session.tracks[0].id
    project.document.apply("Gain", lambda before: edits.set_track_gain(before, label, -3.0))
    save_project(project)
    project.document.undo()
    assert project.document.session == session


_MANY = """
import resource, sys
from pathlib import Path
import numpy as np
resource.setrlimit(resource.RLIMIT_NOFILE, (64, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
from fanstudio.jobs import Work
from fanstudio.model.rights import Basis, Origin
from fanstudio.studio.project import create_project
project = create_project(Path(sys.argv[1]) / "Many", "Many", 8000)
held = []
for number in range(100):
    writer = project.pool.writer(8000, 1)
    writer.write(np.full((1, 100), number / 100, np.float32))
    source = writer.finish(Work(), str(number), 8000, Origin(Basis.OWN, str(number)))
    held.append(project.pool.samples(source, 8000))
print(len(held))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="has no such limit")
def test_more_sources_than_files_that_may_be_open_by_default(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _MANY, str(tmp_path)], capture_output=True, text=True, check=False, timeout=60
    )
    assert (done.stdout.strip(), done.returncode) == ("100", 0), done.stderr
