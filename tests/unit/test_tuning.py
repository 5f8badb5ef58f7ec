"""A voice is moved onto its notes and stays a voice: length, timing, formants, vibrato, breath."""

import tracemalloc

import numpy as np
import pytest

from fanstudio.audio.pitch_marks import mark_periods
from fanstudio.audio.voice_shift import PitchMove, shift_voice
from fanstudio.errors import Cancelled
from fanstudio.inference.notes import Aim, read_notes, voiced_runs
from fanstudio.inference.pitch import PitchTrack, track_pitch
from fanstudio.inference.pitch_net import PitchNet
from fanstudio.inference.tuning import Gentleness, drift, plan_tuning
from fanstudio.jobs import Work
from fanstudio.model.scale import Key, Mode
from tests.support.voices import hz_of, melody, sing

RATE = 48_000
A_MINOR = Aim(Key(9, Mode.MINOR))
NOTES = [57, 59, 60, 64]
OFF_CENTS = [35, -30, 42, -20]


@pytest.fixture(scope="module")
def net() -> PitchNet:
    return PitchNet(threads=1)


@pytest.fixture(scope="module")
def off_key():
    """Notes of A minor sung off, each by its own amount, with vibrato and breath."""
    wanted = [note + cents / 100 for note, cents in zip(NOTES, OFF_CENTS, strict=True)]
    return sing(melody(wanted, 0.5, RATE, vibrato_cents=35), RATE, seed=2)


@pytest.fixture(scope="module")
def heard(net, off_key) -> PitchTrack:
    return track_pitch(Work(), off_key, RATE, net)


def tune(sound, track, gentleness, aim=A_MINOR):
    move = plan_tuning(track, aim, gentleness)
    return np.concatenate(list(shift_voice(Work(), sound, RATE, move)), axis=1)


def offsets(track, notes, runs):
    """Mean distance from the note and spread within each note, in cents."""
    parts = [100 * (track.semitones - notes)[start + 5 : end - 3] for start, end in runs]
    return np.array([np.nanmean(part) for part in parts]), np.array([np.nanstd(part) for part in parts])


def test_notes_are_read_in_the_key(heard):
    notes = read_notes(heard, A_MINOR)
    assert [round(float(np.nanmedian(notes[a:b]))) for a, b in voiced_runs(heard)] == NOTES
    assert (np.isnan(notes) == ~heard.voiced).all()


def test_full_strength_brings_notes_into_tune_and_keeps_vibrato(net, off_key, heard):
    tuned = tune(off_key, heard, Gentleness(1.0))
    after = track_pitch(Work(), tuned, RATE, net)
    notes, runs = read_notes(heard, A_MINOR), voiced_runs(heard)
    before_mean, before_spread = offsets(heard, notes, runs)
    after_mean, after_spread = offsets(after, notes, runs)
    assert np.abs(before_mean).mean() > 25
    assert np.abs(after_mean).max() < 8
    np.testing.assert_allclose(after_spread, before_spread, rtol=0.3)


def test_strength_is_how_much_of_the_way(net, off_key, heard):
    notes, runs = read_notes(heard, A_MINOR), voiced_runs(heard)
    before, _ = offsets(heard, notes, runs)
    half = track_pitch(Work(), tune(off_key, heard, Gentleness(0.5)), RATE, net)
    np.testing.assert_allclose(offsets(half, notes, runs)[0], before / 2, atol=8)


def test_a_fast_retune_takes_vibrato_too(net, off_key, heard):
    notes, runs = read_notes(heard, A_MINOR), voiced_runs(heard)
    after = track_pitch(Work(), tune(off_key, heard, Gentleness(1.0, 0.03)), RATE, net)
    assert offsets(after, notes, runs)[1].mean() < 0.4 * offsets(heard, notes, runs)[1].mean()


def test_strength_nought_is_the_input_bit_for_bit(off_key, heard):
    assert np.array_equal(tune(off_key, heard, Gentleness(0.0)), off_key)


