"""Two splitters in a row are one: four stems, in time, exact in length and sum."""

import itertools
import threading
import tracemalloc

import numpy as np
import pytest

from fanstudio.errors import Cancelled, InputError, ModelError
from fanstudio.inference import manifest, splitters
from fanstudio.inference.cascade import Cascade
from fanstudio.inference.harmonic_percussive import HarmonicPercussive
from fanstudio.inference.runner import Device
from fanstudio.inference.separation import Separator
from fanstudio.inference.splitters import is_approximate, open_splitter, stem_names
from fanstudio.jobs import Work
from tests.support.models import constant_masks, write_model

RATE = 44100
STEMS = ("vocals", "drums", "bass", "other")


def noise(length, channels=2):
    return (np.random.default_rng(3).standard_normal((channels, length)) * 0.1).astype(np.float32)


@pytest.fixture
def cascade(tmp_path):
    model = manifest.load(write_model(tmp_path, constant_masks([0.25, 0.75])))
    return Cascade(Separator(model, "cpu", threads=1), HarmonicPercussive())


def run(splitter, samples, rate=RATE, block=20000, work=None, **entry):
    blocks = (samples[:, i : i + block] for i in range(0, samples.shape[1], block))
    return splitter.split(
        work or Work(), blocks, sample_rate=rate, length_frames=samples.shape[1], rms=0.1, **entry
    )


def join(pieces):
    pieces = list(pieces)
    return {stem: np.concatenate([piece[stem] for piece in pieces], axis=1) for stem in pieces[0]}


