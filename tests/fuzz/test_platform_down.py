"""A real platform that is killed before, during and after the render: held, resumed, counted once."""

from __future__ import annotations

import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from fanstudio.errors import NetworkError
from fanstudio.jobs import Work
from fanstudio.paths import data_dir
from fanstudio.platform.account import approve_device
from fanstudio.platform.signin import DevicePrompt
from fanstudio.studio import export
from fanstudio.studio.account import sign_in_by_code
from fanstudio.studio.context import Studio
from fanstudio.studio.embedded_platform import check_ledger
from fanstudio.studio.export import ExportOptions, ExportResult, export_project
from fanstudio.studio.project import Project
from fanstudio.studio.verify import Verification, verify_file
from tests.support.songs import make_song_project


class MortalPlatform:
    """`fanstudio platform serve` on a port of its own, killed and started again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._process: subprocess.Popen[str] | None = None
        self.start()

    def start(self) -> None:
        if self._process is not None:
            return
        command = ("platform", "serve", "--folder", str(self.folder), "--port", str(self.port))
        self._process = subprocess.Popen(
            [sys.executable, "-m", "fanstudio", *command], stderr=subprocess.PIPE, text=True
        )
        assert self._process.stderr is not None
        assert self._process.stderr.readline() == f"fanstudio platform at {self.url}\n"

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None

    def exports(self) -> int:
        transactions, _, faults = check_ledger(self.folder)
        assert faults == ()
        return transactions


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("down")
        patch.setenv("FANSTUDIO_HOME", str(folder / "home"))
        yield folder


@pytest.fixture(scope="module")
def running(home: Path) -> Iterator[MortalPlatform]:
    platform = MortalPlatform(home / "platform")
    yield platform
    platform.kill()


@pytest.fixture
def platform(running: MortalPlatform) -> MortalPlatform:
    running.start()
    return running


@pytest.fixture(scope="module")
def studio(running: MortalPlatform) -> Iterator[Studio]:
    opened = Studio(platform_url=running.url)
    http = opened.connect(Work()).platform.http
    secret = (running.folder / "keys" / "operator-secret").read_text().strip()

    def approve(prompt: DevicePrompt) -> None:
        approve_device(http, prompt.user_code, secret, user="demo-fan")

    assert sign_in_by_code(Work(), opened, approve).may_export
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def project(home: Path) -> Project:
    return make_song_project(home, 16.0)


def _export(studio: Studio, project: Project, tmp_path: Path, work: Work | None = None) -> ExportResult:
    out = tmp_path / "out"
    out.mkdir(exist_ok=True)
    return export_project(work or Work(), studio, project, ExportOptions(out / "out.flac"))


def _left(tmp_path: Path) -> list[str]:
    return sorted(path.name for path in (tmp_path / "out").iterdir())


def _killing(platform: MortalPlatform, at: str) -> Work:
    return Work(lambda _fraction, text: platform.kill() if text == at else None)


def test_down_before_it_says_so_and_leaves_nothing(
    platform: MortalPlatform, studio: Studio, project: Project, tmp_path: Path
) -> None:
    booked = platform.exports()
    platform.kill()
    with pytest.raises(NetworkError, match="cannot be reached"):
        _export(studio, project, tmp_path)
    assert _left(tmp_path) == []
    platform.start()
    assert _export(studio, project, tmp_path).receipt.title == "song1"
    assert platform.exports() == booked + 1


@pytest.mark.parametrize(
    "at", ["Asking for permission", "Mixing", "Getting the receipt", "Writing Content Credentials"]
)
def test_down_on_the_way_the_export_is_held_and_finished_later(
    at: str, platform: MortalPlatform, studio: Studio, project: Project, tmp_path: Path
) -> None:
    booked = platform.exports()
    with pytest.raises(NetworkError) as caught:
        _export(studio, project, tmp_path, _killing(platform, at))
    assert "out.flac" not in _left(tmp_path)
    if at != "Asking for permission":
        assert caught.value.hint == "What was rendered is kept: export again to finish it."
        assert "out.flac.part" in _left(tmp_path)
    with pytest.raises(NetworkError):
        _export(studio, project, tmp_path)
    platform.start()
    rendered: list[str] = []
    result = _export(studio, project, tmp_path, Work(lambda _fraction, text: rendered.append(text)))
    assert ("Mixing" in rendered) == (at == "Asking for permission")
    assert _left(tmp_path) == ["out.flac"]
    assert list((data_dir() / "exports").iterdir()) == []
    assert result.receipt.export_id == result.export_id
    assert platform.exports() == booked + 1


def test_down_after_it_the_file_stands_with_its_embedded_receipt(
    platform: MortalPlatform,
    studio: Studio,
    project: Project,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    booked = platform.exports()

    def verify(work: Work, opened: Studio, path: Path) -> Verification:
        platform.kill()
        return verify_file(work, opened, path)

    monkeypatch.setattr(export, "verify_file", verify)
    result = _export(studio, project, tmp_path)
    assert result.verification.found.receipt_source == "embedded"
    assert any("could not be asked" in note for note in result.verification.found.notes)
    assert _left(tmp_path) == ["out.flac"]
    platform.start()
    assert platform.exports() == booked + 1
    with urllib.request.urlopen(f"{platform.url}/v1/receipts/{result.export_id}") as answer:
        assert answer.status == 200
