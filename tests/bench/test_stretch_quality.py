"""How well and how fast sound is stretched and moved, beside other stretchers in the same run."""

from __future__ import annotations

import os

import numpy as np
import pytest
import soundfile

from fanstudio.paths import demo_dir
from tests.support.stretch_measures import (
    RATE,
    Sound,
    Stretcher,
    attacks,
    balance_error_db,
    chord_snr_db,
    colour_error_db,
)
from tests.support.stretchers import formant_keepers, ours, peers
from tests.support.tables import show_table

pytestmark = pytest.mark.bench

WARPS = ((0.8, 0.0), (1.25, 0.0), (1.0, 3.0), (1.0, -3.0))
_SPEED_SECONDS = 20
_PITCHES_HZ = (110.0, 200.0, 300.0, 450.0)


def _processor_seconds() -> float:
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def _times_realtime(stretcher: Stretcher, sound: Sound, speed: float, semitones: float) -> float:
    before = _processor_seconds()
    stretcher(sound, speed, semitones)
    return sound.shape[1] / RATE / (_processor_seconds() - before)


@pytest.mark.parametrize(("speed", "semitones"), WARPS)
def test_tones_and_attacks(capsys: pytest.CaptureFixture[str], speed: float, semitones: float) -> None:
    noise = np.random.default_rng(0).uniform(-0.3, 0.3, (2, _SPEED_SECONDS * RATE)).astype(np.float32)
    rows = []
    for name, stretcher in {"ours": ours(), **peers()}.items():
        if semitones and name == "ffmpeg atempo":
            continue
        measured = attacks(stretcher, speed, semitones)
        rows.append(
            (
                name,
                chord_snr_db(stretcher, speed, semitones),
                f"{measured.worst_ms:.2f}",
                measured.pre_echo_db,
                f"{100 * measured.click_share:.0f} %",
                _times_realtime(stretcher, noise, speed, semitones),
            )
        )
    what = f"speed {speed:g}" if speed != 1.0 else f"{semitones:+g} st"
    show_table(
        capsys,
        (what, "chord SNR dB", "click off by ms", "before a drum dB", "click kept", "× realtime"),
        rows,
    )
    assert len({name for name, *_ in rows}) == len(rows) >= 1


@pytest.mark.parametrize("semitones", [3.0, -3.0])
def test_voices_keep_their_colour(capsys: pytest.CaptureFixture[str], semitones: float) -> None:
    voice, rate = soundfile.read(demo_dir() / "stems" / "vocals.flac", dtype="float32", always_2d=True)
    resampled = np.ascontiguousarray(voice.T[:1, 12 * rate : 32 * rate])
    rows = []
    for name, stretcher in formant_keepers().items():
        vowels = [colour_error_db(stretcher, pitch, semitones) for pitch in _PITCHES_HZ]
        song = balance_error_db(resampled, stretcher(resampled, 1.0, semitones), rate)
        rows.append((name, *vowels, song, _times_realtime(stretcher, resampled, 1.0, semitones)))
    vowels_head = tuple(f"vowel at {pitch:g} Hz, dB" for pitch in _PITCHES_HZ)
    show_table(capsys, (f"{semitones:+g} st", *vowels_head, "demo voice, dB", "× realtime"), rows)
    kept, plain = rows[0], rows[1]
    assert sum(kept[1:5]) < sum(plain[1:5])
