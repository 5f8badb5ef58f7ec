"""`fanstudio analyse` and the analysis of an open song: what is found, kept, printed and refused."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile
from typer.testing import CliRunner

from fanstudio import paths
from fanstudio.cli.commands import app
from fanstudio.errors import AudioFileError, Cancelled, EditError
from fanstudio.jobs import Work
from fanstudio.studio import analyse
from fanstudio.studio.analyse import analyse_file, analyse_song, find_song
from fanstudio.studio.import_audio import Declaration, import_files, place_sources
from fanstudio.studio.project import create_project
from tests.support.beat_songs import RATE, drum_song, steady


@pytest.fixture
def song(tmp_path: Path) -> Path:
    path = tmp_path / "song.flac"
    soundfile.write(path, drum_song("rock", steady(116, 32)).samples.T, RATE)
    return path


def run(*arguments: object) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, ["analyse", *map(str, arguments)])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.stdout, result.stderr


def test_a_song_is_told_as_json_and_as_text(song: Path) -> None:
    code, out, _ = run(song, "--json")
    told = json.loads(out)
    assert code == 0
    assert told["tempo_bpm"] == pytest.approx(116, abs=0.2)
    assert len(told["beats_s"]) == pytest.approx(32, abs=1)
    assert set(told["downbeats_s"]) <= set(told["beats_s"])
    assert told["key"]
    assert -30 < told["loudness_lufs"] < 0
    assert -2 < told["true_peak_dbtp"] < 3
    assert told["length_s"] == pytest.approx(soundfile.info(song).duration, abs=1e-3)
    code, out, _ = run(song)
    assert code == 0
    for words in ("116.", "4 beats a bar", "LUFS", told["key"]):
        assert words in out


def test_silence_is_told_without_numbers(tmp_path: Path) -> None:
    path = tmp_path / "silence.wav"
    soundfile.write(path, np.zeros((RATE, 1)), RATE)
    code, out, _ = run(path, "--json")
    told = json.loads(out)
    assert code == 0
    assert (told["tempo_bpm"], told["key"], told["loudness_lufs"], told["true_peak_dbtp"]) == (None,) * 4
    assert told["beats_s"] == told["downbeats_s"] == []
    assert "no beat is heard" in run(path)[1]


def test_a_song_that_fails_does_not_end_the_rest(song: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.mp3"
    broken.write_bytes(b"no sound at all")
    code, out, err = run(broken, song, tmp_path / "none.wav", "--json")
    told = json.loads(out)
    assert code == 1
    assert [("error" in item) for item in told] == [True, False, True]
    assert err.count("fanstudio: ") == 2


def test_a_real_process_prints_one_json_value(song: Path) -> None:
    process = subprocess.run(
        [sys.executable, "-m", "fanstudio", "analyse", str(song), "--json"],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    assert json.loads(process.stdout)["beats_per_bar"] == 4


def test_low_confidence_offers_half_and_double(song: Path, tmp_path: Path) -> None:
    path = tmp_path / "slow.flac"
    soundfile.write(path, drum_song("dusty", steady(60, 32)).samples.T, RATE)
    found = analyse_file(Work(), path)
    assert found.grid.confidence < analyse.SURE
    assert "not certain: half (" in run(path)[1]
    assert "not certain" not in run(song)[1]


def test_what_was_found_is_kept(song: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = analyse_file(Work(), song)

    def fail(*_arguments: object) -> None:
        raise AssertionError("it was analysed again")

    monkeypatch.setattr(analyse, "analyse_sound", fail)
    again = analyse_file(Work(), song)
    assert again.to_json() == first.to_json()
    kept = list((paths.cache_dir() / "beats").glob("*"))
    assert [path.suffix for path in kept] == [".json"]


DAMAGED = (
    b"",
    b"[]",
    b"{}",
    b'{"beats_s": [2, 1]}',
    b'{"beats_s": 5, "downbeats_s": []}',
    b"\xff\xfe",
    b'{"beats_s": [], "downbeats_s": [], "loudness_lufs": [], "true_peak_dbtp": 0}',
)


def test_a_damaged_cache_is_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "silence.wav"
    soundfile.write(path, np.zeros((RATE // 2, 1)), RATE)
    first = analyse_file(Work(), path)
    (kept,) = (paths.cache_dir() / "beats").glob("*.json")
    for damage in DAMAGED:
        kept.write_bytes(damage)
        assert analyse._load(kept.name.split("-")[0]) is None
    assert analyse_file(Work(), path).to_json() == first.to_json()


def test_cancel_leaves_no_file(song: Path) -> None:
    work = Work(lambda fraction, _text: work.cancel() if fraction > 0.4 else None)
    with pytest.raises(Cancelled):
        analyse_file(work, song)
    assert [path for path in (paths.cache_dir() / "beats").rglob("*") if path.is_file()] == []


def test_a_file_that_is_no_audio_is_refused(tmp_path: Path) -> None:
    with pytest.raises(AudioFileError):
        analyse_file(Work(), tmp_path / "none.wav")


def test_the_open_song_is_found_on_the_timeline(song: Path, tmp_path: Path) -> None:
    project = create_project(tmp_path / "p.fanstudio", "Song")
    place_sources(project, import_files(Work(), project, [song], Declaration()), position=2 * RATE)
    found = analyse_song(Work(), project)
    assert found.grid.tempo_bpm == pytest.approx(116, abs=0.2)
    assert found.grid.beats_s[0] == pytest.approx(2.3, abs=0.05)
    assert found.key is not None


def test_a_session_without_a_song_has_no_beats(tmp_path: Path) -> None:
    with pytest.raises(EditError):
        find_song(create_project(tmp_path / "p.fanstudio", "Nothing").document.session)
