"""`quality="best"`: one net at several scales, in windows that are whole of themselves."""

import numpy as np
import pytest

from fanstudio import paths
from fanstudio.errors import ModelError
from fanstudio.inference import manifest
from fanstudio.inference.masking import MagnitudeMask
from fanstudio.inference.scales import ManyScales
from fanstudio.inference.separation import Separator
from fanstudio.inference.windows import Stft
from fanstudio.jobs import Work
from tests.support.models import BINS, FRAMES, HOP, N_FFT, constant_masks, windowed_masks, write_model

RATE = 44100
HOPS = [48, 64, 80]


def noise(length, channels=2):
    return (np.random.default_rng(length).standard_normal((channels, length)) * 0.1).astype(np.float32)


def split(separator, mix, block=3001, rate=RATE):
    blocks = (mix[:, i : i + block] for i in range(0, mix.shape[1], block))
    pieces = list(
        separator.split(Work(), blocks, sample_rate=rate, length_frames=max(1, mix.shape[1]), rms=0.1)
    )
    return {stem: np.concatenate([piece[stem] for piece in pieces], axis=1) for stem in separator.stems}


def open_best(folder, graph, **changes):
    model = manifest.load(write_model(folder, graph, best__hops=HOPS, **changes))
    return Separator(model, "cpu", threads=1, quality="best")


@pytest.mark.parametrize("length", [1, 63, 64, 700, 5000, 44100])
@pytest.mark.parametrize("channels", [1, 2])
def test_constant_masks_give_that_share_of_the_mix_at_any_length(tmp_path, length, channels):
    separator = open_best(tmp_path, constant_masks([0.25, 0.75]))
    mix = noise(length, channels)
    stems = split(separator, mix)
    assert stems["vocals"].shape == mix.shape
    assert np.abs(stems["vocals"] - 0.25 * mix).max() < 1e-5 * np.abs(mix).max()
    assert np.array_equal(stems["accompaniment"], mix - stems["vocals"])


@pytest.mark.parametrize("rate", [8000, 48000])
def test_other_rates_keep_their_length(tmp_path, rate):
    mix = noise(rate + 7)
    stems = split(open_best(tmp_path, constant_masks([0.5, 0.5])), mix, rate=rate)
    assert stems["vocals"].shape == mix.shape


def test_silence_stays_silence(tmp_path):
    silence = np.zeros((2, 20000), np.float32)
    assert not split(open_best(tmp_path, windowed_masks()), silence)["vocals"].any()


def test_blocks_do_not_matter(tmp_path):
    separator, mix = open_best(tmp_path, windowed_masks()), noise(20000)
    whole = split(separator, mix, block=20000)["vocals"]
    for block in (999, 4096):
        assert np.array_equal(split(separator, mix, block)["vocals"], whole)


def test_a_stream_may_begin_in_mid_song(tmp_path):
    separator, mix = open_best(tmp_path, windowed_masks()), noise(20000)
    whole = split(separator, mix)["vocals"]
    entry = separator.entry(RATE, 15000)
    assert not entry.at_start
    pieces = separator.split(
        Work(), [mix[:, entry.read_from :]], sample_rate=RATE, length_frames=20000, rms=0.1, entry=entry
    )
    part = np.concatenate([piece["vocals"] for piece in pieces], axis=1)
    assert np.array_equal(part, whole[:, entry.heard_from :])


def test_fast_does_without(tmp_path):
    model = manifest.load(write_model(tmp_path, windowed_masks(), best__hops=HOPS))
    fast = split(Separator(model, "cpu", threads=1), noise(20000))["vocals"]
    best = split(Separator(model, "cpu", threads=1, quality="best"), noise(20000))["vocals"]
    assert 0 < np.abs(fast - best).max() < 0.05


def test_bins_above_all_passes_may_be_left_to_the_residual(tmp_path):
    """With hops 48 to 80 and 60 of 129 bins, none of the passes sees the upper third."""
    times = np.arange(20000) / N_FFT
    mix = np.tile(np.sin(2 * np.pi * 110 * times), (2, 1)).astype(np.float32)
    graph, few = constant_masks([0.5, 0.5], ("N", 2, FRAMES, 60)), {"stft__bins": 60}
    mean = split(open_best(tmp_path / "mean", graph, **few), mix)["vocals"]
    zero = split(open_best(tmp_path / "zero", graph, **few, post__band_extension="zero"), mix)["vocals"]
    middle = slice(1000, -1000)
    assert np.abs(mean - 0.5 * mix)[:, middle].max() < 1e-4
    assert np.abs(zero)[:, middle].max() < 1e-2


def test_every_pass_speaks_of_the_same_place():
    """A net that lets only the loudest points through finds a short tone where it is, at every scale."""
    kind = ManyScales(MagnitudeMask(2, FRAMES, BINS, 4, Stft(N_FFT, HOP), 1, "zero"), tuple(HOPS))
    size, stft = kind.grid.size, kind.net.stft
    middle, tone_bin = size // 2, 40
    samples = 0.001 * noise(size)
    tone = np.sin(2 * np.pi * tone_bin / N_FFT * np.arange(2 * N_FFT)) * np.hanning(2 * N_FFT)
    samples[:, middle - N_FFT : middle + N_FFT] += tone.astype(np.float32)
    shapes = []

    def loudest(windows):
        shapes.append(windows.shape)
        vocals = (windows > 0.7 * windows.max()).astype(np.float32)
        return np.stack([vocals, 1 - vocals], axis=1)

    mask = kind.passes(samples, (0,), loudest).mean(axis=0)[0]
    assert shapes == [(1, 2, FRAMES, BINS)] * 3
    assert mask.shape == (2, kind.frames, stft.bins)
    frame, peak = np.unravel_index(mask[0].argmax(), mask[0].shape)
    assert abs(frame - (kind.frames - 1) / 2) <= 1
    assert abs(peak - tone_bin) <= 1
    assert mask[0, frame, peak] > 0.9
    assert not mask[0, :, : tone_bin - 5].any()
    assert not mask[0, :, tone_bin + 5 : 75].any()


@pytest.mark.parametrize("hops", [[], [64.0], [31], [129], ["64"], "64", 64, [64] * 17])
def test_hops_that_make_no_sense_are_refused(tmp_path, hops):
    with pytest.raises(ModelError, match=r"best\.hops"):
        manifest.load(write_model(tmp_path, b"", best__hops=hops))


def test_one_channel_nets_and_short_windows_have_no_best(tmp_path):
    for name, changes in (("mono", {"input__channels": 1}), ("short", {"input__frames": 8})):
        with pytest.raises(ModelError, match=r"best\.hops"):
            manifest.load(write_model(tmp_path / name, b"", best__hops=HOPS, **changes))


def test_shipped_model_at_its_best_takes_music_apart():
    separator = Separator(manifest.load(paths.models_dir() / "spleeter_2stems"), "cpu", quality="best")
    silence = np.zeros((2, 1000), np.float32)
    stems = split(separator, silence)
    assert stems["vocals"].shape == silence.shape
    assert not stems["vocals"].any()
    assert len(separator.model.kind.best_hops) > 1
