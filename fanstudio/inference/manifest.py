"""What a model says of itself: `model.toml`, checked before anything of the model is loaded."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Set
from dataclasses import dataclass
from pathlib import Path

from fanstudio.errors import ModelError
from fanstudio.inference import blended_mask, complex_spectrum, magnitude, masking, waveform
from fanstudio.inference.graph_file import find_external_files
from fanstudio.inference.hashing import hash_file
from fanstudio.inference.kinds import Kind
from fanstudio.inference.table import DAMAGED_HINT, Table
from fanstudio.jobs import Work
from fanstudio.text import parse_toml

FORMAT = 1
#: How the settings of each kind are read.
KINDS: dict[str, Callable[[Table], Kind]] = {
    "magnitude_mask": masking.read,
    "blended_mask": blended_mask.read,
    "magnitude": magnitude.read,
    "complex": complex_spectrum.read,
    "waveform": waveform.read,
}
MANIFEST = "model.toml"
#: `accompaniment`: a second stage, which takes what is left beside the vocals further apart.
TASKS = ("separation", "accompaniment")
#: Tasks of the models that split nothing; who runs such a model reads its manifest.
OTHER_TASKS = ("pitch", "transcription", "timbre", "beats", "production")
_MAX_MANIFEST_BYTES = 64 * 1024
#: Numbers in a window of all stems: some 1 GB of memory on the way through the transforms.
_MAX_CELLS = 1 << 25
_STEM = r"[a-z][a-z0-9_]{0,31}"
_FILE_NAME = r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}"
#: The order of stems; others stand between the first and the last.
_FIRST = ("vocals", "drums", "bass", "guitar", "piano")
_LAST = ("other", "accompaniment")


@dataclass(frozen=True, slots=True)
class PinnedFile:
    """A file of the model's folder and the hash that it must have."""

    path: Path
    sha256: str

    def verify(self, work: Work) -> None:
        """Compare the file with its hash; ModelError where it is missing or another."""
        try:
            digest = hash_file(work, self.path)
        except OSError as error:
            reason = error.strerror or "unreadable"
            raise ModelError(
                f"The model file {self.path} cannot be read: {reason}.", hint=DAMAGED_HINT
            ) from error
        if digest != self.sha256:
            raise ModelError(
                f"The model file {self.path} is damaged: its SHA-256 is not the manifest's.",
                hint=DAMAGED_HINT,
            )


@dataclass(frozen=True, slots=True)
class ModelFile(PinnedFile):
    """One graph of a model: row `rows[i]` of its output belongs to stem `stems[i]`.

    `external` are the files in which the graph keeps its weights.
    """

    stems: tuple[str, ...]
    rows: tuple[int, ...]
    external: tuple[PinnedFile, ...] = ()

    def verify(self, work: Work) -> None:
        """Compare the graph and its external files with their hashes, and refuse any other file of it."""
        PinnedFile.verify(self, work)
        for file in self.external:
            file.verify(work)
        _refuse_unlisted(self.path, {file.path.name for file in self.external})


@dataclass(frozen=True, slots=True)
class ModelManifest:
    """What `model.toml` says; see `onnx_models/README.md` for each key.

    `target_rms` is None where the net takes the song as it is. `rows` are the stems of all files, in
    their order; `residual` is the stem that is left of the mix, whether it has a row or not. `refiner`
    is the graph for `quality="best"`, if there is one.
    """

    folder: Path
    id: str
    title: str
    task: str
    licence: str
    source: str
    sample_rate: int
    target_rms: float | None
    files: tuple[ModelFile, ...]
    stems: tuple[str, ...]
    residual: str
    input_name: str
    output_name: str
    kind: Kind
    refiner: PinnedFile | None = None

    @property
    def rows(self) -> tuple[str, ...]:
        """Return the stem of each row that the graphs give."""
        return tuple(stem for file in self.files for stem in file.stems)

    @property
    def estimated(self) -> tuple[str, ...]:
        """Return the stems that are taken from the net, in order: all but the residual."""
        return tuple(stem for stem in self.stems if stem != self.residual)

    @property
    def pinned(self) -> tuple[PinnedFile, ...]:
        """Return every file that has a hash: the graphs, their weights beside them, the refiner."""
        files = tuple(pinned for file in self.files for pinned in (file, *file.external))
        return files if self.refiner is None else (*files, self.refiner)

    @property
    def sha256(self) -> str:
        """Return the hash of the only file, or of the hashes of all; the refiner is left out."""
        return _join_hashes(pinned for pinned in self.pinned if pinned is not self.refiner)

    @property
    def sha256_refined(self) -> str:
        """Return the hash of all files, the refiner too: of what `quality="best"` is made by."""
        return _join_hashes(self.pinned)

    def verify(self, work: Work | None = None) -> None:
        """Compare every file with its hash.

        Raises:
            ModelError: a file is missing, is not the one that the manifest names, or is no graph.
            Cancelled: within a second.

        """
        work = work or Work()
        for file in self.files:
            file.verify(work)
        if self.refiner is not None:
            self.refiner.verify(work)
            _refuse_unlisted(self.refiner.path, set())


def _join_hashes(files: Iterable[PinnedFile]) -> str:
    """Return the hash of the only file, or of the hashes of all."""
    digests = [file.sha256 for file in files]
    return digests[0] if len(digests) == 1 else hashlib.sha256("".join(digests).encode()).hexdigest()


