"""A recorded voice is tuned in the project: in its place, with lineage, one step, and back again."""

from dataclasses import replace

import numpy as np
import pytest

from fanstudio.errors import Cancelled, EditError, InputError
from fanstudio.inference.pitch_net import MODEL
from fanstudio.jobs import Work
from fanstudio.model import edits, project_file, voice_edits, warp_edits
from fanstudio.model.lineage import Lineage
from fanstudio.model.rights import Operation
from fanstudio.model.scale import Key, Mode
from fanstudio.model.warp import Warp
from fanstudio.paths import cache_dir
from fanstudio.platform.usage import derive
from fanstudio.studio.pitch import Pitches, compare, is_recorded, melody_along
from fanstudio.studio.song_key import song_key
from fanstudio.studio.tune import (
    TuneOptions,
    is_tuned,
    place_tuned,
    recording_of,
    tune_clip,
    tune_clips,
    tuned_with,
    untune,
)
from tests.support.covers import EARLY, NOTES, RATE, make_cover

FULL = TuneOptions(1.0)


def tune_now(cover, *clips):
    place_tuned(
        cover.project,
        tune_clips(Work(), cover.project, cover.pitches, clips or (cover.clip,), FULL),
    )


def agreement(cover):
    session = cover.session
    for source in session.sources[1:]:
        cover.pitches.hear(Work(), source)
    clip = session.clip(cover.clip)[1]
    track = cover.pitches.at_hand(cover.source())
    along = melody_along(session, clip, track, cover.pitches.at_hand)
    return compare(track, along), track, along


def test_a_tuned_voice_takes_the_clips_place_and_the_take_stays(tmp_path):
    cover = make_cover(tmp_path)
    before, recording = cover.session, cover.source()
    tuned = tune_clip(Work(), cover.project, cover.pitches, cover.clip, FULL)
    assert cover.session == before
    assert place_tuned(cover.project, {cover.clip: tuned})
    assert (tuned.key, tuned.along_melody) == (Key(9, Mode.MINOR), True)
    assert tuned.off_before > 20
    assert tuned.off_after < 8
    source = cover.source()
    assert (source.length, source.channels, source.stem) == (recording.length, 1, recording.stem)
    assert source.lineage.operation is Operation.PITCH
    assert source.lineage.parents == (recording.id,)
    assert source.lineage.model_id == "swift_f0"
    assert is_recorded(cover.session, source)
    assert cover.session.track(cover.singer).takes[0].source == recording.id
    assert cover.session.key == "A minor"
    cover.project.document.undo()
    assert cover.session == before


def test_taking_tuning_back_plays_the_recording(tmp_path):
    cover = make_cover(tmp_path)
    recording = cover.source()
    tune_now(cover)
    untune(cover.project, [cover.clip])
    assert cover.source() == recording
    with pytest.raises(EditError, match="Nothing here is tuned"):
        untune(cover.project, [cover.clip])


def test_tuning_again_begins_at_the_recording(tmp_path):
    cover = make_cover(tmp_path)
    recording = cover.source()
    for options in (FULL, TuneOptions(0.4, 0.3, along_melody=False)):
        tuned = tune_clip(Work(), cover.project, cover.pitches, cover.clip, options)
        place_tuned(cover.project, {cover.clip: tuned})
        assert cover.source().lineage.parents == (recording.id,)
        assert tuned_with(cover.source()) == options
    assert recording_of(cover.session, cover.source()) == recording
    assert not tuned.along_melody


def test_a_tuned_cover_is_saved_and_opened(tmp_path):
    cover = make_cover(tmp_path)
    tune_now(cover)
    project_file.save(cover.project.folder, cover.session)
    assert project_file.read(cover.project.folder).session == cover.session
    assert is_tuned(cover.source())


def test_a_tuning_from_elsewhere_that_names_no_recording_is_none(tmp_path):
    cover = make_cover(tmp_path)
    nothing = Lineage(Operation.PITCH, (), MODEL)
    source = replace(cover.source(), lineage=nothing)
    assert not is_tuned(source)
    assert recording_of(cover.session, source) == source


