"""The timbre net that comes with the program plays every instrument that its manifest names."""

import numpy as np
import pytest

from fanstudio.inference.timbre import voice_as
from fanstudio.inference.timbre_level import predict_level_db
from fanstudio.inference.timbre_net import Line, TimbreNet, load_model
from fanstudio.inference.timbre_options import TimbreOptions
from fanstudio.inference.voice_features import to_hz
from fanstudio.jobs import Work
from tests.support.voices import melody, sing

MODEL = load_model()
IDS = [instrument.id for instrument in MODEL.instruments]
FIRST_FOUR = ("violin", "flute", "saxophone", "synth_lead")
GATES = {
    "pitch_accuracy": (0.96, 1.0),
    "loudness_correlation": (0.94, 1.0),
    "classifier": (0.9, 1.0),
    "spectrum_l1": (0.0, 0.75),
}
RATE = 44_100


@pytest.fixture(scope="module")
def net():
    return TimbreNet(MODEL, threads=1)


def scale(name, seconds=4):
    instrument = MODEL.instrument(name)
    count = round(100 * seconds)
    notes = np.linspace(instrument.lowest, instrument.highest, count).round().astype(np.float32)
    levels = np.linspace(instrument.loudness_db[1], instrument.loudness_db[-1], count)
    return Line(notes, np.ones(count, np.float32), levels.astype(np.float32))


def test_it_is_small_and_whole(net):
    assert net.model.file.path.stat().st_size < 2_000_000
    assert set(FIRST_FOUR) <= set(IDS)


@pytest.mark.parametrize("instrument", MODEL.instruments, ids=IDS)
def test_every_instrument_passed_its_gates(instrument):
    figures = dict(instrument.gates)
    assert figures.keys() == GATES.keys()
    for name, (lowest, highest) in GATES.items():
        assert lowest <= figures[name] <= highest, name


@pytest.mark.parametrize("name", IDS)
def test_it_is_as_loud_as_asked_and_ends_below_nyquist(net, name):
    line = scale(name)
    harmonics, noise = net.answer(Work(), line, {name: 1.0}, 0, len(line))
    f0_hz = to_hz(line.notes)
    assert (harmonics >= 0).all()
    assert (noise >= 0).all()
    above = np.arange(1, len(harmonics) + 1)[:, None] * f0_hz > 22_000
    assert not harmonics[above].any()
    off_db = predict_level_db(f0_hz, harmonics, noise, 48_000) - line.level_db
    assert np.abs(off_db).max() < 3.5


def test_instruments_differ_and_mix(net):
    line = Line(*(np.full(100, value, np.float32) for value in (67.0, 1.0, -25.0)))
    shapes = [net.answer(Work(), line, {name: 1.0}, 0, 100)[0][:10, 50] for name in FIRST_FOUR]
    for index, one in enumerate(shapes):
        for other in shapes[index + 1 :]:
            assert np.corrcoef(np.log(one), np.log(other))[0, 1] < 0.99
    mixed = net.answer(Work(), line, {"violin": 0.5, "flute": 0.5}, 0, 100)[0][:10, 50]
    assert not np.allclose(mixed, shapes[0], rtol=0.05)
    assert not np.allclose(mixed, shapes[1], rtol=0.05)


def test_windows_are_those_of_the_whole(net):
    line = scale("violin")
    whole = net.answer(Work(), line, {"violin": 1.0}, 0, len(line))
    for first, last in ((0, 60), (150, 151), (170, 400)):
        part = net.answer(Work(), line, {"violin": 1.0}, first, last)
        for ours, wanted in zip(part, whole, strict=True):
            np.testing.assert_allclose(ours, wanted[:, first:last], rtol=2e-3, atol=1e-7)


@pytest.mark.parametrize("name", FIRST_FOUR)
def test_silence_stays_silent(net, name):
    line = Line(*(np.full(100, value, np.float32) for value in (60.0, 0.0, -120.0)))
    harmonics, noise = net.answer(Work(), line, {name: 1.0}, 0, 100)
    assert predict_level_db(to_hz(line.notes), harmonics, noise, 48_000).max() < -110


def test_a_sung_line_is_played(net):
    sound = sing(melody([57.0, 62.0, 60.0], 0.5, RATE), RATE, seed=2)
    played = voice_as(Work(), sound, RATE, TimbreOptions("violin"), net=net)
    out = np.concatenate(list(played.blocks), axis=1)
    assert out.shape == sound.shape
    assert np.isfinite(out).all()
    assert 0.2 < np.sqrt(np.square(out).mean() / np.square(sound).mean()) < 5
