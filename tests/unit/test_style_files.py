"""`fanstudio style`: files in, files out, whole or not at all."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile
from typer.testing import CliRunner

from fanstudio.cli.commands import app
from fanstudio.errors import Cancelled, NotPermitted
from fanstudio.export.unmarked import check_may_leave
from fanstudio.jobs import Work
from fanstudio.model.recipe_file import write_recipe
from fanstudio.model.rights import Basis, Origin
from fanstudio.model.session import Stem
from fanstudio.model.styling import StyleKind
from fanstudio.studio import styles
from fanstudio.studio.style_files import style_file
from fanstudio.studio.styles import StyleChoice
from tests.support.styled_songs import RATE, stem_sounds


def _run(*arguments: object) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, ["style", *map(str, arguments)])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.stdout, result.stderr


@pytest.fixture
def song(tmp_path: Path) -> Path:
    mix = np.sum(list(stem_sounds(4.0).values()), axis=0)
    path = tmp_path / "in" / "song.wav"
    path.parent.mkdir()
    soundfile.write(path, mix.T * 0.5, RATE, subtype="PCM_16")
    return path


def _master_only(tmp_path: Path) -> Path:
    recipe = styles.surprise(3)
    path = tmp_path / "in" / "own.fanstyle"
    path.write_bytes(write_recipe(type(recipe)(recipe.id, "Own", master=recipe.master)))
    return path


def test_an_amount_of_nothing_gives_the_song_to_the_bit(song: Path, tmp_path: Path) -> None:
    for channels in (1, 2):
        plain = song.with_name(f"{channels}.flac")
        soundfile.write(plain, soundfile.read(song)[0][:, :channels], RATE, subtype="PCM_16")
        out = tmp_path / f"{channels}.flac"
        code, told, err = _run(plain, "-o", out, "--preset", "lo-fi", "--amount", 0, "--json")
        assert code == 0, err
        assert json.loads(told)["amount"] == 0
        assert np.array_equal(soundfile.read(out)[0], soundfile.read(plain)[0])


def test_a_style_from_a_file_is_written_in_the_format_of_the_suffix(song: Path, tmp_path: Path) -> None:
    recipe = _master_only(tmp_path)
    for name in ("out.wav", "out.mp3"):
        code, told, err = _run(song, "-o", tmp_path / "out" / name, "--preset", recipe, "--json")
        assert code == 0, err
        answer = json.loads(told)
        assert {"output", "kind", "target", "amount", "times_realtime"} <= answer.keys()
        assert answer["kind"] == "preset"
        assert soundfile.info(tmp_path / "out" / name).duration == pytest.approx(4.0, abs=2.5)
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["out.mp3", "out.wav"]


def test_a_whole_song_is_split_first(song: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.flac"
    code, told, err = _run(song, "-o", out, "--preset", "sped-up", "--json")
    assert code == 0, err
    answer = json.loads(told)
    assert answer["score_after"] > answer["score_before"]
    assert soundfile.info(out).duration == pytest.approx(4.0 / 1.22, abs=0.1)
    assert [path.name for path in tmp_path.iterdir() if path.suffix] == ["out.flac"]


def test_a_kit_plays_the_drums(song: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.wav"
    code, told, err = _run(song, "-o", out, "--instrument", "kit-8-bit", "--json")
    assert code == 0, err
    (step,) = json.loads(told)["steps"]
    assert step["text"].startswith("Drums: played by")
    assert step["means"] == "DSP"


def test_an_instrument_for_the_vocals_asks_for_no_other_stem(song: Path, tmp_path: Path) -> None:
    arguments = ("--instrument", "pulse-25", "--as", "song", "--json")
    code, told, err = _run(song, "-o", tmp_path / "out.wav", *arguments)
    assert code == 0, err
    assert json.loads(told)["notes"] == []


def test_a_single_line_is_played_as_it_is(tmp_path: Path) -> None:
    line = tmp_path / "line.wav"
    soundfile.write(line, stem_sounds(4.0)[Stem.VOCALS].T, RATE, subtype="PCM_24")
    out = tmp_path / "out.wav"
    code, told, err = _run(line, "-o", out, "--instrument", "pulse-25", "--json")
    assert code == 0, err
    answer = json.loads(told)
    assert answer["taken_as"] == "line"
    assert answer["notes"] == []
    assert answer["kind"] == "timbre"
    assert answer["target"] == "pulse-25"
    assert soundfile.info(out).frames == soundfile.info(line).frames


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("--preset", "polka"), 1, "no style"),
        (("--instrument", "kazoo"), 1, "no instrument"),
        (("--preset", "gone.fanstyle"), 1, "gone.fanstyle"),
        (("--preset", "club", "--declare", "stolen"), 1, "stolen"),
        (("--preset", "club", "--amount", "2"), 2, "amount"),
        ((), 2, "--preset"),
        (("--preset", "club", "--like", "x.wav"), 2, "--preset"),
    ],
)
def test_what_makes_no_sense_is_said_in_a_line(
    song: Path, tmp_path: Path, arguments: tuple[str, ...], code: int, words: str
) -> None:
    out = tmp_path / "out" / "o.wav"
    ended, _told, err = _run(song, "-o", out, *arguments)
    assert ended == code
    assert words in err
    assert not out.parent.exists()


def test_files_that_are_no_music_leave_nothing(song: Path, tmp_path: Path) -> None:
    noise = song.with_name("noise.wav")
    noise.write_bytes(b"RIFF of nothing")
    silent = song.with_name("silent.wav")
    soundfile.write(silent, np.zeros((RATE, 2)), RATE)
    for path, arguments in (
        (noise, ("--preset", "club")),
        (song.with_name("gone.wav"), ("--preset", "club")),
        (song, ("--like", noise)),
        (silent, ("--instrument", "pulse-25", "--as", "line")),
    ):
        out = tmp_path / "out" / "o.wav"
        assert _run(path, "-o", out, *arguments)[0] == 1
        assert not out.parent.exists()
    assert _run(song, "-o", tmp_path / "out" / "o.xyz", "--preset", "club")[0] == 1


def test_cancelling_leaves_nothing_and_keeps_what_was_there(song: Path, tmp_path: Path) -> None:
    out = tmp_path / "o.wav"
    out.write_bytes(b"before")
    work = Work()
    choice = StyleChoice(StyleKind.PRESET, "own", recipe=styles.surprise(1))
    stopped = Work(lambda fraction, _text: work.cancel() if fraction > 0.02 else None, work._cancelled)
    with pytest.raises(Cancelled):
        style_file(stopped, song, out, choice)
    assert out.read_bytes() == b"before"
    assert sorted(path.name for path in tmp_path.iterdir() if path.name != "home") == ["in", "o.wav"]


def test_catalogue_material_needs_a_permit() -> None:
    with pytest.raises(NotPermitted, match="permit"):
        check_may_leave(Origin(Basis.CATALOGUE, "A hit", isrc="ZZFAN2600001"))


def test_the_list_names_styles_and_instruments(tmp_path: Path) -> None:
    code, out, _ = _run("--list", "--json")
    told = json.loads(out)
    assert code == 0
    assert len(told["presets"]) == 12
    assert {"pulse-25", "piano"} <= {row["id"] for row in told["instruments"]}
    assert "slowed-reverb" in _run("--list")[1]


def test_a_record_is_followed(song: Path, tmp_path: Path) -> None:
    dull = np.cumsum(np.random.default_rng(1).normal(0, 0.01, (2, 3 * RATE)), axis=1)
    dull = dull - dull.mean(axis=1)[:, None]
    record = song.with_name("record.wav")
    soundfile.write(record, dull.T / np.abs(dull).max() / 2, RATE)
    out = tmp_path / "like.wav"
    code, told, err = _run(song, "-o", out, "--like", record, "--json")
    assert code == 0, err
    answer = json.loads(told)
    assert (answer["kind"], answer["target"]) == ("production", "record.wav")
    assert answer["steps"]
    assert soundfile.info(out).duration >= 4.0
