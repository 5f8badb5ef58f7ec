"""A copied installation whose model or demo song is damaged: said in one line, and nothing is written."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.processes import said
from tests.support.songs import write_song

REPOSITORY = Path(__file__).resolve().parents[2]
MODEL = Path("onnx_models/spleeter_2stems")
SONG = Path("assets/demo")


@pytest.fixture
def installation(tmp_path: Path) -> Path:
    copy = tmp_path / "installation"
    ignored = shutil.ignore_patterns("__pycache__", "*.py.orig", "stems")
    shutil.copytree(REPOSITORY / "fanstudio", copy / "fanstudio", ignore=ignored)
    for name in ("onnx_models", "assets"):
        shutil.copytree(REPOSITORY / name, copy / name, ignore=ignored)
    return copy


def _run(installation: Path, *arguments: object) -> tuple[int, str]:
    ended = subprocess.run(
        [sys.executable, "-m", "fanstudio", *map(str, arguments)],
        cwd=installation,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        env={**os.environ, "FANSTUDIO_HOME": str(installation.parent / "home")},
    )
    return ended.returncode, ended.stderr


def _flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:1000])


def _scribble(path: Path) -> None:
    path.write_text("x = [")


@pytest.mark.parametrize(
    ("name", "damage", "line"),
    [
        ("model.onnx", _flip, "is damaged: its SHA-256 is not the manifest's"),
        ("model.onnx", _cut, "is damaged"),
        ("model.onnx", Path.unlink, "cannot be read: No such file or directory"),
        ("model.toml", _scribble, "is not a TOML file"),
        ("model.toml", Path.unlink, "There is no model"),
    ],
)
def test_a_damaged_model_is_refused(
    name: str, damage: Callable[[Path], None], line: str, installation: Path, tmp_path: Path
) -> None:
    damage(installation / MODEL / name)
    song = write_song(tmp_path / "song.wav", 1.0)
    for arguments in (("split", song, "-o", tmp_path / "out"), ("models", "check")):
        code, err = _run(installation, *arguments)
        assert (code, line in said(err)) == (1, True), err
        assert "Install fanstudio again" in err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("name", "damage"),
    [("song.flac", _flip), ("song.flac", Path.unlink), ("demo.toml", _scribble), ("demo.toml", Path.unlink)],
)
def test_a_damaged_demo_song_is_refused(
    name: str, damage: Callable[[Path], None], installation: Path, tmp_path: Path
) -> None:
    damage(installation / SONG / name)
    code, err = _run(installation, "demo", "--out", tmp_path / "out")
    lines = [line for line in err.splitlines() if line.startswith("fanstudio: ")]
    assert (code, lines) == (1, ["fanstudio: The demo song of this installation is missing or damaged."])
    assert "Install fanstudio again" in err
    assert "Traceback" not in err
    assert not (tmp_path / "out" / "demo.fanstudio").exists()
