"""Fixtures that every suite shares, and the rule that keeps long campaigns out of `make test`."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

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
