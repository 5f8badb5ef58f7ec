"""Beats of songs whose beats are known, beside librosa's tracker.

F-measure within 70 ms. "At any level" also lets half or double of the tempo count, on or off the beat.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import soundfile

from fanstudio import paths
from fanstudio.inference.beat_net import BeatNet
from fanstudio.inference.beats import find_beats
from fanstudio.jobs import Work
from fanstudio.model.beat_grid import BeatGrid
from tests.support.beat_songs import RATE, BeatSong, changing, drum_song, f_measure, steady, swaying
from tests.support.peer_environments import peer_python
from tests.support.tables import show_table

pytestmark = [pytest.mark.bench, pytest.mark.timeout(1800)]

PATTERNS = ("four-floor", "rock", "boom-bap", "trap", "disco", "latin", "electro", "dnb", "break")
TEMPI = (60, 80, 100, 120, 140, 160, 174)
_BEATS = 64


@dataclass(frozen=True)
class Row:
    """What was found of some songs: F-measures at the level written, at any level, and of bar lines."""

    beats: float
    any_level: float
    bars: float


def songs() -> Iterator[tuple[str, BeatSong]]:
    for bpm in TEMPI:
        for pattern in PATTERNS:
            yield f"{bpm} bpm", drum_song(pattern, steady(bpm, _BEATS))
    for bpm in (90, 120, 150):
        yield "bars of three", drum_song("waltz", steady(bpm, _BEATS))
    for pattern in ("rock", "dnb", "electro"):
        yield "tempo changes", drum_song(pattern, changing([90, 120, 100], 32))
        yield "tempo sways ± 8 %", drum_song(pattern, swaying(110, 96, 0.08, 32))
        yield "speeds up, 80 to 140", drum_song(pattern, _speeding_up())
        yield "without drums", drum_song(pattern, steady(100, _BEATS), drums=False)


def _speeding_up() -> np.ndarray:
    return 0.3 + np.concatenate(([0.0], np.cumsum(60 / np.linspace(80, 140, 120))))


def levels(beats: np.ndarray) -> Iterator[np.ndarray]:
    yield beats
    if len(beats) > 3:
        yield beats[::2]
        yield beats[1::2]
        yield np.sort(np.concatenate((beats, (beats[1:] + beats[:-1]) / 2)))


def judge(song: BeatSong, beats: np.ndarray, downbeats: np.ndarray) -> Row:
    best = max(f_measure(level, song.beats_s) for level in levels(beats))
    return Row(f_measure(beats, song.beats_s), best, f_measure(downbeats, song.downbeats_s))


def mean(rows: list[Row]) -> tuple[float, float, float]:
    return tuple(
        float(np.mean([getattr(row, name) for row in rows])) for name in ("beats", "any_level", "bars")
    )


def test_beats_beside_librosa(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ours: dict[str, list[Row]] = {}
    theirs: dict[str, list[Row]] = {}
    net = BeatNet(threads=1)
    made = []
    for number, (group, song) in enumerate(songs()):
        path = tmp_path / f"{number}.wav"
        soundfile.write(path, song.samples.T, RATE)
        made.append((group, song, path))
        grid: BeatGrid = find_beats(Work(), song.samples, RATE, net)
        row = judge(song, np.array(grid.beats_s), np.array(grid.downbeats_s))
        ours.setdefault(group, []).append(row)
    peer = _run_peer([path for _, _, path in made])
    for group, song, path in made:
        theirs.setdefault(group, []).append(judge(song, np.array(peer[str(path)]), np.zeros(0)))
    lines = [
        (
            group,
            *(f"{value:.2f}" for value in mean(rows)),
            *(f"{value:.2f}" for value in mean(theirs[group])[:2]),
        )
        for group, rows in ours.items()
    ]
    head = ("songs", "beats", "at any level", "bars", "librosa: beats", "at any level")
    show_table(capsys, head, lines)
    assert np.mean([mean(rows)[0] for rows in ours.values()]) > np.mean(
        [mean(rows)[0] for rows in theirs.values()]
    )


def test_real_songs_have_one_tempo(shared_audio: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The songs were made to a click; 128 and 100 bpm are known, and no bar is far from its neighbours."""
    lines = []
    for path, bpm in (
        (shared_audio / "excerpt" / "francium_mix.flac", 128),
        (paths.demo_dir() / "song.flac", 100),
    ):
        samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
        grid = find_beats(Work(), samples.T, rate)
        gaps = np.diff(grid.beats_s)
        lines.append((path.stem, f"{grid.tempo_bpm:.2f}", bpm, f"{1000 * gaps.std():.1f}"))
        assert grid.tempo_bpm == pytest.approx(bpm, rel=1e-3)
        assert gaps.std() < 0.01
    show_table(capsys, ("song", "found, bpm", "true, bpm", "gaps vary by, ms"), lines)


def _run_peer(files: list[Path]) -> dict[str, list[float]]:
    script = Path(__file__).parent / "peers" / "run_beats.py"
    command = [peer_python("beats"), script, *files]
    done = subprocess.run([str(part) for part in command], check=True, capture_output=True, text=True)
    return json.loads(done.stdout)
