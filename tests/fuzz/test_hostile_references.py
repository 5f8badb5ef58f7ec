"""Records to sound like, as anybody may drop them: measured, or refused in a line."""

from __future__ import annotations

import io
import time
from pathlib import Path

import av
import numpy as np
import pytest
import soundfile

from fanstudio.errors import Cancelled, FanstudioError
from fanstudio.jobs import Work
from fanstudio.model.styling import StyleKind
from fanstudio.studio import styles
from fanstudio.studio.project import Project, save_project
from fanstudio.studio.reference import hear_reference
from fanstudio.studio.styles import StyleChoice
from tests.support.cancelling import cancelled_soon
from tests.support.styled_songs import Stem as _Stem
from tests.support.styled_songs import make_song

_RATE = 22_050


def _music(seconds: float) -> np.ndarray:
    time_s = np.arange(round(seconds * _RATE)) / _RATE
    noise = np.random.default_rng(3).normal(0, 0.02, (len(time_s), 2))
    return (0.2 * np.sin(2 * np.pi * np.outer(time_s, [196, 247])) + noise).astype(np.float32)


def _bytes(seconds: float, format_name: str) -> bytes:
    stream = io.BytesIO()
    soundfile.write(stream, _music(seconds), _RATE, format=format_name)
    return stream.getvalue()


def _film(path: Path, *, sound: bool) -> Path:
    """A video of a second or two, with sound or without."""
    with av.open(str(path), "w") as film:
        picture = film.add_stream("mpeg4", rate=10)
        picture.width, picture.height, picture.pix_fmt = 64, 64, "yuv420p"
        track = film.add_stream("aac", rate=44_100, layout="stereo") if sound else None
        for number in range(20):
            frame = av.VideoFrame.from_ndarray(np.full((64, 64, 3), number, np.uint8), format="rgb24")
            film.mux(picture.encode(frame.reformat(format="yuv420p")))
        film.mux(picture.encode(None))
        if track is not None:
            tone = 0.2 * np.sin(2 * np.pi * 220 * np.arange(88_064) / 44_100)
            for start in range(0, 88_064, 1024):
                block = np.tile(tone[start : start + 1024], (2, 1)).astype(np.float32)
                frame = av.AudioFrame.from_ndarray(block, format="fltp", layout="stereo")
                frame.sample_rate, frame.pts = 44_100, start
                film.mux(track.encode(frame))
            film.mux(track.encode(None))
    return path


def _plan(project: Project, path: Path) -> str:
    """Return what is said of a reference: its error, or the steps that follow it."""
    before = project.document.session
    try:
        choice = StyleChoice(StyleKind.PRODUCTION, reference=path)
        styled = styles.plan(Work(), project, choice)
    except FanstudioError as error:
        assert project.document.session is before
        return error.message
    styles.apply(project, styled)
    return " ".join(step.text for step in styled.steps) or styled.title


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return make_song(tmp_path_factory.mktemp("song"), (_Stem.OTHER,), 3.0)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("song.mp3", b"Dear diary,\n" * 400),
        ("song.wav", "\u202e\u0000ü".encode() * 99),
        ("empty.flac", b""),
        ("picture.png", b"\x89PNG\r\n\x1a\n" + bytes(500)),
        ("cut.wav", _bytes(3.0, "WAV")[:30]),
        ("moment.wav", _bytes(0.2, "WAV")),
        ("silence.flac", b""),
        ("folder.wav", None),
    ],
)
def test_what_is_no_record_is_one_clear_line(
    project: Project, tmp_path: Path, name: str, data: bytes | None
) -> None:
    path = tmp_path / name
    if data is None:
        path.mkdir()
    elif name == "silence.flac":
        soundfile.write(path, np.zeros((3 * _RATE, 2)), _RATE)
    else:
        path.write_bytes(data)
    session = project.document.session
    said = _plan(project, path)
    assert project.document.session is session
    assert said.isprintable()
    assert "\n" not in said


@pytest.mark.parametrize("share", [0.4, 0.9])
@pytest.mark.parametrize("format_name", ["WAV", "FLAC", "OGG", "MP3"])
def test_a_record_that_was_cut_is_measured_or_refused(
    project: Project, tmp_path: Path, format_name: str, share: float
) -> None:
    whole = _bytes(6.0, format_name)
    path = tmp_path / f"cut.{format_name.lower()}"
    path.write_bytes(whole[: round(len(whole) * share)])
    assert _plan(project, path).isprintable()


def test_the_sound_of_a_film_is_a_record_and_a_silent_film_is_none(project: Project, tmp_path: Path) -> None:
    assert _plan(project, _film(tmp_path / "film.mp4", sound=True))
    session = project.document.session
    assert _plan(project, _film(tmp_path / "silent.mp4", sound=False)).isprintable()
    assert project.document.session is session


def test_any_name_of_a_record_is_one_line(project: Project, tmp_path: Path) -> None:
    path = tmp_path / "[b] \x1b[31m\u202ered\n\udcff.wav"
    soundfile.write(str(tmp_path / "plain.wav"), _music(3.0), _RATE)
    (tmp_path / "plain.wav").rename(path)
    choice = StyleChoice(StyleKind.PRODUCTION, reference=path)
    styled = styles.plan(Work(), project, choice)
    assert styled.title.isprintable()
    assert styled.styling.reference.isprintable()
    styles.apply(project, styled)
    save_project(project)


def _long(path: Path, hours: float) -> Path:
    piece = _music(10.0)
    with soundfile.SoundFile(path, "w", _RATE, 2, subtype="PCM_16", format="FLAC") as stream:
        for _ in range(round(hours * 360)):
            stream.write(piece)
    return path


def test_a_long_record_can_be_cancelled_at_once(tmp_path: Path) -> None:
    path = _long(tmp_path / "long.flac", 0.2)
    work, cancelled_at = cancelled_soon(0.5)
    with pytest.raises(Cancelled):
        hear_reference(work, path)
    assert time.process_time() - cancelled_at[0] < 1.0


@pytest.mark.soak
def test_a_record_of_three_hours_is_measured(tmp_path: Path) -> None:
    assert hear_reference(Work(), _long(tmp_path / "long.flac", 3.0)).loudness_lufs < 0
