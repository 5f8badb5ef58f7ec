"""A project is made to sound like a reference: ordinary effects, one undo step, hostile references."""

import numpy as np
import pytest
import soundfile

from fanstudio.audio.render import bounce
from fanstudio.errors import AudioFileError, Cancelled, EditError, FanstudioError, InputError
from fanstudio.inference.production_features import Features, spectrum_error_db
from fanstudio.inference.production_measure import measure
from fanstudio.jobs import Work
from fanstudio.model import mixer_edits
from fanstudio.model.mixer import MASTER, MAX_EFFECTS
from fanstudio.studio.production import LikeOptions, apply_likeness, like_reference
from fanstudio.studio.reference import hear_reference
from fanstudio.studio.strip_sound import StripSound
from tests.support.songs import RATE, make_song_project, music


def mix(project):
    session = project.document.session
    samples = project.pool.samples_at(session.sample_rate)
    return np.concatenate(list(bounce(Work(), session, samples, 0, session.length)), axis=1)


@pytest.fixture
def bright():
    """Measures of another record: less bass, more treble, louder."""
    sound = music(8, seed=9)
    return measure(Work(), 1.4 * np.diff(sound, axis=1).astype(np.float32), RATE)


def like(project, reference, strip=None, **options):
    return like_reference(Work(), project, strip, reference, LikeOptions(**options))


def test_the_song_comes_nearer_in_one_step_that_stays_open(tmp_path, bright):
    project = make_song_project(tmp_path)
    before = project.document.session
    own = measure(Work(), mix(project), RATE)
    likeness = like(project, bright, name="Bright")
    assert project.document.session == before
    assert apply_likeness(project, likeness)
    session = project.document.session
    out = measure(Work(), mix(project), RATE)
    assert spectrum_error_db(out, bright) < 0.5 * spectrum_error_db(own, bright)
    assert out.true_peak_dbtp <= -1.0
    assert [slot.kind for slot in session.master_effects] == [e.kind for e in likeness.chain.effects]
    assert {slot.styling for slot in session.master_effects} == {likeness.styling.id}
    assert session.stylings[0].reference == "Bright"
    assert session.stylings[0].target == ""
    project.document.undo()
    assert project.document.session == before


def test_no_amount_leaves_the_sound_bit_for_bit(tmp_path, bright):
    project = make_song_project(tmp_path)
    before = mix(project)
    session = project.document.session
    assert not apply_likeness(project, like(project, bright, amount=0.0))
    assert project.document.session == session
    assert np.array_equal(mix(project), before)


def test_a_second_likeness_takes_the_place_of_the_first(tmp_path, bright):
    project = make_song_project(tmp_path)
    apply_likeness(project, like(project, bright))
    first = project.document.session
    again = like(project, bright)
    apply_likeness(project, again)
    session = project.document.session
    assert len(session.stylings) == 1
    assert [(slot.kind, slot.values) for slot in session.master_effects] == [
        (slot.kind, slot.values) for slot in first.master_effects
    ]


def test_a_track_keeps_its_loudness(tmp_path, bright):
    project = make_song_project(tmp_path)
    track = project.document.session.tracks[0].id
    apply_likeness(project, like(project, bright, strip=track))
    session = project.document.session
    assert not session.master_effects
    assert session.stylings[0].target == track
    sound = StripSound(session, project.pool.samples_at(RATE), track)
    out = measure(Work(), sound, RATE).loudness_lufs
    assert out == pytest.approx(measure(Work(), music(), RATE).loudness_lufs, abs=0.7)


def test_a_bus_is_heard_alone(tmp_path):
    project = make_song_project(tmp_path)
    session = mixer_edits.add_bus(project.document.session, "Band")
    bus, track = session.buses[0].id, session.tracks[0].id
    samples = project.pool.samples_at(RATE)
    assert StripSound(session, samples, bus).shape == (2, 0)
    fed = mixer_edits.set_output(session, track, bus)
    both = [StripSound(one, samples, strip) for one, strip in ((fed, bus), (session, MASTER))]
    everything = slice(None), slice(0, RATE)
    assert np.array_equal(both[0][everything], both[1][everything])


