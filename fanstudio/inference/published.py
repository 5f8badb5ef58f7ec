"""Models that others publish and anyone may fetch: what each is, where it is, and which bytes it must be.

An entry is a file `onnx_models/published/ID.toml`: the manifest that makes the model work, in which each
graph also has its size and address. Fetching a model puts that file beside the graphs.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from fanstudio import paths
from fanstudio.errors import ModelError
from fanstudio.inference.manifest import parse
from fanstudio.inference.quality import Quality, read_quality
from fanstudio.inference.table import DAMAGED_HINT, Table

#: What to fetch for the best stems.
BEST = "htdemucs_ft"


@dataclass(frozen=True, slots=True)
class PublishedFile:
    """One file to fetch: its name in the model's folder, its address, its size and its hash."""

    name: str
    url: str
    size_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class PublishedModel:
    """One model that can be fetched; `manifest` is the whole text of its file."""

    id: str
    title: str
    licence: str
    source: str
    hashes: str
    stems: tuple[str, ...]
    files: tuple[PublishedFile, ...]
    quality: Quality | None
    manifest: bytes

    @property
    def size_bytes(self) -> int:
        """Return how much there is to fetch."""
        return sum(file.size_bytes for file in self.files)


def list_published() -> tuple[PublishedModel, ...]:
    """Return every model that can be fetched, the best first, then by id."""
    found = [_read(path) for path in sorted((paths.models_dir() / "published").glob("*.toml"))]
    return tuple(sorted(found, key=lambda model: model.id != BEST))


def find_published(model_id: str) -> PublishedModel:
    """Return the entry of a model; ModelError where none is known by that id."""
    models = list_published()
    for model in models:
        if model.id == model_id:
            return model
    names = ", ".join(model.id for model in models)
    raise ModelError(f"No model to fetch is called {model_id!r}.", hint=f"There are: {names}.")


def _read(path: Path) -> PublishedModel:
    try:
        text = path.read_bytes()
    except OSError as error:
        raise ModelError(f"{path} cannot be read: {error.strerror}.", hint=DAMAGED_HINT) from error
    manifest = parse(path.with_suffix(""), text)
    values = tomllib.loads(text.decode())
    table = Table(path, "", values)
    return PublishedModel(
        id=manifest.id,
        title=manifest.title,
        licence=manifest.licence,
        source=manifest.source,
        hashes=table.text("hashes"),
        stems=manifest.stems,
        files=tuple(_read_files(table)),
        quality=read_quality(table, values),
        manifest=text,
    )


def _read_files(table: Table) -> Iterator[PublishedFile]:
    """Yield each graph, after it the files in which it keeps its weights, and the graph that refines."""
    for graph in table.tables("files"):
        yield _read_file(graph)
        if graph.has("external"):
            yield from map(_read_file, graph.tables("external"))
    if table.has("best") and table.table("best").has("name"):
        yield _read_file(table.table("best"))


def _read_file(entry: Table) -> PublishedFile:
    return PublishedFile(
        name=entry.text("name"),
        url=entry.text("url", r"https://[!-~]{4,400}"),
        size_bytes=entry.integer("size_bytes", 1, 2**40),
        sha256=entry.text("sha256"),
    )
