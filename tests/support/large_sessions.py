"""A project of many tracks: a file each, effects on some, buses, sends and automation."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import soundfile

from fanstudio.jobs import Work
from fanstudio.model.mixer import Automation, Bus, EffectSlot, Point, Send
from fanstudio.model.session import Session
from fanstudio.studio.import_audio import Declaration
from fanstudio.studio.new_project import make_project
from fanstudio.studio.project import Project, save_project

BUSES = 8
SENDS = 2
#: So much of each file sounds; behind it is silence that takes no room on the disk.
SOUNDING_S = 15


def write_files(folder: Path, count: int, seconds: float, rate: int) -> list[Path]:
    """Write stereo files of 16 bits, each its own."""
    folder.mkdir()
    paths = [folder / f"track {number:03}.wav" for number in range(count)]
    frames, sounding = round(seconds * rate), round(min(seconds, SOUNDING_S) * rate)
    for number, path in enumerate(paths):
        sound = np.random.default_rng(number).uniform(-0.02, 0.02, (sounding, 2))
        soundfile.write(path, sound, rate, "PCM_16")
        missing = (frames - sounding) * 4
        with path.open("r+b") as stream:
            head = bytearray(stream.read(44))
            head[4:8] = (36 + frames * 4).to_bytes(4, "little")
            head[40:44] = (frames * 4).to_bytes(4, "little")
            stream.seek(0)
            stream.write(head)
            stream.truncate(path.stat().st_size + missing)
    return paths


def make_large(folder: Path, tracks: int, with_effects: int, seconds: float, rate: int = 44_100) -> Project:
    """Make and save a project of a file a track."""
    paths = write_files(folder / "files", tracks, seconds, rate)
    project = make_project(Work(), folder / "Large.fanstudio", paths, Declaration())
    project.document.apply("Mix", lambda session: _mixed(session, with_effects))
    save_project(project)
    return project


def _mixed(session: Session, with_effects: int) -> Session:
    buses = tuple(Bus(f"bus{number}", f"Bus {number}") for number in range(BUSES))
    buses = (replace(buses[0], effects=(EffectSlot("room", "reverb"),)), *buses[1:])
    curve = Automation("gain_db", (Point(0, -6.0), Point(5 * session.sample_rate, 0.0)))
    tracks = tuple(
        replace(
            track,
            output=f"bus{1 + number % (BUSES - 1)}",
            sends=(Send("bus0", -12.0),) if number % SENDS == 0 else (),
            effects=(EffectSlot(f"eq{number}", "equaliser"), EffectSlot(f"comp{number}", "compressor"))
            if number < with_effects
            else (),
            automation=(curve,) if number % 10 == 0 else (),
        )
        for number, track in enumerate(session.tracks)
    )
    return replace(session, buses=buses, tracks=tracks)
