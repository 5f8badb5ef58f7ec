"""The singer's range is told, and the backing moved so that the song lies in it."""

import numpy as np
import pytest

from fanstudio.errors import InputError
from fanstudio.inference.pitch import PitchTrack
from fanstudio.jobs import Work
from fanstudio.studio.singer_range import (
    VoiceRange,
    backing_tracks,
    fit_backing,
    range_of,
    recorded_sources,
    suggest,
)
from tests.support.covers import make_cover
from tests.support.voices import hz_of


def track_of(notes):
    f0_hz = hz_of(np.asarray(notes, float)).astype(np.float32)
    return PitchTrack(0.016, f0_hz, np.ones_like(f0_hz), np.zeros_like(f0_hz))


def test_slips_are_no_range():
    notes = np.concatenate((np.linspace(50, 65, 1000), [30, 90, 91]))
    found = range_of([track_of(notes)])
    assert found.low == pytest.approx(50.4, abs=0.3)
    assert found.high == pytest.approx(64.6, abs=0.3)


def test_too_little_tells_no_range():
    with pytest.raises(InputError, match="Too little"):
        range_of([track_of([60] * 50)])
    with pytest.raises(InputError, match="Too little"):
        range_of([])


@pytest.mark.parametrize(
    ("singer", "song", "semitones", "octaves"),
    [
        ((55, 72), (57, 70), 0, 0),  # fits
        ((55, 70), (60, 74), -4, 0),  # too high
        ((60, 76), (56, 70), 4, 0),  # too low
        ((43, 60), (57, 70), 0, -1),  # a man sings a woman's song
        ((57, 72), (45, 59), 0, 1),  # a woman sings a man's
        ((45, 57), (56, 69), 0, -1),
        ((40, 54), (57, 68), -2, -1),  # and lower still
        ((55, 70), (57, 70.4), 0, 0),  # a slip over the top is no reason
    ],
)
def test_the_smallest_move_that_fits_is_suggested(singer, song, semitones, octaves):
    found = suggest(VoiceRange(*singer), VoiceRange(*song))
    assert (found.semitones, found.octaves) == (semitones, octaves)


def test_the_reason_is_said_in_words():
    lower = suggest(VoiceRange(55, 70), VoiceRange(60, 74))
    assert lower.words == (
        "The song is sung from C4 to D5, you sing from G3 to Bb4. It suits you best 4 semitones lower."
    )
    away = suggest(VoiceRange(43, 60), VoiceRange(57, 70)).words
    assert away.endswith("It is best left as it is, an octave below the original.")
    wide = suggest(VoiceRange(60, 64), VoiceRange(50, 74))
    assert wide.beyond > 15
    assert "too high" in wide.words
    assert "too low" in wide.words


def test_the_backing_moves_in_one_step_and_drums_and_the_recording_stay(tmp_path):
    cover = make_cover(tmp_path)
    cover.project.document.apply("Key", lambda session: _with_key(session, "A minor"))
    before = cover.session
    assert set(backing_tracks(before)) == {cover.chords, cover.drums, cover.original}
    fit_backing(cover.project, -3)
    warps = {track.id: track.clips[0].warp for track in cover.session.tracks}
    assert warps[cover.drums] is None
    assert warps[cover.singer] is None
    assert warps[cover.chords].semitones == -3
    assert (warps[cover.original].semitones, warps[cover.original].keep_formants) == (-3, True)
    assert cover.session.key == "F# minor"
    assert cover.project.document.history.undo_label == "Transpose −3 for the singer"
    cover.project.document.undo()
    assert cover.session == before


def test_a_recordings_range_is_told(tmp_path):
    cover = make_cover(tmp_path)
    sources = recorded_sources(cover.session, cover.session.track(cover.singer))
    found = range_of([cover.pitches.hear(Work(), source) for source in sources])
    assert str(found) == "A3 to E4"


def _with_key(session, key):
    from fanstudio.model.voice_edits import set_key

    return set_key(session, key)
