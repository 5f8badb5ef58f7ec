"""Every kind gives back what an identity graph was given, at any length, rate and block size."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fanstudio.inference import manifest
from fanstudio.inference.grid import SONG_START
from fanstudio.inference.separation import Separator
from fanstudio.jobs import Work
from tests.support import kinds


def noise(length, channels=2, seed=0):
    return (np.random.default_rng(seed).standard_normal((channels, length)) * 0.1).astype(np.float32)


def chirp(length, channels=2):
    """A sweep from 200 Hz to 9 kHz that fades in and out: nothing of it lies above 17 kHz."""
    t = np.arange(length) / 44100
    sweep = np.sin(2 * np.pi * (200 * t + 4400 * t * t / max(t[-1], 1e-9)))
    return (np.tile(0.3 * sweep * np.hanning(length), (channels, 1))).astype(np.float32)


def split(separator, mix, rate=44100, block=65536, entry=SONG_START):
    rest = mix[:, entry.read_from :]
    blocks = [rest[:, i : i + block] for i in range(0, rest.shape[1], block)]
    rms = float(np.sqrt(np.mean(np.square(mix))))
    pieces = list(
        separator.split(Work(), blocks, sample_rate=rate, length_frames=mix.shape[1], rms=rms, entry=entry)
    )
    assert all(list(piece) == list(separator.stems) for piece in pieces)
    return {stem: np.concatenate([piece[stem] for piece in pieces], axis=1) for stem in separator.stems}


def level_db(samples):
    return 20 * np.log10(max(1e-30, float(np.abs(samples).max(initial=0))))


def open_model(folder, model, *graphs, **options):
    return Separator(manifest.load(model.write(folder, *graphs)), "cpu", threads=1, **options)


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """An identity model of each kind, by name and quality."""
    folder = tmp_path_factory.mktemp("models")
    return {
        (name, quality): open_model(folder / name / quality, model, quality=quality)
        for name, model in kinds.SMALL.items()
        for quality in ("fast", "best")
    }


@given(
    name=st.sampled_from(list(kinds.SMALL)),
    quality=st.sampled_from(["fast", "best"]),
    length=st.integers(1, 4000),
    channels=st.sampled_from([1, 2]),
    block=st.integers(16, 4000),
)
@settings(deadline=None)
def test_identity_at_any_length_in_any_blocks(small, name, quality, length, channels, block):
    mix = noise(length, channels)
    stems = split(small[name, quality], mix, block=block)
    vocals, rest = stems.values()
    assert vocals.shape == rest.shape == mix.shape
    assert level_db(vocals - mix) < -100
    assert level_db(vocals + rest - mix) < -120


@pytest.mark.parametrize("name", kinds.SMALL)
@pytest.mark.parametrize("rate", [8000, 22050, 48000, 96000, 192000])
def test_any_rate_keeps_its_length_and_its_sum(small, name, rate):
    mix = noise(rate // 10 + 3)
    vocals, rest = split(small[name, "fast"], mix, rate).values()
    assert vocals.shape == mix.shape
    assert level_db(vocals + rest - mix) < -120


@pytest.mark.parametrize("name", kinds.SMALL)
def test_silence_stays_silence(small, name):
    stems = split(small[name, "fast"], np.zeros((2, 3000), np.float32))
    assert not any(stem.any() for stem in stems.values())


@pytest.mark.parametrize("name", kinds.SMALL)
@pytest.mark.parametrize("quality", ["fast", "best"])
def test_a_stream_from_an_entry_is_the_whole_run(tmp_path, name, quality):
    model = kinds.SMALL[name]
    separator = open_model(tmp_path, model, kinds.whole_window(model.shape), quality=quality)
    mix = noise(9000)
    whole = split(separator, mix)["vocals"]
    for frame in (0, 4000, 6500, 8999):
        entry = separator.entry(44100, frame)
        part = split_from(separator, mix, entry)
        assert entry.heard_from <= frame
        assert frame < 4000 or not entry.at_start
        assert np.array_equal(part, whole[:, entry.heard_from :])


def split_from(separator, mix, entry):
    return split(separator, mix, block=777, entry=entry)["vocals"]


@pytest.mark.parametrize("name", kinds.SMALL)
def test_closer_windows_are_other_windows_only_where_that_helps(small, name):
    fast, best = (small[name, quality].lead_in_frames(44100) for quality in ("fast", "best"))
    assert (best > fast) == (kinds.SMALL[name].kind != "magnitude")


@pytest.mark.parametrize("name", kinds.SMALL)
def test_batches_change_nothing(tmp_path, name, monkeypatch):
    model = kinds.SMALL[name]
    free = replace(model, shape=("batch", *model.shape[1:])) if model.shape[0] == 1 else model
    separator = open_model(tmp_path, free)
    mix = noise(20000)
    one = split(separator, mix, block=3000)["vocals"]
    for graph in separator.net._graphs:
        graph.batch = 3
    assert separator.net.batch == (3 if free.shape[0] == "batch" else 1)
    assert np.array_equal(split(separator, mix, block=3000)["vocals"], one)
    entry = separator.entry(44100, 15000)
    assert np.array_equal(split(separator, mix, entry=entry)["vocals"], one[:, entry.heard_from :])


@pytest.mark.parametrize("length", [261120 - 1, 3 * 261120 + 1234])
@pytest.mark.parametrize("name", ["KARA_2", "INST_HQ_3", "KIM_VOCAL_2"])
def test_public_mdx_shapes(tmp_path, name, length):
    """The net's stem is the mix times `compensate`; the other is what that leaves, in the right order."""
    model = getattr(kinds, name)
    separator = open_model(tmp_path, model)
    assert separator.stems == ("vocals", "accompaniment")
    stems, mix = split(separator, chirp(length)), chirp(length)
    (own,) = model.stems[0]
    assert level_db(stems[own] - np.float32(model.tables["post"]["compensate"]) * mix) < -100
    assert level_db(stems["vocals"] + stems["accompaniment"] - mix) < -120