def test_what_has_gone_is_left_as_it_is(tmp_path, bright):
    project = make_song_project(tmp_path)
    track = project.document.session.tracks[0].id
    likeness = like(project, bright, strip=track)
    gone = mixer_edits.add_bus(project.document.session, "x")
    gone = type(gone)(id=gone.id, title=gone.title)
    assert likeness.change(gone) == gone
    with pytest.raises(EditError):
        like(project, bright, strip="nobody")


def test_a_full_strip_is_told_before_anything_happens(tmp_path, bright):
    project = make_song_project(tmp_path)
    for _ in range(MAX_EFFECTS - 1):
        project.document.apply("Add", lambda s: mixer_edits.add_effect(s, MASTER, "equaliser"))
    with pytest.raises(EditError, match="at most"):
        like(project, bright)


@pytest.mark.parametrize("amount", [-0.1, 1.5, float("nan")])
def test_amounts_out_of_range_are_refused(tmp_path, bright, amount):
    with pytest.raises(InputError):
        like(make_song_project(tmp_path), bright, amount=amount)


def written(path, sound, rate=RATE):
    soundfile.write(path, sound.T, rate, subtype="FLOAT")
    return path


def test_a_reference_is_measured_as_its_samples_are(tmp_path):
    sound = music(15)
    found = hear_reference(Work(), written(tmp_path / "record.wav", sound))
    whole = measure(Work(), sound, RATE)
    assert spectrum_error_db(found, whole) < 0.01
    assert found.loudness_lufs == pytest.approx(whole.loudness_lufs, abs=0.01)


@pytest.mark.parametrize(
    ("name", "sound", "rate", "error", "words"),
    [
        ("short", music(0.2), RATE, InputError, "too short"),
        ("silent", np.zeros((2, 2 * RATE), np.float32), RATE, InputError, "silence"),
        ("numbers", np.full((1, 2 * RATE), np.nan, np.float32), RATE, AudioFileError, "not numbers"),
    ],
)
def test_references_that_tell_nothing_are_refused(tmp_path, name, sound, rate, error, words):
    project = make_song_project(tmp_path)
    with pytest.raises(error, match=words):
        like(project, written(tmp_path / f"{name}.wav", sound, rate))
    assert not project.document.session.stylings


def test_a_file_that_is_no_audio_is_refused(tmp_path):
    junk = tmp_path / "junk.mp3"
    junk.write_bytes(np.random.default_rng(1).bytes(50_000))
    with pytest.raises(FanstudioError):
        hear_reference(Work(), junk)
    with pytest.raises(FanstudioError):
        hear_reference(Work(), tmp_path / "nothing.wav")


@pytest.mark.parametrize(
    ("name", "sound", "rate"),
    [
        ("noise", np.random.default_rng(1).uniform(-1, 1, (2, 3 * RATE)).astype(np.float32), RATE),
        ("telephone", music(4)[:, ::5][:, : 3 * 8_000], 8_000),
        ("mono", music(3)[:1], RATE),
    ],
)
def test_odd_references_give_a_chain(tmp_path, name, sound, rate):
    project = make_song_project(tmp_path)
    likeness = like(project, written(tmp_path / f"{name}.wav", sound, rate))
    apply_likeness(project, likeness)
    out = mix(project)
    assert np.isfinite(out).all()
    assert measure(Work(), out, RATE).true_peak_dbtp <= -1.0
    assert isinstance(likeness.wanted, Features)
    assert name in likeness.styling.name


def test_cancelling_leaves_nothing(tmp_path, bright):
    project = make_song_project(tmp_path)
    work = Work()
    work.cancel()
    with pytest.raises(Cancelled):
        like_reference(work, project, None, bright)
