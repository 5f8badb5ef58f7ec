"""Sound files for tests, written by libsndfile and FFmpeg, not by our own encoders."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import soundfile
from numpy.typing import NDArray

from fanstudio.model.rights import Basis, Origin
from fanstudio.model.session import Source

Floats = NDArray[np.float32]


def noise(frames: int, channels: int = 2, seed: int = 0, peak: float = 0.5) -> Floats:
    """Return reproducible noise `(channels, frames)`, smooth enough for lossy codecs."""
    rough = np.random.default_rng(seed).normal(size=(channels, frames + 64))
    smooth = np.stack([np.convolve(channel, np.hanning(64), "valid")[:frames] for channel in rough])
    return (peak * smooth / np.abs(smooth).max()).astype(np.float32)


def write_sound(
    path: Path, samples: Floats, rate: int, form: str = "WAV", subtype: str | None = None
) -> Path:
    """Write samples by libsndfile, in pieces as OGG needs it."""
    with soundfile.SoundFile(path, "w", rate, len(samples), subtype, format=form) as file:
        for start in range(0, samples.shape[1], 8192):
            file.write(np.ascontiguousarray(samples[:, start : start + 8192].T))
    return path


def write_m4a(path: Path, samples: Floats, rate: int, codec: str = "aac") -> Path:
    """Write samples by FFmpeg into an MP4 file."""
    layout = "mono" if len(samples) == 1 else "stereo"
    with av.open(str(path), "w", format="ipod") as container:
        stream = container.add_stream(codec, rate=rate, layout=layout)
        form = stream.codec_context.codec.audio_formats[0].name
        resampler = av.AudioResampler(format=form, layout=layout, rate=rate)
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples), format="fltp", layout=layout)
        frame.sample_rate, frame.time_base, frame.pts = rate, Fraction(1, rate), 0
        for piece in (*resampler.resample(frame), None):
            container.mux(stream.encode(piece))
    return path


def a_source(name: str, frames: int, channels: int = 2, rate: int = 48_000) -> Source:
    """Return a source of the fan's own that no file stands behind."""
    return Source(name.encode().hex().ljust(64, "0"), name, ".wav", rate, channels, frames, own(name))


def own(title: str) -> Origin:
    """Return the origin of a file of the fan's own."""
    return Origin(Basis.OWN, title)