def test_mdx_parts_are_left_real_left_imaginary_right_real_right_imaginary(tmp_path):
    """A graph that keeps one part of four: a real part alone is half of the chunk and half its mirror."""
    model = kinds.mdx(240, 121, 33, hop=32)
    parts = {}
    for kept in range(4):
        graph = kinds.keeping_part(model.shape, kept)
        mix = noise(5000) * np.float32([[1], [2]])
        parts[kept] = split(open_model(tmp_path / str(kept), model, graph), mix)["vocals"]
    assert level_db(parts[0] + parts[1] - mix * [[1], [0]]) < -100
    assert level_db(parts[2] + parts[3] - mix * [[0], [1]]) < -100
    assert level_db(parts[0]) > -30
    assert level_db(parts[0][1]) < -200


def test_lowest_bins_are_hidden_from_the_net_where_a_manifest_says_so(tmp_path):
    model = kinds.mdx(240, 121, 33, hop=32).with_table("stft", low_cut_bins=3)
    constant = np.full((2, 5000), 0.1, np.float32)
    stems = split(open_model(tmp_path, model), constant)
    assert level_db(stems["vocals"][:, 500:-500]) < -60


@pytest.mark.parametrize("length", [1, 343980 - 1, 343980 + 1, 2 * 343980 + 99])
def test_public_demucs_shape(tmp_path, length):
    """Stems in this program's order whatever the file's; `other` is what the rest leave."""
    graph = kinds.scaling(kinds.demucs().shape, [0.1, 0.2, 0.3, 0.25])
    mix = noise(length)
    stems = split(open_model(tmp_path, kinds.demucs(), graph), mix)
    assert list(stems) == ["vocals", "drums", "bass", "other"]
    for stem, share in {"drums": 0.1, "bass": 0.2, "vocals": 0.25, "other": 0.45}.items():
        assert level_db(stems[stem] - np.float32(share) * mix) < -100


