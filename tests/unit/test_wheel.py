"""The wheel: what is in it, and that the whole job runs from it, away from the checkout."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.wheel


def _run(*command: str | Path, cwd: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    return subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env=environment | variables,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    built = _run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder, cwd=ROOT)
    assert built.returncode == 0, built.stderr
    return next(folder.glob("*.whl"))


@pytest.fixture
def installed(wheel: Path, tmp_path: Path) -> Path:
    """Return the programs of an environment whose fanstudio is the wheel's, and the rest this one's."""
    environment = tmp_path / "environment"
    made = _run(sys.executable, "-m", "venv", "--without-pip", environment, cwd=tmp_path)
    assert made.returncode == 0, made.stderr
    python = environment / "bin" / "python"
    pip = ("-m", "pip", "--python", python, "install", "--quiet", "--no-index", "--no-deps", wheel)
    done = _run(sys.executable, *pip, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    paths = {"base": str(environment), "platbase": str(environment)}
    packages = Path(sysconfig.get_path("purelib", "venv", paths))
    # A folder named in a .pth file comes last on the path, and its own .pth files are not read.
    packages.joinpath("libraries.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return environment / "bin"


def test_the_wheel_holds_what_runs_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    modules = {path.relative_to(ROOT).as_posix() for path in (ROOT / "fanstudio").rglob("*.py")}
    shipped = {name.removeprefix("fanstudio/_shipped/") for name in names if "/_shipped/" in name}
    assert modules | {"fanstudio/py.typed", "fanstudio/gui/style.qss"} <= names
    assert {"assets/demo/song.flac", "onnx_models/spleeter_2stems/model.onnx"} <= shipped
    assert {"assets/loops/shelf.toml", "assets/loops/kits/garage/kick.flac"} <= shipped
    assert {"assets/instruments/instruments.toml", "assets/instruments/LICENSE.md"} <= shipped
    assert all((ROOT / name).is_file() for name in shipped)
    assert not [name for name in shipped if name.endswith((".py", ".png"))]
    assert not [name for name in names if "__pycache__" in name or name.endswith(".pyc")]
    assert {name.split("/")[0].split("-")[0] for name in names} == {"fanstudio"}
    assert wheel.stat().st_size < 56e6


def test_the_demo_runs_from_the_wheel(installed: Path, tmp_path: Path) -> None:
    where = _run(installed / "python", "-c", "import fanstudio; print(fanstudio.__file__)", cwd=tmp_path)
    assert Path(where.stdout.strip()).is_relative_to(installed.parent)

    home = {"FANSTUDIO_HOME": str(tmp_path / "home")}
    done = _run(installed / "fanstudio", "demo", "--out", tmp_path / "made", cwd=tmp_path, **home)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (tmp_path / "made" / "demo.fanstudio" / "session.json").is_file()

    seen = _run(
        installed / "fanstudio", "verify", "--json", tmp_path / "made" / "demo.flac", cwd=tmp_path, **home
    )
    assert seen.returncode == 0, seen.stdout + seen.stderr
    assert [row["verdict"] for row in json.loads(seen.stdout)] == ["verified"]
