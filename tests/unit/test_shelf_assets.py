"""What lies on the shelf: whole, listed with its licence, of one loudness, in tempo and without seams."""

from __future__ import annotations

import hashlib
import tomllib
from pathlib import Path

import numpy as np
import pytest
import soundfile

from fanstudio.audio.loudness import LoudnessMeter
from fanstudio.paths import shipped
from fanstudio.platform.vocabulary import URL
from fanstudio.studio.drum_machine import DrumMachine
from fanstudio.studio.shelf_table import Kind, ShelfItem, read_shelf

FOLDER = shipped("assets") / "loops"
SHELF = read_shelf()
LOOPS = [item for item in SHELF.items if item.recording is not None and item.bars]
SHOTS = [item for item in SHELF.items if item.kind in (Kind.HIT, Kind.TRANSITION)]
PATTERNS = [item for item in SHELF.items if item.pattern is not None]
FREE = {"CC0-1.0", "CC-BY-3.0", "MIT"}
MOST_BYTES = 15e6
RATE = 48_000
#: Lies under the music on purpose.
QUIET = {"vinyl"}


def _read(item: ShelfItem) -> tuple[np.ndarray, int]:
    assert item.recording is not None
    samples, rate = soundfile.read(item.recording.path, dtype="float32", always_2d=True)
    return samples.T, rate


def _named(item: ShelfItem) -> str:
    return item.id


def _levels(samples: np.ndarray, rate: int) -> LoudnessMeter:
    meter = LoudnessMeter(rate, len(samples))
    meter.add(np.tile(samples, (1, 1 + rate // samples.shape[1])))
    return meter


def test_there_is_enough_and_it_is_not_too_much() -> None:
    assert len(SHELF.kits) >= 3
    assert sum(item.recording is not None and not item.bars for item in SHELF.items) >= 40
    assert len(LOOPS) >= 24
    assert len(PATTERNS) >= 10
    assert {item.kind for item in SHELF.items} == set(Kind)
    assert sum(path.stat().st_size for path in FOLDER.rglob("*") if path.is_file()) <= MOST_BYTES


def test_every_file_is_listed_with_its_hash_and_nothing_else_lies_there() -> None:
    recordings = {item.recording.path: item.recording for item in SHELF.items if item.recording}
    assert set(FOLDER.rglob("*.flac")) == set(recordings)
    for path, recording in recordings.items():
        assert hashlib.sha256(path.read_bytes()).hexdigest() == recording.sha256
        assert soundfile.info(path).frames == recording.frames


def test_every_item_names_its_author_origin_and_a_licence_that_may_be_shipped() -> None:
    for item in SHELF.items:
        assert item.credit.licence in FREE
        assert item.credit.author
        assert item.credit.origin
        assert URL.fullmatch(item.credit.licence_url)
    told = (FOLDER / "LICENSE.md").read_text("utf-8")
    table = tomllib.loads((FOLDER / "shelf.toml").read_text("utf-8"))
    for credit in table["credits"].values():
        assert credit["licence_url"] in told


@pytest.mark.parametrize("item", LOOPS, ids=_named)
def test_a_loop_is_in_tempo_level_and_seamless(item: ShelfItem) -> None:
    samples, rate = _read(item)
    assert samples.shape[1] == round(item.bars * 4 * 60 / (item.bpm or 0) * rate)
    levels = _levels(samples, rate)
    assert (-26 if item.id in QUIET else -21) <= levels.integrated_lufs <= -17.5
    assert levels.true_peak_dbtp <= -0.3
    assert abs(samples.mean(axis=1)).max() < 1e-3
    seam = abs(samples[:, 0] - samples[:, -1]).max()
    assert seam <= abs(np.diff(samples, axis=1)).max()


@pytest.mark.parametrize("item", SHOTS, ids=_named)
def test_a_one_shot_begins_and_ends_in_silence_and_does_not_clip(item: ShelfItem) -> None:
    samples, _ = _read(item)
    peak = abs(samples).max()
    assert 0.2 < peak < 0.95
    assert abs(samples[:, [0, -1]]).max() < 0.01
    assert abs(samples.mean(axis=1)).max() < 2e-3


@pytest.mark.parametrize("kit", SHELF.kits, ids=lambda kit: kit.id)
def test_a_kit_has_what_a_beat_needs_and_its_sounds_start_at_once(kit: object) -> None:
    machine = DrumMachine(SHELF)
    sounds = machine.kit(kit.id, RATE)  # type: ignore[attr-defined]
    assert 8 <= len(sounds) <= 32
    for struck in sounds.values():
        level = abs(struck.samples).max(axis=0)
        onset = int(np.argmax(level > 0.1 * level.max()))
        assert onset < 0.02 * RATE
        assert level[0] < 0.02


@pytest.mark.parametrize("item", PATTERNS, ids=_named)
def test_a_pattern_is_about_as_loud_as_the_loops(item: ShelfItem) -> None:
    assert item.pattern is not None
    samples = DrumMachine(SHELF).render(item.pattern, RATE)
    assert -24 <= _levels(samples, RATE).integrated_lufs <= -14
    assert abs(samples).max() < 1


def test_no_path_leads_out_of_the_shelf() -> None:
    assert all(item.recording.path.is_relative_to(Path(FOLDER)) for item in SHELF.items if item.recording)
