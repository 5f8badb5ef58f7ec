"""Measures what `render.py` made: loudness, peak, offset, seam; draws spectrograms into a folder."""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path

import numpy as np
import pyloudnorm
import soundfile
from dsp import Samples
from PIL import Image
from scipy import signal

HERE = Path(__file__).parent
_FLOOR_DB = -90.0


def main(pictures: Path | None) -> None:
    """Print a line for each file."""
    told = tomllib.loads((HERE / "shelf.toml").read_text())
    sounds = [(f"{kit['id']}/{sound['id']}", sound) for kit in told["kit"] for sound in kit["sound"]]
    rows = [*sounds, *((row["id"], row) for row in (*told["loop"], *told["one_shot"]))]
    print(f"{'':28s} {'s':>5s} {'LUFS':>6s} {'peak dB':>7s} {'offset dB':>9s} {'seam':>5s}")
    for name, row in rows:
        samples, rate = soundfile.read(HERE / row["file"], always_2d=True)
        seam = f"{_seam(samples):5.2f}" if "bpm" in row else ""
        offset_db = 20 * np.log10(np.abs(samples.mean(axis=0)).max() + 1e-9)
        peak_db = 20 * np.log10(np.abs(samples).max())
        levels = f"{_lufs(samples, rate):6.1f} {peak_db:7.1f} {offset_db:9.0f}"
        print(f"{name:28s} {len(samples) / rate:5.2f} {levels} {seam}")
        if pictures:
            _draw(samples, rate, pictures / f"{name.replace('/', '-')}.png")


def _lufs(samples: Samples, rate: int) -> float:
    long_enough = np.tile(samples, (1 + int(rate // len(samples)), 1))
    return float(pyloudnorm.Meter(rate).integrated_loudness(long_enough))


def _seam(samples: Samples) -> float:
    """Return the step from the last frame to the first, over the largest step within the loop."""
    return float(np.abs(samples[0] - samples[-1]).max() / np.abs(np.diff(samples, axis=0)).max())


def _draw(samples: Samples, rate: int, path: Path) -> None:
    _, _, power = signal.spectrogram(samples.mean(axis=1), rate, nperseg=1024, noverlap=768)
    shade = np.clip((10 * np.log10(power + 1e-14) - _FLOOR_DB) / -_FLOOR_DB, 0, 1)
    image = Image.fromarray((255 * shade[::-1]).astype(np.uint8))
    image.resize((480, 256)).save(path)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else None)