def _refuse_unlisted(graph: Path, listed: Set[str]) -> None:
    """Raise ModelError where a graph wants another file than those that its manifest lists."""
    unlisted = find_external_files(graph) - listed
    if unlisted:
        raise ModelError(
            f"The graph {graph} wants a file that its manifest does not list: {min(unlisted)!r}.",
            hint=DAMAGED_HINT,
        )


def load(folder: Path) -> ModelManifest:
    """Read and check `folder`/model.toml without touching the graphs.

    Raises:
        ModelError: the manifest is missing, malformed, newer, of an unknown kind, or names a file
            outside its folder.

    """
    return _read_manifest(folder, read_table(folder))


def splits(folder: Path) -> bool:
    """Tell whether the model in a folder splits songs, as far as its manifest can be read."""
    try:
        read_table(folder).choice("task", OTHER_TASKS)
    except ModelError:
        return True
    return False


def read_table(folder: Path) -> Table:
    """Return the values of `folder`/model.toml; raise ModelError where it is missing, malformed or newer."""
    path = folder / MANIFEST
    try:
        with path.open("rb") as stream:
            data = stream.read(_MAX_MANIFEST_BYTES + 1)
    except OSError as error:
        reason = error.strerror or "unreadable"
        raise ModelError(f"There is no model in {folder}: {MANIFEST} cannot be read: {reason}.") from error
    return _parse_table(folder, data)


def parse(folder: Path, data: bytes) -> ModelManifest:
    """Read and check the text of a manifest that is in `folder`, or is to be there.

    Raises:
        ModelError: it is malformed, newer, of an unknown kind, or names a file outside the folder.

    """
    return _read_manifest(folder, _parse_table(folder, data))


def _parse_table(folder: Path, data: bytes) -> Table:
    path = folder / MANIFEST
    if len(data) > _MAX_MANIFEST_BYTES:
        raise ModelError(f"{path} is too long for a manifest.", hint=DAMAGED_HINT)
    try:
        values = parse_toml(data)
    except (ValueError, RecursionError) as error:
        raise ModelError(f"{path} is not a TOML file: {error}.", hint=DAMAGED_HINT) from error
    table = Table(path, "", values)
    if table.integer("format", 1, 2**31) > FORMAT:
        raise table.wrong("format", "is newer than this version of fanstudio")
    return table


def _read_manifest(folder: Path, table: Table) -> ModelManifest:
    kind = KINDS[table.choice("kind", tuple(KINDS))](table)
    files = tuple(_read_file(folder, entry) for entry in table.tables("files"))
    residual = table.text("residual", _STEM) if table.has("residual") else ""
    stems = _order_stems(table, files, residual)
    if kind.cells * len(stems) > _MAX_CELLS:
        raise table.wrong("input", "asks for windows too big to compute")
    model_id = table.text("id", r"[a-z0-9][a-z0-9_-]{0,63}")
    if model_id != folder.name:
        raise table.wrong("id", "is not the name of its folder")
    return ModelManifest(
        folder=folder,
        id=model_id,
        title=table.text("title"),
        task=table.choice("task", TASKS),
        licence=table.text("licence"),
        source=table.text("source"),
        sample_rate=table.integer("sample_rate", 8000, 192_000),
        target_rms=table.number("target_rms", 0.001, 10.0) if table.has("target_rms") else None,
        files=files,
        stems=stems,
        residual=residual or stems[-1],
        input_name=table.table("input").text("name"),
        output_name=table.table("output").text("name"),
        kind=kind,
        refiner=_read_refiner(folder, table),
    )


def _read_refiner(folder: Path, table: Table) -> PinnedFile | None:
    """Read which graph refines the masks of `quality="best"`, if one does."""
    best = table.table("best") if table.has("best") else None
    if best is None or not best.has("name"):
        return None
    return read_pinned(folder, best)


def _order_stems(table: Table, files: tuple[ModelFile, ...], residual: str) -> tuple[str, ...]:
    given = [stem for file in files for stem in file.stems]
    if residual and residual not in given:
        given.append(residual)
    if not 2 <= len(given) <= 16 or len(set(given)) != len(given):
        raise table.wrong("files", "do not name two to sixteen different stems")
    return tuple(sorted(given, key=_place))


def _place(stem: str) -> int:
    if stem in _FIRST:
        return _FIRST.index(stem)
    return len(_FIRST) + (1 + _LAST.index(stem) if stem in _LAST else 0)


def _read_file(folder: Path, table: Table) -> ModelFile:
    path = _read_path(folder, table)
    stems = table.items("stems")
    rows = table.items("rows")
    if not all(isinstance(stem, str) and re.fullmatch(_STEM, stem) for stem in stems):
        raise table.wrong("stems", "are not plain names")
    if len(rows) != len(stems) or not all(type(row) is int and 0 <= row < 16 for row in rows):
        raise table.wrong("rows", "do not give each stem a row")
    entries = table.tables("external") if table.has("external") else []
    external = tuple(read_pinned(folder, entry) for entry in entries)
    return ModelFile(path, _read_hash(table), tuple(stems), tuple(rows), external)


def read_pinned(folder: Path, table: Table) -> PinnedFile:
    """Read which file of the model's folder is meant, and its hash."""
    return PinnedFile(_read_path(folder, table), _read_hash(table))


def _read_path(folder: Path, table: Table) -> Path:
    path = folder / table.text("name", _FILE_NAME)
    if path.resolve().parent != folder.resolve():
        raise table.wrong("name", "leads out of the model's folder")
    return path


def _read_hash(table: Table) -> str:
    return table.text("sha256", r"[0-9a-f]{64}")
