"""Takes a model of the user's own onto the shelf: a folder, its manifest, or graphs that can be known."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from fanstudio import paths
from fanstudio.errors import ModelError
from fanstudio.files import desk_in, make_folder, write_whole
from fanstudio.inference import shelf
from fanstudio.inference.graph_file import find_external_files
from fanstudio.inference.guess import guess, read_shapes
from fanstudio.inference.manifest import MANIFEST, ModelManifest, load, parse
from fanstudio.inference.published import PublishedFile, PublishedModel, list_published
from fanstudio.inference.pull import is_there
from fanstudio.inference.trial import try_model
from fanstudio.jobs import Limits, Work, run_child
from fanstudio.text import parse_toml

_MAX_MANIFEST_BYTES = 64 * 1024
_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_COPYING = 0.5
_TRIAL_S = 600.0
_HOW = "Put the graphs in a folder with a model.toml; onnx_models/README.md says what belongs in it."


@dataclass(frozen=True, slots=True)
class Candidate:
    """A model that was handed over: its manifest's text, its graphs by name, and what was concluded.

    `published` is what the graphs are by their hashes; they need not be tried then.
    """

    manifest: bytes
    graphs: Mapping[str, Path]
    conclusion: str = ""
    published: PublishedModel | None = None


@dataclass(frozen=True, slots=True)
class Added:
    """A model that was added; `conclusion` says by what it was known, "" where its manifest said all."""

    model: ModelManifest
    conclusion: str


def add(work: Work, path: Path) -> Added:
    """Check the model at `path`, copy it onto the user's shelf, and return it.

    `path` is a folder with a manifest, the manifest, graphs whose hashes are published (one file, or the
    folder that holds them), or a graph whose shapes say what it is. What is not published is tried out
    in a process of its own first; what is, and is there already, stays as it is.

    Raises:
        ModelError: it is no model that works here, or one of that id is there already.
        StorageError: there is no room.
        Cancelled: nothing was added.

    """
    candidate = find_candidate(work, path)
    model_id = _id_of(candidate.manifest, path)
    with shelf.reserved(work, model_id), desk_in(shelf.shelf_folder()) as desk:
        if candidate.published is not None and is_there(work, candidate.published):
            return Added(load(shelf.place_of(model_id)), candidate.conclusion)
        folder = desk / model_id
        make_folder(folder)
        write_whole(folder / MANIFEST, candidate.manifest)
        model = load(folder)
        _refuse_known(work, model)
        _copy_graphs(work.part(0, _COPYING), model, candidate, path if path.is_dir() else path.parent)
        if candidate.published is None:
            run_child(work.part(_COPYING, 1), try_model, folder, "cpu", limits=Limits(seconds=_TRIAL_S))
        placed = shelf.put_in_place(work, folder)
    return Added(load(placed), candidate.conclusion)


def find_candidate(work: Work, path: Path) -> Candidate:
    """Return what model lies at `path`.

    Raises:
        ModelError: none that is known.

    """
    try:
        return _find_candidate(work, path)
    except OSError as error:
        raise ModelError(f"{path} cannot be read: {error.strerror or 'unreadable'}.") from error


def _find_candidate(work: Work, path: Path) -> Candidate:
    folder = path if path.is_dir() else path.parent
    if not path.exists():
        raise ModelError(f"{path} is not there.")
    if path.name == MANIFEST or (path.is_dir() and (path / MANIFEST).is_file()):
        return _by_manifest(folder)
    if path.is_dir() or path.suffix.lower() == ".onnx":
        found = _by_hashes(work, path)
        if found is None and path.is_file():
            found = _by_shapes(work, path)
        if found is not None:
            return found
    raise ModelError(f"{path} is no model that fanstudio knows.", hint=_HOW)


def _by_manifest(folder: Path) -> Candidate:
    try:
        with (folder / MANIFEST).open("rb") as stream:
            text = stream.read(_MAX_MANIFEST_BYTES + 1)
    except OSError as error:
        reason = error.strerror or "unreadable"
        raise ModelError(f"{folder / MANIFEST} cannot be read: {reason}.") from error
    return Candidate(text, {})


def _by_hashes(work: Work, path: Path) -> Candidate | None:
    """Return the published model whose graphs lie at `path`, or None; only files of its sizes are read."""
    at_hand = sorted(path.glob("*.onnx")) if path.is_dir() else [path]
    for model in list_published():
        found = {file.name: match for file in model.files if (match := _match(work, file, at_hand))}
        if found and len(found) < len(model.files):
            found |= _beside(work, model, next(iter(found.values())).parent)
        if len(found) == len(model.files):
            return Candidate(model.manifest, found, f"It is {model.title}, by its SHA-256.", model)
        if found:
            missing = ", ".join(file.name for file in model.files if file.name not in found)
            raise ModelError(
                f"This is a part of {model.title}; it also needs {missing}.",
                hint="Put all of them in one folder and add that.",
            )
    return None


def _by_shapes(work: Work, path: Path) -> Candidate | None:
    """Return a model with a manifest that was guessed, or None."""
    external = find_external_files(path)
    if external:
        raise ModelError(f"{path.name} keeps its weights in other files: {min(external)!r}.", hint=_HOW)
    shapes = run_child(work, read_shapes, path, limits=Limits(seconds=_TRIAL_S))
    guessed = guess(path, shelf.hash_file(work, path), shapes)
    if guessed is None:
        return None
    name = parse(path.parent / _id_of(guessed.manifest, path), guessed.manifest).files[0].path.name
    return Candidate(guessed.manifest, {name: path}, guessed.reason)


def _beside(work: Work, model: PublishedModel, folder: Path) -> Mapping[str, Path]:
    """Return the graphs of a model that lie in a folder under their own names."""
    named = {file.name: _match(work, file, [folder / file.name]) for file in model.files}
    return {name: match for name, match in named.items() if match is not None}


def _match(work: Work, file: PublishedFile, at_hand: Iterable[Path]) -> Path | None:
    alike = (path for path in at_hand if path.is_file() and path.stat().st_size == file.size_bytes)
    return next((path for path in alike if shelf.hash_file(work, path) == file.sha256), None)


def _id_of(manifest: bytes, path: Path) -> str:
    """Return the id that a manifest states; the rest of it is checked by `load`."""
    try:
        value = parse_toml(manifest).get("id")
    except (ValueError, RecursionError) as error:
        raise ModelError(f"{path}: {MANIFEST} is not a TOML file: {error}.", hint=_HOW) from error
    if not (isinstance(value, str) and _ID.fullmatch(value)):
        raise ModelError(f"{path}: {MANIFEST} states no id of small letters, digits, - and _.", hint=_HOW)
    return value


def _refuse_known(work: Work, model: ModelManifest) -> None:
    if (paths.models_dir() / model.id / MANIFEST).is_file():
        raise ModelError(
            f"A model called {model.id} comes with fanstudio.",
            hint="Give yours another id in its model.toml.",
        )
    if shelf.is_whole(work, model.id):
        raise ModelError(
            f"You have a model called {model.id} already.",
            hint=f"`fanstudio models remove {model.id}` first.",
        )


def _copy_graphs(work: Work, model: ModelManifest, candidate: Candidate, folder: Path) -> None:
    """Copy each graph from where it was found, or from beside the manifest in `folder`."""
    targets = [pinned.path for pinned in model.pinned]
    sources = [candidate.graphs.get(target.name, folder / target.name) for target in targets]
    shelf.check_room(model.folder, sum(source.stat().st_size for source in sources if source.is_file()))
    for number, (source, target) in enumerate(zip(sources, targets, strict=True)):
        work.report(number / len(targets), f"Copying {target.name}")
        if source.exists() and not source.is_file():
            raise ModelError(f"{source} is not a file.", hint=_HOW)
        shelf.copy_file(work, source, target, lambda _held: None)
