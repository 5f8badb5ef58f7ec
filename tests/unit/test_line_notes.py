"""One voice becomes notes with its slides and its strength."""

import numpy as np
import pytest

from fanstudio.inference.line_notes import notes_of_voice, voice_tuning_cents
from fanstudio.inference.pitch import PitchTrack, track_pitch
from fanstudio.jobs import Work
from tests.support.voices import hz_of, melody, sing

HOP_S = 0.016


def track(semitones, level_db=None):
    notes = np.asarray(semitones, np.float64)
    f0_hz = np.where(np.isnan(notes), 0, hz_of(np.nan_to_num(notes))).astype(np.float32)
    level = np.full(len(notes), -20.0) if level_db is None else np.asarray(level_db)
    return PitchTrack(HOP_S, f0_hz, (f0_hz > 0).astype(np.float32), level.astype(np.float32))


def test_sung_notes_are_found_with_their_times():
    rate = 16_000
    wanted = [60, 62, 64, 67, 64]
    heard = notes_of_voice(track_pitch(Work(), sing(melody(wanted, 0.5, rate), rate), rate))
    assert [note.note for note in heard] == wanted
    for number, note in enumerate(heard):
        assert note.start_s == pytest.approx(0.06 + 0.56 * number, abs=0.03)
        assert note.length_s == pytest.approx(0.5, abs=0.05)


def test_a_slide_is_a_bend_of_a_note():
    glide = np.linspace(60, 60.45, 30)
    (note,) = notes_of_voice(track(np.concatenate((np.full(30, 60.0), glide))))
    assert note.note == 60
    assert note.bends[0] == pytest.approx(0, abs=0.05)
    assert note.bends[-1] == pytest.approx(0.45, abs=0.05)


def test_the_voice_is_read_in_its_own_tuning():
    heard = notes_of_voice(track(np.repeat([60.4, 62.4, 64.4], 40)))
    assert voice_tuning_cents(track(np.full(10, 60.4))) == pytest.approx(40, abs=1)
    assert [note.note for note in heard] in ([60, 62, 64], [61, 63, 65])
    assert all(
        note.note + note.bends[5] == pytest.approx(60.4 + 2 * n, abs=0.1) for n, note in enumerate(heard)
    )


def test_a_swell_is_the_notes_expression():
    level = np.concatenate((np.linspace(-40, -20, 50), np.linspace(-20, -40, 50)))
    (note,) = notes_of_voice(track(np.full(100, 69.0), level))
    assert note.expression.max() == pytest.approx(1, abs=0.01)
    assert note.expression[0] == pytest.approx(0.1, abs=0.02)


def test_a_note_sung_again_is_two():
    level = np.concatenate((np.full(40, -20.0), np.full(6, -45.0), np.full(40, -20.0)))
    assert len(notes_of_voice(track(np.full(86, 69.0), level))) == 2


def test_softer_notes_are_struck_softer():
    level = np.repeat([-18.0, -90.0, -34.0], [40, 10, 40])
    loud, soft = notes_of_voice(track(np.repeat([60, np.nan, 64], [40, 10, 40]), level))
    assert soft.velocity < 0.6 * loud.velocity


@pytest.mark.parametrize("entries", [0, 5, 300])
def test_silence_has_no_notes(entries):
    assert notes_of_voice(track(np.full(entries, np.nan))) == ()
