"""The pitch net hears f0 where and when it is sung, at any rate, and nothing where nothing is sung."""

import tracemalloc

import numpy as np
import pytest

from fanstudio import paths
from fanstudio.errors import Cancelled, InputError, ModelError
from fanstudio.inference import catalogue
from fanstudio.inference.octaves import mend_octaves
from fanstudio.inference.pitch import PitchStream, join_tracks, track_pitch
from fanstudio.inference.pitch_net import MODEL, PitchNet, load_model
from fanstudio.jobs import Work
from fanstudio.studio import models
from tests.support.models import constant_masks, write_model
from tests.support.voices import hz_of, melody, sing


@pytest.fixture(scope="module")
def net() -> PitchNet:
    return PitchNet(threads=1)


def glide(low: float, high: float, rate: int, seconds: float = 3.0):
    return hz_of(low + (high - low) * np.arange(round(rate * seconds)) / rate / seconds)


def errors_in_cents(track, f0_hz, rate):
    """Errors of the voiced entries against f0 for each sample, away from both ends."""
    at = np.rint(np.arange(len(track)) * track.hop_s * rate).astype(int)
    inside = (at > 0.1 * rate) & (at < len(f0_hz) - 0.1 * rate)
    assert track.voiced[inside].mean() > 0.99
    kept = inside & track.voiced
    return 1200 * np.log2(track.f0_hz[kept] / f0_hz[at[kept]])


@pytest.mark.parametrize(("rate", "within"), [(8_000, 9), (22_050, 6), (44_100, 6), (96_000, 6)])
def test_glides_are_heard_in_place_and_in_tune(net, rate, within):
    means = []
    for low, high in ((48, 67), (67, 48)):
        f0_hz = glide(low, high, rate)
        off = errors_in_cents(track_pitch(Work(), sing(f0_hz, rate), rate, net), f0_hz, rate)
        assert np.percentile(np.abs(off), 95) < within
        means.append(off.mean())
    cents_per_ms = 100 * (67 - 48) / 3 / 1000
    late_ms = (means[1] - means[0]) / 2 / cents_per_ms
    assert abs(late_ms) < 1.0


def test_vibrato_is_followed(net):
    rate = 48_000
    f0_hz = melody([57, 60, 64], 0.5, rate, vibrato_cents=40)
    track = track_pitch(Work(), sing(f0_hz, rate), rate, net)
    at = np.rint(np.arange(len(track)) * track.hop_s * rate).astype(int)
    assert ((f0_hz[at] > 0) == track.voiced).mean() > 0.98
    both = (f0_hz[at] > 0) & track.voiced
    assert np.median(np.abs(1200 * np.log2(track.f0_hz[both] / f0_hz[at[both]]))) < 4


def test_pieces_of_a_stream_are_those_of_the_whole(net):
    rate = 44_100
    sound = sing(melody([55, 62, 59, 67], 0.6, rate, vibrato_cents=30), rate, seed=1)
    whole = PitchStream(net, rate)
    at_once = join_tracks([whole.push(Work(), sound), whole.finish(Work())])
    stream = PitchStream(net, rate, window_hops=3)
    cuts = np.sort(np.random.default_rng(0).integers(0, sound.shape[1], 60))
    pieces = [stream.push(Work(), piece) for piece in np.split(sound, cuts, axis=1)]
    pieces.append(stream.finish(Work()))
    joined = join_tracks(pieces)
    assert len(joined) == len(at_once) == sound.shape[1] * 16_000 // rate // 256
    assert (joined.voiced == at_once.voiced).all()
    sung = joined.voiced
    assert np.abs(1200 * np.log2(joined.f0_hz[sung] / at_once.f0_hz[sung])).max() < 0.5
    assert np.abs(joined.level_db - at_once.level_db)[1:].max() < 3


def test_quiet_and_stereo_recordings_are_heard(net):
    rate = 48_000
    loud = sing(melody([60, 64], 0.5, rate), rate)
    quiet = np.repeat(loud * np.float32(0.002), 2, axis=0)
    track = track_pitch(Work(), loud, rate, net)
    faint = track_pitch(Work(), quiet, rate, net)
    assert (track.voiced == faint.voiced).mean() > 0.95
    assert np.median(track.level_db - faint.level_db) == pytest.approx(54, abs=0.5)


