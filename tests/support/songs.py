"""Songs that the tests make: long enough to be marked, and projects that hold them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from fanstudio.jobs import Work
from fanstudio.studio.import_audio import Declaration
from fanstudio.studio.new_project import make_project
from fanstudio.studio.project import Project

RATE = 44_100


def music(seconds: float = 17.0, seed: int = 1) -> NDArray[np.float32]:
    """Chords and soft noise, stereo, with an envelope: enough for a watermark to hold on to."""
    random = np.random.default_rng(seed)
    frames = int(seconds * RATE)
    time = np.arange(frames) / RATE
    tones = [
        np.sin(2 * np.pi * hz * time * (1 + 0.001 * seed)) for hz in (110, 220, 277, 330, 660, 990, 1980)
    ]
    noise = random.standard_normal((2, frames)) * 0.05
    envelope = 0.6 + 0.4 * np.sin(2 * np.pi * 0.7 * time)
    return ((0.06 * np.sum(tones, axis=0) + noise) * envelope).astype(np.float32)


def write_song(path: Path, seconds: float = 17.0, seed: int = 1) -> Path:
    soundfile.write(path, music(seconds, seed).T, RATE, subtype="PCM_16")
    return path


def make_song_project(folder: Path, seconds: float = 17.0, seed: int = 1) -> Project:
    """A project with one song of the fan's own."""
    song = write_song(folder / f"song{seed}.wav", seconds, seed)
    return make_project(Work(), folder / f"song{seed}.fanstudio", [song], Declaration())
