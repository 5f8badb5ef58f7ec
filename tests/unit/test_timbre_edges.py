"""Where a note begins or ends, what the pitch net missed for a moment is settled; what was sung stays."""

import numpy as np

from fanstudio.inference.timbre_edges import settle_edges
from tests.support.voices import hz_of


def settled(notes):
    notes = np.asarray(notes, np.float64)
    made = settle_edges(hz_of(notes).astype(np.float32), [(0, len(notes))])
    return 69 + 12 * np.log2(made / 440)


def test_a_moment_far_off_at_either_end_is_settled():
    hiccup = [89.0, 89, 86, 71, *[64.8] * 20, 60.0, 50]
    np.testing.assert_allclose(settled(hiccup), 64.8, atol=0.25)


def test_two_octaves_off_for_longer_are_taken_back_with_their_shape():
    wave = 0.3 * np.sin(np.arange(15))
    tail = [*[60.0] * 40, 63, 78, *(84 + wave)]
    found = settled(tail)
    np.testing.assert_allclose(found[-15:], 60 + wave, atol=1e-4)
    assert np.abs(np.diff(found)).max() < 1


def test_scoops_vibrato_and_octaves_that_are_sung_stay():
    scoop = 60 - 4 * np.exp(-np.arange(40) / 8)
    vibrato = 60 + 0.8 * np.sin(2 * np.pi * np.arange(60) / 18)
    octave = np.concatenate((np.full(30, 60.0), np.full(15, 72.0)))
    for notes in (scoop, vibrato, octave, octave[::-1]):
        np.testing.assert_allclose(settled(notes), notes, atol=1e-4)


def test_short_notes_and_none_are_left():
    short = [70.0, 60, 60, 60]
    np.testing.assert_allclose(settled(short), short, atol=1e-4)
    assert settle_edges(np.zeros(0, np.float32), []).shape == (0,)
