"""The net that is shipped keeps its contract: windows match, and what each instrument plays is in tune."""

import itertools

import numpy as np
import pytest

from fanstudio import paths
from fanstudio.inference.pitch import track_pitch
from fanstudio.inference.pitch_net import PitchNet
from fanstudio.inference.timbre import voice_as
from fanstudio.inference.timbre_net import MODEL, Line, TimbreNet, is_there, load_model
from fanstudio.inference.timbre_options import TimbreOptions
from fanstudio.inference.voice_features import loudness_db
from fanstudio.jobs import Work
from tests.support.voices import melody, sing

pytestmark = pytest.mark.skipif(not is_there(), reason="no timbre net is built into this checkout")
RATE = 44_100


@pytest.fixture(scope="module")
def net():
    return TimbreNet(threads=1)


@pytest.fixture(scope="module")
def voice():
    return sing(melody([57, 61, 64], 0.5, RATE, vibrato_cents=30), RATE, seed=1)


@pytest.fixture(scope="module")
def track(voice):
    return track_pitch(Work(), voice, RATE, PitchNet(threads=1))


def play(net, voice, track, instrument, **options):
    restyled = voice_as(Work(), voice, RATE, TimbreOptions(instrument, **options), net=net, track=track)
    return np.concatenate(list(restyled.blocks), axis=1), restyled


def test_it_comes_with_its_card_and_every_instrument_is_on_it():
    card = (paths.models_dir() / MODEL / "MODEL_CARD.md").read_text(encoding="utf-8")
    assert all(instrument.title in card for instrument in load_model().instruments)


def test_its_context_is_as_long_as_it_says(net):
    """Were it longer, windows would have seams; were the net not local, they would differ everywhere."""
    rng = np.random.default_rng(0)
    count = 4 * net.model.context + 200
    line = Line(
        (66 + np.cumsum(rng.normal(0, 0.3, count))).astype(np.float32),
        (rng.random(count) > 0.2).astype(np.float32),
        rng.uniform(-45, -20, count).astype(np.float32),
    )
    shares = {net.model.instruments[0].id: 1.0}
    whole = net.answer(Work(), line, shares, 0, count)
    for first, last in ((0, 50), (count // 2, count // 2 + 1), (count // 2, count)):
        for part, all_of_it in zip(net.answer(Work(), line, shares, first, last), whole, strict=True):
            np.testing.assert_allclose(part, all_of_it[:, first:last], rtol=1e-3, atol=1e-6)


def test_every_instrument_is_in_tune_and_as_loud_as_the_voice(net, voice, track):
    for instrument in net.model.instruments:
        sound, restyled = play(net, voice, track, instrument.id)
        heard = track_pitch(Work(), sound, RATE, PitchNet(threads=1))
        both = track.voiced & heard.voiced
        off = np.abs(heard.semitones[both] - track.semitones[both] - 12 * restyled.octave)
        assert (off < 0.5).sum() / track.voiced.sum() > 0.94, instrument.id
        sung = restyled.voice.sung
        level = loudness_db(sound, RATE)[sung]
        assert np.abs(level - restyled.voice.level_db[sung]).mean() < 1.5, instrument.id


def test_instruments_differ(net, voice, track):
    """No two have the same spectrum, within 2 dB on the mean of 24 bands."""
    edges = np.geomspace(200, 12_000, 25)
    spectra = {}
    for instrument in net.model.instruments:
        power = np.square(np.abs(np.fft.rfft(play(net, voice, track, instrument.id, octave=1)[0][0])))
        hz = np.fft.rfftfreq(voice.shape[1], 1 / RATE)
        bands = [power[(hz >= low) & (hz < high)].sum() for low, high in itertools.pairwise(edges)]
        spectra[instrument.id] = 10 * np.log10(np.array(bands) + 1e-12)
    ids = list(spectra)
    for number, one in enumerate(ids):
        for other in ids[:number]:
            assert np.abs(spectra[one] - spectra[other]).mean() > 2, (one, other)
