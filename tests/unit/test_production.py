"""A record's production in numbers, and the chain that brings one record near to another."""

import json
import math
from dataclasses import replace

import numpy as np
import pytest

from fanstudio.audio.loudness import LoudnessMeter
from fanstudio.errors import Cancelled, InputError
from fanstudio.inference.production import ClosedForm, chain_of, choose_chain, louder, with_limiter
from fanstudio.inference.production_chain import ChainSettings, process, scaled, setting
from fanstudio.inference.production_features import (
    BANDS_HZ,
    Features,
    dynamics_error_db,
    dynamics_of,
    shared_bands,
    spectrum_difference,
    spectrum_error_db,
)
from fanstudio.inference.production_measure import measure, measure_blocks, stretches
from fanstudio.inference.production_refine import audition, hold_loudness, refine
from fanstudio.inference.production_spectrum import fit, fit_plain, response_db
from fanstudio.inference.production_words import compare, tell
from fanstudio.jobs import Work

RATE = 44_100


def beat(seconds=8.0, seed=1, rate=RATE, wide=0.5):
    """Noise hits over a chord, stereo: something with a spectrum, with dynamics and with sides."""
    random = np.random.default_rng(seed)
    time = np.arange(int(seconds * rate)) / rate
    hits = np.exp(-9 * (time % 0.5)) + 0.4 * np.exp(-25 * ((time + 0.25) % 0.5))
    chord = sum(np.sin(2 * np.pi * hertz * time) for hertz in (82, 165, 247, 330, 660)) / 5
    noise = random.standard_normal((2, len(time)))
    middle = 0.25 * hits * noise[0] + 0.25 * chord * (0.6 + 0.4 * np.sin(2 * np.pi * 0.3 * time))
    side = wide * 0.1 * hits * noise[1]
    return np.stack((middle + side, middle - side)).astype(np.float32)


def heard(sound, rate=RATE):
    return measure(Work(), sound, rate)


def test_loudness_and_true_peak_are_those_of_the_meter():
    sound = beat()
    meter = LoudnessMeter(RATE, 2)
    meter.add(sound)
    found = heard(sound)
    assert found.loudness_lufs == pytest.approx(meter.integrated_lufs, abs=0.3)
    assert found.true_peak_dbtp == pytest.approx(meter.true_peak_dbtp, abs=0.02)


def test_measures_are_the_same_every_time():
    assert heard(beat()) == heard(beat())


def test_a_gain_changes_loudness_and_peak_alone():
    loud, soft = heard(beat()), heard(beat() * np.float32(0.1))
    assert loud.loudness_lufs - soft.loudness_lufs == pytest.approx(20, abs=0.01)
    assert spectrum_error_db(loud, soft) < 0.01
    assert dynamics_error_db(loud, soft) < 0.01
    assert loud.width_db == pytest.approx(soft.width_db, abs=0.01)


@pytest.mark.parametrize("hertz", [100, 1000, 5000])
def test_a_tone_stands_in_its_band(hertz):
    time = np.arange(2 * RATE) / RATE
    found = heard((0.3 * np.sin(2 * np.pi * hertz * time))[None].astype(np.float32))
    loudest = BANDS_HZ[int(found.spectrum_db.argmax())]
    assert abs(math.log2(loudest / hertz)) < 0.3
    assert found.brightness_hz == pytest.approx(hertz, rel=0.2)


def test_the_rate_hardly_matters():
    time = [np.arange(4 * rate) / rate for rate in (44_100, 96_000)]
    sounds = [
        sum(np.sin(2 * np.pi * hertz * at) for hertz in (60, 200, 700, 2500, 9000))[None].astype(np.float32)
        for at in time
    ]
    low, high = heard(sounds[0] / 8, 44_100), heard(sounds[1] / 8, 96_000)
    strong = low.spectrum_db > low.spectrum_db.max() - 20
    assert np.abs(spectrum_difference(low, high)[strong]).mean() < 1.5


def test_an_equaliser_is_seen_as_what_it_does():
    values = {"low_db": 6.0, "presence_db": -5.0}
    before = beat()
    after = process(ChainSettings((setting("equaliser", values),)), before, RATE)
    seen = spectrum_difference(heard(before), heard(after))
    wanted = response_db((values,))
    assert np.abs(seen - (wanted - wanted.mean())).mean() < 0.5


def test_compression_and_width_are_seen():
    own = heard(beat())
    squeezed = process(
        ChainSettings((setting("compressor", {"threshold_db": -35, "ratio": 8, "attack_ms": 0.5}),)),
        beat(),
        RATE,
    )
    wide = process(ChainSettings((setting("width", {"width": 2}),)), beat(), RATE)
    # The crest may rise behind a slow attack; how far loud moments stand out falls.
    assert dynamics_of(heard(squeezed))[3:].mean() < dynamics_of(own)[3:].mean() - 1
    assert heard(wide).width_db > own.width_db + 3


