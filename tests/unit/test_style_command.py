"""`fanstudio style` as an unlucky fan calls it: what is wrong is said in a line, and no file is lost."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
from typer.testing import CliRunner

from fanstudio.cli.commands import app
from fanstudio.model.recipe import Recipe, RecipeEffect
from fanstudio.model.recipe_file import write_recipe
from tests.support.processes import said, start

_RATE = 16_000
_MASTER = Recipe("own", "Own", master=(RecipeEffect("saturation"),))


def _run(*arguments: object) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, ["style", *map(str, arguments)])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.stdout, result.stderr


def _await(condition: Callable[[], bool], seconds: float = 120.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


def _write(path: Path, seconds: float = 1.0) -> Path:
    time_s = np.arange(round(seconds * _RATE)) / _RATE
    soundfile.write(path, 0.2 * np.sin(2 * np.pi * np.outer(time_s, [220, 331])), _RATE)
    return path


@pytest.fixture
def song(tmp_path: Path) -> Path:
    return _write(tmp_path / "song.wav")


@pytest.fixture
def own(tmp_path: Path) -> Path:
    path = tmp_path / "own.fanstyle"
    path.write_bytes(write_recipe(_MASTER))
    return path


@pytest.mark.parametrize("way", ["itself", "a link", "a hard link", "another way"])
def test_a_song_is_not_written_over_itself(song: Path, own: Path, way: str) -> None:
    before, out = song.read_bytes(), song
    if way == "a link":
        out = song.with_name("link.wav")
        out.symlink_to(song)
    elif way == "a hard link":
        out = song.with_name("hard.wav")
        out.hardlink_to(song)
    elif way == "another way":
        out = song.parent / ".." / song.parent.name / song.name
    code, told, err = _run(song, "-o", out, "--preset", own, "--json")
    assert (code, told) == (1, "")
    assert "over itself" in said(err)
    assert song.read_bytes() == before


def test_a_reference_is_not_written_over(song: Path, tmp_path: Path) -> None:
    record = _write(tmp_path / "record.wav", 2.0)
    before = record.read_bytes()
    assert _run(song, "-o", record, "--like", record)[0] == 1
    assert record.read_bytes() == before


def test_a_file_that_is_there_is_replaced_whole(song: Path, own: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.wav"
    out.write_bytes(b"before")
    code, _told, err = _run(song, "-o", out, "--preset", own)
    assert code == 0, err
    assert soundfile.info(out).frames >= _RATE
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.wav", "own.fanstyle", "song.wav"]


def test_where_nothing_can_be_written_is_said_before_any_work(song: Path, own: Path, tmp_path: Path) -> None:
    (tmp_path / "folder.wav").mkdir()
    for out in (
        tmp_path / "folder.wav",
        song / "under.wav",
        Path("/proc/out.wav"),
        Path("/dev/null/out.wav"),
    ):
        code, told, err = _run(song, "-o", out, "--preset", own, "--json")
        assert (code, told) == (1, "")
        said(err)
    assert list((tmp_path / "folder.wav").iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--preset", "lofi"), "Did you mean lo-fi?"),
        (("--preset", "Synth-Wave"), "synthwave"),
        (("--preset", "zzz"), "Choose one of"),
        (("--instrument", "paino"), "Did you mean piano"),
        (("--preset", "x\x1b[31m\u202e"), "no style"),
        (("--preset", "."), "no style"),
    ],
)
def test_names_that_are_nearly_right_are_suggested(
    song: Path, tmp_path: Path, arguments: tuple[str, ...], words: str
) -> None:
    code, told, err = _run(song, "-o", tmp_path / "o.wav", *arguments, "--json")
    assert (code, told) == (1, "")
    said(err)
    assert words in err
    assert err.replace("\n", "").isprintable()


@pytest.mark.parametrize(
    "arguments",
    [
        ("--preset", "club", "--amount", "nan"),
        ("--preset", "club", "--amount", "inf"),
        ("--preset", "club", "--amount", "-0.1"),
        ("--preset", "club", "--amount", "half"),
        ("--preset", "surprise", "--seed", "-1"),
        ("--preset", "surprise", "--seed", "9" * 40),
        ("--preset", "surprise", "--seed", "9" * 5_000),
        ("--preset", "club", "--instrument", "piano"),
        ("--preset", "club", "--as", "noise"),
        ("--preset", "club", "--device", "abacus"),
        ("--preset", "club", "--polka"),
        ("--preset",),
    ],
)
def test_bad_flags_are_a_matter_of_usage(song: Path, tmp_path: Path, arguments: tuple[str, ...]) -> None:
    code, told, err = _run(song, "-o", tmp_path / "o.wav", *arguments)
    assert (code, told) == (2, "")
    assert "Traceback" not in err
    assert not (tmp_path / "o.wav").exists()


def test_a_style_file_that_is_none_is_named(song: Path, tmp_path: Path) -> None:
    (tmp_path / "bad.fanstyle").write_bytes(b"\xff\x00")
    (tmp_path / "folder.fanstyle").mkdir()
    for name in ("bad.fanstyle", "folder.fanstyle", "gone.fanstyle"):
        code, told, err = _run(song, "-o", tmp_path / "o.wav", "--preset", tmp_path / name, "--json")
        assert (code, told) == (1, "")
        assert name in said(err)


def test_a_style_that_silences_everything_says_so(song: Path, tmp_path: Path) -> None:
    silent = tmp_path / "in.wav"
    soundfile.write(silent, np.zeros((_RATE, 2)), _RATE)
    path = tmp_path / "own.fanstyle"
    path.write_bytes(write_recipe(replace(_MASTER, master=(RecipeEffect("gate"),))))
    code, _told, err = _run(silent, "-o", tmp_path / "o.wav", "--preset", path)
    assert code == 0, err
    assert not soundfile.read(tmp_path / "o.wav")[0].any()


@pytest.mark.parametrize("seconds", [0.001, 0.2])
def test_a_moment_takes_a_style(own: Path, tmp_path: Path, seconds: float) -> None:
    song = _write(tmp_path / "moment.wav", seconds)
    code, _told, err = _run(song, "-o", tmp_path / "o.wav", "--preset", own)
    assert code == 0, err
    assert np.isfinite(soundfile.read(tmp_path / "o.wav")[0]).all()


def test_ctrl_c_ends_it_in_order(tmp_path: Path) -> None:
    song = _write(tmp_path / "in.wav", 120.0)
    out = tmp_path / "out" / "o.wav"
    with start("style", song, "-o", out, "--preset", "lo-fi", "--json", home=tmp_path / "home") as process:
        _await(lambda: any(out.parent.glob(".fanstudio-*/audio/*")))
        process.send_signal(signal.SIGINT)
        told, err = process.communicate(timeout=60)
    assert (process.returncode, told) == (130, "")
    assert said(err) == "cancelled."
    assert not out.parent.exists()
