"""The net that tells how an instrument would sound a line: its manifest, and its graph run in windows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from fanstudio import paths
from fanstudio.audio.noise_bands import BANDS
from fanstudio.errors import InputError, ModelError
from fanstudio.inference.manifest import MANIFEST, PinnedFile, read_pinned, read_table
from fanstudio.inference.table import Table
from fanstudio.inference.voice_features import loudness_for_net, notes_for_net
from fanstudio.jobs import Work, count_cpus

Floats = NDArray[np.float32]

#: The model's id; it comes with the program.
MODEL: Final = "timbre"
_TASK = "timbre"
_ID = r"[a-z0-9][a-z0-9_-]{0,63}"
#: What instruments are let in by.
_GATES = ("spectrum_l1", "pitch_accuracy", "loudness_correlation", "classifier")


@dataclass(frozen=True, slots=True)
class Instrument:
    """An instrument that the net plays: its range in MIDI notes, and how loud it is played.

    `loudness_db` are A-weighted levels in dB at quantiles spread evenly from 5 to 95 %, ascending. `gates`
    are the figures that it was let in by, each with its name.
    """

    id: str
    title: str
    family: str
    row: int
    lowest: float
    highest: float
    loudness_db: tuple[float, ...]
    gates: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class TimbreModel:
    """What `model.toml` says of a net of the kind `timbre`; `onnx_models/README.md` has each key.

    An answer hangs on no control that is more than `context` away. The graph mixes `mixed` instruments,
    of which those in `instruments` are good enough to be offered.
    """

    id: str
    title: str
    file: PinnedFile
    mixed: int
    context: int
    instruments: tuple[Instrument, ...]
    inputs: tuple[str, str, str, str]
    outputs: tuple[str, str]

    @property
    def sha256(self) -> str:
        """Return the graph's hash."""
        return self.file.sha256

    def instrument(self, wanted: str) -> Instrument:
        """Return the instrument of an id; InputError where there is none."""
        for instrument in self.instruments:
            if instrument.id == wanted:
                return instrument
        known = ", ".join(instrument.id for instrument in self.instruments)
        raise InputError(f"There is no instrument “{wanted}”.", hint=f"These are there: {known}.")


def load_model(folder: Path | None = None) -> TimbreModel:
    """Read the manifest of the built-in net, or of the one in `folder`; its hash is checked by `TimbreNet`.

    Raises:
        ModelError: the manifest is missing, malformed, newer, or of another kind.

    """
    folder = folder or _folder()
    table = read_table(folder)
    table.choice("task", (_TASK,))
    table.choice("kind", (_TASK,))
    mixed = table.integer("mixed", 1, 64)
    inputs, outputs = table.table("input"), table.table("output")
    return TimbreModel(
        id=table.text("id", folder.name),
        title=table.text("title"),
        file=read_pinned(folder, table.table("file")),
        mixed=mixed,
        context=table.integer("context", 0, 1024),
        instruments=_read_instruments(table, mixed),
        inputs=(
            inputs.text("pitch"),
            inputs.text("voiced"),
            inputs.text("loudness"),
            inputs.text("instrument"),
        ),
        outputs=(outputs.text("harmonics"), outputs.text("noise")),
    )


def is_there(folder: Path | None = None) -> bool:
    """Tell whether a net came with the program at all; whether it is sound, `load_model` tells."""
    return ((folder or _folder()) / MANIFEST).is_file()


def _folder() -> Path:
    return paths.models_dir() / MODEL


def _read_instruments(table: Table, mixed: int) -> tuple[Instrument, ...]:
    found = tuple(_read_instrument(entry, mixed) for entry in table.tables("instruments"))
    if len({instrument.id for instrument in found}) < len(found):
        raise table.wrong("instruments", "name one twice")
    return found


def _read_instrument(table: Table, mixed: int) -> Instrument:
    lowest = table.number("lowest", 0, 120)
    return Instrument(
        id=table.text("id", _ID),
        title=table.text("title"),
        family=table.text("family"),
        row=table.integer("row", 0, mixed - 1),
        lowest=lowest,
        highest=table.number("highest", lowest + 12, 127),
        loudness_db=_read_levels(table),
        gates=_read_gates(table),
    )


def _read_levels(table: Table) -> tuple[float, ...]:
    levels = table.items("loudness_db")
    plain = all(type(level) in (int, float) and -120 <= level <= 20 for level in levels)
    if not plain or len(levels) < 2 or sorted(levels) != levels:
        raise table.wrong("loudness_db", "are not levels in dB that rise")
    return tuple(float(level) for level in levels)


def _read_gates(table: Table) -> tuple[tuple[str, float], ...]:
    if not table.has("gates"):
        return ()
    gates = table.table("gates")
    return tuple((name, gates.number(name, -1.0, 10.0)) for name in _GATES if gates.has(name))


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """What an instrument is asked to play, 100 times a second: notes as MIDI, levels A-weighted in dB.

    `voiced` is how much of it is sung, 0..1.
    """

    notes: Floats
    voiced: Floats
    level_db: Floats

    def __len__(self) -> int:
        """Return how many controls there are."""
        return len(self.notes)


class TimbreNet:
    """The loaded net; it is so small that the CPU is the best device for it."""

    def __init__(self, model: TimbreModel | None = None, threads: int | None = None) -> None:
        """Load the graph.

        Raises:
            ModelError: it is missing, is not the one that the manifest names, or cannot be run.

        """
        from fanstudio.inference.runner import Graph

        self.model = model or load_model()
        self.model.file.verify(Work())
        self._graph = Graph(self.model.file.path, "cpu", threads=threads or min(2, count_cpus()))

    def answer(
        self, work: Work, line: Line, shares: Mapping[str, float], first: int, last: int
    ) -> tuple[Floats, Floats]:
        """Return harmonics `(h, n)` and noise bands `(64, n)` of controls `first` up to `last` of a line.

        They are what the whole line at once would give, for as much around them is heard as the net heeds.
        `shares` say how much of each instrument sounds, by id.

        Raises:
            ModelError: the graph failed, or answers in another shape.
            Cancelled: within a tenth of a second.

        """
        low, high = max(0, first - self.model.context), min(len(line), last + self.model.context)
        inputs = self._inputs(line, shares, low, high)
        harmonics, noise = self._graph.run_all(work, inputs, self.model.outputs)
        for array, rows in ((harmonics, None), (noise, BANDS)):
            if array.ndim != 3 or array.shape[2] != high - low or (rows and array.shape[1] != rows):
                raise ModelError(f"The model {self.model.id} returned arrays of shape {array.shape}.")
        kept = slice(first - low, last - low)
        return harmonics[0, :, kept], noise[0, :, kept]

    def _inputs(self, line: Line, shares: Mapping[str, float], low: int, high: int) -> dict[str, Floats]:
        mixing = np.zeros((1, self.model.mixed, high - low), np.float32)
        for instrument_id, share in shares.items():
            mixing[0, self.model.instrument(instrument_id).row] += np.float32(share)
        rows = (
            notes_for_net(line.notes[None, low:high]),
            line.voiced[None, low:high],
            loudness_for_net(line.level_db[None, low:high]),
            mixing,
        )
        return dict(zip(self.model.inputs, rows, strict=True))
