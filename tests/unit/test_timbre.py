"""A voice is played by an instrument: in tune, in time, as loud as it was, without clicks, at any rate."""

from dataclasses import replace

import numpy as np
import pytest

from fanstudio.errors import InputError
from fanstudio.inference.pitch import track_pitch
from fanstudio.inference.pitch_net import PitchNet
from fanstudio.inference.timbre import voice_as
from fanstudio.inference.timbre_net import TimbreNet, load_model
from fanstudio.inference.timbre_options import TimbreOptions
from fanstudio.inference.timbre_voice import Done, hear_voice, is_line
from fanstudio.inference.voice_features import loudness_db
from fanstudio.jobs import Work
from tests.support.long_voice import LongVoice, chord
from tests.support.timbres import write_timbre
from tests.support.voices import hz_of, melody, sing

RATE = 44_100
NOTES = [57.0, 60.0, 64.0, 62.0]


@pytest.fixture(scope="module")
def pitch_net():
    return PitchNet(threads=1)


@pytest.fixture(scope="module")
def net(tmp_path_factory):
    return TimbreNet(load_model(write_timbre(tmp_path_factory.mktemp("models"))), threads=1)


@pytest.fixture(scope="module")
def voice():
    """A melody with vibrato that swells and fades."""
    sound = sing(melody(NOTES, 0.5, RATE, vibrato_cents=30), RATE, seed=1)
    swell = 10 ** (-(12 + 8 * np.cos(2 * np.pi * np.arange(sound.shape[1]) / RATE / 0.8)) / 20)
    return (sound * swell).astype(np.float32)


@pytest.fixture(scope="module")
def track(pitch_net, voice):
    return track_pitch(Work(), voice, RATE, pitch_net)


@pytest.fixture(scope="module")
def play(net, voice, track):
    """Play the voice with options; return all samples and the rest."""

    def played(*args, **options):
        restyled = voice_as(Work(), voice, RATE, TimbreOptions(*args, **options), net=net, track=track)
        return np.concatenate(list(restyled.blocks), axis=1), restyled

    return played


def in_tune(track, other, octave=0):
    """The share of what was sung that is within 50 cents of the voice."""
    both = track.voiced & other.voiced
    off = np.abs(other.semitones[both] - track.semitones[both] - 12 * octave)
    return (off < 0.5).sum() / track.voiced.sum()


def test_the_line_is_in_tune_and_as_loud(play, voice, track, pitch_net):
    sound, restyled = play("reed")
    assert sound.shape == voice.shape
    assert sound.dtype == np.float32
    assert restyled.octave == 0
    assert in_tune(track, track_pitch(Work(), sound, RATE, pitch_net)) > 0.97
    sung = restyled.voice.sung
    level = loudness_db(sound, RATE)[sung]
    assert np.corrcoef(level, restyled.voice.level_db[sung])[0, 1] > 0.97
    assert np.abs(level - restyled.voice.level_db[sung]).mean() < 1.0


