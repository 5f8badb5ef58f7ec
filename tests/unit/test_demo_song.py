"""The demo song as committed: its files agree with each other and with their catalogue entry."""

from __future__ import annotations

import hashlib
import tomllib
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import soundfile

DEMO = Path(__file__).resolve().parents[2] / "assets" / "demo"
ENTRY = tomllib.loads((DEMO / "demo.toml").read_text(encoding="utf-8"))
STEMS = {Path(name).stem: DEMO / name for name in ENTRY["stems"]}
PEAK_LIMIT = 10 ** (-1 / 20)


@cache
def read(path: Path) -> np.ndarray:
    samples, rate = soundfile.read(path, dtype="int16", always_2d=True)
    assert rate == ENTRY["sample_rate"] == 44100
    return samples


def test_the_stems_have_the_names_the_splitter_scores():
    assert list(STEMS) == ["vocals", "drums", "bass", "chords"]


@pytest.mark.parametrize("path", [DEMO / ENTRY["file"], *STEMS.values()], ids=lambda path: path.stem)
def test_a_file_is_stereo_16_bit_and_as_long_as_the_entry_says(path):
    info = soundfile.info(path)
    assert (info.format, info.subtype, info.channels) == ("FLAC", "PCM_16", 2)
    assert read(path).shape == (ENTRY["length_frames"], 2)
    assert 45 <= info.duration <= 75


def test_the_stems_add_up_to_the_mix_exactly():
    total = sum(read(path).astype(np.int32) for path in STEMS.values())
    np.testing.assert_array_equal(total, read(DEMO / ENTRY["file"]))


def test_every_stem_sounds_and_no_peak_passes_minus_1_dbfs():
    for path in (DEMO / ENTRY["file"], *STEMS.values()):
        peak = np.abs(read(path).astype(np.int32)).max() / 32768
        assert 0.05 < peak < PEAK_LIMIT, path.name


def test_the_song_begins_without_a_click_and_ends_in_silence():
    song = read(DEMO / ENTRY["file"]).astype(np.int32)
    assert not song[-64:].any()
    assert np.abs(song[0]).max() < 0.01 * 32768


def test_the_entry_names_the_song_that_lies_beside_it():
    song = (DEMO / ENTRY["file"]).read_bytes()
    assert hashlib.sha256(song).hexdigest() == ENTRY["sha256"]


def test_the_sections_follow_each_other_on_bar_lines():
    names = [section["name"] for section in ENTRY["sections"]]
    starts = [section["start_frame"] for section in ENTRY["sections"]]
    assert {"verse", "chorus", "ending"} <= set(names)
    assert starts == sorted(set(starts))
    assert starts[0] == 0
    assert starts[-1] < ENTRY["length_frames"]
    frames_per_bar = ENTRY["sample_rate"] * 60 * 4 / ENTRY["tempo_bpm"]
    assert all(start % frames_per_bar == 0 for start in starts)


def test_the_singer_rests_in_the_intro_and_sings_in_the_verse_and_the_chorus():
    vocals = read(STEMS["vocals"])
    starts = {section["name"]: section["start_frame"] for section in ENTRY["sections"]}
    half_a_bar = round(ENTRY["sample_rate"] * 60 * 2 / ENTRY["tempo_bpm"])
    assert not vocals[: starts["verse"] - half_a_bar].any()
    for name in ("verse", "chorus"):
        assert np.abs(vocals[starts[name] : starts[name] + 2 * half_a_bar].astype(np.int32)).mean() > 300


def test_the_codes_are_the_documented_fictional_ones():
    assert (ENTRY["isrc"], ENTRY["iswc"]) == ("ZZFAN2600001", "T0000000010")
    assert len(ENTRY["credits"]["writers"]) == 2


def test_the_folder_stays_small():
    assert sum(path.stat().st_size for path in DEMO.rglob("*") if path.suffix != ".pyc") <= 8_000_000
