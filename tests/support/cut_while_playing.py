"""Plays a WAV, a rendition and a warped rendition while each is cut short and made whole; a child process."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import soundfile

from fanstudio.audio.transport import Transport
from fanstudio.errors import AudioFileError, StorageError
from fanstudio.jobs import Work
from fanstudio.model import edits
from fanstudio.model.rights import Basis, Origin
from fanstudio.model.warp import Warp
from fanstudio.model.warp_edits import set_warp
from fanstudio.studio.project import create_project
from tests.support.outputs import Recording, opener, wait_until

RATE = 8_000
SECONDS = 60
KINDS = ("wav", "rendition", "warped")


def main(folder: Path, kind: str) -> None:
    project = create_project(folder / "P", "P", RATE)
    pool = project.pool
    sound = np.random.default_rng(1).uniform(-0.5, 0.5, (SECONDS * RATE, 2))
    song = folder / ("song.flac" if kind == "rendition" else "song.wav")
    soundfile.write(song, sound, RATE)
    source = pool.import_file(Work(), song, RATE, Origin(Basis.OWN, "Song"))
    session = edits.import_source(project.document.session, source)
    warp = Warp(1.5) if kind == "warped" else None
    if warp is not None:
        session = set_warp(session, next(session.clips()).id, warp)
    pool.prepare(Work(), source, RATE, warp)
    renditions = pool.rendition(source, RATE).parent if warp is None else folder / "home/cache/renditions"
    file = next(renditions.glob("*-w*.f32")) if warp else pool.rendition(source, RATE)
    outputs: list[Recording] = []
    transport = Transport(session, pool.samples_now, opener(outputs))
    transport.play()
    wait_until(lambda: transport.position > RATE // 4)
    whole = file.read_bytes()
    with file.open("r+b") as stream:
        stream.truncate(100)
    wait_until(lambda: bool(transport.notice.removeprefix("No sound device: playing silently.").strip()))
    told = transport.notice
    refused = ""
    try:
        pool.samples(source, RATE, warp)
    except (AudioFileError, StorageError) as error:
        refused = error.message
    file.write_bytes(whole)
    pool.prepare(Work(), source, RATE, warp)
    wait_until(lambda: bool(outputs[-1].heard_so_far()[:, -100:].any()))
    at = transport.position
    wait_until(lambda: transport.position > at)
    transport.close()
    sys.stdout.write(json.dumps({"told": told, "refused": refused}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