@pytest.mark.parametrize("channels", [1, 2])
def test_silence_and_what_is_too_short_are_refused(channels):
    with pytest.raises(InputError, match="silence"):
        heard(np.zeros((channels, 3 * RATE), np.float32))
    for seconds in (0.0, 0.01, 0.2, 0.99):
        with pytest.raises(InputError, match="too short"):
            heard(beat(1.5)[:channels, : int(seconds * RATE)])
    with pytest.raises(InputError, match="too short"):
        measure_blocks([], RATE)


def test_noise_clicks_and_low_rates_have_measures():
    noise = np.random.default_rng(1).uniform(-1, 1, (1, 2 * RATE)).astype(np.float32)
    click = np.zeros((2, 2 * RATE), np.float32)
    click[:, RATE] = 1
    for sound, rate in ((noise, RATE), (click, RATE), (beat(3, rate=8_000), 8_000), (noise * 900, RATE)):
        found = heard(sound, rate)
        numbers = np.array([*np.ravel(found.bands), *found.dynamics, found.true_peak_dbtp])
        assert np.isfinite(numbers).all()
        assert Features.from_plain(found.to_plain()).limit_hz == pytest.approx(found.limit_hz, abs=0.1)


def test_long_records_are_heard_in_places():
    minutes = stretches(3 * 3600 * RATE, RATE)
    assert sum(stop - start for start, stop in minutes) <= 120 * RATE
    assert minutes[0][0] == 0
    assert minutes[-1][1] == 3 * 3600 * RATE
    assert stretches(10 * RATE, RATE)[-1][1] == 10 * RATE


def test_measuring_can_be_cancelled():
    work = Work()
    work.cancel()
    with pytest.raises(Cancelled):
        measure(work, beat(), RATE)


def test_measures_go_through_json():
    found = heard(beat())
    back = Features.from_plain(json.loads(json.dumps(found.to_plain())))
    assert spectrum_error_db(found, back) < 0.01
    assert dynamics_error_db(found, back) < 0.01
    assert back.to_plain() == found.to_plain()


@pytest.mark.parametrize(
    "damage",
    [
        lambda plain: plain.pop("dynamics"),
        lambda plain: plain.update(extra=[1.0]),
        lambda plain: plain.update(version=[2]),
        lambda plain: plain.update(mean=[0.0]),
        lambda plain: plain["side"].__setitem__(3, float("nan")),
        lambda plain: plain["side"].__setitem__(3, 1e9),
        lambda plain: plain["side"].__setitem__(3, True),
        lambda plain: plain["side"].__setitem__(3, "loud"),
        lambda plain: plain.update(limit_hz=[-4.0]),
        lambda plain: plain.update(loudness_lufs=-14.0),
    ],
)
def test_damaged_measures_are_refused(damage):
    plain = heard(beat(2)).to_plain()
    damage(plain)
    with pytest.raises(InputError):
        Features.from_plain(plain)


@pytest.mark.parametrize("plain", [None, [], "x", {}, {1: 2}, 3.5])
def test_what_are_no_measures_is_refused(plain):
    with pytest.raises(InputError):
        Features.from_plain(plain)


def test_two_equalisers_follow_a_curve_closer_than_one():
    random = np.random.default_rng(3)
    all_bands = np.ones(len(BANDS_HZ), bool)
    off = []
    for _ in range(4):
        curve = 1.5 * np.convolve(random.normal(0, 6, len(BANDS_HZ) + 8), np.ones(9) / 9, "valid")
        curve -= curve.mean()
        found = [response_db(fit(curve, all_bands)), response_db((fit_plain(curve, all_bands),))]
        off.append([np.abs(one - one.mean() - curve).mean() for one in found])
    both, one = np.mean(off, axis=0)
    assert both < 0.6 * one


def test_a_flat_curve_needs_no_equaliser():
    assert fit(np.zeros(len(BANDS_HZ)), np.ones(len(BANDS_HZ), bool)) == ()


CHAIN = ChainSettings(
    (
        setting("equaliser", {"low_db": 6, "low_cut_hz": 80, "high_cut_hz": 9_000}),
        setting("saturation", {"drive_db": 9}),
        setting("compressor", {"ratio": 4, "threshold_db": -20, "makeup_db": 3}),
        setting("width", {"width": 1.6}),
        setting("reverb", {"mix": 0.3}),
        setting("limiter", {"drive_db": 4}),
    ),
    gain_db=5.0,
)


def test_no_amount_is_no_effect_bit_for_bit():
    sound = beat(2)
    assert scaled(CHAIN, 0.0) == ChainSettings()
    assert process(scaled(CHAIN, 0.0), sound, RATE) is sound


