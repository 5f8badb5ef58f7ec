"""Stems that play while they are made: the mix where nothing is there, no jump, and then the very stems."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from fanstudio.audio.live import RAMP_FRAMES, LiveStems
from fanstudio.audio.mix.mix import Mix
from fanstudio.audio.peaks import blank_peaks, build_peaks, redraw
from fanstudio.audio.pool import Pool, open_stem_file
from fanstudio.audio.samples import Readable
from fanstudio.audio.wav import PlacedWav
from fanstudio.errors import AudioFileError
from fanstudio.jobs import Work
from fanstudio.model import edits
from fanstudio.model.session import Source, Stem, new_session
from fanstudio.model.warp import Warp
from tests.support.sounds import a_source, noise, own

RATE = 44_100
FRAMES = 20_000
#: Slow waves: a jump would stand out.
TIME = np.arange(FRAMES) / RATE
VOCALS = np.stack([np.cos(2 * np.pi * 110 * TIME), np.cos(2 * np.pi * 90 * TIME)]).astype(np.float32) * 0.4
REST = np.stack([np.cos(2 * np.pi * 60 * TIME), np.cos(2 * np.pi * 70 * TIME)]).astype(np.float32) * 0.4
MIX = VOCALS + REST
#: The steepest step between two neighbouring frames of these waves and their ramps, with some room.
STEEPEST = 0.03


class Stage:
    """A mix and its two stems in files, played by a renderer in blocks."""

    def __init__(self, folder: Path) -> None:
        self.song, self.vocals, self.rest = (
            replace(a_source(name, FRAMES), stem=stem)
            for name, stem in (("song", Stem.MIX), ("v", Stem.VOCALS), ("r", Stem.ACCOMPANIMENT))
        )
        paths = {source.id: folder / f"{source.name}.wav" for source in (self.vocals, self.rest)}
        self.files = {key: PlacedWav(path, RATE, 2, FRAMES) for key, path in paths.items()}
        self.live = LiveStems(paths, 2, FRAMES, self.rest.id)
        self.live.mix = MIX
        session = edits.import_source(new_session("x", RATE), self.song)
        clip = session.tracks[0].clips[0].id
        self.session = edits.split_into_stems(session, clip, (self.vocals, self.rest))

    def split(self, start: int, end: int) -> None:
        self.files[self.vocals.id].write(start, VOCALS[:, start:end])
        self.files[self.rest.id].write(start, REST[:, start:end])
        self.live.ready.add(start, end)

    def mute(self, track: int) -> None:
        self.session = edits.mute_track(self.session, self.session.tracks[track].id, True)
        self.live.all_audible = False

    def samples(self, source: Source, _warp: Warp | None) -> Readable:
        return MIX if source.id == self.song.id else self.live[source.id]

    def play(self, start: int = 0, end: int = FRAMES, block: int = 512) -> np.ndarray:
        mix = Mix(self.session, self.samples, start)
        blocks = [mix.read(min(block, end - at)) for at in range(start, end, block)]
        return np.concatenate(blocks, axis=1)


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    made = Stage(tmp_path)
    yield made
    for file in made.files.values():
        file.close()


def steepest(sound: np.ndarray) -> float:
    return float(np.abs(np.diff(sound, axis=1)).max())


def test_the_mix_sounds_until_stems_are_there_and_does_not_change(stage: Stage) -> None:
    assert np.array_equal(stage.play(), MIX)
    stage.split(5_000, 9_001)
    assert np.abs(stage.play() - MIX).max() < 1e-6
    stage.split(0, FRAMES)
    assert np.abs(stage.play() - MIX).max() < 1e-6


def test_a_muted_stem_is_gone_and_what_is_not_there_silent(stage: Stage) -> None:
    stage.split(5_000, 9_001)
    stage.mute(2)
    heard = stage.play()
    inner = slice(5_000 + RAMP_FRAMES, 9_001 - RAMP_FRAMES)
    assert np.array_equal(heard[:, inner], VOCALS[:, inner])
    assert not heard[:, :5_000].any()
    assert not heard[:, 9_001:].any()
    assert steepest(heard) < STEEPEST


def test_a_split_that_is_caught_up_with_sounds_on_without_a_jump(stage: Stage) -> None:
    stage.split(0, 6_000)
    stage.mute(2)
    mix = Mix(stage.session, stage.samples, 0)
    heard = []
    for at in range(0, 16_384, 512):
        if at == 8_192:
            stage.split(6_000, 12_000)
        if at == 10_240:
            stage.split(12_000, FRAMES)
        heard.append(mix.read(512))
    sound = np.concatenate(heard, axis=1)
    assert steepest(sound) < STEEPEST
    assert not sound[:, 6_000:8_192].any()
    later = slice(8_192 + RAMP_FRAMES, 16_384)
    assert np.array_equal(sound[:, later], VOCALS[:, later])


def test_the_last_block_is_not_faded(stage: Stage) -> None:
    stage.split(0, FRAMES)
    stage.mute(1)
    assert np.array_equal(stage.play(), REST)


def test_stems_see_the_same_ground_in_one_block(stage: Stage) -> None:
    """What arrives between two stems of a block waits for the next one: the sum stays the mix."""
    vocals, rest = stage.live[stage.vocals.id], stage.live[stage.rest.id]
    stretch = (slice(None), slice(0, 512))
    first = vocals[stretch]
    stage.split(0, 512)
    assert np.array_equal(first + rest[stretch], MIX[:, :512])
    assert np.array_equal(vocals[stretch], VOCALS[:, :512])


def test_without_a_carrier_silence_stands_in(tmp_path: Path) -> None:
    PlacedWav(tmp_path / "v.wav", RATE, 2, FRAMES).close()
    live = LiveStems({"v": tmp_path / "v.wav"}, 2, FRAMES, None)
    live.mix = MIX
    assert not live["v"][:, 0:1_000].any()


def test_a_file_that_is_gone_is_silent(stage: Stage, tmp_path: Path) -> None:
    stage.split(0, FRAMES)
    (tmp_path / "v.wav").unlink()
    assert np.array_equal(stage.play(), REST)


def test_finishing_changes_nothing_that_is_heard(stage: Stage, tmp_path: Path) -> None:
    stage.split(0, FRAMES)
    before = stage.play()
    stage.live[stage.vocals.id].finish(VOCALS)
    (tmp_path / "v.wav").unlink()
    assert np.array_equal(stage.play(), before)


def test_the_pool_lends_what_has_no_file_yet(stage: Stage, tmp_path: Path) -> None:
    pool = Pool(tmp_path / "p" / "audio", tmp_path / "cache")
    pool.lend(stage.vocals.id, stage.live[stage.vocals.id])
    assert pool.samples_now(stage.vocals, RATE) is stage.live[stage.vocals.id]
    assert pool.missing((stage.vocals, stage.rest)) == (stage.rest,)
    with pytest.raises(AudioFileError, match="still being split"):
        pool.samples(stage.vocals, RATE)
    pool.take_back(stage.vocals.id)
    with pytest.raises(AudioFileError, match="missing"):
        pool.samples_now(stage.vocals, RATE)


def test_adopting_hands_the_samples_over_before_the_file_moves(tmp_path: Path) -> None:
    pool = Pool(tmp_path / "p" / "audio", tmp_path / "cache")
    part = pool.new_part()
    with open_stem_file(part, RATE, 2) as writer:
        writer.write(VOCALS)
    seen: list[tuple[bool, np.ndarray]] = []
    source = pool.adopt(
        Work(), part, "V", RATE, own("x"), before_move=lambda samples: seen.append((part.exists(), samples))
    )
    assert seen[0][0]
    assert np.array_equal(seen[0][1], VOCALS)
    assert pool.samples_now(source, RATE) is seen[0][1]


@pytest.mark.parametrize("frames", [100, 256, 70_001, 3_000_000])
def test_peaks_that_grow_are_those_of_the_whole(frames: int) -> None:
    sound = noise(frames)
    peaks = blank_peaks(2, frames)
    borders = sorted({0, frames, *(256 * (frames // 256 * part // 7) for part in range(7))})
    for start, end in reversed(list(itertools.pairwise(borders))):
        redraw(peaks, start, sound[:, start:end])
    whole = build_peaks(Work(), sound)
    assert len(peaks.levels) == len(whole.levels)
    assert all(np.array_equal(a, b) for a, b in zip(peaks.levels, whole.levels, strict=True))