@pytest.mark.parametrize(
    "sound",
    [
        np.zeros((2, 48_000), np.float32),
        np.full((1, 48_000), 0.5, np.float32),
        np.random.default_rng(0).normal(0, 0.1, (1, 48_000)).astype(np.float32),
        np.full((1, 3), 0.1, np.float32),
        np.full((1, 48_000), 1e-30, np.float32),
    ],
    ids=["silence", "constant", "noise", "three samples", "denormal"],
)
def test_where_nothing_is_sung_nothing_is_heard(net, sound):
    track = track_pitch(Work(), sound, 48_000, net)
    assert len(track) >= 1
    assert not track.voiced.any()
    assert np.isfinite(track.level_db).all()
    assert track.sureness < 0.3


def test_no_sound_at_all_gives_an_empty_track(net):
    assert len(track_pitch(Work(), np.zeros((1, 0), np.float32), 48_000, net)) == 0


def test_a_chord_is_not_taken_for_a_voice(net):
    rate = 48_000
    chord = sum(sing(np.full(2 * rate, hz), rate) for hz in (220.0, 277.2, 329.6))
    track = track_pitch(Work(), chord.astype(np.float32), rate, net)
    assert track.voiced.mean() < 0.3
    assert track.sureness < 0.5


def test_samples_that_are_no_numbers_are_refused(net):
    sound = np.zeros((1, 48_000), np.float32)
    sound[0, 1000] = np.nan
    with pytest.raises(InputError, match="not numbers"):
        track_pitch(Work(), sound, 48_000, net)


def test_cancelling_ends_it(net):
    work = Work()
    work.cancel()
    with pytest.raises(Cancelled):
        track_pitch(work, np.zeros((1, 480_000), np.float32), 48_000, net)


class LongVoice:
    """Three hours of a voice that are made as they are read."""

    def __init__(self, frames: int) -> None:
        self.shape = (1, frames)
        self._second = sing(np.full(48_000, 220.0), 48_000)

    def __getitem__(self, key):
        _, frames = key
        start, stop, _ = frames.indices(self.shape[1])
        return self._second[:, np.arange(start, stop) % 48_000]


def test_memory_does_not_grow_with_the_sound(net):
    peaks = []
    for seconds in (20, 80):
        tracemalloc.start()
        track = track_pitch(Work(), LongVoice(seconds * 48_000), 48_000, net)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert track.voiced.mean() > 0.9
    assert peaks[1] < peaks[0] + 500_000


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_three_hours_are_heard(net):
    track = track_pitch(Work(), LongVoice(3 * 3600 * 48_000), 48_000, net)
    assert len(track) == 3 * 3600 * 16_000 // 256


def test_a_moment_an_octave_off_is_taken_back_and_a_sung_octave_stays():
    notes = np.full(100, 60.0)
    notes[40:44] += 12
    notes[60:] += 12
    notes[80:83] -= 24
    f0_hz = hz_of(notes).astype(np.float32)
    f0_hz[20:25] = 0
    mended = mend_octaves(f0_hz, 0.016)
    expected = hz_of(np.where(np.arange(100) < 60, 60.0, 72.0))
    expected[20:25] = 0
    np.testing.assert_allclose(mended, expected, rtol=1e-5)


def test_the_model_is_shipped_whole_and_no_splitter():
    model = load_model()
    assert (model.id, model.hop_s) == (MODEL, 0.016)
    folder = paths.models_dir() / MODEL
    assert (folder / "MODEL_CARD.md").is_file()
    assert (folder / "LICENSE").read_text().startswith("MIT License")
    assert MODEL not in {line.id for line in models.list_models()}
    assert MODEL not in models.installed_ids()
    with pytest.raises(ModelError):
        catalogue.find(MODEL)


def test_a_damaged_net_is_refused(tmp_path):
    shipped = load_model()
    folder = tmp_path / MODEL
    folder.mkdir()
    (folder / "model.toml").write_bytes((shipped.file.path.parent / "model.toml").read_bytes())
    with pytest.raises(ModelError, match=r"model\.onnx"):
        PitchNet(load_model(folder))
    (folder / "model.onnx").write_bytes(b"\0" + shipped.file.path.read_bytes()[1:])
    with pytest.raises(ModelError, match="damaged"):
        PitchNet(load_model(folder))


def test_a_splitter_is_no_pitch_net(tmp_path):
    with pytest.raises(ModelError, match="task"):
        load_model(write_model(tmp_path, constant_masks([1, 0])))
