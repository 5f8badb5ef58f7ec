"""How well and how fast four stems come apart: the shipped second stage beside the rule of thumb.

The demo song was never trained on. The songs beside the checkout were: their figures here flatter the
model, and those of its card come from nets that had not heard the song.
"""

import sys
import time
import tomllib

import numpy as np
import pytest
import soundfile

from fanstudio import paths
from fanstudio.inference import splitters
from fanstudio.inference.cascade import Cascade
from fanstudio.inference.harmonic_percussive import HarmonicPercussive
from fanstudio.inference.separation import measure_rms
from fanstudio.inference.splitters import open_splitter
from fanstudio.jobs import Work

STEMS = ("vocals", "drums", "bass", "other")


def read(path):
    samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
    return np.ascontiguousarray(samples.T), rate


def read_stems(files):
    """Return the stems that there are, equally long, and their rate."""
    read_files = {stem: read(path) for stem, path in files.items() if path.is_file()}
    rate = next(rate for _, rate in read_files.values())
    frames = min(samples.shape[1] for samples, _ in read_files.values())
    return {stem: samples[:, :frames] for stem, (samples, _) in read_files.items()}, rate


def demo_files():
    demo = tomllib.loads((paths.demo_dir() / "demo.toml").read_text())
    return dict(zip(STEMS, [paths.demo_dir() / stem for stem in demo["stems"]], strict=True))


def sdr_db(reference, estimate):
    return float(10 * np.log10(np.sum(reference**2) / np.sum((reference - estimate) ** 2)))


def split(splitter, mix, rate):
    """Return the stems and how many times faster than the song is long."""
    blocks = [mix[:, i : i + 65536] for i in range(0, mix.shape[1], 65536)]
    rms = measure_rms(Work(), blocks)
    started = time.monotonic()
    pieces = list(splitter.split(Work(), blocks, sample_rate=rate, length_frames=mix.shape[1], rms=rms))
    speed = mix.shape[1] / rate / (time.monotonic() - started)
    return {stem: np.concatenate([piece[stem] for piece in pieces], axis=1) for stem in STEMS}, speed


def judge(splitter, true, rate):
    """Return the SDR of each stem; where the song has no bass, bass and other are one."""
    estimates, speed = split(splitter, sum(true.values()), rate)
    if "bass" not in true:
        estimates["other"] = estimates["other"] + estimates["bass"]
    return {stem: sdr_db(samples, estimates[stem]) for stem, samples in true.items()}, speed


def show(capsys, song, name, figures, speed):
    cells = ", ".join(f"{stem} {value:.2f} dB" for stem, value in figures.items())
    with capsys.disabled():
        sys.stdout.write(f"\n{song}, {name}: {cells}; {speed:.1f} × realtime")


@pytest.fixture(scope="module")
def shipped():
    return open_splitter(4, device="cpu")


@pytest.fixture(scope="module")
def by_rule():
    return Cascade(open_splitter(2, device="cpu"), HarmonicPercussive())


@pytest.mark.bench
def test_model_beats_the_rule_of_thumb_by_a_decibel_on_the_demo_song(shipped, by_rule, capsys):
    true, rate = read_stems(demo_files())
    mean = {}
    for name, splitter in (("model", shipped), ("rule of thumb", by_rule)):
        figures, speed = judge(splitter, true, rate)
        show(capsys, "demo song", name, figures, speed)
        mean[name] = np.mean([figures[stem] for stem in ("drums", "bass", "other")])
    assert splitters.ACCOMPANIMENT in shipped.report(seconds=1, audio_seconds=1).model
    assert mean["model"] >= mean["rule of thumb"] + 1


@pytest.mark.bench
@pytest.mark.shared
@pytest.mark.parametrize("song", ["1.Hydrogen", "2.Lithium", "3.Sodium"])
def test_songs_with_known_stems(shipped, by_rule, shared_audio, song, capsys):
    true, rate = read_stems({stem: shared_audio / "cc0-album" / song / f"{stem}.opus" for stem in STEMS})
    for name, splitter in (("model, trained on it", shipped), ("rule of thumb", by_rule)):
        figures, speed = judge(splitter, true, rate)
        show(capsys, song, name, figures, speed)
        assert figures["drums"] > 0
