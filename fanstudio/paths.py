"""Where things are: the user's folders, and what is shipped with the program."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs

from fanstudio.errors import StorageError

_PACKAGE = Path(__file__).resolve().parent


def _user_folder(kind: str, default: str) -> Path:
    home = os.environ.get("FANSTUDIO_HOME")
    folder = Path(home) / kind if home else Path(default)
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise StorageError(
            f"The folder {folder} cannot be made: {error.strerror}.",
            hint="Set FANSTUDIO_HOME to a folder that can be written.",
        ) from error
    return folder


def data_dir() -> Path:
    """Return the user's data folder; `FANSTUDIO_HOME` moves all three folders."""
    return _user_folder("data", platformdirs.user_data_dir("fanstudio", appauthor=False))


def cache_dir() -> Path:
    """Return the folder for what can be derived again (renditions, peaks)."""
    return _user_folder("cache", platformdirs.user_cache_dir("fanstudio", appauthor=False))


def config_dir() -> Path:
    """Return the folder of the settings file."""
    return _user_folder("config", platformdirs.user_config_dir("fanstudio", appauthor=False))


def shipped(name: str) -> Path:
    """Return the folder `assets` or `onnx_models`: inside the wheel, or beside the package."""
    inside = _PACKAGE / "_shipped" / name
    return inside if inside.is_dir() else _PACKAGE.parent / name


def demo_dir() -> Path:
    """Return the folder of the demo song."""
    return shipped("assets") / "demo"


def models_dir() -> Path:
    """Return the folder of the models that are shipped."""
    return shipped("onnx_models")
