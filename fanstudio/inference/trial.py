"""Tries a model out: its hashes, its shapes, a little silence and a little noise, and its speed."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from fanstudio.audio.samples import Samples
from fanstudio.errors import ModelError
from fanstudio.inference.manifest import ModelManifest, load
from fanstudio.inference.separation import Separator
from fanstudio.jobs import Work

_SILENCE_S = 1.0
#: A model that splits the first length quickly is measured on the second, where edges count for less.
_NOISE_S = (12.0, 36.0)
_QUICK_S = 4.0
_NOISE_RMS = 0.1


@dataclass(frozen=True, slots=True)
class Trial:
    """A model that works: what it ran on, and how many seconds of a song it split in one."""

    model_id: str
    sha256: str
    device: str
    why_not_better: str
    times_realtime: float


def try_model(work: Work, folder: Path, device: str = "auto") -> Trial:
    """Load the model in `folder` on `device`, and split silence and noise with it.

    The speed is that of `quality="fast"`; a graph that refines for "best" is run on silence alone.

    Raises:
        ModelError: its manifest or a hash is wrong, it does not fit its graphs, or it returned nonsense.
        DeviceError: the device asked for cannot be used.

    """
    model = load(folder)
    work.report(0.0, f"Loading {model.id}")
    separator = Separator(model, device)
    _run(work.part(0, 0), separator, np.zeros((2, _frames(model, _SILENCE_S)), np.float32))
    seconds = 0.0
    for number, length_s in enumerate(_NOISE_S):
        if seconds < _QUICK_S:
            step = work.part(number / len(_NOISE_S), 1)
            noise = np.random.default_rng(0).standard_normal((2, _frames(model, length_s)), np.float32)
            started = time.monotonic()
            _run(step, separator, noise * np.float32(_NOISE_RMS))
            seconds = max(time.monotonic() - started, 1e-9)
            times_realtime = length_s / seconds
    if model.refiner is not None:
        refined = Separator(model, device, quality="best")
        _run(work.part(1, 1), refined, np.zeros((2, _frames(model, _SILENCE_S)), np.float32))
    used = separator.device
    return Trial(model.id, model.sha256, used.name, used.why_not, times_realtime)


def _frames(model: ModelManifest, seconds: float) -> int:
    return round(model.sample_rate * seconds)


def _run(work: Work, separator: Separator, sound: Samples) -> None:
    """Split a sound, and refuse stems that are not as long or not finite."""
    model = separator.model
    frames = dict.fromkeys(model.stems, 0)
    pieces = separator.split(
        work,
        [sound],
        sample_rate=model.sample_rate,
        length_frames=sound.shape[1],
        rms=float(np.sqrt(np.mean(np.square(sound)))),
    )
    for piece in pieces:
        for stem, samples in piece.items():
            if not np.isfinite(samples).all():
                raise ModelError(f"The model {model.id} returned values that are not numbers.")
            frames[stem] += samples.shape[1]
    if set(frames.values()) != {sound.shape[1]}:
        raise ModelError(f"The model {model.id} returned stems of another length than the sound.")
