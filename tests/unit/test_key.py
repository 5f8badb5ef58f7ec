"""The key and the tuning of a song are heard, and what has none gives none."""

import numpy as np
import pytest
import soundfile

from fanstudio import paths
from fanstudio.errors import Cancelled, EditError, InputError
from fanstudio.inference.chroma import hear_chroma
from fanstudio.inference.key import find_key, judge_key
from fanstudio.jobs import Work
from fanstudio.model.scale import Key, Mode, note_name, parse_key
from tests.support.voices import hz_of

RATE = 22_050
#: Chords as semitones above the tonic and whether they are minor.
CADENCES = {
    Mode.MAJOR: ((0, False), (5, False), (7, False), (0, False)),
    Mode.MINOR: ((0, True), (5, True), (10, False), (0, True)),
}


def song(key: Key, cents: float = 0.0, seed: int = 0):
    """Two rounds of a cadence with a bass, overtones, a decaying noise on each beat."""
    rng = np.random.default_rng(seed)
    time = np.arange(RATE) / RATE
    bars = []
    for root, minor in CADENCES[key.mode] * 2:
        bar = rng.normal(size=RATE) * 0.3 * np.exp(-20 * (time % 0.5))
        for step in (-12, 0, 3 if minor else 4, 7):
            hz = hz_of(60 + key.tonic + root + step + cents / 100)
            for overtone in range(1, 7):
                bar += np.sin(2 * np.pi * hz * overtone * time + rng.uniform(0, 6)) / overtone**1.3
        bars.append(bar * np.exp(-time))
    return (np.concatenate(bars) * 0.05).astype(np.float32)[None]


@pytest.mark.parametrize("mode", Mode)
@pytest.mark.parametrize("tonic", range(12))
def test_keys_are_found(tonic, mode):
    estimate = find_key(Work(), song(Key(tonic, mode), seed=tonic), RATE)
    assert estimate.key == Key(tonic, mode)
    assert estimate.confidence > 0.1


@pytest.mark.parametrize("cents", [-38, -12, 0, 25, 41])
def test_tuning_is_found(cents):
    estimate = find_key(Work(), song(Key(9, Mode.MINOR), cents), RATE)
    assert estimate.key == Key(9, Mode.MINOR)
    assert estimate.tuning_cents == pytest.approx(cents, abs=5)
    assert estimate.a4_hz == pytest.approx(440 * 2 ** (cents / 1200), rel=0.003)


def test_the_demo_songs_key_is_found():
    sound, rate = soundfile.read(paths.demo_dir() / "song.flac", dtype="float32", always_2d=True)
    estimate = find_key(Work(), sound.T, rate)
    assert str(estimate.key) == "A major"
    assert abs(estimate.tuning_cents) < 8


def test_a_shared_song_has_one_key_as_a_whole_and_without_the_voice(shared_audio):
    found = set()
    for part in ("mix", "other"):
        path = shared_audio / "excerpt" / f"francium_{part}.flac"
        sound, rate = soundfile.read(path, dtype="float32", always_2d=True)
        found.add(str(find_key(Work(), sound.T, rate).key))
    assert found == {"G minor"}


def test_what_has_no_pitch_has_no_key_or_none_to_trust():
    assert find_key(Work(), np.zeros((2, 3 * RATE), np.float32), RATE) is None
    assert find_key(Work(), np.zeros((1, 0), np.float32), RATE) is None
    noise = np.random.default_rng(0).normal(0, 0.1, (2, 8 * RATE)).astype(np.float32)
    estimate = find_key(Work(), noise, RATE)
    assert estimate is None or estimate.confidence < 0.3


def test_short_and_low_rate_sound_is_heard():
    sound = song(Key(0, Mode.MAJOR))
    assert find_key(Work(), sound[:, ::3], RATE // 3).key == Key(0, Mode.MAJOR)
    assert np.isfinite(find_key(Work(), sound[:, :2000], RATE).confidence)


def test_parts_of_a_song_can_be_heard_apart():
    whole = song(Key(4, Mode.MINOR))
    half = whole.shape[1] // 2
    parts = hear_chroma(Work(), whole[:, :half], RATE) + hear_chroma(Work(), whole[:, half:], RATE)
    assert judge_key(parts).key == Key(4, Mode.MINOR)


def test_bad_samples_are_refused_and_cancelling_ends_it():
    sound = song(Key(0, Mode.MAJOR))
    sound[0, 9] = np.inf
    with pytest.raises(InputError):
        find_key(Work(), sound, RATE)
    work = Work()
    work.cancel()
    with pytest.raises(Cancelled):
        find_key(work, song(Key(0, Mode.MAJOR)), RATE)


@pytest.mark.parametrize("tonic", range(12))
@pytest.mark.parametrize("mode", Mode)
def test_a_key_is_read_as_it_is_spelt(tonic, mode):
    key = Key(tonic, mode)
    assert parse_key(str(key)) == key
    assert key.moved(12) == key
    assert key.tonic in key.notes
    assert len(key.notes) == 7


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("A minor", Key(9, Mode.MINOR)),
        ("f# major", Key(6, Mode.MAJOR)),
        ("Bb", Key(10, Mode.MAJOR)),
        ("G♯ min", Key(8, Mode.MINOR)),
        ("Dm", Key(2, Mode.MINOR)),
        ("Cb major", Key(11, Mode.MAJOR)),
        ("", None),
    ],
)
def test_other_spellings(text, key):
    assert parse_key(text) == key


@pytest.mark.parametrize("text", ["H minor", "A dorian", "12A", "A" * 500])
def test_what_spells_no_key_is_refused(text):
    with pytest.raises(EditError, match="is no key"):
        parse_key(text)


def test_notes_are_named():
    assert [note_name(note) for note in (69, 60, 61.4, 57.6)] == ["A4", "C4", "C#4", "Bb3"]
