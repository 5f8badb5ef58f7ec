"""The installer of system packages, on machines made of scripts."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
INSTALLER = ROOT / "packaging" / "install-system.sh"
LIST = "# what is needed\nlibone\n\nlibtwo\nscreen tests\n"
NOTHING = r"ii  other, libonelike (= 1.0),\nrc  libone, ,\n"


@dataclass(frozen=True)
class Outcome:
    code: int
    said: str
    ran: list[str]


class Machine:
    """A path with the few programs that the installer calls; `apt-get` writes down what it was asked."""

    def __init__(self, folder: Path, *, user: int, present: str) -> None:
        self.log = folder / "log"
        self.list = folder / "packages.txt"
        self.list.write_text(LIST)
        self.path = folder / "bin"
        self.path.mkdir()
        for name in ("sed", "tr", "env"):
            self.path.joinpath(name).symlink_to(shutil.which(name) or "")
        self.add("id", f"echo {user}")
        self.add("apt-get", f'echo "apt-get $*" >> "{self.log}"')
        self.add("dpkg-query", f"printf '{present}'")

    def add(self, name: str, body: str) -> None:
        program = self.path / name
        program.write_text(f"#!/bin/sh\n{body}\n")
        program.chmod(0o755)

    def install(self, *arguments: str) -> Outcome:
        done = subprocess.run(
            ["/bin/sh", INSTALLER, self.list, *arguments],
            env={"PATH": str(self.path)},
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
        ran = self.log.read_text().splitlines() if self.log.exists() else []
        return Outcome(done.returncode, done.stderr, ran)


def _installs(outcome: Outcome) -> list[str]:
    return outcome.ran[-1].split("--no-install-recommends ")[1].split()


def test_root_installs_what_is_missing(tmp_path: Path) -> None:
    machine = Machine(tmp_path, user=0, present=NOTHING)
    outcome = machine.install("python3.11-venv")
    assert outcome.code == 0
    assert outcome.ran[0].startswith("apt-get update")
    assert _installs(outcome) == ["libone", "libtwo", "python3.11-venv"]


def test_the_suites_need_more(tmp_path: Path) -> None:
    outcome = Machine(tmp_path, user=0, present=NOTHING).install("--tests")
    assert _installs(outcome) == ["libone", "libtwo", "screen"]


@pytest.mark.parametrize("two", [r"ii  libtwo, ,\n", r"hi  libtwo64, extra, libtwo (= 2.1),\n"])
def test_nothing_happens_when_all_is_there(tmp_path: Path, two: str) -> None:
    outcome = Machine(tmp_path, user=1000, present=r"ii  libone, ,\n" + two).install()
    assert outcome == Outcome(0, "", [])


def test_a_user_with_sudo_installs_through_it(tmp_path: Path) -> None:
    machine = Machine(tmp_path, user=1000, present=r"ii  libone, ,\n")
    machine.add("sudo", f'[ "$1" = -n ] && exit 0; echo sudo >> "{machine.log}"; exec "$@"')
    outcome = machine.install()
    assert outcome.code == 0
    assert [line.split()[0] for line in outcome.ran] == ["sudo", "apt-get", "sudo", "apt-get"]
    assert _installs(outcome) == ["libtwo"]


@pytest.mark.parametrize("sudo", ["exit 1", None])
def test_without_root_the_exact_command_is_said(tmp_path: Path, sudo: str | None) -> None:
    machine = Machine(tmp_path, user=1000, present=NOTHING)
    if sudo:
        machine.add("sudo", sudo)
    outcome = machine.install()
    assert (outcome.code, outcome.ran) == (1, [])
    assert "apt-get update && apt-get install -y --no-install-recommends libone libtwo\n" in outcome.said


def test_a_failed_installation_stops_make(tmp_path: Path) -> None:
    machine = Machine(tmp_path, user=0, present=NOTHING)
    machine.add("apt-get", "echo no such package >&2; exit 100")
    outcome = machine.install()
    assert outcome.code == 100
    assert "no such package" in outcome.said


def test_another_system_is_told_where_to_look(tmp_path: Path) -> None:
    machine = Machine(tmp_path, user=0, present="")
    machine.path.joinpath("dpkg-query").unlink()
    outcome = machine.install()
    assert (outcome.code, outcome.ran) == (0, [])
    assert str(machine.list) in outcome.said
