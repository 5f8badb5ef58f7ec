"""The models that split songs: which there are, fetching, adding, checking and removing them."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from fanstudio import paths
from fanstudio.errors import ModelError
from fanstudio.inference import catalogue, shelf, speeds
from fanstudio.inference.add import Added, add
from fanstudio.inference.manifest import MANIFEST, ModelManifest, load
from fanstudio.inference.published import BEST, PublishedModel, find_published, list_published
from fanstudio.inference.pull import Pulled, pull
from fanstudio.inference.quality import Quality, read_quality
from fanstudio.inference.speeds import Speed
from fanstudio.inference.splitters import ACCOMPANIMENT
from fanstudio.inference.table import Table
from fanstudio.inference.trial import Trial, try_model
from fanstudio.jobs import Limits, Work, run_child
from fanstudio.settings import Settings

__all__ = ["BEST", "Added"]

#: What the built-in model is worth, in one line.
FLOOR = "The built-in model is fast, but 3 to 5 dB below the best there is."
#: Where a model stands.
State = Literal["built in", "yours", "damaged", "to fetch"]
_CHECK_S = 600.0


@dataclass(frozen=True, slots=True)
class ModelLine:
    """One model as a list shows it; `problem` says what is wrong with a damaged one."""

    id: str
    title: str
    stems: tuple[str, ...]
    licence: str
    source: str
    size_bytes: int
    state: State
    quality: Quality | None = None
    speed: Speed | None = None
    problem: str = ""

    @property
    def size(self) -> str:
        """Write the size: `662 MB`."""
        return f"{self.size_bytes / 1e6:.0f} MB"

    def to_json(self) -> Mapping[str, Any]:
        """Return what `fanstudio models list --json` prints of it."""
        quality, speed = self.quality, self.speed
        return {
            "id": self.id,
            "title": self.title,
            "state": self.state,
            "stems": list(self.stems),
            "licence": self.licence,
            "source": self.source,
            "size_bytes": self.size_bytes,
            "sdr_db": dict(quality.sdr_db) if quality else None,
            "measured": quality.measured if quality else None,
            "device": speed.device if speed else None,
            "times_realtime": speed.times_realtime if speed else None,
            "problem": self.problem or None,
        }


def list_models() -> tuple[ModelLine, ...]:
    """Return the models that are installed, second stages last, then those to be fetched, the best first."""
    installed = tuple(_installed_line(folder) for folder in sorted(catalogue.model_folders(), key=_is_second))
    whole = {line.id for line in installed if line.state != "damaged"}
    published = (_published_line(model) for model in list_published() if model.id not in whole)
    return installed + tuple(published)


def _is_second(folder: Path) -> bool:
    return folder.name == ACCOMPANIMENT


def installed_ids() -> tuple[str, ...]:
    """Return the ids of the built-in model and of all others that are installed, damaged or not."""
    names = (folder.name for folder in catalogue.model_folders())
    return tuple(dict.fromkeys((catalogue.BUILT_IN, *names)))


def pull_model(work: Work, settings: Settings, model_id: str, source: str = "") -> Pulled:
    """Fetch a published model from `source`, the mirror in the settings, or where it is published.

    Raises:
        ModelError, NetworkError, StorageError: see `fanstudio.inference.pull`.

    """
    return pull(work, find_published(model_id), source or settings.text("models_mirror"))


def looks_like_model(path: Path) -> bool:
    """Tell whether a file or folder is meant to be a model, whether it works or not."""
    if path.is_dir():
        return (path / MANIFEST).is_file()
    return path.name == MANIFEST or path.suffix.lower() == ".onnx"


def add_model(work: Work, path: Path) -> Added:
    """Add a model of the user's own; see `fanstudio.inference.add`."""
    return add(work, path)


def remove_model(model_id: str) -> None:
    """Remove a model that was fetched or added; ModelError where there is none."""
    shelf.remove(model_id)


def check_model(work: Work, model_id: str, device: str = "auto") -> Trial:
    """Try an installed model out in a process of its own, and remember its speed.

    Raises:
        ModelError: it is not installed, damaged, or does not work.
        DeviceError: the device asked for cannot be used.

    """
    folder = catalogue.find_folder(model_id)
    trial: Trial = run_child(work, try_model, folder, device, limits=Limits(seconds=_CHECK_S))
    speeds.remember(trial.sha256, Speed(trial.device, trial.times_realtime))
    return trial


def _installed_line(folder: Path) -> ModelLine:
    try:
        model = load(folder)
        quality = _quality_of(folder)
    except ModelError as error:
        return ModelLine(folder.name, folder.name, (), "", "", 0, "damaged", problem=error.message)
    problem = _missing_file(model)
    size = sum(file.path.stat().st_size for file in model.pinned if file.path.is_file())
    return ModelLine(
        id=model.id,
        title=model.title,
        stems=model.stems,
        licence=model.licence,
        source=model.source,
        size_bytes=size,
        state="damaged" if problem else "built in" if folder.parent == paths.models_dir() else "yours",
        quality=quality,
        speed=speeds.recall(model.sha256),
        problem=problem,
    )


def _missing_file(model: ModelManifest) -> str:
    missing = next((file.path.name for file in model.pinned if not file.path.is_file()), "")
    return f"{missing} is missing." if missing else ""


def _quality_of(folder: Path) -> Quality | None:
    path = folder / MANIFEST
    values = tomllib.loads(path.read_text(encoding="utf-8"))
    return read_quality(Table(path, "", values), values)


def _published_line(model: PublishedModel) -> ModelLine:
    return ModelLine(
        id=model.id,
        title=model.title,
        stems=model.stems,
        licence=model.licence,
        source=model.source,
        size_bytes=model.size_bytes,
        state="to fetch",
        quality=model.quality,
    )
