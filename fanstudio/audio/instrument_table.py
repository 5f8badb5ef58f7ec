"""Reads `assets/instruments/instruments.toml`: the sampled instruments, their files and their terms."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import numpy as np

from fanstudio.audio.decode import open_audio
from fanstudio.audio.instrument import Instrument, Recorded, Zone
from fanstudio.errors import AudioFileError, InputError
from fanstudio.paths import shipped
from fanstudio.text import parse_toml

TABLE = "instruments.toml"
_MAX_TABLE_BYTES = 1 << 20
_MAX_FILE_BYTES = 1 << 23
_MOST_INSTRUMENTS, _MOST_ZONES = 128, 256
#: Half a minute at 48 kHz: no sample of an instrument is longer.
_MOST_FRAMES = 30 * 48_000
_HINT = "Install fanstudio again."


@dataclass(frozen=True, slots=True)
class Credit:
    """Who made the samples, and on what terms they may be used."""

    author: str
    licence: str
    licence_url: str
    origin: str


@dataclass(frozen=True, slots=True)
class InstrumentTable:
    """The sampled instruments, and whose they are."""

    credit: Credit
    instruments: tuple[Instrument, ...]


def read_instruments(folder: Path | None = None) -> InstrumentTable:
    """Return the sampled instruments that are shipped, or those of `folder`; no sound is read yet.

    Raises:
        InputError: the table is missing, damaged, or names what lies outside its folder.

    """
    folder = folder or shipped("assets") / "instruments"
    try:
        with (folder / TABLE).open("rb") as stream:
            data = stream.read(_MAX_TABLE_BYTES + 1)
        if len(data) > _MAX_TABLE_BYTES:
            raise ValueError("it is too long")
        return _table(folder, data)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise InputError(
            "The sampled instruments of this installation are missing or damaged.", hint=_HINT
        ) from error


@lru_cache(maxsize=2)
def _table(folder: Path, data: bytes) -> InstrumentTable:
    told = parse_toml(data)
    rows = _held(told["instrument"], _MOST_INSTRUMENTS)
    table = InstrumentTable(_credit(told["credit"]), tuple(_instrument(folder, row) for row in rows))
    _expect(len({row.id for row in table.instruments}) == len(rows), "two instruments have one id")
    return table


def _credit(row: Mapping[str, Any]) -> Credit:
    return Credit(*(_text(row, key) for key in ("author", "licence", "licence_url", "origin")))


def _instrument(folder: Path, row: Mapping[str, Any]) -> Instrument:
    lowest = _whole(row, "lowest", 0, 127)
    bends = row["bends"]
    _expect(type(bends) is bool, "bends is neither true nor false")
    zones = tuple(_zone(folder, zone) for zone in _held(row["zone"], _MOST_ZONES))
    return Instrument(
        id=_text(row, "id"),
        title=_text(row, "title"),
        family=_text(row, "family"),
        zones=zones,
        lowest=lowest,
        highest=_whole(row, "highest", lowest, 127),
        attack_s=_number(row, "attack_s", 0.0, 2.0),
        release_s=_number(row, "release_s", 0.01, 5.0),
        bends=bends,
        sustained=any("loop_start" in zone for zone in row["zone"]),
    )


def _zone(folder: Path, row: Mapping[str, Any]) -> Zone:
    path = folder / _text(row, "file")
    _expect(path.resolve().is_relative_to(folder.resolve()), "a file lies outside the folder")
    frames = _whole(row, "frames", 64, _MOST_FRAMES)
    loop = None
    if "loop_start" in row:
        start = _whole(row, "loop_start", 0, frames - 64)
        loop = start, _whole(row, "loop_end", start + 32, frames)
    lowest, softest = _whole(row, "lowest", 0, 127), _number(row, "softest", 0.0, 1.0)
    return Zone(
        read=partial(_read, path, _text(row, "sha256"), frames, loop),
        root=_number(row, "root", 0.0, 128.0),
        lowest=lowest,
        highest=_whole(row, "highest", lowest, 127),
        softest=softest,
        hardest=_number(row, "hardest", softest, 1.0),
        force=_number(row, "force", 0.05, 1.0),
        gain_db=_number(row, "gain_db", -60.0, 40.0),
    )


def _read(path: Path, sha256: str, frames: int, loop: tuple[int, int] | None) -> Recorded:
    """Return a zone's sound; AudioFileError where its file is missing, or is not the one that is meant."""
    try:
        with path.open("rb") as stream:
            digest = hashlib.sha256(stream.read(_MAX_FILE_BYTES)).hexdigest()
    except OSError as error:
        reason = error.strerror or "unreadable"
        message = f"The instrument's file {path.name} cannot be read: {reason}."
        raise AudioFileError(message, hint=_HINT) from error
    if digest != sha256:
        raise AudioFileError(f"The instrument's file {path.name} is damaged.", hint=_HINT)
    with open_audio(path) as reader:
        samples = np.concatenate(list(reader.blocks()), axis=1)
        if samples.shape[1] != frames:
            raise AudioFileError(f"The instrument's file {path.name} has another length.", hint=_HINT)
        return Recorded(samples, reader.sample_rate, loop)


def _held(rows: Any, most: int) -> list[Any]:
    _expect(isinstance(rows, list) and 1 <= len(rows) <= most, "there are none, or too many")
    return list(rows)


def _text(row: Mapping[str, Any], key: str) -> str:
    value = row[key]
    _expect(isinstance(value, str) and 0 < len(value) <= 300 and value.isprintable(), f"{key} is no text")
    return str(value)


def _whole(row: Mapping[str, Any], key: str, low: int, high: int) -> int:
    value = row[key]
    _expect(type(value) is int and low <= value <= high, f"{key} is out of range")
    return int(value)


def _number(row: Mapping[str, Any], key: str, low: float, high: float) -> float:
    value = row[key]
    _expect(type(value) in (int, float) and math.isfinite(value), f"{key} is no number")
    _expect(low <= value <= high, f"{key} is out of range")
    return float(value)


def _expect(true: bool, problem: str) -> None:
    if not true:
        raise ValueError(problem)
