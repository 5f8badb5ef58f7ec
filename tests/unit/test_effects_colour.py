"""Crush, tape and vinyl: steps, waver, noises; the same wherever playback starts."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import signal

from fanstudio.audio.effects.by_frame import drift, sine, uniform, white
from fanstudio.audio.effects.crackle import Crackle
from fanstudio.audio.effects.crush import Crush
from fanstudio.audio.effects.effect import CHUNK_FRAMES, Effect
from fanstudio.audio.effects.tape import Tape
from fanstudio.audio.effects.vinyl import Vinyl
from tests.support.effects import distortion_db, level_db, raw, response_db, run, tone
from tests.support.sounds import Floats, noise

RATE = 48_000
COLOURS = [kind(**preset.values) for kind in (Crush, Tape, Vinyl) for preset in kind.presets]
PLAIN_TAPE = {"wow": 0, "flutter": 0, "warmth": 0, "hiss": 0, "treble_hz": 20_000}
PLAIN_VINYL = {"crackle": 0, "wear": 0, "rumble": 0, "hum": 0, "treble_hz": 20_000}


@pytest.mark.parametrize("effect", COLOURS, ids=lambda effect: f"{effect.kind} {effect.values}")
@pytest.mark.parametrize("chunks", [40, 1_000_003])
def test_it_sounds_the_same_wherever_playback_starts(effect: Effect, chunks: int) -> None:
    """Far out on the timeline as well, where small numbers would be lost."""
    sound = noise(70 * CHUNK_FRAMES)
    effect.prepare(RATE, 2)
    begin = (chunks - 40) * CHUNK_FRAMES
    effect.reset(begin)
    whole = raw(effect, sound)
    start = 40 * CHUNK_FRAMES
    effect.reset(begin + start)
    late = raw(effect, sound[:, start:])
    settled = int(0.1 * RATE)
    assert np.allclose(late[:, settled:], whole[:, start + settled :], atol=2e-6)


@pytest.mark.parametrize("effect", [Tape(hiss=1), Vinyl(crackle=1, wear=1, rumble=1, hum=1)])
def test_noise_goes_with_the_music_and_comes_again(effect: Effect) -> None:
    sound = noise(3 * RATE, seed=2)
    sound[:, RATE : 2 * RATE] = 0
    result = run(effect, sound)
    effect.prepare(RATE, 2)
    tail = int(effect.tail_s * RATE)
    assert level_db(result[:, RATE + 2_000 : RATE + 8_000]) > -50
    assert np.abs(result[:, RATE + tail + 600 : 2 * RATE - 600]).max() < 1e-5
    assert level_db(result[:, 2 * RATE : 3 * RATE]) > -30


# ── chance ───────────────────────────────────────────────────────────────────────────────────


def test_chance_is_spread_evenly_and_does_not_hang_together() -> None:
    frames = np.arange(-50_000, 150_000)
    numbers = uniform(frames, 1)
    assert np.histogram(numbers, 20, (0, 1))[0] == pytest.approx(10_000, rel=0.05)
    other = uniform(frames, 2)
    assert abs(np.corrcoef(numbers, other)[0, 1]) < 0.01
    assert abs(np.corrcoef(numbers[1:], numbers[:-1])[0, 1]) < 0.01


def test_white_noise_is_white() -> None:
    sound = white(np.arange(1 << 17), 3)
    assert np.square(sound).mean() == pytest.approx(1, rel=0.02)
    _, density = signal.welch(sound, RATE, nperseg=512)
    assert 10 * np.log10(density[2:-2].max() / density[2:-2].min()) < 2.5


def test_what_wanders_does_so_smoothly_and_is_a_function_of_the_frame() -> None:
    frames = np.arange(-30_000.0, 90_000.0)
    path = drift(frames, 4_800.5, 5)
    assert 0.4 < np.abs(path).max() <= 1
    assert np.abs(np.diff(path)).max() < 5e-4
    assert np.allclose(drift(frames[70_000:], 4_800.5, 5), path[70_000:], atol=1e-12)


def test_a_sine_keeps_its_turn_after_a_day() -> None:
    day = 24 * 3600 * RATE
    assert np.allclose(sine(np.array([day + 12.0]), 1_000, RATE), np.sin(2 * np.pi * 0.25), atol=1e-4)


# ── crush ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("bits", "levels"), [(1, 3), (4, 17), (8, 257)])
def test_so_many_bits_are_so_many_levels(bits: float, levels: int) -> None:
    ramp = np.linspace(-1, 1, 40 * CHUNK_FRAMES, dtype=np.float32)[None]
    assert len(np.unique(run(Crush(bits=bits, rate_hz=48_000), ramp))) == levels


def test_each_level_lasts_until_the_next_is_taken() -> None:
    result = run(Crush(bits=16, rate_hz=12_000), noise(4_000), start=1_234)
    changes = np.flatnonzero(np.diff(result[0])) + 1 + 1_234
    assert (changes % 4 == 0).all()
    assert len(changes) > 950


@pytest.mark.parametrize("rate", [8_000, 48_000, 192_000])
def test_all_bits_and_the_highest_rate_leave_the_sound(rate: int) -> None:
    sound = noise(4_000)
    assert np.array_equal(run(Crush(bits=16, rate_hz=48_000), sound, rate), sound)


def test_smooth_filters_away_what_would_fold_down() -> None:
    high = tone(9_000, -6, 1)
    raw_level = level_db(run(Crush(bits=16, rate_hz=12_000), high))
    assert level_db(run(Crush(bits=16, rate_hz=12_000, smooth=1), high)) < raw_level - 20


# ── tape ─────────────────────────────────────────────────────────────────────────────────────


def deviation(result: Floats, hz: float) -> Floats:
    """Return by what share the pitch of a tone is off over time."""
    turns = np.unwrap(np.angle(signal.hilbert(result[0].astype(np.float64))))
    slope = np.diff(turns[:: RATE // 100]) * 100 / (2 * np.pi)
    return slope[10:-10] / hz - 1


@pytest.mark.parametrize(
    ("values", "low", "high"), [({"wow": 1}, 0.006, 0.03), ({"flutter": 1}, 0.004, 0.03)]
)
def test_the_pitch_wavers_and_the_song_keeps_its_time(
    values: dict[str, float], low: float, high: float
) -> None:
    off = deviation(run(Tape(**(PLAIN_TAPE | values)), tone(1_000, -6, 20)), 1_000)
    assert low < np.abs(off).max() < high
    assert abs(off.mean()) < 1e-4


def test_less_wavers_less() -> None:
    def most(wow: float) -> float:
        return float(
            np.abs(deviation(run(Tape(**PLAIN_TAPE | {"wow": wow}), tone(1_000, -6, 8)), 1_000)).max()
        )

    assert most(0.25) == pytest.approx(0.25 * most(1), rel=0.05)


def test_a_waver_adds_no_noise_of_its_own() -> None:
    result = run(Tape(**PLAIN_TAPE | {"flutter": 1}), tone(2_000, -6, 3))
    spectrum = np.abs(np.fft.rfft(result[0, RATE : 2 * RATE] * np.hanning(RATE)))
    far = np.r_[spectrum[20:1_200], spectrum[2_800:]]
    assert 20 * np.log10(far.max() / spectrum.max()) < -60


def test_warmth_bends_loud_sounds_by_odd_harmonics_and_folds_little_back() -> None:
    warm = Tape(**PLAIN_TAPE | {"warmth": 1})
    assert -30 < distortion_db(run(warm, tone(440, -6, 2)), 440) < -12
    assert distortion_db(run(warm, tone(440, -50, 2)), 440) < -60
    result = run(warm, tone(7_001, -6, 2))
    spectrum = np.abs(np.fft.rfft(result[0, -RATE:] * np.hanning(RATE)))
    loudest = spectrum.max()
    spectrum[6_990:7_012] = spectrum[20_990:21_016] = 0
    assert 20 * np.log10(spectrum[20:].max() / loudest) < -40


def test_quiet_sounds_keep_their_time_whatever_the_warmth() -> None:
    sound = tone(1_000, -50, 1)
    for warmth in (0.3, 1):
        result = run(Tape(**PLAIN_TAPE | {"warmth": warmth}), sound)
        turned = np.angle(np.vdot(signal.hilbert(sound[0]), signal.hilbert(result[0])))
        assert abs(turned) < 0.15  # the shelves turn a little; half a frame would be 0.07 more


def test_hiss_is_as_loud_as_it_is_set() -> None:
    quiet = tone(30, -80, 2, channels=2)
    full = level_db(run(Tape(**PLAIN_TAPE | {"hiss": 1}), quiet)[:, RATE:])
    assert full == pytest.approx(-36.7, abs=1)
    assert level_db(run(Tape(**PLAIN_TAPE | {"hiss": 0.5}), quiet)[:, RATE:]) == pytest.approx(
        full - 12, abs=1
    )


# ── vinyl ────────────────────────────────────────────────────────────────────────────────────


def test_more_crackle_is_more_clicks_and_the_same_ones() -> None:
    clicks = Crackle(RATE, 2, 1)
    none = np.zeros(4 * RATE)
    counts, heard = [], []
    for level in (0.1, 0.4, 1.0):
        sound = clicks.over(0, none + level, none)
        heard.append(np.abs(sound).max(axis=0) > 0.005 * level)
        counts.append(int((np.diff(heard[-1].reshape(-1, 192).any(axis=1).astype(int)) > 0).sum()))
    assert counts[0] < 0.5 * counts[1] < 0.5 * counts[2]
    assert 8 < counts[0] / 4 < 14
    assert (heard[0] <= heard[2]).mean() > 0.99


def test_clicks_do_not_hang_on_where_they_are_asked_for() -> None:
    clicks = Crackle(44_100, 2, 1)
    level = np.full(30_000, 0.7)
    whole = clicks.over(-5_000, level, level)
    parts = [clicks.over(at, level[:500], level[:500]) for at in range(-5_000, 25_000, 500)]
    assert np.allclose(np.concatenate(parts, axis=1), whole, atol=1e-12)


def test_scratches_come_back_once_a_turn() -> None:
    turn = round(1.8 * RATE / 192) * 192
    level = np.ones(turn)
    first, second = (Crackle(RATE, 1, 4).over(at, 0 * level, level) for at in (7 * turn, 8 * turn))
    assert np.abs(first).max() > 0.01
    assert np.corrcoef(first[0], second[0])[0, 1] > 0.6


def test_wear_and_treble_dull_the_sound() -> None:
    click = np.zeros((1, 8_192), np.float32)
    click[0, 100] = 1
    worn = run(Vinyl(**PLAIN_VINYL | {"treble_hz": 5_000}), click)
    assert response_db(worn, 10_000) < -10
    assert response_db(worn, 500) == pytest.approx(0, abs=0.1)


@pytest.mark.parametrize(("name", "below_hz"), [("rumble", 120), ("hum", 200)])
def test_rumble_and_hum_are_low(name: str, below_hz: int) -> None:
    quiet = tone(5_000, -90, 4)
    result = run(Vinyl(**PLAIN_VINYL | {name: 1}), quiet)[0, RATE:]
    power = np.square(np.abs(np.fft.rfft(result * np.hanning(len(result)))))
    hertz = np.fft.rfftfreq(len(result), 1 / RATE)
    assert power[hertz < below_hz].sum() > 0.98 * power.sum()
    assert -50 < level_db(result[None]) < -30
