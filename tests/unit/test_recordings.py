"""Recordings on disk: whole whatever cuts them off, found again, and laid where they belong."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile

from fanstudio.audio.input_level import OUTLINE_FRAMES, InputLevel
from fanstudio.audio.placement import Pass
from fanstudio.audio.recorder import Recorder
from fanstudio.audio.wav import GrowingWav, repair_growing
from fanstudio.errors import AudioFileError, DeviceError, StorageError
from fanstudio.jobs import Work
from fanstudio.model import edits
from fanstudio.model.rights import Basis
from fanstudio.model.session import Stem
from fanstudio.studio import recordings
from fanstudio.studio.project import Project, create_project, open_project
from fanstudio.studio.recordings import Note
from tests.support.disks import small_disk
from tests.support.inputs import Clocked
from tests.support.sounds import noise

RATE = 48_000


def wait_for(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.005)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    made = create_project(tmp_path / "song", "Song", RATE)
    made.document.apply("Add track", lambda session: edits.add_track(session, "Voice", Stem.VOCALS))
    return made


def leave_part(project: Project, frames: int = RATE, note: Note | None = None) -> Path:
    """Leave what a crash in the midst of a recording leaves; return its path."""
    part = recordings.new_part(project.pool)
    growing = GrowingWav(part, RATE, 1)
    if frames:
        growing.write(noise(frames, 1))
    growing._stream.close()
    if note is not None:
        recordings.write_note(part, note)
    return part


# ── the file ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("channels", [1, 2])
def test_a_growing_file_is_whole_up_to_its_last_flush(tmp_path: Path, channels: int) -> None:
    sound = noise(9_000, channels)
    growing = GrowingWav(tmp_path / "a.wav", RATE, channels)
    growing.write(sound[:, :5_000])
    growing.flush()
    growing.write(sound[:, 5_000:])
    read, rate = soundfile.read(tmp_path / "a.wav", dtype="float32", always_2d=True)
    assert rate == RATE
    np.testing.assert_array_equal(read.T[:, :5_000], sound[:, :5_000])
    growing.close()
    np.testing.assert_array_equal(
        soundfile.read(tmp_path / "a.wav", dtype="float32", always_2d=True)[0].T, sound
    )


def test_what_a_crash_leaves_is_repaired_to_the_last_whole_frame(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    growing = GrowingWav(path, RATE, 2)
    growing.write(noise(1_000))
    growing._stream.close()
    with path.open("ab") as stream:
        stream.write(b"half")
    assert repair_growing(path) == 1_000
    assert soundfile.info(path).frames == 1_000


@pytest.mark.parametrize("data", [b"", b"RIFF", b"x" * 200, b"RIFF" + bytes(200)])
def test_what_is_no_recording_is_not_repaired(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(data)
    with pytest.raises(OSError, match="not a recording"):
        repair_growing(path)
    assert path.read_bytes() == data


def test_on_a_full_disk_what_fitted_stays(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", "1m") as disk:
        growing = GrowingWav(disk.folder / "a.wav", RATE, 1)
        growing.write(noise(200_000, 1))
        with pytest.raises(OSError, match="No space"):
            growing.write(noise(200_000, 1))
        growing.close()
        assert growing.frames == soundfile.info(disk.folder / "a.wav").frames > 200_000


# ── the recorder ─────────────────────────────────────────────────────────────────────────────


def test_the_level_is_followed_before_and_while_recording(tmp_path: Path) -> None:
    recorder = Recorder(Clocked(peak=1.0))
    wait_for(lambda: recorder.level.peak > 0.3)
    recording = recorder.begin(tmp_path / "a.wav", RATE, lambda: None)
    wait_for(lambda: recording.frames > RATE // 4)
    recorder.end()
    assert len(recorder.level.outline) == pytest.approx(recording.frames / OUTLINE_FRAMES, abs=12)
    recorder.close()
    assert recorder.source.closed  # type: ignore[attr-defined]


def test_what_is_recorded_is_what_came(tmp_path: Path) -> None:
    source = Clocked(channels=2)
    recorder = Recorder(source)
    time.sleep(0.05)
    recording = recorder.begin(tmp_path / "a.wav", RATE, lambda: source.captured() - 700)
    wait_for(lambda: recording.frames > RATE // 3)
    recorder.close()
    heard = soundfile.read(tmp_path / "a.wav", dtype="float32")[0].T
    first = int(np.flatnonzero((source.sound[0] == heard[0, 0]) & (source.sound[1] == heard[1, 0]))[0])
    np.testing.assert_array_equal(heard, source.sound[:, first : first + heard.shape[1]])


def test_clipping_is_noticed_until_it_is_forgiven() -> None:
    level = InputLevel()
    level.push(np.array([[0.2, -1.0, 0.1]], np.float32))
    level.push(np.zeros((1, 4_000), np.float32))
    assert level.clipped
    level.forgive()
    level.push(np.full((1, 100), 0.9, np.float32))
    assert not level.clipped


def test_a_device_that_goes_ends_the_recording_and_leaves_it(tmp_path: Path) -> None:
    source = Clocked()
    recorder = Recorder(source)
    recording = recorder.begin(tmp_path / "a.wav", RATE, lambda: None)
    wait_for(lambda: recording.frames > 10_000)
    source.gone = True
    wait_for(lambda: not recorder.listening)
    assert str(recorder.error) == "The microphone is gone."
    assert soundfile.info(tmp_path / "a.wav").frames == recording.frames
    with pytest.raises(DeviceError):
        recorder.begin(tmp_path / "b.wav", RATE, lambda: None)
    recorder.close()


def test_a_device_that_goes_as_it_begins_is_not_recorded(tmp_path: Path) -> None:
    class Vanishing(Clocked):
        """Goes when the recording's file has just been opened."""

        def captured(self) -> int:
            return 0 if self.gone else super().captured()

    source = Vanishing()
    recorder = Recorder(source)
    listening = type(recorder).listening.fget

    def leave(asked: Recorder) -> bool:
        there = listening(asked)
        source.gone = True
        wait_for(lambda: not listening(asked))
        return there

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Recorder, "listening", property(leave))
        with pytest.raises(DeviceError, match="gone"):
            recorder.begin(tmp_path / "a.wav", RATE, lambda: None)
    assert soundfile.info(tmp_path / "a.wav").frames == 0
    recorder.close()


