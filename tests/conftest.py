"""Fixtures that every suite shares, and the rule that keeps long campaigns out of `make test`."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from fanstudio.jobs import Work
from fanstudio.studio.context import Studio
from fanstudio.studio.embedded_platform import ensure_running

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
#: No test may touch the keyring of the person who runs it.
os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.fail.Keyring"
#: Nor report to anyone, whoever imports onnxruntime first.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"

SHARED = Path(__file__).resolve().parents[1].parent / "shared"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out soak and bench unless they are asked for by `-m`."""
    if config.option.markexpr:
        return
    long = [item for item in items if item.get_closest_marker("soak") or item.get_closest_marker("bench")]
    if long:
        config.hook.pytest_deselected(items=long)
        items[:] = [item for item in items if item not in long]


@pytest.fixture(autouse=True)
def _own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give each test user folders of its own."""
    monkeypatch.setenv("FANSTUDIO_HOME", str(tmp_path / "home"))


@pytest.fixture(scope="session")
def shared_audio() -> Path:
    """Return the team's folder of real music, or skip."""
    folder = SHARED / "audio"
    if not folder.is_dir():
        pytest.skip("no shared audio beside this checkout")
    return folder


@pytest.fixture(scope="session")
def platform_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Return user folders whose embedded platform runs for the whole session of this worker."""
    home = tmp_path_factory.mktemp("platform-home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FANSTUDIO_HOME", str(home))
        running = ensure_running(Work())
        yield home
        running.lease.release()


@pytest.fixture
def studio(platform_home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Studio]:
    """Return a studio on the session's embedded platform; nobody is signed in."""
    monkeypatch.setenv("FANSTUDIO_HOME", str(platform_home))
    opened = Studio()
    yield opened
    opened.close()
