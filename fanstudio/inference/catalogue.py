"""The models that split songs and are installed: those shipped with the program and those of the user."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from fanstudio import paths
from fanstudio.errors import ModelError
from fanstudio.inference.manifest import MANIFEST, ModelManifest, load, splits
from fanstudio.inference.shelf import shelf_folder

#: The model that takes the vocals out; it comes with the program, which does not work without it.
BUILT_IN = "spleeter_2stems"


def installed() -> tuple[ModelManifest, ...]:
    """Return the models whose manifests are in order, the shipped ones first; hashes are not checked."""
    found: dict[str, ModelManifest] = {}
    for folder in model_folders():
        try:
            manifest = load(folder)
        except ModelError:
            continue
        found.setdefault(manifest.id, manifest)
    return tuple(found.values())


def find(model_id: str) -> ModelManifest:
    """Return the model `model_id`; its hashes are checked by who loads it.

    Raises:
        ModelError: it is not installed, or its manifest is not in order.

    """
    return load(find_folder(model_id))


def find_folder(model_id: str) -> Path:
    """Return the folder of the model `model_id`, whether it is in order or not.

    Raises:
        ModelError: it is not installed.

    """
    for folder in model_folders():
        if folder.name == model_id:
            return folder
    names = ", ".join(manifest.id for manifest in installed())
    hint = "Install fanstudio again." if model_id == BUILT_IN else f"Installed: {names or 'none'}."
    raise ModelError(f"There is no model called {model_id!r}.", hint=hint)


def model_folders() -> Iterator[Path]:
    """Yield the folders of such models, manifests in order or not; the shipped ones first."""
    for root in (paths.models_dir(), shelf_folder()):
        if root.is_dir():
            folders = (folder for folder in root.iterdir() if not folder.name.startswith("."))
            manifests = sorted(folder for folder in folders if (folder / MANIFEST).is_file())
            yield from filter(splits, manifests)