def test_samples_that_are_no_numbers_are_not_kept(tmp_path: Path, project: Project) -> None:
    source = Clocked()
    source.sound[:, ::100], source.sound[:, 1::100] = np.nan, np.inf
    recorder = Recorder(source)
    part = recordings.new_part(project.pool)
    recording = recorder.begin(part, RATE, lambda: None)
    wait_for(lambda: recording.frames > RATE // 2)
    recorder.close()
    kept = recordings.recover(Work(), project, part)
    assert kept is not None
    assert np.isfinite(project.pool.samples(kept.source, RATE)).all()


def test_a_full_disk_ends_the_recording_but_not_the_listening(tmp_path: Path) -> None:
    recorder = Recorder(Clocked(channels=2))
    with small_disk(tmp_path / "disk", "256k") as disk:
        recording = recorder.begin(disk.folder / "a.wav", RATE, lambda: None)
        wait_for(lambda: recorder.error is not None)
        assert isinstance(recorder.error, StorageError)
        assert "full" in recorder.error.message
        assert recorder.listening
        assert soundfile.info(disk.folder / "a.wav").frames == recording.frames > 20_000
    recorder.close()


def test_where_nothing_can_be_written_it_does_not_begin(tmp_path: Path) -> None:
    recorder = Recorder(Clocked())
    with pytest.raises(StorageError):
        recorder.begin(tmp_path / "nowhere" / "a.wav", RATE, lambda: None)
    recorder.close()


# ── found again ──────────────────────────────────────────────────────────────────────────────


def test_a_left_recording_becomes_a_take_in_its_place(project: Project) -> None:
    track = project.document.session.tracks[0]
    note = Note(track.id, "Voice", "vocals", 500, (Pass(500, 3_000, 1_000),))
    part = leave_part(project, note=note)
    opened = open_project(Work(), project.folder)
    opened.document.apply("Back", lambda _session: project.document.session)
    assert recordings.unfinished(opened.pool) == (part,)
    kept = recordings.recover(Work(), opened, part)
    assert kept is not None
    assert recordings.unfinished(opened.pool) == (part,), "until it is placed it can be found again"
    recordings.place(opened, kept, "Recover")
    (take,) = opened.document.session.tracks[0].takes
    assert (take.position, take.offset, take.length) == (500, 3_000, RATE - 3_000)
    source = opened.document.session.source(take.source)
    assert source.origin.basis is Basis.RECORDED
    assert source.stem is Stem.VOCALS
    assert recordings.unfinished(opened.pool) == ()
    assert [path.name for path in opened.pool.folder.iterdir()] == [f"{source.id}.wav"]


NOTES: tuple[object, ...] = (
    None,
    [],
    {"track": "x"},
    {"track": "x", "track_name": "", "stem": "vocals", "start": 0, "passes": []},
    {"track": "x", "track_name": "V", "stem": "tuba", "start": 0, "passes": []},
    {"track": "x", "track_name": "V", "stem": "vocals", "start": -1, "passes": []},
    {"track": "x", "track_name": "V", "stem": "vocals", "start": 0, "passes": [[1]]},
    {"track": "x", "track_name": "V", "stem": "vocals", "start": 0, "passes": [{"position": 1e99}]},
)


@pytest.mark.parametrize("stored", NOTES)
def test_with_a_damaged_note_it_is_laid_on_a_track_of_its_own(project: Project, stored: object) -> None:
    part = leave_part(project)
    part.with_suffix(".json").write_text(json.dumps(stored))
    kept = recordings.recover(Work(), project, part)
    assert kept is not None
    session = recordings.lay_takes(project.document.session, kept)
    assert [track.name for track in session.tracks] == ["Voice", "Recording"]
    assert session.tracks[1].takes[0].length == RATE


def test_a_recording_under_way_is_no_leftover(project: Project) -> None:
    part = recordings.new_part(project.pool)
    growing = GrowingWav(part, RATE, 1)
    growing.write(noise(1_000, 1))
    assert recordings.unfinished(project.pool) == ()
    growing.close()
    assert recordings.unfinished(project.pool) == (part,)


def test_an_empty_recording_goes(project: Project) -> None:
    part = leave_part(project, frames=0)
    assert recordings.recover(Work(), project, part) is None
    assert recordings.unfinished(project.pool) == ()


def test_a_recording_that_cannot_be_kept_now_stays(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    part = leave_part(project)

    def full(_work: Work, path: Path, *_rest: object, **_more: object) -> None:
        path.unlink()
        raise StorageError("The disk is full.")

    monkeypatch.setattr(project.pool, "adopt", full)
    with pytest.raises(StorageError):
        recordings.recover(Work(), project, part)
    assert recordings.unfinished(project.pool) == (part,)
    monkeypatch.undo()
    assert recordings.recover(Work(), project, part) is not None


def test_a_damaged_recording_is_set_aside_and_not_asked_for_again(project: Project) -> None:
    part = recordings.new_part(project.pool)
    growing = GrowingWav(part, RATE, 1)
    growing.write(np.full((1, 1_000), np.nan, np.float32))
    growing.close()
    with pytest.raises(AudioFileError):
        recordings.recover(Work(), project, part)
    assert recordings.unfinished(project.pool) == ()
    (left,) = project.pool.folder.glob("damaged-*.wav")
    assert left.stat().st_size > 4_000


def test_slips_are_no_takes(project: Project) -> None:
    track = project.document.session.tracks[0]
    passes = (Pass(0, 0, RATE // 2), Pass(0, RATE // 2, 100))
    note = Note(track.id, "Voice", "vocals", 0)
    for wanted, lasting in ((passes, passes[:1]), (passes[1:], ())):
        part = leave_part(project)
        repair_growing(part)
        kept = recordings.keep(Work(), project, part, note, wanted)
        assert (kept.passes if kept else ()) == lasting
        if kept is not None:
            recordings.place(project, kept, "Record")
    assert recordings.unfinished(project.pool) == ()


def test_a_file_of_another_kind_is_left_alone(project: Project) -> None:
    part = recordings.new_part(project.pool)
    part.write_bytes(b"not a sound")
    with pytest.raises(StorageError, match="not a recording"):
        recordings.recover(Work(), project, part)
    assert part.read_bytes() == b"not a sound"
