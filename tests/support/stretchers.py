"""Stretchers to be measured beside ours: those of libraries and programs that are installed."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

import numpy as np
import soundfile

from fanstudio.audio.stretch import stretch
from fanstudio.jobs import Work
from fanstudio.model.warp import Warp
from tests.support.stretch_measures import RATE, Sound, Stretcher


def ours(*, keep_formants: bool = False, rate: int = RATE) -> Stretcher:
    def run(sound: Sound, speed: float, semitones: float) -> Sound:
        warp = Warp(1 / speed, semitones, keep_formants)
        return np.concatenate(list(stretch(Work(), sound, rate, warp)), axis=1)

    return run


def signalsmith(sound: Sound, speed: float, semitones: float) -> Sound:
    import python_stretch

    made = python_stretch.Signalsmith.Stretch(1)
    made.preset(sound.shape[0], float(RATE))
    made.timeFactor = speed
    made.setTransposeSemitones(semitones)
    return made.process(np.ascontiguousarray(sound))


def pedalboard(*, best: bool, keep_formants: bool = False) -> Stretcher:
    def run(sound: Sound, speed: float, semitones: float) -> Sound:
        from pedalboard import time_stretch

        plain = np.ascontiguousarray(sound)
        return time_stretch(plain, RATE, speed, semitones, high_quality=best, preserve_formants=keep_formants)

    return run


def program(words: Callable[[str, str, float, float], list[str]]) -> Stretcher:
    def run(sound: Sound, speed: float, semitones: float) -> Sound:
        with tempfile.TemporaryDirectory() as folder:
            source, target = Path(folder) / "in.wav", Path(folder) / "out.wav"
            soundfile.write(source, sound.T, RATE, subtype="FLOAT")
            subprocess.run(words(str(source), str(target), speed, semitones), check=True, capture_output=True)
            return soundfile.read(target, dtype="float32", always_2d=True)[0].T

    return run


def _rubberband(*more: str) -> Stretcher:
    return program(
        lambda source, target, speed, semitones: [
            *("rubberband", *more, "--tempo", str(speed), "--pitch", str(semitones), source, target)
        ]
    )


def _sox(source: str, target: str, speed: float, semitones: float) -> list[str]:
    how = ["tempo", "-m", str(speed)] if speed != 1.0 else ["pitch", str(100 * semitones)]
    return ["sox", "-V1", source, "-e", "floating-point", "-b", "32", target, *how]


def _ffmpeg(source: str, target: str, speed: float, semitones: float) -> list[str]:
    assert semitones == 0
    return ["ffmpeg", "-v", "error", "-i", source, "-af", f"atempo={speed}", "-c:a", "pcm_f32le", target]


def peers() -> Mapping[str, Stretcher]:
    """Return the stretchers that are there, by name; ffmpeg moves no pitch."""
    found: dict[str, Stretcher] = {}
    if importlib.util.find_spec("python_stretch"):
        found["python-stretch (Signalsmith)"] = signalsmith
    if importlib.util.find_spec("pedalboard"):
        found["pedalboard (Rubber Band R2)"] = pedalboard(best=False)
        found["pedalboard (Rubber Band R3)"] = pedalboard(best=True)
    if shutil.which("rubberband"):
        found["rubberband -3"] = _rubberband("-3", "-q")
    if shutil.which("sox"):
        found["sox"] = program(_sox)
    if shutil.which("ffmpeg"):
        found["ffmpeg atempo"] = program(_ffmpeg)
    return MappingProxyType(found)


def formant_keepers() -> Mapping[str, Stretcher]:
    """Return the stretchers that keep formants, and ours that does not, by name."""
    found = {"ours": ours(keep_formants=True), "ours, formants not kept": ours()}
    if importlib.util.find_spec("pedalboard"):
        found["pedalboard (Rubber Band R3)"] = pedalboard(best=True, keep_formants=True)
    if shutil.which("rubberband"):
        found["rubberband -3 -F"] = _rubberband("-3", "-q", "--formant")
    return MappingProxyType(found)