def test_a_tuned_voice_is_no_generated_one(tmp_path):
    cover = make_cover(tmp_path)
    tune_now(cover)
    report = derive(cover.session)
    assert not report.ai
    assert [declared.basis for declared in report.declared] == ["recorded"]


def test_no_sample_is_lost_or_moved(tmp_path):
    cover = make_cover(tmp_path)
    recording = cover.project.pool.samples(cover.source(), RATE)[:, :]
    tuned = tune_clip(Work(), cover.project, cover.pitches, cover.clip, FULL)
    sound = cover.project.pool.samples(tuned.source, RATE)[:, :]
    assert sound.shape == recording.shape
    silent = slice(0, EARLY)
    assert np.array_equal(sound[:, silent], recording[:, silent])
    assert not np.array_equal(sound, recording)


def test_the_key_of_the_backing_is_heard_and_moves_with_it(tmp_path):
    cover = make_cover(tmp_path)
    assert str(song_key(Work(), cover.project).key) == "A minor"
    cover.project.document.apply(
        "Transpose", lambda session: warp_edits.transpose(session, [cover.chords, cover.original], 2)
    )
    assert str(song_key(Work(), cover.project).key) == "B minor"


def test_the_sessions_own_key_comes_first(tmp_path):
    cover = make_cover(tmp_path)
    cover.project.document.apply("Key", lambda session: voice_edits.set_key(session, "e minor"))
    tuned = tune_clip(Work(), cover.project, cover.pitches, cover.clip, FULL)
    assert str(tuned.key) == "E minor"
    chosen = tune_clip(Work(), cover.project, cover.pitches, cover.clip, TuneOptions(1.0, key="F major"))
    assert str(chosen.key) == "F major"
    heard = tune_clip(Work(), cover.project, cover.pitches, cover.clip, TuneOptions(1.0, key=""))
    assert str(heard.key) == "A minor"


def test_the_melody_lies_where_the_song_is(tmp_path):
    cover = make_cover(tmp_path, octave=-1)
    found, track, along = agreement(cover)
    both = track.voiced & along.voiced
    assert both.sum() * track.hop_s == pytest.approx(found.compared_s)
    assert both.mean() > 0.7
    assert found.in_tune > 0.9
    assert np.median((along.semitones - track.semitones)[both]) == pytest.approx(12, abs=0.5)


def test_the_melody_follows_a_transposed_and_stretched_original(tmp_path):
    cover = make_cover(tmp_path)
    _, track, plain = agreement(cover)
    original = cover.session.track(cover.original).clips[0].id
    cover.project.document.apply(
        "Warp", lambda session: warp_edits.set_warp(session, original, Warp(0.5, 3.0))
    )
    _, _, moved = agreement(cover)
    late = round(EARLY / RATE / track.hop_s)
    at = late + np.arange(10, 95)
    sung = plain.voiced[late + (at - late) * 2] & moved.voiced[at]
    rise = (moved.semitones[at] - plain.semitones[late + (at - late) * 2])[sung]
    assert sung.mean() > 0.6
    assert np.median(rise) == pytest.approx(3, abs=0.1)


def test_a_cover_without_its_original_voice_is_tuned_in_the_key_alone(tmp_path):
    cover = make_cover(tmp_path)
    cover.project.document.apply("Warp", lambda session: _without(session, cover.original))
    tuned = tune_clip(Work(), cover.project, cover.pitches, cover.clip, FULL)
    assert not tuned.along_melody
    assert tuned.off_after < tuned.off_before / 2


def _without(session, track_id):
    from fanstudio.model.edits import remove_track

    return remove_track(session, track_id)


