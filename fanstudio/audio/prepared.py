"""Opens samples where the pool says they lie: in a rendition, or in a WAV file that needs none."""

from __future__ import annotations

from pathlib import Path

from fanstudio.audio.file_samples import FileSamples
from fanstudio.audio.rendition import RenditionFile
from fanstudio.audio.wav_samples import WavSamples, find_layout


def open_prepared(path: Path, channels: int, frames: int) -> FileSamples:
    """Open what `Pool.rendition` names, also in another process; raise OSError where it is gone."""
    layout = find_layout(path)
    return RenditionFile(path, channels, frames) if layout is None else WavSamples(path, layout)
