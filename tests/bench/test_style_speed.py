"""How fast a style is laid on a whole song, and how fast the command line writes one with an instrument."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from fanstudio.jobs import Work
from fanstudio.model.styling import StyleKind
from fanstudio.paths import demo_dir
from fanstudio.studio import styles
from fanstudio.studio.style_files import style_file
from fanstudio.studio.styles import StyleChoice
from tests.bench.test_style_preview import demo_project
from tests.support.tables import show_table

pytestmark = [pytest.mark.bench, pytest.mark.timeout(3600)]
_HEAD = ("style", "× real time", "for each processor")
_INSTRUMENTS = ("violin", "piano")


class _Clock:
    """Wall and processor seconds since it was made, those of child processes among them."""

    def __init__(self) -> None:
        self._wall, self._cpu = time.perf_counter(), _processors_s()

    def speeds(self, seconds: float) -> tuple[float, float]:
        """Return how many seconds of sound each second gave, by the wall and by the processors."""
        wall, cpu = time.perf_counter() - self._wall, _processors_s() - self._cpu
        return seconds / wall, seconds / cpu


def _processors_s() -> float:
    return sum(os.times()[:4])


def test_styles_are_applied_faster_than_the_song_plays(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    project = demo_project(tmp_path)
    plain = project.document.session
    seconds = plain.length / plain.sample_rate
    speeds: dict[str, tuple[float, float]] = {}
    for recipe in styles.list_presets():
        clock = _Clock()
        styles.apply(project, styles.plan(Work(), project, StyleChoice(StyleKind.PRESET, recipe.id)))
        speeds[recipe.id] = clock.speeds(seconds)
        project.document.undo()
        assert project.document.session == plain
    show_table(capsys, _HEAD, [(name, *pair) for name, pair in speeds.items()])
    assert not {name: wall for name, (wall, _) in speeds.items() if wall < 1}


def test_the_command_line_plays_a_song_s_voice_faster_than_it_sounds(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Everything counts: the split, the net or the notes, the mix and the file."""
    song = demo_dir() / "song.flac"
    speeds: dict[str, tuple[float, float]] = {}
    for name in _INSTRUMENTS:
        clock = _Clock()
        done = style_file(Work(), song, tmp_path / f"{name}.flac", StyleChoice(StyleKind.TIMBRE, name))
        speeds[name] = clock.speeds(done.audio_seconds)
    show_table(capsys, _HEAD, [(name, *pair) for name, pair in speeds.items()])
    assert min(wall for wall, _ in speeds.values()) >= 1
