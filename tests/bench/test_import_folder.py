"""A folder of 26 stems: how soon it can be played, and how soon all of it is drawn."""

from __future__ import annotations

import os
import queue
import sys
import time
from pathlib import Path

import pytest

from fanstudio.audio.device import NullOutput
from fanstudio.audio.transport import Transport
from fanstudio.jobs import JobRunner
from fanstudio.studio import project as projects
from fanstudio.studio.import_audio import Declaration, Imported, import_usable, place_sources
from fanstudio.studio.song_files import expand_folders

pytestmark = [pytest.mark.bench, pytest.mark.shared]


def test_a_folder_of_stems(tmp_path: Path, shared_audio: Path) -> None:
    project = projects.create_project(tmp_path / "P", "P")
    songs = expand_folders([shared_audio / "cc0-album" / "7.Francium"])
    arrived: queue.Queue[Imported] = queue.Queue()
    transport = Transport(
        project.document.session, project.pool.samples_now, lambda rate: NullOutput(rate, "silent")
    )
    start = time.perf_counter()
    job = JobRunner().submit(
        "Import", lambda work: import_usable(work.heard_by(arrived.put), project, songs, Declaration())
    )
    after, first_sound = None, 0.0
    try:
        for number in range(len(songs)):
            after = place_sources(project, arrived.get(timeout=120), after=after)
            transport.set_session(after)
            if number == 0:
                transport.play()
                while not transport.position:
                    time.sleep(0.001)
                first_sound = time.perf_counter() - start
        imported, refused = job.result(120)
    finally:
        transport.close()
    all_drawn = time.perf_counter() - start
    assert (len(imported.sources), refused) == (26, ())
    assert all(project.pool.peaks(source) for source in imported.sources)
    assert {clip.position for clip in project.document.session.clips()} == {0}
    assert len(project.document.history.past) == 1
    seconds = sum(source.length for source in imported.sources) / imported.sample_rate
    sys.stdout.write(
        f"\n26 stems, {seconds / 60:.0f} min of music in all, load {os.getloadavg()[0]:.1f}:"
        f" first sound after {first_sound:.2f} s, all on the timeline and drawn after {all_drawn:.1f} s\n"
    )
