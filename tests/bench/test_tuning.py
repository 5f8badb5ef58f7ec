"""What gentle tuning does to a voice, in figures; and our shifter beside Rubber Band's.

A voice that is in tune is sung off key by moving each of its notes; tuning brings it back. Clean voices tell
how far the result is from what was sung in the first place.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from fanstudio import paths
from fanstudio.audio.voice_shift import PitchMove, shift_voice
from fanstudio.inference.notes import Aim, read_notes
from fanstudio.inference.pitch import PitchTrack, track_pitch
from fanstudio.inference.pitch_net import PitchNet
from fanstudio.inference.tuning import Gentleness, drift, plan_tuning
from fanstudio.jobs import Work
from fanstudio.model.scale import Key, Mode, parse_key
from tests.support.tables import show_table
from tests.support.voices import hz_of, melody, sing

pytestmark = pytest.mark.bench
RATE = 44_100

Sound = NDArray[np.float32]

_TUNING_HEAD = (
    "voice",
    "strength",
    "cents off before",
    "after",
    "dB from what was recorded",
    "dB from the clean voice",
    "largest step, of the recording's",
)
_CLEAN_HEAD = ("note", "cents", "tone, dB", "ours", "Rubber Band R3", "its extra frames")


def shifted(sound: Sound, rate: int, move: PitchMove) -> Sound:
    return np.concatenate(list(shift_voice(Work(), sound, rate, move)), axis=1)


def off_key(sound: Sound, track: PitchTrack, rate: int, notes: Sound) -> Sound:
    """The same voice with each note moved by up to some 60 cents."""
    rng = np.random.default_rng(4)
    cents = np.zeros(len(track), np.float32)
    borders = [0, *(np.flatnonzero(~np.isclose(notes[1:], notes[:-1])) + 1).tolist(), len(notes)]
    for start, end in pairwise(borders):
        cents[start:end] = np.clip(rng.normal(0, 30), -60, 60)
    smooth = np.convolve(cents, np.hanning(7) / np.hanning(7).sum(), "same").astype(np.float32)
    return shifted(sound, rate, PitchMove(track.hop_s, track.f0_hz, smooth))


def spectral_distance(one: Sound, other: Sound) -> float:
    """Root mean square distance of log spectra up to 8 kHz in dB, where the first is loud."""
    size = 1024
    spectra = []
    for sound in (one, other):
        windows = np.lib.stride_tricks.sliding_window_view(sound[0], size)[::512] * np.hanning(size)
        spectra.append(20 * np.log10(np.abs(np.fft.rfft(windows, axis=1))[:, :186] + 1e-5))
    loud = spectra[0].max(axis=1) > spectra[0].max() - 40
    return float(np.sqrt(np.mean(np.square(spectra[0][loud] - spectra[1][loud]))))


def voices(shared: Path) -> Iterator[tuple[str, Sound, int, Key | None]]:
    rate = RATE
    scale = melody([57, 59, 60, 64, 62, 60, 59, 57], 0.6, rate, vibrato_cents=35)
    yield "synthetic, A minor", sing(scale, rate, seed=2), rate, Key(9, Mode.MINOR)
    demo, rate = soundfile.read(paths.demo_dir() / "stems" / "vocals.flac", dtype="float32", always_2d=True)
    yield "demo song, A major", demo.T.mean(axis=0, keepdims=True), rate, parse_key("A major")
    path = shared / "excerpt" / "francium_vocals.flac"
    if path.is_file():
        sung, rate = soundfile.read(path, dtype="float32", always_2d=True)
        yield "Francium, G minor", sung.T.mean(axis=0, keepdims=True), rate, parse_key("G minor")


def test_off_key_voices_come_into_tune(shared_audio: Path, capsys: pytest.CaptureFixture[str]) -> None:
    net = PitchNet(threads=1)
    rows = []
    for name, clean, rate, key in voices(shared_audio):
        track = track_pitch(Work(), clean, rate, net)
        aim = Aim(key)
        sung = off_key(clean, track, rate, read_notes(track, aim))
        heard = track_pitch(Work(), sung, rate, net)
        for strength in (0.0, 0.5, 1.0):
            tuned = shifted(sung, rate, plan_tuning(heard, aim, Gentleness(strength)))
            before, after = mean_off(heard, track_pitch(Work(), tuned, rate, net), read_notes(heard, aim))
            step = np.abs(np.diff(tuned, n=2)).max() / np.abs(np.diff(sung, n=2)).max()
            far = spectral_distance(sung, tuned), spectral_distance(clean, tuned)
            rows.append((name, strength, before, after, *far, float(step)))
            if strength == 0:
                assert np.array_equal(tuned, sung)
            else:
                assert after < before * (1.15 - 0.75 * strength)
    show_table(capsys, _TUNING_HEAD, rows)


def mean_off(before: PitchTrack, after: PitchTrack, notes: Sound) -> tuple[float, float]:
    """How far two renderings of a voice are from its notes, in cents."""
    both = before.voiced & after.voiced
    known = np.where(both, notes, np.float32(np.nan))
    first, second = (100 * float(np.abs(drift(line, known, 0.25)[both]).mean()) for line in (before, after))
    return first, second


def test_steady_tones_beside_rubber_band(capsys: pytest.CaptureFixture[str]) -> None:
    pedalboard = pytest.importorskip("pedalboard", reason="Rubber Band is compared through pedalboard")
    rows = []
    for note in (45.3, 57.3, 64.3, 72.3):
        for cents in (-60, 30, 60):
            hz = float(hz_of(note))
            sound = sing(np.full(2 * RATE, hz), RATE)
            entries = round(2 / 0.016) + 1
            move = PitchMove(0.016, np.full(entries, hz, np.float32), np.full(entries, cents, np.float32))
            ours = shifted(sound, RATE, move)
            theirs = pedalboard.time_stretch(sound, RATE, 1.0, np.full(sound.shape[1], cents / 100))
            wanted = hz * 2 ** (cents / 1200)
            figures = cleanness(sound, hz), cleanness(ours, wanted), cleanness(theirs, wanted)
            rows.append((note, cents, *figures, theirs.shape[1] - sound.shape[1]))
            assert figures[1] > figures[2]
    show_table(capsys, _CLEAN_HEAD, rows)


def cleanness(sound: Sound, hz: float) -> float:
    """Return by how many dB the harmonics of a steady tone stand above all else, 40 Hz to 8 kHz."""
    part = sound[0, RATE // 2 : RATE // 2 + RATE] * np.blackman(RATE)
    power = np.square(np.abs(np.fft.rfft(part)))[40:8000]
    places = np.arange(40, 8000) / hz
    harmonic = np.abs(places - np.rint(places)) * hz < 8
    return float(10 * np.log10(power[harmonic].sum() / power[~harmonic].sum()))