def test_tuning_needs_a_voice_and_some_strength(tmp_path):
    cover = make_cover(tmp_path)
    drums = cover.session.track(cover.drums).clips[0].id
    with pytest.raises(InputError, match="No single voice"):
        tune_clip(Work(), cover.project, cover.pitches, drums, FULL)
    with pytest.raises(InputError, match="Nothing is to be tuned"):
        tune_clip(Work(), cover.project, cover.pitches, cover.clip, TuneOptions(0.0))


def test_a_cancelled_tuning_leaves_no_file(tmp_path):
    cover = make_cover(tmp_path)
    files = sorted(cover.project.pool.folder.iterdir())
    work = Work(lambda fraction, _text: work.cancel() if fraction > 0.52 else None)
    with pytest.raises(Cancelled):
        tune_clip(work, cover.project, cover.pitches, cover.clip, FULL)
    assert sorted(cover.project.pool.folder.iterdir()) == files


def test_clips_of_one_recording_are_tuned_together(tmp_path):
    cover = make_cover(tmp_path)
    cover.project.document.apply("Split", lambda session: edits.split_clip(session, cover.clip, 40_000))
    clips = [clip.id for clip in cover.session.track(cover.singer).clips]
    before = cover.session
    tune_now(cover, *clips)
    assert {clip.source for clip in cover.session.track(cover.singer).clips} == {cover.source().id}
    assert is_tuned(cover.source())
    assert [clip.offset for clip in cover.session.track(cover.singer).clips] == [0, 40_000]
    cover.project.document.undo()
    assert cover.session == before
    cover.project.document.redo()
    untune(cover.project, clips)
    assert cover.session.tracks == before.tracks


def test_a_tuning_that_nothing_plays_leaves_the_session(tmp_path):
    cover = make_cover(tmp_path)
    sources = cover.session.sources
    tune_now(cover, cover.clip)
    assert {source.id for source in cover.session.sources} == {*map(_id, sources), cover.source().id}
    untune(cover.project, [cover.clip])
    assert cover.session.sources == sources
    cover.project.document.undo()
    assert is_tuned(cover.source())


def _id(source):
    return source.id


def test_a_clip_that_is_gone_meanwhile_is_left_alone(tmp_path):
    cover = make_cover(tmp_path)
    tuned = tune_clip(Work(), cover.project, cover.pitches, cover.clip, FULL)
    cover.project.document.undo()
    before = cover.session
    assert not place_tuned(cover.project, {cover.clip: tuned})
    assert cover.session == before


def test_a_shorter_source_is_not_put_in_place(tmp_path):
    cover = make_cover(tmp_path)
    chords = cover.session.source(cover.session.track(cover.chords).clips[0].source)
    with pytest.raises(EditError, match="shorter"):
        voice_edits.put_in_place(cover.session, cover.clip, chords)


def test_pitch_is_heard_once_and_kept(tmp_path, monkeypatch):
    cover = make_cover(tmp_path)
    source = cover.source()
    first = cover.pitches.hear(Work(), source)
    files = list((cache_dir() / "pitch").iterdir())
    assert len(files) == 1
    fresh = Pitches(cover.project.pool, RATE)
    assert fresh.at_hand(source) is None
    again = fresh.hear(Work(), source)
    assert np.array_equal(again.f0_hz, first.f0_hz)
    assert fresh.at_hand(source) is again


@pytest.mark.parametrize("damage", [b"", b"nonsense", b"\x93NUMPY\x01\x00"])
def test_damaged_pitch_is_heard_again(tmp_path, damage):
    cover = make_cover(tmp_path)
    first = cover.pitches.hear(Work(), cover.source())
    next((cache_dir() / "pitch").iterdir()).write_bytes(damage)
    again = Pitches(cover.project.pool, RATE).hear(Work(), cover.source())
    assert np.array_equal(again.f0_hz, first.f0_hz)


def test_notes_of_the_song_are_those_sung(tmp_path):
    cover = make_cover(tmp_path)
    original = cover.session.source(cover.session.track(cover.original).clips[0].source)
    track = cover.pitches.hear(Work(), original)
    assert set(np.rint(track.semitones[track.voiced]).astype(int)) == set(NOTES)
