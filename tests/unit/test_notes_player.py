"""Notes are played as written: when, how high, how loud; nothing folds, nothing grows, equal every time."""

from dataclasses import replace

import numpy as np
import pytest

from fanstudio.audio.fitted_notes import fit_notes, song_tuning
from fanstudio.audio.instrument import Instrument, Recorded, Tones, Zone
from fanstudio.audio.notes_player import _MOST_VOICES, play
from fanstudio.audio.octaves import fit_octave
from fanstudio.audio.played_note import PlayedNote
from fanstudio.errors import Cancelled
from fanstudio.jobs import Work
from fanstudio.studio.sampled import find_instrument
from tests.support.phrases import line, play_on

RATE = 44_100


def sine(hz=440.0, seconds=2.0, loop=None):
    """An instrument of one sine."""
    wave = np.sin(2 * np.pi * hz * np.arange(round(seconds * RATE)) / RATE)[None].astype(np.float32)
    recorded = Recorded(0.5 * wave, RATE, loop)
    zone = Zone(lambda: recorded, 69.0, 57, 76, force=1.0)
    return Instrument("sine", "Sine", "test", (zone,), 57, 76, 0.0, 0.1, sustained=loop is not None)


def played(instrument, notes, seconds, rate=RATE):
    return np.concatenate(list(play(Work(), notes, Tones(instrument, rate), round(seconds * rate))), axis=1)