@pytest.mark.parametrize("rate", [8000, 44100, 48000, 192000])
@pytest.mark.parametrize("channels", [1, 2])
def test_length_and_sum_are_exact(cascade, rate, channels):
    samples = noise(rate // 2 + 11, channels)
    pieces = list(run(cascade, samples, rate))
    for piece in pieces:
        assert len({stem.shape for stem in piece.values()}) == 1
    stems = join(pieces)
    assert tuple(stems) == cascade.stems == STEMS
    assert all(stem.shape == samples.shape and stem.dtype == np.float32 for stem in stems.values())
    assert np.abs(sum(stems.values()) - samples).max() < 1e-6


def test_vocals_are_those_of_the_first_and_the_rest_is_split_by_the_second(cascade, tmp_path):
    samples = noise(RATE)
    stems = join(run(cascade, samples))
    first = join(run(cascade._first, samples))
    np.testing.assert_array_equal(stems["vocals"], first["vocals"])
    second = join(run(HarmonicPercussive(), first["accompaniment"]))
    for stem in ("drums", "bass", "other"):
        np.testing.assert_allclose(stems[stem], second[stem], atol=1e-6)


@pytest.mark.parametrize("length", [1, 100, 5000])
def test_short_mixes(cascade, length):
    samples = noise(length)
    assert np.abs(sum(join(run(cascade, samples)).values()) - samples).max() < 1e-6


def test_silence_stays_silence(cascade):
    assert all(not stem.any() for stem in join(run(cascade, np.zeros((2, RATE), np.float32))).values())


@pytest.mark.parametrize("frame", [0, 6 * RATE, 11 * RATE])
def test_begins_in_mid_song_as_if_it_had_begun_at_its_start(cascade, frame):
    samples = noise(12 * RATE, channels=1)
    whole = join(run(cascade, samples))
    entry = cascade.entry(RATE, frame)
    assert entry.read_from <= entry.heard_from <= frame
    stems = join(run(cascade, samples[:, entry.read_from :], entry=entry))
    for stem in STEMS:
        np.testing.assert_array_equal(stems[stem], whole[stem][:, entry.heard_from :])


def test_memory_does_not_grow_with_the_song(cascade):
    block = noise(RATE, channels=1)

    def peak(seconds):
        tracemalloc.start()
        for _ in cascade.split(
            Work(), itertools.repeat(block, seconds), sample_rate=RATE, length_frames=1, rms=0.1
        ):
            pass
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    peak(1)  # imports what is imported late
    assert peak(26) < 1.1 * peak(14)


def test_can_be_cancelled_on_the_way(cascade):
    cancelled = threading.Event()
    pieces = run(cascade, noise(16 * RATE, channels=1), work=Work(cancelled=cancelled))
    next(pieces)
    cancelled.set()
    with pytest.raises(Cancelled):
        list(pieces)


def test_progress_never_goes_back(cascade):
    told = []
    list(run(cascade, noise(14 * RATE, 1), work=Work(lambda fraction, _text: told.append(fraction))))
    assert told == sorted(told)
    assert 0 <= told[0] < 0.5 < told[-1] <= 1


FAILED = Device("cpu", "CPUExecutionProvider", "cuda: it ran out of memory", "cuda failed while it ran")
FINE = Device("cuda", "CUDAExecutionProvider")


class _On(HarmonicPercussive):
    def __init__(self, device):
        self._device = device

    @property
    def device(self):
        return self._device


@pytest.mark.parametrize(("first", "second"), [(FAILED, FINE), (FINE, FAILED)])
def test_device_is_the_worst_off(first, second):
    splitter = Cascade(_On(first), _On(second))
    report = splitter.report(seconds=1.0, audio_seconds=8.0)
    assert splitter.device == FAILED
    assert (report.device, report.why_not_better) == ("cpu", FAILED.why_not)


def test_the_rule_of_thumb_takes_nothing_from_the_device():
    assert Cascade(_On(FINE), HarmonicPercussive()).device == FINE


def test_report_names_both_and_says_approximate(cascade):
    report = cascade.report(seconds=1.0, audio_seconds=8.0)
    assert report.model == "test_model+harmonic_percussive"
    assert len(report.sha256) == 64
    assert report.approximate
    assert report.times_realtime == 8


def test_opens_what_is_asked_for():
    assert open_splitter(2, device="cpu", threads=1).stems == stem_names(2) == ("vocals", "accompaniment")
    assert open_splitter(4, device="cpu", threads=1).stems == stem_names(4) == STEMS
    with pytest.raises(InputError):
        open_splitter(3)
    with pytest.raises(ModelError):
        open_splitter(4, model_id="no_such_model")


def test_a_rule_of_thumb_does_where_there_is_no_second_model(monkeypatch):
    monkeypatch.setattr(splitters, "ACCOMPANIMENT", "not_there")
    splitter = open_splitter(4, device="cpu", threads=1)
    assert splitter.stems == stem_names(4) == STEMS
    report = splitter.report(seconds=1, audio_seconds=1)
    assert report.model == "spleeter_2stems+harmonic_percussive"
    assert report.approximate
    assert is_approximate(4, ("vocals", "accompaniment"))
    assert not is_approximate(2, ("vocals", "accompaniment"))
    assert not is_approximate(4, STEMS)


def test_shipped_four_stems_tell_hits_from_a_tone():
    time = np.arange(4 * RATE) / RATE
    tone = 0.1 * np.sin(2 * np.pi * 1500 * time)
    hits = np.zeros(len(time))
    noise_hit = np.random.default_rng(0).standard_normal(2000) * np.linspace(1, 0, 2000) ** 2
    for start in range(5000, len(hits) - 2000, RATE // 2):
        hits[start : start + 2000] = 0.5 * noise_hit
    parts = {"drums": np.tile(hits, (2, 1)), "other": np.tile(tone, (2, 1))}
    splitter = open_splitter(4, device="cpu", threads=1)
    stems = join(run(splitter, sum(parts.values()).astype(np.float32)))
    assert not splitter.report(seconds=1, audio_seconds=1).approximate
    for name, part in parts.items():
        likeness = {stem: abs(np.corrcoef(samples[0], part[0])[0, 1]) for stem, samples in stems.items()}
        assert max(likeness, key=likeness.get) == name
