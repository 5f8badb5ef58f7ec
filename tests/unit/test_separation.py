"""Stems have the mix's rate, length and channels, and sum to it, whatever the model."""

import hashlib
import time

import numpy as np
import pytest
import soundfile

from fanstudio import paths
from fanstudio.errors import Cancelled, InputError, ModelError
from fanstudio.inference import manifest
from fanstudio.inference.separation import Separator, measure_rms
from fanstudio.jobs import Work
from tests.support.cancelling import cancelled_soon
from tests.support.models import BINS, FRAMES, constant_masks, write_model
from tests.support.odd_graphs import endless_masks


def noise(length, channels=2, seed=0):
    return (np.random.default_rng(seed).standard_normal((channels, length)) * 0.1).astype(np.float32)


def cut(samples, block):
    return [samples[:, i : i + block] for i in range(0, samples.shape[1], block)]


def load(tmp_path, graph, **changes):
    return Separator(manifest.load(write_model(tmp_path, graph, **changes)), "cpu", threads=1)


def split(separator, samples, rate=44100, block=5000, work=None):
    blocks = cut(samples, block)
    rms = measure_rms(Work(), blocks)
    length = samples.shape[1]
    pieces = list(separator.split(work or Work(), blocks, sample_rate=rate, length_frames=length, rms=rms))
    return {stem: np.concatenate([piece[stem] for piece in pieces], axis=1) for stem in pieces[0]}


def level_db(samples):
    return 20 * np.log10(max(1e-30, float(np.abs(samples).max())))


def sdr_db(reference, estimate):
    return 10 * np.log10(np.sum(reference**2) / np.sum((reference - estimate) ** 2))


@pytest.fixture(scope="module")
def spleeter():
    return Separator(manifest.load(paths.models_dir() / "spleeter_2stems"))


@pytest.mark.parametrize("length", [1, 2, 63, 64, 65, 767, 1000, 4097, 44101])
def test_mask_of_one_gives_the_input_back(tmp_path, length):
    samples = noise(length)
    stems = split(load(tmp_path, constant_masks([1, 0])), samples)
    assert stems["vocals"].shape == stems["accompaniment"].shape == samples.shape
    assert level_db(stems["vocals"] - samples) < -100
    assert level_db(stems["accompaniment"]) < -100


def test_blocks_do_not_matter(tmp_path):
    samples = noise(9001)
    separator = load(tmp_path, constant_masks([0.3, 0.7]))
    whole = split(separator, samples, block=9001)
    for block in (37, 1024):
        assert level_db(split(separator, samples, block=block)["vocals"] - whole["vocals"]) < -120


