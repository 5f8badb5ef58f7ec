"""Judge the rendered song: print figures and draw spectrogram.png.

`python assets/demo/judge.py VOCALS`, where VOCALS is what `fanstudio split assets/demo/song.flac` took for
the voice. Needs what render.py needs, and from PyPI `pyloudnorm`, `matplotlib` and `pillow`.
"""

from __future__ import annotations

import argparse
import io
from pathlib import Path

import matplotlib

matplotlib.use("Agg")

import numpy as np
import pyloudnorm
import pyworld
import soundfile
from matplotlib import pyplot
from numpy.typing import NDArray
from PIL import Image
from score import CHORUS, FRAMES_PER_STEP, SAMPLE_RATE, VERSE, Line, frame_of, midi_key

Samples = NDArray[np.float64]

HERE = Path(__file__).resolve().parent
COLOURS = 48


def read(path: Path) -> Samples:
    """Read a stereo file, `(channels, frames)`."""
    samples, rate = soundfile.read(path, dtype="float64", always_2d=True)
    if rate != SAMPLE_RATE:
        raise ValueError(f"{path.name} has {rate} Hz, the song {SAMPLE_RATE}")
    return samples.T


def signal_to_distortion_db(truth: Samples, estimate: Samples) -> float:
    """Return 10 lg(sum truth² / sum (truth - estimate)²) over the whole stem and both channels."""
    return float(10 * np.log10((truth**2).sum() / ((truth - estimate) ** 2).sum()))


def pitch_errors_cents(vocals: Samples, lines: tuple[Line, ...]) -> Samples:
    """Return how far the sung pitch is from the notes, where they are held: a frame every 5 ms."""
    mono = np.ascontiguousarray(vocals.mean(axis=0))
    pitch_hz, times_s = pyworld.harvest(mono, SAMPLE_RATE, f0_floor=150, f0_ceil=800)
    errors = []
    for line in lines:
        for syllable in line.syllables:
            start = frame_of(line.bar, syllable.step) / SAMPLE_RATE + 0.12
            end = start + syllable.length_steps * FRAMES_PER_STEP / SAMPLE_RATE - 0.22
            held = pitch_hz[(times_s >= start) & (times_s < end) & (pitch_hz > 0)]
            errors.append(1200 * np.log2(held / 440) - 100 * (midi_key(syllable.note) - 69))
    return np.concatenate(errors)


def report(song: Samples, vocals: Samples, separated: Samples) -> None:
    """Print loudness, peak, pitch and how well the song comes apart."""
    peak_db = 20 * np.log10(np.abs(song).max())
    loudness = pyloudnorm.Meter(SAMPLE_RATE).integrated_loudness(song.T)
    print(f"loudness {loudness:.1f} LUFS, peak {peak_db:.1f} dBFS")
    for name, lines in (("verse", VERSE), ("chorus", CHORUS)):
        errors = pitch_errors_cents(vocals, lines)
        near = np.mean(np.abs(errors) < 50)
        print(f"{name}: median pitch error {np.median(np.abs(errors)):.1f} cents, {near:.1%} within 50")
    rest, separated_rest = song - vocals, song - separated
    print(f"vocals SDR {signal_to_distortion_db(vocals, separated):.2f} dB")
    print(f"accompaniment SDR {signal_to_distortion_db(rest, separated_rest):.2f} dB")


def draw(panels: dict[str, Samples], path: Path) -> None:
    """Draw spectrograms one above the other, as a small PNG of few colours."""
    figure, axes = pyplot.subplots(len(panels), 1, figsize=(13, 9), sharex=True, layout="constrained")
    for axis, (title, samples) in zip(axes, panels.items(), strict=True):
        mono = samples.mean(axis=0) + 1e-7
        axis.specgram(mono, NFFT=2048, Fs=SAMPLE_RATE, noverlap=1024, vmin=-125, vmax=-45, cmap="magma")
        axis.set(ylim=(0, 8000), ylabel="Hz", title=title)
    axes[-1].set_xlabel("seconds")
    drawn = io.BytesIO()
    figure.savefig(drawn, dpi=90)
    Image.open(drawn).convert("RGB").quantize(COLOURS).save(path, optimize=True)


def main() -> None:
    """Read the song, its true vocals and the separated ones, and judge them."""
    parser = argparse.ArgumentParser(description="Judge the demo song.")
    parser.add_argument("separated", type=Path, help="the vocals as separated from song.flac")
    song, vocals = read(HERE / "song.flac"), read(HERE / "stems" / "vocals.flac")
    separated = read(parser.parse_args().separated)
    report(song, vocals, separated)
    draw({"mix": song, "true vocals": vocals, "separated vocals": separated}, HERE / "spectrogram.png")


if __name__ == "__main__":
    main()
