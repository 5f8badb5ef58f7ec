"""Damaged files of every kind: read, or refused with one clear line; nothing else."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from fanstudio.audio.decode import open_audio
from fanstudio.audio.pool import Pool
from fanstudio.errors import AudioFileError, FanstudioError
from fanstudio.jobs import Work
from fanstudio.model.rights import Basis, Origin
from tests.support.sounds import noise, write_m4a, write_sound

KINDS = {
    "wav": ("WAV", "PCM_16"),
    "float": ("WAV", "FLOAT"),
    "rf64": ("RF64", "PCM_24"),
    "aiff": ("AIFF", "PCM_16"),
    "flac": ("FLAC", "PCM_16"),
    "vorbis": ("OGG", "VORBIS"),
    "mp3": ("MP3", None),
}


@pytest.fixture(scope="module")
def seeds(tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    folder = tmp_path_factory.mktemp("seeds")
    sound = noise(20_000)
    paths = [write_sound(folder / kind, sound, 44_100, *form) for kind, form in KINDS.items()]
    paths.append(write_sound(folder / "opus", sound, 48_000, "OGG", "OPUS"))
    paths += [write_m4a(folder / codec, sound, 44_100, codec) for codec in ("aac", "alac")]
    return [path.read_bytes() for path in paths]


def damaged(data: bytes, chance: random.Random) -> bytes:
    broken = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 5, 20))):
        at = chance.randrange(max(1, min(len(broken) - 1, chance.choice((64, 600, len(broken))))))
        what = chance.random()
        if what < 0.5:
            broken[at : at + 1] = chance.randbytes(1)
        elif what < 0.7:
            broken[at : at + 4] = chance.randbytes(4)
        elif what < 0.8:
            del broken[at : at + chance.randrange(1, 200)]
        elif what < 0.9:
            broken[at:at] = chance.randbytes(chance.randrange(1, 50))
        else:
            del broken[at + 1 :]
    return bytes(broken)


def refusals(seeds: list[bytes], path: Path, seed: int, cases: int) -> Iterator[str]:
    """Decode damaged files; yield the line of each that was refused."""
    chance = random.Random(seed)
    for _ in range(cases):
        path.write_bytes(damaged(chance.choice(seeds), chance))
        try:
            with open_audio(path) as reader:
                for _block in reader.blocks():
                    pass
        except AudioFileError as error:
            yield error.message


def test_damaged_files_are_read_or_refused(seeds: list[bytes], tmp_path: Path) -> None:
    lines = list(refusals(seeds, tmp_path / "case.bin", 1, 600))
    assert len(lines) > 200
    assert all("case.bin" in line and "\n" not in line for line in lines)


@pytest.mark.soak
def test_many_damaged_files_are_read_or_refused(seeds: list[bytes], tmp_path: Path) -> None:
    seed = time.time_ns()
    end = time.monotonic() + 120
    while time.monotonic() < end:
        seed += 1
        assert list(refusals(seeds, tmp_path / "case.bin", seed, 500)), f"seed {seed}"


def _import(seeds: list[bytes], folder: Path, seed: int, cases: int) -> list[str]:
    """Import damaged files as the app does, in a child process; return the lines of those refused."""
    chance = random.Random(seed)
    pool = Pool(folder / "audio", folder / "cache")
    lines = []
    for number in range(cases):
        path = folder / f"case{number}.bin"
        path.write_bytes(damaged(chance.choice(seeds), chance))
        try:
            pool.import_file(Work(), path, 44_100, Origin(Basis.OWN, "case"))
        except FanstudioError as error:
            lines.append(error.message)
        assert pool.unfinished() == (), f"seed {seed}, case {number}"
        path.unlink()
    return lines


def test_damaged_files_are_imported_or_refused_and_leave_nothing(seeds: list[bytes], tmp_path: Path) -> None:
    lines = _import(seeds, tmp_path, 3, 6)
    assert lines
    assert not any("\n" in line for line in lines)


@pytest.mark.soak
def test_many_damaged_files_are_imported_or_refused(seeds: list[bytes], tmp_path: Path) -> None:
    end = time.monotonic() + 120
    while time.monotonic() < end:
        assert _import(seeds, tmp_path, time.time_ns(), 20)
