"""A stream that begins in mid-song yields what the whole-song run yields there."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fanstudio import paths
from fanstudio.inference import manifest
from fanstudio.inference.grid import SONG_START, Grid, find_entry, lead_in_frames, tail_frames
from fanstudio.inference.separation import Separator
from fanstudio.jobs import Work
from tests.support.models import FRAMES, HOP, N_FFT, OVERLAP, windowed_masks, write_model

RATES = [8000, 22050, 44100, 47999, 48000, 96000, 192000]


def noise(length, channels=2, seed=0):
    return (np.random.default_rng(seed).standard_normal((channels, length)) * 0.1).astype(np.float32)


def run(separator, mix, rate, entry=SONG_START, block=5000):
    rest = mix[:, entry.read_from :]
    blocks = (rest[:, i : i + block] for i in range(0, rest.shape[1], block))
    pieces = separator.split(
        Work(), blocks, sample_rate=rate, length_frames=mix.shape[1], rms=0.1, entry=entry
    )
    return np.concatenate([piece["vocals"] for piece in pieces], axis=1)


def level_db(samples):
    return 20 * np.log10(max(1e-30, float(np.abs(samples).max(initial=0))))


@pytest.fixture(scope="module")
def separator(tmp_path_factory):
    """A net whose masks hang on the whole window, so that a window begun elsewhere tells."""
    folder = write_model(tmp_path_factory.mktemp("model"), windowed_masks())
    return Separator(manifest.load(folder), "cpu", threads=1)


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("channels", [1, 2])
def test_stems_from_an_entry_are_those_of_the_whole_run(separator, rate, channels):
    mix = noise(2 * rate, channels)
    whole = run(separator, mix, rate)
    for wanted in (3 * rate // 2, 2 * rate - 1):
        entry = separator.entry(rate, wanted)
        assert entry.heard_from <= wanted
        assert not entry.at_start
        part = run(separator, mix, rate, entry)
        assert part.shape == whole[:, entry.heard_from :].shape
        difference = part - whole[:, entry.heard_from :]
        assert not difference.any() if rate == 44100 else level_db(difference) < -100


@given(frame=st.integers(0, 8000), block=st.integers(20, 9000))
@settings(deadline=None)
def test_any_place_and_any_blocks(separator, frame, block):
    mix = noise(8000, 1)
    entry = separator.entry(44100, frame)
    part = run(separator, mix, 44100, entry, block)
    assert np.array_equal(part, run(separator, mix, 44100)[:, entry.heard_from :])


def test_shipped_model_from_an_entry(shipped_music):
    """Bit for bit through the real net, from its second window on."""
    rate, separator = 44100, Separator(manifest.load(paths.models_dir() / "spleeter_2stems"), "cpu")
    whole = run(separator, shipped_music, rate, block=65536)
    entry = separator.entry(rate, shipped_music.shape[1] - 1)
    part = run(separator, shipped_music, rate, entry, block=30000)
    assert entry.heard_from > 10 * rate
    assert np.array_equal(part, whole[:, entry.heard_from :])


@pytest.fixture
def shipped_music():
    import soundfile

    samples, _ = soundfile.read(paths.demo_dir() / "song.flac", frames=14 * 44100, dtype="float32")
    return np.ascontiguousarray(samples.T)


def test_a_song_that_ends_inside_the_lead_in_yields_nothing(separator):
    mix = noise(44100)
    entry = separator.entry(44100, 44099)
    short = mix[:, : (entry.read_from + entry.heard_from) // 2]
    assert run(separator, short, 44100, entry).shape[1] == 0


def test_entries_are_as_close_as_the_grid_and_the_lead_in_as_short_as_told(separator):
    grid = Grid(FRAMES * HOP + N_FFT, (FRAMES - OVERLAP) * HOP, N_FFT - HOP, OVERLAP * HOP)
    for frame in range(5000, 9000, 50):
        entry = separator.entry(44100, frame)
        assert frame - entry.heard_from < grid.step
        assert entry.heard_from - entry.read_from == grid.fade + grid.lead == separator.lead_in_frames(44100)


@given(
    frames=st.integers(1, 40),
    overlap=st.integers(0, 20),
    hop=st.integers(1, 50),
    lead=st.integers(0, 3000),
    net_rate=st.sampled_from([8000, 16000, 44100, 48000]),
    rate=st.sampled_from(RATES),
    frame=st.integers(0, 10**7),
)
def test_entries_never_ask_for_the_impossible(frames, overlap, hop, lead, net_rate, rate, frame):
    grid = Grid(frames * hop + lead, (frames - min(overlap, frames // 2)) * hop, lead, overlap * hop)
    entry = find_entry(grid, net_rate, rate, frame)
    assert 0 <= entry.read_from <= entry.heard_from <= frame
    assert min(entry.skip_to_window, entry.skip_estimates, entry.skip_stems) >= 0
    assert entry.heard_from - entry.read_from <= lead_in_frames(grid, net_rate, rate)
    assert frame - entry.heard_from <= tail_frames(grid, net_rate, rate) + 2 * lead_in_frames(
        grid, net_rate, rate
    )


@pytest.mark.parametrize("rate", RATES)
def test_stems_come_out_within_the_tail(separator, rate):
    """Pushing the tail past a frame is enough for the stems of that frame."""
    mix, wanted = noise(rate), rate // 2
    seen = 0

    def blocks():
        for start in range(0, wanted + separator.tail_frames(rate), 1000):
            yield mix[:, start : start + 1000]
        assert seen > wanted

    pieces = separator.split(Work(), blocks(), sample_rate=rate, length_frames=rate, rms=0.1)
    for piece in pieces:
        seen += piece["vocals"].shape[1]
