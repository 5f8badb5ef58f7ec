"""What is sudden, what is low, and the rest: by rule of thumb, but exact in length and sum."""

import numpy as np
import pytest

from fanstudio.errors import InputError
from fanstudio.inference.harmonic_percussive import HarmonicPercussive
from fanstudio.inference.rule_of_thumb import share
from fanstudio.jobs import Work

RATE = 44100


def tone(hz, seconds=3.0, rate=RATE):
    time = np.arange(int(seconds * rate)) / rate
    return np.tile(0.2 * np.sin(2 * np.pi * hz * time), (2, 1)).astype(np.float32)


def clicks(seconds=3.0):
    samples = np.zeros((2, int(seconds * RATE)), np.float32)
    noise = np.random.default_rng(0).standard_normal((2, 600)).astype(np.float32)
    for start in range(4000, samples.shape[1] - 600, 22050):
        samples[:, start : start + 600] = noise * np.linspace(1, 0, 600, dtype=np.float32)
    return samples


def split(samples, rate=RATE, block=30000):
    blocks = [samples[:, i : i + block] for i in range(0, samples.shape[1], block)]
    length = samples.shape[1]
    pieces = list(HarmonicPercussive().split(Work(), blocks, sample_rate=rate, length_frames=length, rms=0.1))
    return {stem: np.concatenate([piece[stem] for piece in pieces], axis=1) for stem in pieces[0]}


def energy(samples):
    return float(np.sum(np.square(samples, dtype=np.float64)))


@pytest.mark.parametrize(
    ("mix", "stem"),
    [(tone(80), "bass"), (tone(900), "other"), (clicks(), "drums")],
    ids=["low", "high", "sudden"],
)
def test_each_stem_gets_what_is_its_own(mix, stem):
    stems = split(mix)
    assert energy(stems[stem]) > 0.8 * energy(mix)
    assert energy(mix - stems[stem]) < 0.1 * energy(mix)


def test_masks_sum_to_one():
    magnitude = np.random.default_rng(0).random((1, 2, 40, 300), np.float32)
    masks = share(magnitude)
    assert masks.shape == (1, 3, 2, 40, 300)
    assert masks.min() >= 0
    np.testing.assert_allclose(masks.sum(axis=1), 1, atol=1e-6)


@pytest.mark.parametrize("rate", [8000, 44100, 192000])
@pytest.mark.parametrize("channels", [1, 2])
def test_rate_length_and_sum_are_kept(rate, channels):
    samples = np.random.default_rng(0).standard_normal((channels, rate // 2 + 3)).astype(np.float32)
    stems = split(samples, rate)
    assert list(stems) == ["drums", "bass", "other"]
    assert all(stem.shape == samples.shape for stem in stems.values())
    assert np.abs(sum(stems.values()) - samples).max() < 1e-5


@pytest.mark.parametrize("length", [1, 2, 1023, 4097])
def test_short_mixes(length):
    samples = np.full((2, length), 0.5, np.float32)
    stems = split(samples)
    assert np.abs(sum(stems.values()) - samples).max() < 1e-6


def test_silence_stays_silence():
    assert all(not stem.any() for stem in split(np.zeros((2, 50000), np.float32)).values())


def test_blocks_do_not_matter():
    samples = clicks() + tone(900)
    for stem, whole in split(samples, block=10**9).items():
        assert np.abs(split(samples, block=777)[stem] - whole).max() < 1e-6


def test_begins_in_mid_song_as_if_it_had_begun_at_its_start():
    samples = np.random.default_rng(1).standard_normal((1, 10 * RATE)).astype(np.float32) * 0.1
    whole = split(samples)
    splitter = HarmonicPercussive()
    entry = splitter.entry(RATE, 9 * RATE)
    assert 0 < entry.read_from < entry.heard_from <= 9 * RATE
    blocks = [samples[:, entry.read_from :]]
    pieces = splitter.split(
        Work(), blocks, sample_rate=RATE, length_frames=samples.shape[1], rms=0.1, entry=entry
    )
    drums = np.concatenate([piece["drums"] for piece in pieces], axis=1)
    np.testing.assert_array_equal(drums, whole["drums"][:, entry.heard_from :])


def test_surround_and_numbers_that_are_none_are_refused():
    for samples in (np.zeros((6, 100), np.float32), np.full((2, 100), np.nan, np.float32)):
        with pytest.raises(InputError):
            split(samples)


def test_report_says_approximate():
    report = HarmonicPercussive().report(seconds=2.0, audio_seconds=10.0)
    assert report.approximate
    assert report.times_realtime == 5
