"""The sampled and computed instruments: complete, in tune, within their size; damaged ones are one error."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from fanstudio.audio.computed_instruments import computed_instruments, shift_register_noise
from fanstudio.audio.instrument_table import TABLE, read_instruments
from fanstudio.audio.played_note import PlayedNote
from fanstudio.errors import AudioFileError, InputError
from fanstudio.paths import shipped
from fanstudio.studio.sampled import find_instrument, list_instruments
from tests.support.phrases import play_on

RATE = 44_100
FOLDER = shipped("assets") / "instruments"
#: Voices of an ensemble differ, and so does what half a second of them says.
LOOSE = {"strings": 20, "brass": 20, "choir": 35, "pizzicato": 20, "upright-bass": 15}


def cents_above(sound, hz):
    """Return how far a sound lies above a pitch, where its first harmonics lie."""
    windowed = sound * np.hanning(len(sound))
    grid = np.arange(-60, 61)
    time = np.arange(len(sound)) / RATE
    power = sum(
        np.abs(np.exp(-2j * np.pi * np.outer(harmonic * hz * 2 ** (grid / 1200), time)) @ windowed)
        for harmonic in (1, 2)
    )
    return int(grid[power.argmax()])


def test_they_are_all_there_and_small():
    instruments = list_instruments()
    assert len({instrument.id for instrument in instruments}) == len(instruments) == 23
    assert all(0 <= row.lowest < row.highest <= 127 for row in instruments)
    assert sum(path.stat().st_size for path in FOLDER.rglob("*")) < 15e6
    files = {path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*.ogg")}
    text = (FOLDER / TABLE).read_text()
    assert files == {line.split('"')[1] for line in text.splitlines() if line.startswith("file = ")}


@pytest.mark.parametrize("row", read_instruments().instruments, ids=lambda row: row.id)
def test_every_key_has_a_sample_nearby(row):
    for key in range(row.lowest, row.highest + 1):
        zone = row.zone(key, 0.8)
        assert zone.lowest <= key <= zone.highest
        assert abs(key - zone.root) < 4.5


@pytest.mark.parametrize("row", list_instruments(), ids=lambda row: row.id)
def test_they_are_in_tune_and_about_as_loud(row):
    key = (row.lowest + row.highest) // 2
    sound = play_on(row.id, [PlayedNote(0.0, 1.0, key, 0.8)], 1.4)
    assert np.isfinite(sound).all()
    level_db = 10 * np.log10(np.square(sound[:, :RATE]).mean())
    assert -30 < level_db < -12
    if row.id != "chip-noise":
        off = cents_above(sound.mean(axis=0)[4410:22_050], 440 * 2 ** ((key - 69) / 12))
        assert abs(off) <= LOOSE.get(row.id, 8)


@pytest.mark.parametrize("row", [row for row in list_instruments() if row.sustained], ids=lambda row: row.id)
def test_held_notes_go_on_without_a_click(row):
    key = (row.lowest + row.highest) // 2
    sound = play_on(row.id, [PlayedNote(0.0, 9.0, key, 0.8)], 9.0)[:, RATE:]
    bent = np.abs(np.diff(sound.mean(axis=0), 2))
    assert bent.max() < 3 * np.percentile(bent, 99.9)
    seconds = np.square(sound[:, : 7 * RATE]).reshape(2, 7, RATE).mean(axis=(0, 2))
    assert np.ptp(10 * np.log10(seconds)) < 8


def test_a_struck_instrument_speaks_at_once():
    for row in read_instruments().instruments:
        if not row.sustained:
            sound = np.abs(play_on(row.id, [PlayedNote(0.0, 1.0, (row.lowest + row.highest) // 2, 0.8)], 1.0))
            assert np.argmax(sound.max(axis=0) > 0.1 * sound.max()) < 0.012 * RATE, row.id


def test_the_shift_register_repeats_after_its_length():
    bits = shift_register_noise()
    assert len(bits) == 32_767
    assert set(np.unique(bits)) == {-1.0, 1.0}
    assert bits.sum() in (-1.0, 1.0)


def test_there_is_no_such_instrument():
    with pytest.raises(InputError, match="no instrument “nose flute”"):
        find_instrument("nose flute")


@pytest.fixture
def folder(tmp_path):
    """The kalimba alone."""
    kept, rows = [], (FOLDER / TABLE).read_text().split("\n[[instrument]]")
    kept = [rows[0], *(row for row in rows[1:] if '"kalimba"' in row)]
    (tmp_path / TABLE).write_text("\n[[instrument]]".join(kept))
    shutil.copytree(FOLDER / "kalimba", tmp_path / "kalimba")
    return tmp_path


def change(folder: Path, before: str, after: str) -> None:
    text = (folder / TABLE).read_text()
    assert before in text
    (folder / TABLE).write_text(text.replace(before, after, 1))


def read_first(folder: Path):
    return read_instruments(folder).instruments[0].zones[0].read()


def test_a_folder_of_ones_own_is_read(folder):
    assert read_first(folder).sample_rate == 32_000


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('file = "kalimba', 'file = "../kalimba'),
        ('file = "kalimba', 'file = "/etc/kalimba'),
        ("frames = ", "frames = 99"),
        ("frames = ", "frames = -"),
        ("root = ", "root = nan #"),
        ("root = ", 'root = "high" #'),
        ("force = ", "force = 0.0 #"),
        ("gain_db = ", "gain_db = 400 #"),
        ("highest = ", "highest = 1 #"),
        ("lowest = ", "lowest = true #"),
        ("bends = ", "bends = 3 #"),
        ("release_s = ", "release_s = inf #"),
        ("[credit]", "[debit]"),
        ("softest = ", "loop_start = 999999\nloop_end = 5\nsoftest = "),
        ('id = "kalimba"', 'id = "kal\\u0000imba"'),
        ("[[instrument]]", "[[[instrument]]]"),
        ("[[instrument.zone]]", "[instrument.zone]\n[[instrument.else]]"),
    ],
)
def test_a_hostile_table_is_one_clear_error(folder, before, after):
    change(folder, before, after)
    with pytest.raises(InputError, match="missing or damaged") as caught:
        read_instruments(folder)
    assert "\n" not in caught.value.message


@pytest.mark.parametrize("data", [b"", b"\xff\xfe\x00", b"a" * (2 << 20), b"[" * 100_000])
def test_what_is_no_table_is_one_clear_error(folder, data):
    (folder / TABLE).write_bytes(data)
    with pytest.raises(InputError, match="missing or damaged"):
        read_instruments(folder)
    (folder / TABLE).unlink()
    with pytest.raises(InputError, match="missing or damaged"):
        read_instruments(folder)


def test_a_damaged_or_missing_sample_is_one_clear_error(folder):
    path = next(iter(sorted((folder / "kalimba").iterdir())))
    name = path.name
    change(folder, f"kalimba/{name}", f"kalimba/{name}")
    row = read_instruments(folder).instruments[0]
    zone = next(zone for zone in row.zones if name.startswith(f"{round(zone.root)}_"))
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(AudioFileError, match="damaged"):
        zone.read()
    path.unlink()
    with pytest.raises(AudioFileError, match="cannot be read"):
        zone.read()


def test_the_computed_ones_need_no_files():
    assert all(row.computed for row in computed_instruments())
    assert not any(row.computed for row in read_instruments().instruments)
