"""Small real audio files in the formats of exports, written by encoders that are not ours."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import soundfile
from numpy.typing import NDArray

RATE = 44_100


def chord(seconds: float = 0.6, seed: int = 1) -> NDArray[np.float32]:
    time = np.arange(int(seconds * RATE)) / RATE
    tones = sum(np.sin(2 * np.pi * hz * time + seed) for hz in (220.0, 277.2, 329.6))
    noise = np.random.default_rng(seed).standard_normal((2, time.size)) * 0.01
    return (0.2 * tones + noise).astype(np.float32)


def write_audio(path: Path, audio: NDArray[np.float32] | None = None) -> Path:
    """Write `audio` (channels, frames) in the format that the suffix names."""
    audio = chord() if audio is None else audio
    if path.suffix in (".m4a", ".aac", ".ogg"):
        _write_av(path, audio)
    else:
        subtype = None if path.suffix == ".mp3" else "PCM_24"
        soundfile.write(path, audio.T, RATE, subtype=subtype)
    return path


def _write_av(path: Path, audio: NDArray[np.float32]) -> None:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libvorbis" if path.suffix == ".ogg" else "aac", rate=RATE)
        stream.layout = "stereo"
        for start in range(0, audio.shape[1], 1024):
            block = np.ascontiguousarray(audio[:, start : start + 1024])
            frame = av.AudioFrame.from_ndarray(block, format="fltp", layout="stereo")
            frame.sample_rate, frame.pts = RATE, start
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