def test_a_move_of_nought_through_the_shifter_is_the_input_bit_for_bit(off_key, heard):
    cents = np.zeros(len(heard), np.float32)
    cents[np.flatnonzero(heard.voiced)[-1]] = (
        1.0  # the last stretch is laid anew, its first part where it was
    )
    move = PitchMove(heard.hop_s, heard.f0_hz, cents)
    moved = np.concatenate(list(shift_voice(Work(), off_key, RATE, move)), axis=1)
    assert np.array_equal(moved[:, : -RATE // 5], off_key[:, : -RATE // 5])


def test_what_is_not_sung_stays_bit_for_bit(off_key, heard):
    sound = off_key.copy()
    tuned = tune(sound, heard, Gentleness(1.0))
    assert tuned.shape == sound.shape
    assert tuned.dtype == np.float32
    hop = heard.hop_s * RATE
    for (_, end), (start, _) in zip(voiced_runs(heard)[:-1], voiced_runs(heard)[1:], strict=True):
        silent = slice(round((end + 0.5) * hop), round((start - 0.5) * hop))
        assert np.array_equal(tuned[:, silent], sound[:, silent])


def test_timing_is_kept(off_key, heard):
    def onsets(sound):
        power = np.convolve(np.square(sound[0], dtype=np.float64), np.ones(480) / 480, "same")
        loud = power > 0.05 * power.max()
        return np.flatnonzero(loud[1:] & ~loud[:-1])

    before, after = onsets(off_key), onsets(tune(off_key, heard, Gentleness(1.0)))
    assert len(before) == len(after) == len(NOTES)
    assert np.abs(before - after).max() < 0.002 * RATE


def spectra(sound, size=1024):
    windows = np.lib.stride_tricks.sliding_window_view(sound[0], size)[:: size // 2] * np.hanning(size)
    return 20 * np.log10(np.abs(np.fft.rfft(windows, axis=1)) + 1e-5)


def envelope_distance(one, other):
    """Root mean square distance of smoothed spectra up to 5 kHz in dB, where it is loud."""
    first, second = spectra(one), spectra(other)
    loud = first.max(axis=1) > first.max() - 40
    bell = np.ones(12) / 12
    smooth = [
        np.stack([np.convolve(row, bell, "valid") for row in side[loud, :118]]) for side in (first, second)
    ]
    return float(np.sqrt(np.mean(np.square(smooth[0] - smooth[1]))))


@pytest.mark.parametrize("base", [45, 57, 67])
@pytest.mark.parametrize("cents", [-100, 40, 150])
def test_a_moved_voice_is_like_one_that_sang_it_so(net, base, cents):
    f0_hz = melody([base, base + 3], 0.5, RATE, vibrato_cents=30)
    sound = sing(f0_hz, RATE, seed=3)
    track = track_pitch(Work(), sound, RATE, net)
    move = PitchMove(track.hop_s, track.f0_hz, np.full(len(track), cents, np.float32))
    moved = np.concatenate(list(shift_voice(Work(), sound, RATE, move)), axis=1)
    again = track_pitch(Work(), moved, RATE, net)
    both = track.voiced & again.voiced
    got = 1200 * np.log2(again.f0_hz[both] / track.f0_hz[both])
    assert np.median(np.abs(got - cents)) < 5
    resung = sing(f0_hz * 2 ** (cents / 1200), RATE, seed=3)
    assert envelope_distance(resung, moved) < 3.0
    assert np.abs(np.diff(moved, n=2)).max() < 1.3 * np.abs(np.diff(resung, n=2)).max()


def test_a_steady_tone_stays_clean(net):
    """Between its harmonics a moved tone has 60 dB less than in them."""
    hz = float(hz_of(57.3))
    sound = sing(np.full(2 * RATE, hz), RATE)
    entries = round(2 / 0.016) + 1
    move = PitchMove(0.016, np.full(entries, hz, np.float32), np.full(entries, 45, np.float32))
    moved = np.concatenate(list(shift_voice(Work(), sound, RATE, move)), axis=1)
    part = moved[0, RATE // 2 : RATE // 2 + RATE] * np.blackman(RATE)
    power = np.square(np.abs(np.fft.rfft(part)))[40:8000]
    places = np.arange(40, 8000) / (hz * 2 ** (45 / 1200))
    harmonic = np.abs(places - np.rint(places)) * hz < 8
    assert 10 * np.log10(power[harmonic].sum() / power[~harmonic].sum()) > 60


def test_marks_lie_a_period_apart():
    hz = 196.3
    sound = sing(np.full(RATE, hz), RATE)
    marks = mark_periods(sound[0], np.full(RATE, hz), RATE)
    assert len(marks) == pytest.approx(hz, abs=4)
    assert np.abs(np.diff(marks)[3:-3] - RATE / hz).max() < 0.01


@pytest.mark.parametrize("frames", [0, 1, 50, 400])
def test_scraps_of_sound_come_back(frames):
    sound = np.full((2, frames), 0.1, np.float32)
    entries = frames // 768 + 1
    move = PitchMove(0.016, np.full(entries, 100, np.float32), np.full(entries, 50, np.float32))
    blocks = list(shift_voice(Work(), sound, RATE, move))
    assert np.array_equal(np.concatenate([sound[:, :0], *blocks], axis=1), sound)


@pytest.mark.parametrize("kind", ["noise", "silence", "loud"])
def test_what_is_no_voice_survives_being_taken_for_one(kind):
    rng = np.random.default_rng(0)
    sound = {
        "noise": rng.normal(0, 0.2, (2, RATE)),
        "silence": np.zeros((2, RATE)),
        "loud": rng.normal(0, 50, (2, RATE)),
    }[kind].astype(np.float32)
    f0_hz = rng.uniform(60, 1500, 64).astype(np.float32)
    cents = rng.uniform(-250, 250, 64).astype(np.float32)
    moved = np.concatenate(list(shift_voice(Work(), sound, RATE, PitchMove(0.016, f0_hz, cents))), axis=1)
    assert moved.shape == sound.shape
    assert np.isfinite(moved).all()
    assert np.abs(moved).max() <= 1.5 * np.abs(sound).max()


def test_stereo_sides_move_together(off_key, heard):
    both = np.concatenate((off_key, 0.5 * off_key))
    tuned = tune(both, heard, Gentleness(1.0))
    np.testing.assert_allclose(tuned[1], 0.5 * tuned[0], atol=1e-6)


def test_the_melody_decides_where_the_key_leaves_a_choice(net):
    """A note a little nearer to B than to C is brought to C where the melody has C, in whatever octave."""
    sound = sing(melody([59.45], 0.6, RATE), RATE)
    track = track_pitch(Work(), sound, RATE, net)
    line = np.full(len(track), hz_of(72.0), np.float32)
    original = PitchTrack(track.hop_s, line, np.ones_like(line), np.zeros_like(line))
    with_key = read_notes(track, A_MINOR)
    with_melody = read_notes(track, Aim(A_MINOR.key, 0.0, original))
    assert np.nanmedian(with_key) == 59
    assert np.nanmedian(with_melody) == 60


def test_a_harmony_is_not_pulled_onto_the_melody(net):
    sound = sing(melody([64.1], 0.6, RATE), RATE)
    track = track_pitch(Work(), sound, RATE, net)
    line = np.full(len(track), hz_of(60.0), np.float32)
    original = PitchTrack(track.hop_s, line, np.ones_like(line), np.zeros_like(line))
    assert np.nanmedian(read_notes(track, Aim(A_MINOR.key, 0.0, original))) == 64


def test_notes_follow_the_songs_tuning(net):
    sound = sing(melody([57.3], 0.5, RATE), RATE)
    track = track_pitch(Work(), sound, RATE, net)
    notes = read_notes(track, Aim(A_MINOR.key, 30.0))
    assert np.nanmedian(notes) == pytest.approx(57.3, abs=1e-3)
    sung = track.voiced
    assert np.abs(drift(track, notes, 0.25)[sung]).max() < 0.1


def test_an_empty_track_asks_for_nothing():
    nothing = np.zeros(0, np.float32)
    move = plan_tuning(PitchTrack(0.016, nothing, nothing, nothing), A_MINOR)
    assert len(move.cents) == 0


def test_a_long_held_note_is_taken_in_parts_without_a_click(monkeypatch):
    from fanstudio.audio import voice_shift

    monkeypatch.setattr(voice_shift, "_LONGEST_S", 0.4)
    hz = float(hz_of(60.2))
    sound = sing(np.full(2 * RATE, hz), RATE)
    entries = round(2 / 0.016) + 1
    move = PitchMove(0.016, np.full(entries, hz, np.float32), np.full(entries, -20, np.float32))
    blocks = list(shift_voice(Work(), sound, RATE, move))
    assert len(blocks) >= 5
    moved = np.concatenate(blocks, axis=1)
    assert np.abs(np.diff(moved, n=2)).max() < 1.3 * np.abs(np.diff(sound, n=2)).max()


class LongVoice:
    """A held note of any length, made as it is read."""

    def __init__(self, seconds: int) -> None:
        self.shape = (1, seconds * RATE)
        self._second = sing(np.full(RATE, 220.0), RATE)

    def __getitem__(self, key):
        start, stop, _ = key[1].indices(self.shape[1])
        return self._second[:, np.arange(start, stop) % RATE]


def test_memory_does_not_grow_with_the_recording(monkeypatch):
    from fanstudio.audio import voice_shift

    monkeypatch.setattr(voice_shift, "_LONGEST_S", 1.0)
    peaks = []
    for seconds in (4, 24):
        entries = seconds * 63
        f0_hz = np.full(entries, 220, np.float32)
        track = PitchTrack(0.016, f0_hz, np.ones(entries, np.float32), np.zeros(entries, np.float32))
        move = plan_tuning(track, Aim(None, 30.0))
        assert np.abs(move.cents).max() > 10
        tracemalloc.start()
        frames = sum(block.shape[1] for block in shift_voice(Work(), LongVoice(seconds), RATE, move))
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert frames == seconds * RATE
    assert peaks[1] < peaks[0] + 2_000_000


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_three_hours_are_tuned():
    entries = 3 * 3600 * 1000 // 16
    f0_hz = np.full(entries, 220, np.float32)
    track = PitchTrack(0.016, f0_hz, np.ones(entries, np.float32), np.zeros(entries, np.float32))
    move = plan_tuning(track, Aim(Key(9, Mode.MINOR), 30.0))
    frames = sum(block.shape[1] for block in shift_voice(Work(), LongVoice(3 * 3600), RATE, move))
    assert frames == 3 * 3600 * RATE


def test_cancelling_ends_it(off_key, heard):
    work = Work()
    work.cancel()
    with pytest.raises(Cancelled):
        list(shift_voice(work, off_key, RATE, plan_tuning(heard, A_MINOR)))