def test_the_amount_grows_from_nothing_to_all():
    sound, own = beat(4), heard(beat(4))
    assert np.array_equal(process(scaled(CHAIN, 1.0), sound, RATE), process(CHAIN, sound, RATE))
    half = scaled(CHAIN, 0.5)
    assert half.find("equaliser").value("low_db") == 3
    assert half.find("equaliser").value("low_cut_hz") == pytest.approx(40, abs=0.01)
    assert half.find("compressor").value("ratio") == 2.5
    assert half.find("compressor").value("threshold_db") == -20
    assert half.find("width").value("width") == pytest.approx(1.3)
    assert half.find("reverb").value("mix") == pytest.approx(0.15)
    moved = [
        spectrum_error_db(own, heard(process(scaled(CHAIN, amount), sound, RATE)))
        for amount in (0.05, 0.5, 1.0)
    ]
    assert moved == sorted(moved)
    assert moved[0] < 0.5


def test_louder_is_exactly_that_and_stays_under_the_ceiling():
    sound = beat(4)
    own = heard(sound)
    for gain in (-12.0, -3.0, 0.0):
        out = heard(process(with_limiter(louder(ChainSettings(), gain)), sound, RATE))
        assert out.loudness_lufs - own.loudness_lufs == pytest.approx(gain, abs=0.3)
    driven = ChainSettings((setting("limiter", {"drive_db": 9, "ceiling_db": -1}),))
    quiet = louder(driven, -8.0)
    one, other = (process(chain, sound, RATE) for chain in (driven, quiet))
    assert np.allclose(other, one * 10 ** (-8 / 20), atol=2e-3)


def test_a_chain_brings_one_record_near_another():
    sound = beat(12)
    hidden = ChainSettings(
        (
            setting("equaliser", {"low_db": 7, "body_db": -5, "high_db": -6}),
            setting("width", {"width": 0.4}),
        )
    )
    own, wanted = heard(sound), heard(process(hidden, beat(12, seed=5), RATE))
    found = heard(process(choose_chain(own, wanted), sound, RATE))
    assert spectrum_error_db(found, wanted) < 0.3 * spectrum_error_db(own, wanted)
    assert abs(found.width_db - wanted.width_db) < 0.3 * abs(own.width_db - wanted.width_db)
    assert found.loudness_lufs == pytest.approx(own.loudness_lufs, abs=2)


def test_listening_puts_curve_loudness_and_knobs_right():
    sound = beat(8)
    hidden = ChainSettings(
        (
            setting("equaliser", {"low_db": 8, "presence_db": 6}),
            setting("compressor", {"threshold_db": -32, "ratio": 6, "attack_ms": 2}),
        )
    )
    own, wanted = heard(sound), heard(process(hidden, beat(8, seed=5), RATE))
    counts = shared_bands(own, wanted)
    trial = audition(sound, RATE, own, counts)
    first = ClosedForm().choose(own, wanted)
    refined = refine(Work(), trial, first, steps=12)
    off = [trial.distance(trial.hear(chain_of(own, choice, counts)), choice) for choice in (first, refined)]
    assert off[1] <= off[0]
    chain = hold_loudness(Work(), trial, chain_of(own, refined, counts), -18.0, limited=True)
    out = heard(process(chain, sound, RATE))
    assert out.loudness_lufs == pytest.approx(-18.0, abs=0.5)
    assert out.true_peak_dbtp <= -1.0
    assert chain.gain_db == pytest.approx(out.loudness_lufs - own.loudness_lufs, abs=0.5)


def test_bands_that_a_record_cannot_hold_are_left_alone():
    own = heard(beat())
    dull = replace(heard(beat(6, seed=2, rate=8_000), 8_000))
    chain = choose_chain(own, dull)
    out = heard(process(chain, beat(), RATE))
    high = np.array(BANDS_HZ) > 6_000
    assert np.abs(spectrum_difference(own, out)[high]).mean() < 8
    assert not shared_bands(own, dull)[high].any()


def test_a_mono_record_asks_for_no_width():
    own, mono = heard(beat()), heard(beat()[:1])
    assert choose_chain(own, mono).find("width") is None
    assert choose_chain(mono, own).find("width") is None


def test_words_name_each_effect():
    words = tell(CHAIN)
    assert len(words) == len(CHAIN.effects)
    assert "+6.0 dB below 120 Hz" in words[0]
    assert tell(ChainSettings()) == ("Nothing is laid.",)


def test_what_was_heard_of_both_records_is_told_apart_from_what_is_set():
    own = heard(beat(2))
    loudness, honest = compare(own, own, CHAIN)
    assert f"{own.loudness_lufs:.1f} LUFS becomes" in loudness
    assert "none of its sound" in honest
    assert compare(own, own, ChainSettings()) == ()


def test_a_little_of_a_quieter_record_limits_less_than_all_of_it():
    loud = with_limiter(ChainSettings())
    quieter = louder(loud, -6.0)
    sound = np.sin(np.arange(RATE) * 0.05)[None].repeat(2, axis=0).astype(np.float32) * 0.9
    peaks_db = [
        20 * np.log10(np.abs(process(scaled(quieter, amount), sound, RATE)).max()) for amount in (0.1, 0.5, 1)
    ]
    assert peaks_db == pytest.approx([-1.6, -4.0, -7.0], abs=0.3)
