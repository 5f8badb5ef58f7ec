"""The command line as scripts and people meet it: real processes, exit codes, one-line errors."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile
from typer.testing import CliRunner

from fanstudio.cli.commands import app
from fanstudio.model import project_file
from tests.support.songs import RATE, music, write_song


def _start(*arguments: object, home: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "fanstudio", *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "FANSTUDIO_HOME": str(home)},
    )


def _run(*arguments: object, home: Path) -> tuple[int, str, str]:
    """Run a command in this process, with the user folders in `home`."""
    result = CliRunner().invoke(app, list(map(str, arguments)), env={"FANSTUDIO_HOME": str(home)})
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.stdout, result.stderr


def _leftovers(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_a_real_process_ends_with_its_code(tmp_path: Path) -> None:
    with _start("split", tmp_path / "none.wav", "-o", tmp_path / "out", home=tmp_path / "home") as process:
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (1, "")
    assert "fanstudio: “none.wav” cannot be read" in err
    assert "Traceback" not in err


def test_help_names_what_exists_and_nothing_else(tmp_path: Path) -> None:
    code, out, _ = _run("--help", home=tmp_path)
    assert code == 0
    for command in (
        "demo",
        "open",
        "new",
        "split",
        "style",
        "analyse",
        "export",
        "verify",
        "doctor",
        "models",
        "account",
        "platform",
    ):
        assert f"  {command} " in out
    for option in ("--stems", "--only", "--rest", "--quality", "--existing", "--downmix"):
        assert option in _run("split", "--help", home=tmp_path)[1]


def test_split_writes_stems_that_sum_to_the_mix(tmp_path: Path) -> None:
    song = write_song(tmp_path / "song.wav", 4.0)
    code, out, err = _run("split", song, "-o", tmp_path / "out", "--json", home=tmp_path / "home")
    assert code == 0, err
    told = json.loads(out)
    assert {
        "song",
        "stems",
        "model",
        "device",
        "seconds",
        "times_realtime",
        "peak_rss_mb",
        "attenuation_db",
    } <= (told.keys())
    mix, rate = soundfile.read(song)
    stems = [soundfile.read(path)[0] for path in told["stems"].values()]
    assert {Path(path).name for path in told["stems"].values()} == {
        "song - Vocals.wav",
        "song - Accompaniment.wav",
    }
    assert (stems[0].shape, rate) == (mix.shape, RATE)
    error = np.sum(stems, axis=0) - mix
    assert 10 * np.log10(np.mean(error**2) / np.mean(mix**2)) < -90
    assert _leftovers(tmp_path / "out") == ["song - Accompaniment.wav", "song - Vocals.wav"]


def test_split_keeps_the_stems_asked_for_as_flac(tmp_path: Path) -> None:
    song = write_song(tmp_path / "song.wav", 2.0)
    arguments = ("split", song, "-o", tmp_path / "out", "--only", "vocals", "--format", "flac")
    assert _run(*arguments, home=tmp_path / "home")[0] == 0
    assert _leftovers(tmp_path / "out") == ["song - Vocals.flac"]
    assert soundfile.info(tmp_path / "out" / "song - Vocals.flac").subtype == "PCM_24"


def test_the_whole_chain_on_any_music(platform_home: Path, tmp_path: Path) -> None:
    home = platform_home
    song = write_song(tmp_path / "song.wav")
    assert _run("new", tmp_path / "P.fanstudio", song, "--split", home=home)[0] == 0
    code, out, err = _run(
        "export", tmp_path / "P.fanstudio", "-o", tmp_path / "out.flac", "--json", home=home
    )
    assert code == 0, err
    told = json.loads(out)
    assert told.keys() >= {"output", "export_id", "receipt", "essence_sha256", "loudness_lufs"}
    code, out, err = _run("verify", tmp_path / "out.flac", "--json", home=home)
    assert code == 0, err
    (seen,) = json.loads(out)
    assert seen["verdict"] == "verified"
    assert seen["watermark"]["export_id"] == told["export_id"]
    assert seen["fingerprint"] == "not compared"
    soundfile.write(tmp_path / "again.mp3", *soundfile.read(tmp_path / "out.flac"))
    code, out, _ = _run("verify", tmp_path / "again.mp3", song, "--json", home=home)
    assert code == 3
    assert [item["verdict"] for item in json.loads(out)] == ["mark_only", "unknown"]


def _spoil(folder: Path, kind: str) -> Path:
    path = folder / f"{kind}.wav"
    sound = music(1.0).T
    if kind == "text":
        path.write_text("This is not audio.")
    elif kind == "empty":
        path.write_bytes(b"")
    elif kind == "truncated":
        soundfile.write(path, sound, RATE)
        path.write_bytes(path.read_bytes()[:-40_000])
    elif kind == "not-a-number":
        sound[100] = np.nan
        soundfile.write(path, sound, RATE, subtype="FLOAT")
    elif kind == "silent-header":
        soundfile.write(path, sound[:0], RATE)
    elif kind == "surround":
        soundfile.write(path, np.zeros((100, 6)), RATE)
    elif kind == "no-channels":
        soundfile.write(path, sound, RATE)
        data = bytearray(path.read_bytes())
        data[22:24] = b"\0\0"
        path.write_bytes(data)
    return path


@pytest.mark.parametrize(
    "kind",
    ["missing", "text", "empty", "truncated", "not-a-number", "silent-header", "surround", "no-channels"],
)
@pytest.mark.parametrize("command", ["split", "new"])
def test_bad_audio_gets_one_clear_line_and_leaves_nothing(command: str, kind: str, tmp_path: Path) -> None:
    song = _spoil(tmp_path, kind)
    out = tmp_path / "out.fanstudio"
    arguments = ("split", song, "-o", out) if command == "split" else ("new", out, song)
    code, _, err = _run(*arguments, home=tmp_path / "home")
    lines = [line for line in err.splitlines() if line.startswith("fanstudio: ")]
    assert code == 1
    assert len(lines) == 1
    assert "Traceback" not in err
    assert not out.exists() or not _leftovers(out)


def test_wrong_words_are_usage_errors(tmp_path: Path) -> None:
    song = write_song(tmp_path / "song.wav", 1.0)
    assert _run("split", song, home=tmp_path)[0] == 2
    assert _run("fly", home=tmp_path)[0] == 2
    assert _run("split", "", "-o", tmp_path / "o", home=tmp_path)[0] == 2
    assert _run("split", song, "-o", "", home=tmp_path)[0] == 2
    code, _, err = _run("split", song, "-o", tmp_path / "o", "--declare", "stolen", home=tmp_path)
    assert (code, "may be used" in err) == (1, True)
    code, _, err = _run("split", song, "-o", tmp_path / "o", "--only", "kazoo", home=tmp_path)
    assert (code, "no stem" in err) == (1, True)


def test_a_bad_song_fails_alone_and_the_rest_are_told(tmp_path: Path) -> None:
    (tmp_path / "music").mkdir()
    write_song(tmp_path / "music" / "song.wav", 1.0)
    (tmp_path / "music" / "bad.wav").write_text("no")
    arguments = ("split", tmp_path / "music", "-o", tmp_path / "out", "--only", "vocals", "--rest")
    code, out, err = _run(*arguments, "--json", home=tmp_path / "home")
    bad, song = json.loads(out)
    assert (code, "is not audio" in bad["error"], "is not audio" in err) == (1, True, True)
    assert list(song["stems"]) == ["vocals", "rest"]
    code, out, err = _run(*arguments, "--existing", "skip", home=tmp_path / "home")
    assert (code, "0 songs split, 1 there already, 1 failed." in out) == (1, True)
    assert _leftovers(tmp_path / "out") == ["song - Rest.wav", "song - Vocals.wav"]


def test_one_song_of_a_list_is_an_object_and_a_folder_a_list(tmp_path: Path) -> None:
    code, out, _ = _run("split", tmp_path / "gone.wav", "-o", tmp_path / "out", "--json", home=tmp_path)
    assert (code, json.loads(out)["song"]) == (1, str(tmp_path / "gone.wav"))
    code, out, err = _run("split", tmp_path, "-o", tmp_path / "out", "--json", home=tmp_path)
    assert (code, out, "no song in" in err) == (1, "", True)


def test_ctrl_c_in_a_queue_keeps_the_songs_that_are_done(tmp_path: Path) -> None:
    write_song(tmp_path / "music-1.wav", 1.0)
    soundfile.write(tmp_path / "music-2.wav", np.tile(music(10.0).T, (30, 1)), RATE)
    songs = (tmp_path / "music-1.wav", tmp_path / "music-2.wav")
    out = tmp_path / "out"
    with _start("split", *songs, "-o", out, home=tmp_path / "home") as process:
        _await(lambda: (out / "music-1 - Accompaniment.wav").exists() and any(out.glob(".fanstudio-*/0.wav")))
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "1 of 2 songs" in err
    assert _leftovers(out) == ["music-1 - Accompaniment.wav", "music-1 - Vocals.wav"]


#: A platform that is not there: none is started either.
_AWAY = ("--platform", "http://127.0.0.1:9")
_ODD = "[/b] :smile: \x1b[31mred\u202e\udcff.wav"


def test_no_file_name_steers_the_terminal(tmp_path: Path) -> None:
    code, out, _ = _run(*_AWAY, "verify", tmp_path / _ODD, home=tmp_path / "home")
    assert code == 3
    assert out.splitlines()[0] == f"{tmp_path}/[/b] :smile: \ufffd[31mred\ufffd\ufffd.wav: unreadable"
    assert out.replace("\n", "").isprintable()
    (seen,) = json.loads(_run(*_AWAY, "verify", tmp_path / _ODD, "--json", home=tmp_path / "home")[1])
    assert seen["file"] == str(tmp_path / _ODD)


def test_a_project_of_an_oddly_named_song_is_saved(tmp_path: Path) -> None:
    (tmp_path / "[").mkdir()
    song = write_song(tmp_path / "song.wav", 1.0).rename(tmp_path / _ODD)
    assert _run("new", tmp_path / "P.fanstudio", song, home=tmp_path / "home")[0] == 0
    (source,) = project_file.read(tmp_path / "P.fanstudio").saved.sources
    assert source.name == "b] :smile: [31mred"


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_a_terminal_without_unicode_is_no_fault(encoding: str, tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONIOENCODING": encoding, "FANSTUDIO_HOME": str(tmp_path / "home")}
    for options in ((), ("--json",)):
        command = [
            sys.executable,
            "-m",
            "fanstudio",
            *_AWAY,
            "verify",
            str(tmp_path / "“none”.wav"),
            *options,
        ]
        ended = subprocess.run(command, env=environment, capture_output=True, timeout=120)
        assert (ended.returncode, ended.stderr) == (3, b"")
    assert json.loads(ended.stdout)[0]["verdict"] == "unreadable"


def test_a_reader_that_goes_away_is_no_fault(tmp_path: Path) -> None:
    with _start("split", "--help", home=tmp_path / "home") as process:
        assert process.stdout is not None
        process.stdout.close()
        assert process.stderr is not None
        assert process.stderr.read() == ""
        process.wait(timeout=60)


def test_ctrl_c_in_the_demo_ends_it_in_order(tmp_path: Path) -> None:
    with _start("demo", "--out", tmp_path / "out", home=tmp_path / "home") as process:
        assert process.stdout is not None
        _await(lambda: (tmp_path / "out").exists())
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (130, "fanstudio: cancelled.\n")
    assert not (tmp_path / "out").exists() or not list((tmp_path / "out").glob(".*"))


def test_damaged_and_newer_projects_are_refused(tmp_path: Path) -> None:
    project = tmp_path / "P.fanstudio"
    project.mkdir()
    for text, what in (
        ('{"fanstudio": 99}', "newer fanstudio"),
        ('{"fanstudio"', "damaged"),
        ("[]", "not a fan"),
    ):
        (project / "session.json").write_text(text)
        code, _, err = _run("export", project, "-o", tmp_path / "out.flac", home=tmp_path / "home")
        assert code == 1
        assert what in err
        assert "Traceback" not in err


def test_a_read_only_folder_is_said(tmp_path: Path) -> None:
    song = write_song(tmp_path / "song.wav", 1.0)
    code, _, err = _run("split", song, "-o", "/proc/stems", home=tmp_path / "home")
    assert code == 1
    assert "cannot be written" in err


@pytest.mark.parametrize("after_s", [0.8, 1.8])
def test_ctrl_c_leaves_no_child_and_no_file(after_s: float, tmp_path: Path) -> None:
    song = tmp_path / "song.wav"
    soundfile.write(song, np.tile(music(10.0).T, (30, 1)), RATE)
    with _start("split", song, "-o", tmp_path / "out", home=tmp_path / "home") as process:
        time.sleep(after_s)
        children = _children(process.pid)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=30)
    assert process.returncode in (130, -signal.SIGINT), err
    assert "Traceback" not in err
    _await(lambda: not any(Path(f"/proc/{pid}").exists() for pid in children))
    assert not (tmp_path / "out").exists() or not _leftovers(tmp_path / "out")


def _await(happens: Callable[[], bool]) -> None:
    """Wait until something that must happen has happened."""
    end = time.monotonic() + 60
    while not happens():
        assert time.monotonic() < end
        time.sleep(0.02)


def _children(pid: int) -> list[int]:
    listed = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(child) for child in listed.read_text().split()] if listed.exists() else []
