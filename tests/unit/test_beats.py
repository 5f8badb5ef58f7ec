"""Beats, bars and tempo of songs whose beats are known; the nets' features; what has no beat."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from fanstudio import paths
from fanstudio.audio.resample import Resampler
from fanstudio.errors import Cancelled, InputError, ModelError
from fanstudio.inference import catalogue
from fanstudio.inference.bars import count_bars
from fanstudio.inference.beat_decoder import GAPS, find_line
from fanstudio.inference.beat_features import FeatureStream, filterbank
from fanstudio.inference.beat_net import BeatNet, load_model
from fanstudio.inference.beats import find_beats
from fanstudio.inference.harmony_change import harmony_changes
from fanstudio.inference.steady_line import find_steady_line
from fanstudio.jobs import Work
from tests.support.beat_songs import RATE, changing, drum_song, f_measure, steady, swaying


@pytest.fixture(scope="module")
def net() -> BeatNet:
    return BeatNet(threads=1)


def at_rate(samples: np.ndarray, rate: int) -> np.ndarray:
    resampler = Resampler(RATE, rate, samples.shape[0])
    return np.concatenate((resampler.push(samples), resampler.finish()), axis=1)


@pytest.mark.parametrize(
    ("pattern", "bpm"),
    [("slow", 66), ("rock", 76), ("dnb", 90), ("disco", 118), ("electro", 140), ("rock", 160), ("dnb", 174)],
)
def test_steady_songs_have_their_tempo_and_beats(net: BeatNet, pattern: str, bpm: float) -> None:
    song = drum_song(pattern, steady(bpm, 64))
    grid = find_beats(Work(), song.samples, RATE, net)
    assert grid.tempo_bpm == pytest.approx(bpm, rel=2e-3)
    assert f_measure(grid.beats_s, song.beats_s) > 0.95
    assert set(grid.downbeats_s) <= set(grid.beats_s)


@pytest.mark.parametrize("pattern", ["four-floor", "disco"])
def test_fast_songs_that_the_nets_halve_are_mended(net: BeatNet, pattern: str) -> None:
    song = drum_song(pattern, steady(174, 96))
    grid = find_beats(Work(), song.samples, RATE, net)
    assert grid.tempo_bpm == pytest.approx(174, rel=2e-3)
    assert f_measure(grid.beats_s, song.beats_s) > 0.95


@pytest.mark.parametrize("pattern", ["rock", "dnb"])
def test_bars_begin_where_they_do(net: BeatNet, pattern: str) -> None:
    song = drum_song(pattern, steady(110, 64, start_s=0.9))
    grid = find_beats(Work(), song.samples, RATE, net)
    assert grid.beats_per_bar == 4
    assert f_measure(grid.downbeats_s, song.downbeats_s) > 0.95


@pytest.mark.parametrize(
    "beats",
    [changing([90, 120, 100], 32), swaying(110, 96, 0.08, 32)],
    ids=["changes", "sways"],
)
def test_a_tempo_that_changes_is_followed(net: BeatNet, beats: np.ndarray) -> None:
    song = drum_song("rock", beats)
    grid = find_beats(Work(), song.samples, RATE, net)
    assert f_measure(grid.beats_s, beats) > 0.97


def test_the_demo_song_is_heard_as_it_was_written(net: BeatNet) -> None:
    from fanstudio.audio.decode import open_audio

    with open_audio(paths.demo_dir() / "song.flac") as reader:
        samples = np.concatenate(list(reader.blocks()), axis=1)
        grid = find_beats(Work(), samples, reader.sample_rate, net)
    assert grid.tempo_bpm == pytest.approx(100, abs=0.1)
    beats = 0.6 * np.arange(1, 83)
    assert f_measure(grid.beats_s, beats) > 0.97
    assert f_measure(grid.downbeats_s, beats[3::4]) > 0.97
    assert grid.confidence > 0.8


@pytest.mark.parametrize("rate", [8_000, 44_100, 96_000])
def test_any_rate_and_level_has_the_same_beats(net: BeatNet, rate: int) -> None:
    song = drum_song("rock", steady(116, 48))
    grid = find_beats(Work(), 1e-3 * at_rate(song.samples, rate), rate, net)
    assert f_measure(grid.beats_s, song.beats_s) > 0.95


def test_the_net_forgets_the_song_before(net: BeatNet) -> None:
    song = drum_song("rock", steady(116, 24))
    assert find_beats(Work(), song.samples, RATE, net) == find_beats(Work(), song.samples, RATE, net)


@pytest.mark.parametrize(
    "samples",
    [
        np.zeros((2, 5 * RATE), np.float32),
        0.1 * np.random.default_rng(1).standard_normal((1, 20 * RATE)).astype(np.float32),
        np.sin(0.05 * np.arange(10 * RATE, dtype=np.float32))[None],
        np.ones((1, 1), np.float32),
        np.zeros((1, 0), np.float32),
        np.random.default_rng(2).standard_normal((2, RATE // 5)).astype(np.float32),
    ],
    ids=["silence", "noise", "sine", "one frame", "nothing", "0.2 s"],
)
def test_what_has_no_beat_has_an_empty_grid(net: BeatNet, samples: np.ndarray) -> None:
    assert not find_beats(Work(), samples, RATE, net)


def test_samples_that_are_no_numbers_are_refused(net: BeatNet) -> None:
    samples = np.zeros((1, RATE), np.float32)
    samples[0, 100] = np.nan
    with pytest.raises(InputError):
        find_beats(Work(), samples, RATE, net)


def test_cancel_ends_it(net: BeatNet) -> None:
    work = Work(lambda fraction, _text: work.cancel() if fraction > 0.3 else None)
    with pytest.raises(Cancelled):
        find_beats(work, drum_song("rock", steady(116, 24)).samples, RATE, net)


class Looped:
    """Hours of a song without its memory."""

    def __init__(self, samples: np.ndarray, frames: int) -> None:
        self.samples, self.shape = samples, (samples.shape[0], frames)

    def __getitem__(self, key: tuple[slice, slice]) -> np.ndarray:
        start, stop, _ = key[1].indices(self.shape[1])
        return self.samples[:, np.arange(start, stop) % self.samples.shape[1]]


def _peak_mb(net: BeatNet, seconds: float) -> float:
    song = drum_song("rock", steady(120, 32, start_s=0.0))
    looped = Looped(song.samples[:, : 16 * RATE], int(seconds * RATE))
    tracemalloc.start()
    try:
        find_beats(Work(), looped, RATE, net)
        return tracemalloc.get_traced_memory()[1] / 1e6
    finally:
        tracemalloc.stop()


def test_memory_grows_by_little(net: BeatNet) -> None:
    short, long = _peak_mb(net, 30), _peak_mb(net, 90)
    assert long - short < 60 * 0.06


@pytest.mark.soak
def test_three_hours_have_one_tempo(net: BeatNet) -> None:
    song = drum_song("rock", steady(120, 32, start_s=0.0))
    grid = find_beats(Work(), Looped(song.samples[:, : 16 * RATE], 3 * 3600 * RATE), RATE, net)
    assert grid.tempo_bpm == pytest.approx(120, abs=0.1)
    assert abs(len(grid.beats_s) - 3 * 3600 * 2) < 50


def test_features_are_the_same_in_any_pieces() -> None:
    sound = np.random.default_rng(3).standard_normal(3 * RATE + 77).astype(np.float32)
    whole, pieces = FeatureStream(), FeatureStream()
    at_once = np.concatenate((whole.push(sound), whole.finish()))
    parts = [pieces.push(sound[start : start + 1009]) for start in range(0, len(sound), 1009)]
    in_pieces = np.concatenate((*parts, pieces.finish()))
    assert at_once.shape == (-(-len(sound) // 441), 272)
    assert np.abs(at_once - in_pieces).max() < 1e-5


def test_features_are_those_that_the_nets_were_trained_on() -> None:
    """The reference was computed once by madmom 0.16.1's code with BeatNet's parameters."""
    reference = np.load(Path(__file__).parents[1] / "golden" / "beat_features.npz")
    stream = FeatureStream()
    t = np.arange(RATE, dtype=np.float64) / RATE
    sound = (0.3 * np.sin(2 * np.pi * (110 + 900 * t) * t) * (np.sin(2 * np.pi * 4 * t) > 0)).astype(
        np.float32
    )
    found = np.concatenate((stream.push(sound), stream.finish()))
    assert found.shape == reference["features"].shape
    assert np.abs(found - reference["features"]).max() < 1e-5
    assert filterbank().shape == (705, 136)


def test_bars_of_three_and_bars_cut_short() -> None:
    waltz = np.where(np.arange(48) % 3 == 1, 0.8, 0.1)
    assert count_bars(waltz).beats_per_bar == 3
    assert list(count_bars(waltz).starts[:3]) == [1, 4, 7]
    starts = [0, 4, 8, 12, 14, 18, 22, 26, 30]
    cut = np.full(32, 0.05)
    cut[starts] = 0.95
    assert list(count_bars(cut).starts) == starts
    assert count_bars(np.zeros(0)).beats_per_bar == 4


def test_the_model_is_known_and_checked(tmp_path: Path) -> None:
    assert "beatnet" not in {model.id for model in catalogue.installed()}
    folder = tmp_path / "beatnet"
    folder.mkdir()
    text = (paths.models_dir() / "beatnet" / "model.toml").read_text()
    (folder / "model.onnx").write_bytes(b"no graph")
    (folder / "model.toml").write_text(text)
    with pytest.raises(ModelError, match="damaged"):
        BeatNet(load_model(folder))
    (folder / "model.toml").write_text(text.replace("hop = 441", "hop = 512"))
    with pytest.raises(ModelError, match="hop"):
        load_model(folder)


def pulses(gaps: list[int], heights: list[float]) -> np.ndarray:
    """How likely each hundredth of a second is a beat: a pulse after each gap."""
    likely = np.full(sum(gaps) + 60, 0.02, np.float32)
    for at, height in zip(np.cumsum(gaps), heights, strict=True):
        likely[at - 1 : at + 2] = height
    return likely


def test_a_line_keeps_to_the_main_tempo_where_the_nets_lose_it() -> None:
    clear, confused = [50] * 60, [33] * 120
    likely = pulses([*clear, *confused, *clear], [0.9] * 60 + [0.7] * 120 + [0.9] * 60)
    for at in range(60 * 50 + 50, 60 * 50 + 120 * 33, 50):
        likely[at - 1 : at + 2] = 0.4
    fits = np.where(np.abs(np.log(GAPS / 50)) < 0.03, 1.0, 0.9)[None]
    free, steady_line = (find(Work(), likely, fits, 400) for find in (find_line, find_steady_line))
    assert np.diff(free).min() < 40
    assert set(np.diff(steady_line)) <= {48, 49, 50, 51, 52}


def test_a_song_that_changes_its_tempo_is_not_held_to_one() -> None:
    likely = pulses([50] * 40 + [66] * 40, [0.9] * 80)
    fits = np.where(np.abs(np.log(GAPS / 50)) < 0.03, 1.0, 0.9)[None]
    found = find_steady_line(Work(), likely, fits, 400)
    assert set(np.diff(found)[:30]) == {50}
    assert set(np.diff(found)[-30:]) == {66}


def test_harmony_changes_where_chords_do() -> None:
    beats = 0.5 * np.arange(16)
    levels = np.zeros((400, 28), np.float16)
    for beat in range(16):
        levels[25 * beat : 25 * beat + 25, 3 * (beat // 4) : 3 * (beat // 4) + 3] = 1
    changes = harmony_changes(levels, 50, beats)
    assert list(np.flatnonzero(changes > 1)) == [4, 8, 12]
    assert list(harmony_changes(levels[:0], 50, beats)) == [0] * 16
