"""What a model says of itself: `model.toml`, checked before anything of the model is loaded."""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from fanstudio.errors import ModelError
from fanstudio.inference import masking
from fanstudio.inference.kinds import Kind
from fanstudio.inference.table import DAMAGED_HINT, Table

FORMAT = 1
#: How the settings of each kind are read.
KINDS: dict[str, Callable[[Table], Kind]] = {
    "magnitude_mask": masking.read,
}
MANIFEST = "model.toml"
_MAX_MANIFEST_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class ModelFile:
    """One graph of a model: row `rows[i]` of its output belongs to stem `stems[i]`."""

    path: Path
    sha256: str
    stems: tuple[str, ...]
    rows: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ModelManifest:
    """What `model.toml` says; see `onnx_models/README.md` for each key."""

    folder: Path
    id: str
    title: str
    task: str
    licence: str
    source: str
    sample_rate: int
    target_rms: float
    files: tuple[ModelFile, ...]
    input_name: str
    output_name: str
    kind: Kind

    @property
    def stems(self) -> tuple[str, ...]:
        """Return the stems in the manifest's order; the last is what the others leave of the mix."""
        return tuple(stem for file in self.files for stem in file.stems)

    @property
    def sha256(self) -> str:
        """Return the hash of the only graph, or of the hashes of all."""
        if len(self.files) == 1:
            return self.files[0].sha256
        return hashlib.sha256("".join(file.sha256 for file in self.files).encode()).hexdigest()

    def verify(self) -> None:
        """Compare every file with its hash.

        Raises:
            ModelError: a file is missing or is not the one that the manifest names.

        """
        for file in self.files:
            try:
                with file.path.open("rb") as stream:
                    digest = hashlib.file_digest(stream, "sha256").hexdigest()
            except OSError as error:
                reason = error.strerror or "unreadable"
                raise ModelError(
                    f"The model file {file.path} cannot be read: {reason}.", hint=DAMAGED_HINT
                ) from error
            if digest != file.sha256:
                raise ModelError(
                    f"The model file {file.path} is damaged: its SHA-256 is not the manifest's.",
                    hint=DAMAGED_HINT,
                )


def load(folder: Path) -> ModelManifest:
    """Read and check `folder`/model.toml without touching the graphs.

    Raises:
        ModelError: the manifest is missing, malformed, newer, of an unknown kind, or names a file
            outside its folder.

    """
    path = folder / MANIFEST
    try:
        with path.open("rb") as stream:
            data = stream.read(_MAX_MANIFEST_BYTES + 1)
    except OSError as error:
        reason = error.strerror or "unreadable"
        raise ModelError(f"There is no model in {folder}: {MANIFEST} cannot be read: {reason}.") from error
    if len(data) > _MAX_MANIFEST_BYTES:
        raise ModelError(f"{path} is too long for a manifest.", hint=DAMAGED_HINT)
    try:
        values = tomllib.loads(data.decode())
    except (ValueError, RecursionError) as error:
        raise ModelError(f"{path} is not a TOML file: {error}.", hint=DAMAGED_HINT) from error
    return _read_manifest(folder, Table(path, "", values))


def _read_manifest(folder: Path, table: Table) -> ModelManifest:
    if table.integer("format", 1, 2**31) > FORMAT:
        raise table.wrong("format", "is newer than this version of fanstudio")
    kind = table.choice("kind", tuple(KINDS))
    manifest = ModelManifest(
        folder=folder,
        id=table.text("id", r"[a-z0-9][a-z0-9_-]{0,63}"),
        title=table.text("title"),
        task=table.choice("task", ("separation",)),
        licence=table.text("licence"),
        source=table.text("source"),
        sample_rate=table.integer("sample_rate", 8000, 192_000),
        target_rms=table.number("target_rms", 0.001, 10.0),
        files=tuple(_read_file(folder, entry) for entry in table.tables("files")),
        input_name=table.table("input").text("name"),
        output_name=table.table("output").text("name"),
        kind=KINDS[kind](table),
    )
    _check_stems(table, manifest)
    return manifest


def _check_stems(table: Table, manifest: ModelManifest) -> None:
    stems = manifest.stems
    if len(stems) < 2 or len(set(stems)) != len(stems):
        raise table.wrong("files", "do not name two or more different stems")
    if manifest.id != manifest.folder.name:
        raise table.wrong("id", "is not the name of its folder")


def _read_file(folder: Path, table: Table) -> ModelFile:
    name = table.text("name", r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
    path = folder / name
    if path.resolve().parent != folder.resolve():
        raise table.wrong("name", "leads out of the model's folder")
    stems = table.items("stems")
    rows = table.items("rows")
    if not all(isinstance(stem, str) and re.fullmatch(r"[a-z][a-z0-9_]{0,31}", stem) for stem in stems):
        raise table.wrong("stems", "are not plain names")
    if len(rows) != len(stems) or not all(type(row) is int and 0 <= row < 16 for row in rows):
        raise table.wrong("rows", "do not give each stem a row")
    digest = table.text("sha256", r"[0-9a-f]{64}")
    return ModelFile(path, digest, tuple(stems), tuple(rows))
