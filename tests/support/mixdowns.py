"""Sixteen tracks to be mixed down, as a project of ours and as command lines of other programs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile

from fanstudio.audio.gains import amplitude, pan_gains
from fanstudio.jobs import Work
from fanstudio.model import edits
from fanstudio.model.session import Session
from fanstudio.studio.import_audio import Declaration
from fanstudio.studio.new_project import make_project
from fanstudio.studio.project import Project, save_project

RATE = 44_100
TRACKS = 16
FADE_S = 2


@dataclass(frozen=True)
class Strip:
    """A file, its gain and its pan; every file fades in and out."""

    path: Path
    gain_db: float
    pan: float

    @property
    def sides(self) -> tuple[float, float]:
        return pan_gains(self.pan, 2)


def write_strips(folder: Path, suffix: str, seconds: int) -> list[Strip]:
    """Write tracks of tones under noise, 16 bits, each of its own gain and pan."""
    return [
        Strip(
            _write(folder / f"track {number:02}{suffix}", number, seconds), -14 - number / 4, number / 8 - 0.9
        )
        for number in range(TRACKS)
    ]


def _write(path: Path, seed: int, seconds: int) -> Path:
    random = np.random.default_rng(seed)
    time = np.arange(RATE)[:, None] / RATE
    tone = 0.2 * np.sin(2 * np.pi * (110 + 55 * seed) * time)
    with soundfile.SoundFile(path, "w", RATE, 2, "PCM_16") as file:
        for _second in range(seconds):
            file.write(tone * random.uniform(0.2, 1) + 0.02 * random.standard_normal((RATE, 2)))
    return path


def make_mix(folder: Path, strips: list[Strip]) -> Project:
    """Make and save the project that mixes the strips."""
    project = make_project(Work(), folder, [strip.path for strip in strips], Declaration())

    def mixed(session: Session) -> Session:
        for track, strip in zip(session.tracks, strips, strict=True):
            session = edits.set_track_gain(session, track.id, strip.gain_db)
            session = edits.set_pan(session, track.id, strip.pan)
            session = edits.set_fades(session, track.clips[0].id, fade_in=FADE_S * RATE)
            session = edits.set_fades(session, track.clips[0].id, fade_out=FADE_S * RATE)
        return session

    project.document.apply("Mix", mixed)
    save_project(project)
    return project


def lengthen(project: Project, times: int) -> None:
    """Let every track play its song so many times, one after the other, and save."""

    def longer(session: Session) -> Session:
        for track in session.tracks:
            clip = track.clips[0]
            for number in range(1, times):
                session = edits.add_clip(session, track.id, clip.source, number * clip.length)
        return session

    project.document.apply("Lengthen", longer)
    save_project(project)


def sox(strips: list[Strip], out: Path) -> list[object]:
    """Return a command that only sums at gains: `sox -m` neither pans nor fades its inputs."""
    inputs = [part for strip in strips for part in ("-v", amplitude(strip.gain_db), strip.path)]
    return ["sox", "-m", *inputs, "-b", 16, out]


def ffmpeg(strips: list[Strip], out: Path, seconds: int) -> list[object]:
    """Return a command that does what the project does."""
    inputs = [part for strip in strips for part in ("-i", strip.path)]
    chains = [
        f"[{number}]volume={strip.gain_db}dB,"
        f"pan=stereo|c0={strip.sides[0]}*c0|c1={strip.sides[1]}*c1,"
        f"afade=in:d={FADE_S}:curve=qsin,"
        f"afade=out:st={seconds - FADE_S}:d={FADE_S}:curve=qsin[t{number}]"
        for number, strip in enumerate(strips)
    ]
    ends = "".join(f"[t{number}]" for number in range(len(strips)))
    graph = ";".join([*chains, f"{ends}amix=inputs={len(strips)}:normalize=0"])
    command = ["ffmpeg", "-nostdin", "-loglevel", "error", "-y"]
    return [*command, *inputs, "-filter_complex", graph, "-c:a", "pcm_s16le", out]


def ecasound(strips: list[Strip], out: Path, seconds: int) -> list[object]:
    """Return a command with gain, pan and linear fades."""
    form = f"-f:s16_le,2,{RATE}"
    chains: list[object] = []
    for number, strip in enumerate(strips, 1):
        gain = f"-ea:{100 * amplitude(strip.gain_db):.3f}"
        fades = [
            "-ea:100",
            f"-kl2:1,0,100,0,{FADE_S}",
            "-ea:100",
            f"-kl2:1,100,0,{seconds - FADE_S},{FADE_S}",
        ]
        chains += [f"-a:{number}", form, f"-i:{strip.path}", gain, f"-epp:{50 + 50 * strip.pan:.1f}", *fades]
    options = ["-q", "-B:nonrt", "-b:16384", "-z:mixmode,sum", f"-t:{seconds}"]
    return ["ecasound", *options, *chains, "-a:all", form, f"-o:{out}"]
