"""How well the shipped splitter separates: the table of its model card."""

import sys
import time
import tomllib
from dataclasses import replace

import numpy as np
import pytest
import soundfile

from fanstudio import paths
from fanstudio.inference import catalogue
from fanstudio.inference.separation import Separator, measure_rms
from fanstudio.jobs import Work


def read(path):
    samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
    return np.ascontiguousarray(samples.T), rate


def sdr_db(reference, estimate):
    return 10 * np.log10(np.sum(reference**2) / np.sum((reference - estimate) ** 2))


def songs(shared_audio):
    """Yield name, vocals, accompaniment `(channels, frames)` and the rate."""
    demo = tomllib.loads((paths.demo_dir() / "demo.toml").read_text())
    yield demo["title"], *add_up([paths.demo_dir() / stem for stem in demo["stems"]])
    excerpt = [shared_audio / "excerpt" / f"francium_{stem}.flac" for stem in ("vocals", "drums", "other")]
    yield "Francium (excerpt)", *add_up(excerpt)
    for name in ("1.Hydrogen", "2.Lithium", "3.Sodium"):
        stems = sorted((shared_audio / "cc0-album" / name).glob("*.opus"), reverse=True)
        yield name, *add_up(stems)


def add_up(files):
    """Return the first file, the sum of the others, and the rate."""
    vocals, rate = read(files[0])
    rest = sum(read(file)[0][:, : vocals.shape[1]] for file in files[1:])
    return vocals[:, : rest.shape[1]], rest, rate


def split(separator, mix, rate):
    blocks = [mix[:, i : i + 65536] for i in range(0, mix.shape[1], 65536)]
    pieces = separator.split(
        Work(), blocks, sample_rate=rate, length_frames=mix.shape[1], rms=measure_rms(Work(), blocks)
    )
    return np.concatenate([piece["vocals"] for piece in pieces], axis=1)


def si_sdr_db(reference, estimate):
    scaled = reference * (np.vdot(reference, estimate) / np.vdot(reference, reference))
    return 10 * np.log10(np.sum(scaled**2) / np.sum((estimate - scaled) ** 2))


def separators():
    """Yield name and separator; plain is the graph as converted, at the level of the song."""
    model = catalogue.find("spleeter_2stems")
    yield "plain", Separator(replace(model, target_rms=None))
    yield "fast", Separator(model)
    yield "best", Separator(model, quality="best")


@pytest.mark.bench
@pytest.mark.shared
def test_sdr_on_songs_with_known_stems(shared_audio, capsys):
    """The refiner of `best` was trained on all of these but the demo song: the card has blind figures."""
    opened = list(separators())
    for name, vocals, rest, rate in songs(shared_audio):
        mix = vocals + rest
        for quality, separator in opened:
            start_s = time.process_time()
            estimate = split(separator, mix, rate)
            spent = (time.process_time() - start_s) * rate / mix.shape[1]
            figures = sdr_db(vocals, estimate), sdr_db(rest, mix - estimate)
            with capsys.disabled():
                sys.stdout.write(
                    f"\n{name}, {quality}: vocals {figures[0]:.2f} dB, accompaniment {figures[1]:.2f} dB, "
                    f"SI-SDR of vocals {si_sdr_db(vocals, estimate):.2f} dB; "
                    f"{spent:.3f} s of processor time a second"
                )
            assert min(figures) > 0