def test_public_six_stem_shape(tmp_path):
    model = kinds.demucs(stems=[*kinds.DEMUCS_STEMS, "guitar", "piano"])
    shares = [0.1, 0.2, 0.3, 0.05, 0.15, 0.12]
    mix = noise(30000, 1)
    stems = split(open_model(tmp_path, model, kinds.scaling(model.shape, shares)), mix)
    assert list(stems) == ["vocals", "drums", "bass", "guitar", "piano", "other"]
    assert level_db(stems["guitar"] - np.float32(0.15) * mix) < -100
    assert level_db(sum(stems.values()) - mix) < -110


def test_bag_takes_one_row_of_each_of_four_files(tmp_path):
    model = kinds.demucs(files=4)
    graphs = [kinds.scaling(model.shape, [0.1 * file + 0.01 * row for row in range(4)]) for file in range(4)]
    mix = noise(400000)
    stems = split(open_model(tmp_path, model, *graphs), mix)
    for stem, share in {"drums": 0.0, "bass": 0.11, "vocals": 0.33, "other": 1 - 0.44}.items():
        assert level_db(stems[stem] - np.float32(share) * mix) < -100


def test_level_normalised_waveforms_see_the_wanted_level(tmp_path):
    """`x * mean(abs(x))` is not linear: the song's own level would show."""
    model = kinds.SMALL["demucs, plain"]
    separator = open_model(tmp_path, model, kinds.whole_window(model.shape))
    loud, quiet = (split(separator, noise(3000) * np.float32(gain)) for gain in (1, 0.001))
    assert level_db(loud["vocals"] - 1000 * quiet["vocals"]) < -100


@pytest.mark.parametrize("name", ["SHERPA", "OPEN_UNMIX"])
def test_public_magnitude_shapes(tmp_path, name):
    """Two nets that both give the mix share it; one alone takes it all."""
    model = getattr(kinds, name)
    separator = open_model(tmp_path, model)
    assert separator.stems == ("vocals", "accompaniment")
    mix = noise(620000)
    share = np.float32(0.5 if name == "SHERPA" else 1)
    assert level_db(split(separator, mix)["vocals"] - share * mix) < -100


def test_magnitudes_become_masks_by_the_ratio_of_their_powers(tmp_path):
    model = replace(kinds.magnitudes(), stems=(["vocals"], ["accompaniment"]), rows=([0], [0]), top={})
    mix = noise(5000)
    graphs = [kinds.scaling(model.shape, [gain]) for gain in (3, 1)]
    stems = split(open_model(tmp_path, model, *graphs), mix)
    assert level_db(stems["vocals"] - np.float32(0.9) * mix) < -100


def test_residual_without_a_net_gets_what_the_magnitudes_leave(tmp_path):
    model = kinds.magnitudes()
    mix = noise(5000)
    vocals = split(open_model(tmp_path, model, kinds.scaling(model.shape, [0.75])), mix)["vocals"]
    assert level_db(vocals - np.float32(0.9) * mix) < -100


@pytest.mark.soak
@given(length=st.integers(1, 1_400_000), channels=st.sampled_from([1, 2]), block=st.integers(500, 400_000))
@settings(deadline=None, max_examples=60)
@pytest.mark.parametrize("name", ["KARA_2", "INST_HQ_3", "KIM_VOCAL_2", "SPLEETER", "OPEN_UNMIX"])
def test_public_shapes_at_any_length(tmp_path_factory, name, length, channels, block):
    model = getattr(kinds, name)
    separator = open_model(tmp_path_factory.mktemp("model"), model)
    mix = chirp(length, channels)
    (own,) = model.stems[0]
    gain = model.tables["post"].get("compensate", 1.0)
    stems = split(separator, mix, block=block)
    assert stems[own].shape == mix.shape
    if length > 20000:
        assert level_db(stems[own] - np.float32(gain) * mix) < -100