def test_rests_are_silent_and_have_no_buzz(net):
    rests = sing(melody(NOTES, 0.4, RATE, gap_s=0.3), RATE)
    restyled = voice_as(Work(), rests, RATE, TimbreOptions("reed"), net=net)
    sound = np.concatenate(list(restyled.blocks), axis=1)
    quiet = np.convolve(restyled.voice.sung, np.ones(17), "same") == 0
    frames = np.repeat(quiet, RATE // 100)[: sound.shape[1]]
    assert frames.any()
    assert np.abs(sound[0, : len(frames)][frames]).max() < 1e-4 * np.abs(sound).max()


def test_notes_begin_and_end_without_a_click(play):
    """Of a pipe, whose partials fall fast, nothing sounds high up, not even for a moment."""
    sound, _ = play("pipe")
    size = 256
    windows = np.lib.stride_tricks.sliding_window_view(sound[0], size)[:: size // 4] * np.hanning(size)
    power = np.square(np.abs(np.fft.rfft(windows, axis=1)))
    high = power[:, np.fft.rfftfreq(size, 1 / RATE) > 14_000].sum(axis=1)
    assert 10 * np.log10(high.max() / power.sum(axis=1).max()) < -70


@pytest.mark.parametrize("rate", [8_000, 22_050, 96_000])
def test_every_rate_is_played(net, pitch_net, rate):
    sound = sing(melody(NOTES, 0.4, rate), rate)
    restyled = voice_as(Work(), sound, rate, TimbreOptions("reed"), net=net)
    made = np.concatenate(list(restyled.blocks), axis=1)
    assert made.shape == sound.shape
    heard = [track_pitch(Work(), each, rate, pitch_net) for each in (sound, made)]
    assert in_tune(*heard) > 0.95


@pytest.mark.parametrize(("low", "octave"), [(33, 2), (45, 1), (58, 0), (69, 0), (86, -1)])
def test_the_octave_is_the_nearest_that_the_instrument_plays(net, low, octave):
    sound = sing(hz_of(low + np.repeat([0.0, 2.0, 4.0], RATE // 3)), RATE)
    assert voice_as(Work(), sound, RATE, TimbreOptions("pipe"), net=net).octave == octave


def test_the_octave_can_be_chosen(play, track, pitch_net):
    sound, restyled = play("pipe", octave=1)
    assert restyled.octave == 1
    assert in_tune(track, track_pitch(Work(), sound, RATE, pitch_net), 1) > 0.95


def test_windows_leave_no_seam(net, pitch_net, monkeypatch):
    sound = LongVoice(24.0, RATE)
    track = track_pitch(Work(), sound, RATE, pitch_net)
    made = []
    for controls in (1000, 10_000, 73):
        monkeypatch.setattr("fanstudio.inference.timbre._CONTROLS_AT_ONCE", controls)
        restyled = voice_as(Work(), sound, RATE, TimbreOptions("wind"), net=net, track=track)
        made.append(np.concatenate(list(restyled.blocks), axis=1))
    np.testing.assert_allclose(made[0], made[1], atol=2e-5)
    np.testing.assert_allclose(made[2], made[1], atol=2e-5)


def test_vibrato_is_scaled(net, pitch_net):
    sound = sing(melody([57, 62], 1.2, RATE, vibrato_cents=30), RATE)
    spreads = []
    for vibrato in (0.0, 1.0, 2.0):
        restyled = voice_as(Work(), sound, RATE, TimbreOptions("reed", vibrato=vibrato), net=net)
        made = np.concatenate(list(restyled.blocks), axis=1)
        notes = track_pitch(Work(), made, RATE, pitch_net).semitones
        spreads.append(np.mean([np.nanstd(notes[round(at / 0.016) :][:40]) for at in (0.45, 1.75)]))
    assert spreads[0] < 0.25 * spreads[1]
    assert spreads[2] == pytest.approx(2 * spreads[1], rel=0.25)


def test_glide_slides_between_notes(play):
    steps = []
    for glide_s in (0.0, 0.25):
        _, restyled = play("reed", glide_s=glide_s)
        steps.append(np.abs(np.diff(restyled.line.notes)).max())
    assert steps[1] < 0.4 * steps[0]


def test_mix_goes_from_the_voice_to_the_instrument(play, voice):
    assert np.array_equal(play("reed", mix=0.0)[0], voice)
    whole, half = play("reed")[0], play("reed", mix=0.5)[0]
    np.testing.assert_allclose(half, (whole + voice) / 2, atol=1e-5)


def test_double_plays_under_the_whole_voice(play, voice):
    alone, doubled = play("reed")[0], play("reed", double=True, under_db=-6.0206)[0]
    np.testing.assert_allclose(doubled - voice, alone / 2, atol=1e-5)


def test_a_morph_lies_between_and_its_ends_are_the_instruments(play):
    ends = [play("reed")[0], play("pipe")[0]]
    assert np.array_equal(play("reed", "pipe", 0.0)[0], ends[0])
    np.testing.assert_allclose(play("reed", "pipe", 1.0)[0], ends[1], atol=1e-4)

    def brightness(sound):
        power = np.square(np.abs(np.fft.rfft(sound[0])))
        return (power * np.arange(len(power))).sum() / power.sum()

    assert brightness(ends[1]) < brightness(play("reed", "pipe", 0.5)[0]) < brightness(ends[0])


def test_a_lost_pitch_is_held_and_said(net, voice, track):
    f0_hz = track.f0_hz.copy()
    f0_hz[20:22] = 0
    restyled = voice_as(
        Work(), voice, RATE, TimbreOptions("reed"), net=net, track=replace(track, f0_hz=f0_hz)
    )
    held = [span for span in restyled.spans if span.done == "held"]
    assert len(held) == 1
    assert held[0].start_s == pytest.approx(0.32, abs=0.03)
    level = loudness_db(np.concatenate(list(restyled.blocks), axis=1), RATE)
    assert level[28:38].min() > restyled.voice.level_db[28:38].min() - 3


def hiss(seconds, peak=0.3):
    noise = np.random.default_rng(3).normal(size=(1, round(seconds * RATE)))
    return (np.diff(noise, append=0) * peak / 4).astype(np.float32)


def test_consonants_rest_or_stay(net):
    """A note, an s of 200 ms, and a note."""
    note = sing(np.full(RATE, 220.0), RATE)
    sound = np.concatenate((note, hiss(0.2), note), axis=1)
    inner = slice(round(1.08 * RATE), round(1.14 * RATE))
    restyled = voice_as(Work(), sound, RATE, TimbreOptions("reed"), net=net)
    assert [span.done for span in restyled.spans] == ["rested"]
    without = np.concatenate(list(restyled.blocks), axis=1)
    assert np.abs(without[:, inner]).max() < 0.1 * np.abs(sound[:, inner]).max()
    kept = voice_as(Work(), sound, RATE, TimbreOptions("reed", consonants=1.0), net=net)
    assert np.corrcoef(np.concatenate(list(kept.blocks), axis=1)[0, inner], sound[0, inner])[0, 1] > 0.95


def test_chords_among_a_line_are_left_as_they_are(net):
    line = sing(melody([57, 60, 64, 62], 0.6, RATE), RATE)
    sound = np.concatenate((line, chord([60, 64, 67], 1.2, RATE), line), axis=1)
    restyled = voice_as(Work(), sound, RATE, TimbreOptions("reed"), net=net)
    passed = [span for span in restyled.spans if span.done == "passed"]
    start_s = line.shape[1] / RATE
    assert sum(span.end_s - span.start_s for span in passed) > 0.8
    assert all(start_s - 0.1 < span.start_s and span.end_s < start_s + 1.3 for span in passed)
    made = np.concatenate(list(restyled.blocks), axis=1)
    middle = slice(*(round((passed[0].start_s + at) * RATE) for at in (0.1, 0.2)))
    np.testing.assert_allclose(made[:, middle], sound[:, middle], atol=1e-3)
    low = restyled.confidence[round((start_s + 0.3) * 100) : round((start_s + 0.9) * 100)]
    assert low.mean() < 0.6 * restyled.confidence[restyled.voice.sung].mean()
    silent = voice_as(Work(), sound, RATE, TimbreOptions("reed", pass_chords=False), net=net)
    assert np.abs(np.concatenate(list(silent.blocks), axis=1)[:, middle]).max() < 0.05


def test_both_sides_of_a_stereo_voice_are_played(net, voice, track):
    stereo = np.concatenate((voice, 0.5 * voice))
    restyled = voice_as(Work(), stereo, RATE, TimbreOptions("reed"), net=net, track=track)
    made = np.concatenate(list(restyled.blocks), axis=1)
    assert made.shape == stereo.shape
    assert np.array_equal(made[0], made[1])


@pytest.mark.parametrize(
    "options",
    [
        TimbreOptions("reed", morph=1.5),
        TimbreOptions("reed", octave=9),
        TimbreOptions("reed", mix=float("nan")),
        TimbreOptions("reed", vibrato=-1),
        TimbreOptions("tuba"),
        TimbreOptions("reed", "tuba", 0.5),
    ],
)
def test_options_out_of_range_are_refused(net, voice, track, options):
    with pytest.raises(InputError):
        voice_as(Work(), voice, RATE, options, net=net, track=track)


@pytest.mark.parametrize("notes", [[57, 60], [57, 60, 64], [60, 64, 67], [48, 55, 64]])
def test_chords_are_told_from_a_line_though_the_net_is_sure(pitch_net, notes):
    sound = chord(notes, 2.0, RATE)
    several = hear_voice(Work(), sound, RATE, track_pitch(Work(), sound, RATE, pitch_net))
    assert (several.within(Done.PASSED) | several.within(Done.FOLLOWED)).mean() > 0.75
    assert several.confidence.mean() < 0.5
    assert not is_line(several)


def test_a_voice_with_vibrato_and_slides_is_a_line(pitch_net):
    wave = 0.6 * np.sin(2 * np.pi * 5.5 * np.arange(2 * RATE) / RATE)
    sound = sing(hz_of(50 + 5 * np.arange(2 * RATE) / RATE + wave), RATE, seed=1)
    voice = hear_voice(Work(), sound, RATE, track_pitch(Work(), sound, RATE, pitch_net))
    assert voice.sung.mean() > 0.95
    assert voice.confidence[voice.sung].mean() > 0.85
    assert not voice.within(Done.PASSED).any()


def test_a_second_note_for_a_moment_is_no_hole(net):
    """While another voice joins for 0.8 s, the instrument goes on, and it is said."""
    voice = sing(np.full(4 * RATE, 220.0), RATE)
    voice[0, round(1.5 * RATE) : round(2.3 * RATE)] += sing(np.full(round(0.8 * RATE), 277.2), RATE)[0]
    restyled = voice_as(Work(), voice, RATE, TimbreOptions("reed"), net=net)
    followed = [span for span in restyled.spans if span.done is Done.FOLLOWED]
    assert followed
    assert 1.3 < followed[0].start_s < followed[-1].end_s < 2.5
    level = loudness_db(np.concatenate(list(restyled.blocks), axis=1), RATE)
    assert level[120:260].min() > level[50:100].min() - 6