@pytest.mark.parametrize("rate", [8000, 22050, 32000, 44100, 48000, 96000, 192000])
@pytest.mark.parametrize("channels", [1, 2])
def test_rate_length_and_channels_are_kept_to_the_sample(tmp_path, rate, channels):
    samples = noise(rate // 3 + 7, channels)
    stems = split(load(tmp_path, constant_masks([0.4, 0.6])), samples, rate)
    assert all(stem.shape == samples.shape and stem.dtype == np.float32 for stem in stems.values())
    assert level_db(sum(stems.values()) - samples) < -90


@pytest.mark.parametrize("rate", [22050, 48000, 96000])
def test_stems_at_another_rate_stay_in_time(tmp_path, rate):
    t = np.arange(rate) / rate
    tone = (0.3 * np.sin(2 * np.pi * 1000 * t) * np.hanning(rate)).astype(np.float32)[None]
    stems = split(load(tmp_path, constant_masks([1, 0])), tone, rate)
    assert level_db(stems["vocals"] - tone) < -80


def test_rows_go_to_their_stems_and_the_rest_to_the_last(tmp_path):
    separator = load(
        tmp_path, constant_masks([0.2, 0.5, 0.3]), files__stems=["a", "b", "c"], files__rows=[2, 0, 1]
    )
    samples = noise(3000)
    stems = split(separator, samples)
    for stem, share in {"a": 0.3, "b": 0.2, "c": 0.5}.items():
        assert level_db(stems[stem] - share * samples) < -90


def test_stems_may_come_from_graphs_of_their_own(tmp_path):
    folder = write_model(tmp_path, constant_masks([0.3]), files__stems=["vocals"], files__rows=[0])
    data = constant_masks([0.9, 0.7]).SerializeToString()
    (folder / "rest.onnx").write_bytes(data)
    with (folder / "model.toml").open("a") as stream:
        stream.write('[[files]]\nname = "rest.onnx"\nstems = ["rest"]\nrows = [1]\n')
        stream.write(f'sha256 = "{hashlib.sha256(data).hexdigest()}"\n')
    samples = noise(3000)
    stems = split(Separator(manifest.load(folder)), samples)
    assert level_db(stems["vocals"] - 0.3 * samples) < -90
    assert level_db(stems["rest"] - 0.7 * samples) < -90


def test_powers_of_masks_share_the_whole(tmp_path):
    stems = split(load(tmp_path, constant_masks([3, 1]), post__mask_power=2), noise(3000))
    assert level_db(stems["vocals"] - 0.9 * noise(3000)) < -90


def test_mono_model_splits_stereo(tmp_path):
    graph = constant_masks([0.25, 0.75], shape=("N", 1, FRAMES, BINS))
    samples = noise(3000)
    stems = split(load(tmp_path, graph, input__channels=1), samples)
    assert level_db(stems["vocals"] - 0.25 * samples) < -90


def test_bins_above_the_nets_follow_the_frames_mean_or_stay_with_the_rest(tmp_path):
    t = np.arange(20000) / 44100
    high = (0.3 * np.sin(2 * np.pi * 20000 * t)).astype(np.float32)[None]
    mean = split(load(tmp_path / "a", constant_masks([1, 0])), high)
    zero = split(load(tmp_path / "b", constant_masks([1, 0]), post__band_extension="zero"), high)
    assert level_db(mean["vocals"] - high) < -90
    assert level_db(zero["vocals"][:, 1000:-1000]) < -60


def test_hardly_audible_song_is_no_trouble(spleeter):
    samples = noise(5000) * np.float32(1e-37)
    assert level_db(sum(split(spleeter, samples).values()) - samples) < -200


@pytest.mark.parametrize("channels", [1, 2])
def test_silence_stays_silence(spleeter, channels):
    stems = split(spleeter, np.zeros((channels, 5000), np.float32))
    assert all(not stem.any() for stem in stems.values())


def test_nothing_gives_nothing(tmp_path):
    separator = load(tmp_path, constant_masks([1, 0]))
    for blocks in ([], [noise(0)]):
        assert list(separator.split(Work(), blocks, sample_rate=44100, length_frames=0, rms=0)) == []


@pytest.mark.parametrize("channels", [0, 6])
def test_other_than_mono_and_stereo_is_refused(tmp_path, channels):
    with pytest.raises(InputError, match=f"{channels} channels"):
        split(load(tmp_path, constant_masks([1, 0])), noise(100, channels))


@pytest.mark.parametrize("value", [np.nan, -np.inf, 1e30])
def test_samples_that_are_not_numbers_are_refused(tmp_path, value):
    samples = noise(100)
    samples[1, 50] = value
    with pytest.raises(InputError, match="not numbers"):
        split(load(tmp_path, constant_masks([1, 0])), samples)


def test_model_that_returns_nan_is_refused(tmp_path):
    with pytest.raises(ModelError, match="not numbers"):
        split(load(tmp_path, constant_masks([float("nan"), 0])), noise(100))


def test_model_with_too_few_rows_is_refused(tmp_path):
    with pytest.raises(ModelError, match="shape"):
        split(load(tmp_path, constant_masks([1])), noise(100))


@pytest.mark.parametrize(
    "changes", [{"input__frames": 32}, {"input__name": "x"}, {"output__name": "y"}, {"stft__bins": 99}]
)
def test_graph_that_contradicts_its_manifest_is_refused_before_any_audio(tmp_path, changes):
    with pytest.raises(ModelError, match="graph"):
        load(tmp_path, constant_masks([1, 0]), **changes)


def test_damaged_graph_is_refused(tmp_path):
    folder = write_model(tmp_path, constant_masks([1, 0]))
    file = folder / "model.onnx"
    file.write_bytes(file.read_bytes()[:-1])
    with pytest.raises(ModelError, match="damaged"):
        Separator(manifest.load(folder))


def test_cancel_is_heard_in_mid_inference(tmp_path):
    separator = load(tmp_path, endless_masks())
    work, cancelled_at = cancelled_soon()
    with pytest.raises(Cancelled):
        split(separator, noise(3000), work=work)
    assert time.process_time() - cancelled_at[0] < 1


def test_progress_rises_to_nearly_one(tmp_path):
    seen = []
    split(load(tmp_path, constant_masks([1, 0])), noise(20000), work=Work(lambda f, text: seen.append(f)))
    assert seen == sorted(seen)
    assert seen[0] == 0
    assert 0.8 < seen[-1] <= 1


def test_rms_is_that_of_all_samples():
    samples = noise(1000)
    assert measure_rms(Work(), cut(samples, 77)) == pytest.approx(np.sqrt(np.mean(samples**2)), rel=1e-5)
    assert measure_rms(Work(), []) == 0


def render_band(seconds=4, rate=44100):
    """A drum loop with a bass, `(2, frames)`."""
    t = np.arange(seconds * rate) / rate
    rng = np.random.default_rng(3)
    beat = t % 0.5
    kick = np.sin(2 * np.pi * 55 * beat) * np.exp(-beat * 18)
    hat = rng.standard_normal(len(t)) * np.exp(-(t % 0.25) * 60)
    bass = np.sign(np.sin(2 * np.pi * 55 * t))
    band = 0.5 * kick + 0.1 * hat + 0.1 * bass
    return np.stack([band, band]).astype(np.float32)


def test_level_of_the_mix_does_not_matter(spleeter):
    band = render_band()
    loud, quiet = (split(spleeter, band * np.float32(gain))["accompaniment"] for gain in (1, 0.001))
    assert sdr_db(loud, quiet * 1000) > 60


def test_band_without_a_voice_leaves_the_vocal_stem_nearly_empty(spleeter):
    band = render_band()
    assert sdr_db(band, split(spleeter, band)["accompaniment"]) > 15


def read(path):
    samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
    return np.ascontiguousarray(samples.T), rate


def test_real_music_is_separated_as_well_as_promised(spleeter, shared_audio):
    folder = shared_audio / "excerpt"
    mix, rate = read(folder / "francium_mix.flac")
    vocals = read(folder / "francium_vocals.flac")[0]
    accompaniment = read(folder / "francium_drums.flac")[0] + read(folder / "francium_other.flac")[0]
    stems = split(spleeter, mix, rate, block=65536)
    assert sdr_db(vocals, stems["vocals"]) >= 6.6
    assert sdr_db(accompaniment, stems["accompaniment"]) >= 11.8
    assert level_db(sum(stems.values()) - mix) < -90


def test_demo_song_is_separated_well(spleeter):
    mix, rate = read(paths.demo_dir() / "song.flac")
    vocals = read(paths.demo_dir() / "stems" / "vocals.flac")[0]
    stems = split(spleeter, mix, rate, block=65536)
    assert sdr_db(vocals, stems["vocals"]) >= 6
    assert sdr_db(mix - vocals, stems["accompaniment"]) >= 6