def test_a_note_sounds_from_its_beginning_to_its_release():
    sound = played(sine(), [PlayedNote(0.5, 0.3, 69, 1.0)], 2.0)
    assert sound.shape == (2, 2 * RATE)
    assert not sound[:, : RATE // 2].any()
    assert np.abs(sound[:, RATE // 2 : RATE // 2 + 200]).max() > 0.4
    assert not sound[:, round(0.95 * RATE) :].any()


@pytest.mark.parametrize("rate", [8000, 22_050, 44_100, 96_000])
def test_pitch_is_exact_at_every_rate(rate):
    sound = played(sine(), [PlayedNote(0.0, 1.5, 72, 1.0)], 1.0, rate)[0]
    spectrum = np.abs(np.fft.rfft(sound * np.hanning(len(sound)), 1 << 20))
    hz = spectrum.argmax() * rate / (1 << 20)
    assert 1200 * np.log2(hz / 523.2511) == pytest.approx(0, abs=0.3)


@pytest.mark.parametrize(("rate", "key", "bend"), [(8000, 83, 0.5), (44_100, 94, 2.4), (48_000, 71, 0.0)])
def test_nothing_folds_back(rate, key, bend):
    notes = [PlayedNote(0.0, 2.0, key, 0.8, np.full(1, bend, np.float32))]
    sound = play_on("pulse-50", notes, 2.0, rate)[0, rate // 2 : rate // 2 + rate]
    spectrum = np.abs(np.fft.rfft(sound * np.kaiser(len(sound), 20)))
    hz = np.arange(len(spectrum)) * rate / len(sound)
    off = np.abs(hz / (440 * 2 ** ((key + bend - 69) / 12)) + 0.5) % 1 - 0.5
    wanted = np.abs(off) * 440 * 2 ** ((key + bend - 69) / 12) < 25
    assert 20 * np.log10(spectrum[wanted].max() / spectrum[~wanted].max()) > 70


def test_bends_move_the_pitch_and_expression_the_strength():
    rise = np.concatenate((np.zeros(50), np.full(100, 1.0))).astype(np.float32)
    fall = np.concatenate((np.ones(50), np.full(100, 0.25))).astype(np.float32)
    sound = played(sine(), [PlayedNote(0.0, 1.5, 69, 1.0, rise, fall)], 1.2)[0]
    for part, hz, level in (
        (sound[: RATE // 2 - 500], 440.0, 0.5),
        (sound[RATE * 6 // 10 : RATE], 466.16, 0.125),
    ):
        spectrum = np.abs(np.fft.rfft(part * np.hanning(len(part)), 1 << 19))
        assert spectrum.argmax() * RATE / (1 << 19) == pytest.approx(hz, abs=0.5)
        assert np.abs(part).max() == pytest.approx(level, rel=0.02)


def test_a_loop_goes_on_as_if_it_were_whole():
    frames = RATE // 10
    whole = played(sine(seconds=3.0), [PlayedNote(0.0, 2.0, 69, 1.0)], 2.0)
    looped = played(sine(seconds=1.0, loop=(frames, 5 * frames)), [PlayedNote(0.0, 2.0, 69, 1.0)], 2.0)
    assert np.abs(whole - looped).max() < 2e-3


def test_equal_notes_give_equal_samples_in_any_order():
    notes = line([60, 64, 67, 72], 0.3)
    assert np.array_equal(play_on("piano", notes, 2.0), play_on("piano", notes[::-1], 2.0))


def test_a_longer_song_begins_alike():
    notes = line([60, 64, 67], 0.3)
    short, long = play_on("harp", notes, 1.0), play_on("harp", notes, 3.0)
    assert np.array_equal(short, long[:, :RATE])


def test_a_key_struck_again_ends_the_one_before():
    once = played(sine(), [PlayedNote(0.5, 1.0, 69, 1.0)], 1.0)
    twice = played(sine(), [PlayedNote(0.0, 1.0, 69, 1.0), PlayedNote(0.5, 1.0, 69, 1.0)], 1.0)
    assert np.array_equal(once[:, round(0.54 * RATE) :], twice[:, round(0.54 * RATE) :])


def test_no_more_voices_than_can_be_heard():
    zones = tuple(replace(sine().zones[0], root=float(key), lowest=key, highest=key) for key in range(128))
    choir = replace(sine(), zones=zones, lowest=0, highest=127)
    crowd = [PlayedNote(0.0011 * n, 5.0, n, 0.5) for n in range(128)]
    sound = played(choir, crowd, 0.6)[0, RATE // 4 :]
    spectrum = np.abs(np.fft.rfft(sound * np.hanning(len(sound)))).max()
    alone = played(choir, crowd[:1], 0.6)[0, RATE // 4 :]
    assert spectrum < 1.05 * _MOST_VOICES * np.abs(np.fft.rfft(alone * np.hanning(len(alone)))).max()


def test_softer_notes_take_the_softer_samples():
    row = find_instrument("marimba")
    soft, hard = row.zone(60, 0.3), row.zone(60, 0.9)
    assert soft.force < hard.force
    quiet, loud = (np.square(play_on("marimba", line([60], velocity=v), 1.0)).mean() for v in (0.4, 0.8))
    assert 10 * np.log10(loud / quiet) == pytest.approx(12, abs=3)


def test_cancelling_ends_it():
    work = Work()
    blocks = play(work, line([60] * 50), Tones(sine(), RATE), 60 * RATE)
    next(blocks)
    work.cancel()
    with pytest.raises(Cancelled):
        list(blocks)


def test_octaves_are_the_fewest_that_fit():
    bass = 25, 67
    assert fit_octave([40, 43, 45], *bass) == 0
    assert fit_octave([64, 67, 71], *bass) == -1
    assert fit_octave([90, 91], *bass) == -2
    assert fit_octave([], *bass) == 0
    assert [fit_octave([note], *bass) for note in (67.4, 67.6)] == [0, -1]
    assert fit_octave([70, 40], *bass, lengths=[0.01, 1.0]) == 0


def test_what_is_out_of_range_is_moved_alone():
    notes = fit_notes(line([30, 60, 110]), find_instrument("nylon-guitar"), 0)
    assert [note.note for note in notes] == [42, 60, 86]


def test_a_piano_does_not_bend_but_keeps_the_songs_tuning():
    notes = [PlayedNote(n, 0.5, 60 + n, 0.8, np.full(50, 0.3 + 0.01 * n, np.float32)) for n in range(3)]
    assert song_tuning(notes) == pytest.approx(0.31)
    for note in fit_notes(notes, find_instrument("piano"), 0):
        assert note.bends.tolist() == pytest.approx([0.31])
    assert fit_notes(notes, find_instrument("strings"), 0)[0].bends is notes[0].bends
