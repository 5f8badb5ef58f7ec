"""The pins: exact, complete, and those of the environment that the tests run in."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from importlib.metadata import requires, version
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
LINES = [
    line
    for line in (ROOT / "packaging" / "constraints.txt").read_text().splitlines()
    if not line.startswith("#")
]
PINS = {canonicalize_name(name): pin for name, _, pin in (line.partition("==") for line in LINES)}


def _declared() -> list[Requirement]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    return [Requirement(text) for text in project["dependencies"] + project["optional-dependencies"]["dev"]]


def _applies(requirement: Requirement, extras: set[str]) -> bool:
    marker = requirement.marker
    return marker is None or any(marker.evaluate({"extra": extra}) for extra in extras or {""})


def _collect(requirement: Requirement, found: set[tuple[str, frozenset[str]]]) -> None:
    """Add what a requirement brings to `found`, as (name, extras)."""
    key = (canonicalize_name(requirement.name), frozenset(requirement.extras))
    if key in found:
        return
    found.add(key)
    for child in map(Requirement, requires(requirement.name) or []):
        if _applies(child, requirement.extras):
            _collect(child, found)


def test_pins_are_exact_sorted_and_fit_every_machine() -> None:
    assert sorted(LINES, key=str.lower) == LINES
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+==[0-9][0-9a-z.]*", line) for line in LINES)


def test_every_declared_dependency_is_pinned_within_its_bounds() -> None:
    for requirement in _declared():
        pin = PINS[canonicalize_name(requirement.name)]
        assert not _applies(requirement, set()) or requirement.specifier.contains(pin), requirement


def test_whatever_a_dependency_brings_is_pinned_to_what_is_installed() -> None:
    found: set[tuple[str, frozenset[str]]] = set()
    for requirement in _declared():
        if _applies(requirement, set()):
            _collect(requirement, found)
    installed = {name: version(name) for name, _extras in found}
    assert len(installed) > len(_declared())
    assert installed == {name: PINS.get(name) for name in installed}


def test_a_python_with_ensurepip_needs_no_debian_package() -> None:
    script = ROOT / "packaging" / "venv_package.py"
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, timeout=30, check=True)
    assert done.stdout == ""


def test_a_python_without_ensurepip_names_its_package(tmp_path: Path) -> None:
    hide = f"import importlib.util, sys; sys.path = [{str(tmp_path)!r}]; exec(open(sys.argv[1]).read())"
    command = [sys.executable, "-c", hide, ROOT / "packaging" / "venv_package.py"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=True)
    assert done.stdout.split() == ["python{}.{}-venv".format(*sys.version_info[:2])]
