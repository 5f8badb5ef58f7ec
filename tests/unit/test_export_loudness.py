"""How loud an export becomes, measured by implementations that are not ours."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyloudnorm
import pytest
import soundfile
from scipy import signal

from fanstudio.audio.limited_loudness import LimitedLoudness
from fanstudio.audio.loudness import Loudness
from fanstudio.audio.samples import Samples
from fanstudio.errors import Cancelled, InputError
from fanstudio.export.bounce import write_marked
from fanstudio.export.formats import find_format
from fanstudio.export.loudness import CEILING_DBTP, MOST_REDUCTION_DB, Level, choose_level, levelled
from fanstudio.jobs import Work
from fanstudio.model import edits
from fanstudio.model.session import Session, new_session
from tests.support.ebur128 import ebur128, needs_ffmpeg
from tests.support.sounds import Floats, a_source, noise

RATE = 44_100
SECONDS = 6
#: By how much a beat stands out: true peaks are 17 dB above the loudness.
GAIN = 2


def loudness(sound: Floats, rate: int = RATE) -> float:
    return float(pyloudnorm.Meter(rate).integrated_loudness(sound.T.astype(np.float64)))


def true_peak_db(sound: Floats) -> float:
    up = signal.resample_poly(sound.astype(np.float64), 16, 1, axis=1)
    return float(20 * np.log10(np.abs(up).max()))


def beats() -> Floats:
    """Return noise with decaying beats, its true peak 17 dB above its loudness."""
    sound = noise(SECONDS * RATE, seed=5, peak=0.2)
    since = np.arange(sound.shape[1]) % (RATE // 2) / RATE
    sound = sound * (1 + GAIN * np.exp(-since / 0.03))
    return (sound / np.abs(sound).max()).astype(np.float32)


@pytest.fixture(scope="module")
def peaky() -> Floats:
    return beats()


def in_blocks(sound: Floats) -> Iterator[Samples]:
    return (sound[:, at : at + 50_000] for at in range(0, sound.shape[1], 50_000))


def brought_to(sound: Floats, target: float | None) -> tuple[Level, Floats]:
    level = choose_level(Work(), lambda _work: in_blocks(sound), RATE, target)
    return level, np.concatenate(list(levelled(in_blocks(sound), RATE, level)), axis=1)


def session_of(sound: Floats, rate: int = RATE) -> Session:
    session = edits.add_track(edits.add_source(new_session("x", rate), a_source("a", sound.shape[1])), "a")
    return edits.add_clip(session, session.tracks[0].id, session.sources[0].id, 0, length=sound.shape[1])


@pytest.mark.parametrize("target", [-14.0, -13.5])
def test_a_target_above_the_peaks_is_reached_by_limiting(target: float, peaky: Floats) -> None:
    level, louder = brought_to(peaky, target)
    assert level.limited
    assert loudness(louder) == pytest.approx(target, abs=0.1)
    assert true_peak_db(louder) <= -1.0
    assert louder.shape == peaky.shape


def test_a_target_under_the_peaks_is_a_gain_and_nothing_else(peaky: Floats) -> None:
    level, quieter = brought_to(peaky, -23.0)
    assert not level.limited
    assert np.array_equal(quieter, peaky * np.float32(10 ** (level.gain_db / 20)))
    assert loudness(quieter) == pytest.approx(-23, abs=0.1)


def test_a_target_that_would_crush_the_peaks_is_missed(peaky: Floats) -> None:
    level, louder = brought_to(peaky, -8.0)
    assert level == Level(pytest.approx(MOST_REDUCTION_DB - 1 - true_peak_db(peaky), abs=0.05), True)
    assert loudness(louder) < -10
    assert true_peak_db(louder) <= -1.0


def test_as_mixed_keeps_the_level_unless_it_would_clip(peaky: Floats) -> None:
    assert brought_to(0.5 * peaky, None)[0] == Level(0.0, False)
    level, lower = brought_to(2 * peaky, None)
    assert not level.limited
    assert true_peak_db(lower) == pytest.approx(-1, abs=0.05)


def test_silence_has_no_level() -> None:
    with pytest.raises(InputError, match="only silence"):
        brought_to(np.zeros((2, RATE), np.float32), -14.0)


def test_choosing_can_be_cancelled(peaky: Floats) -> None:
    work = Work()

    def blocks(step: Work) -> Iterator[Samples]:
        for block in in_blocks(peaky):
            step.check()
            yield block
            work.cancel()

    with pytest.raises(Cancelled):
        choose_level(work, blocks, RATE, -14.0)


@pytest.mark.parametrize("format_name", ["flac", "wav"])
def test_a_lossless_file_is_as_loud_as_asked_under_the_ceiling_mark_included(
    format_name: str, peaky: Floats, tmp_path: Path
) -> None:
    path = tmp_path / "out"
    row = find_format(format_name)
    song = np.tile(peaky, 3)
    made = write_marked(Work(), session_of(song), lambda _source, _warp: song, path, row, -14.0, bytes(16))
    written = soundfile.read(path, dtype="float32")[0].T
    assert written.shape == song.shape
    assert loudness(written) == pytest.approx(-14, abs=0.1)
    assert made.loudness_lufs == pytest.approx(-14, abs=0.1)
    assert true_peak_db(written) <= -1.0


@needs_ffmpeg
@pytest.mark.parametrize("format_name", ["wav", "wav16"])
@pytest.mark.parametrize("target", [-14.0, -23.0])
def test_ffmpeg_hears_the_loudness_that_was_asked_for(
    target: float, format_name: str, peaky: Floats, tmp_path: Path
) -> None:
    song = np.tile(peaky, 3)
    path, row = tmp_path / "out.wav", find_format(format_name)
    write_marked(Work(), session_of(song), lambda _source, _warp: song, path, row, target, bytes(16))
    heard = ebur128(path)
    assert heard.integrated == pytest.approx(target, abs=0.2)
    assert heard.true_peak <= -1.0
    assert soundfile.info(path).subtype == ("PCM_24" if format_name == "wav" else "PCM_16")


def test_the_forecast_is_what_the_limiter_then_does(peaky: Floats) -> None:
    gains = [0.0, 3.0, 6.0, 9.0]
    forecast = LimitedLoudness(RATE, 2, gains, CEILING_DBTP)
    for block in in_blocks(peaky):
        forecast.add(block)
    for gain, lufs in zip(gains, forecast.lufs(), strict=True):
        measured = Loudness(RATE, 2)
        for block in levelled(in_blocks(peaky), RATE, Level(gain, limited=True)):
            measured.add(block)
        assert lufs == pytest.approx(measured.integrated_lufs, abs=0.01)
