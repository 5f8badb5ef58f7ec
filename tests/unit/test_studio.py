"""Projects, import and split as the faces call them; the embedded platform behind them."""

from __future__ import annotations

import contextlib
import gc
import shutil
import threading
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from fanstudio.audio.pool import renditions
from fanstudio.errors import (
    AudioFileError,
    Cancelled,
    ChildError,
    DamagedProject,
    EditError,
    NetworkError,
    NotPermitted,
    ProjectError,
)
from fanstudio.export.gate import check_unmarked
from fanstudio.jobs import Work
from fanstudio.model import edits, project_file
from fanstudio.model.rights import Basis, Origin
from fanstudio.model.session import Stem
from fanstudio.paths import demo_dir
from fanstudio.platform.usage import derive
from fanstudio.settings import load as load_settings
from fanstudio.studio import account, embedded_platform
from fanstudio.studio import project as projects
from fanstudio.studio.context import Studio
from fanstudio.studio.demo_project import make_demo_project, open_demo_project, read_demo_song
from fanstudio.studio.export import ExportOptions, denied_clips, export_project, plan_export
from fanstudio.studio.import_audio import (
    Declaration,
    Imported,
    import_files,
    import_usable,
    parse_declaration,
    place_sources,
)
from fanstudio.studio.new_project import make_project
from fanstudio.studio.split import place_stems, split_clip
from fanstudio.studio.split_options import SplitOptions
from tests.support.songs import RATE, make_song_project, music, write_song


def _first_clip(project: projects.Project) -> str:
    return next(iter(project.document.session.clips())).id


def test_a_project_is_saved_opened_and_copied(tmp_path: Path) -> None:
    project = make_song_project(tmp_path, 2.0)
    project.document.apply("Rename", lambda session: edits.rename_session(session, "Mine"))
    projects.save_project(project)
    again = projects.open_project(Work(), project.folder)
    assert again.document.session == project.document.session
    assert not again.document.changed
    copy = projects.save_project_as(Work(), again, tmp_path / "copy")
    shutil.rmtree(project.folder)
    source = copy.document.session.sources[0]
    assert copy.pool.samples(source, RATE).shape == (2, 2 * RATE)
    assert not copy.document.changed
    copy.document.undo()
    assert copy.document.history == again.document.history


def test_autosave_is_found_again(tmp_path: Path) -> None:
    project = make_song_project(tmp_path, 2.0)
    project.document.apply("Rename", lambda session: edits.rename_session(session, "Later"))
    projects.autosave(project)
    again = projects.open_project(Work(), project.folder)
    assert (again.recovered, again.title, again.document.changed) == (True, "Later", True)


def test_two_windows_on_a_project_do_not_save_over_one_another(tmp_path: Path) -> None:
    make_song_project(tmp_path, 1.0)
    folder = next(tmp_path.glob("*.fanstudio"))
    first, second = (projects.open_project(Work(), folder) for _ in range(2))
    for number, project in enumerate((first, second)):
        project.document.apply("Gain", lambda s, number=number: edits.set_master_gain(s, -1 - number))
    projects.save_project(first)
    with pytest.raises(ProjectError, match="saved by another window"):
        projects.save_project(second)
    assert projects.open_project(Work(), folder).document.session == first.document.session
    second = projects.save_project_as(Work(), second, tmp_path / "second")
    for project in (first, second):
        project.document.apply("Gain", lambda s: edits.set_master_gain(s, -6))
        projects.save_project(project)


def test_an_autosave_that_ends_late_does_not_outlive_the_save(tmp_path: Path) -> None:
    make_song_project(tmp_path, 1.0)
    project = projects.open_project(Work(), next(tmp_path.glob("*.fanstudio")))
    project.document.apply("Gain", lambda s: edits.set_master_gain(s, -3))
    late = threading.Thread(target=projects.autosave, args=(project,))
    with project.writing:
        late.start()
        project_file.save(project.folder, project.document.session)
        project.document.mark_saved(project.document.session)
    late.join()
    assert not (project.folder / project_file.AUTOSAVE_FILE).exists()


def test_a_project_is_never_made_over_another(tmp_path: Path) -> None:
    project = make_song_project(tmp_path, 1.0)
    with pytest.raises(ProjectError, match="exists already"):
        projects.create_project(project.folder, "Again")


def test_a_song_is_no_project(tmp_path: Path) -> None:
    song = tmp_path / "song.flac"
    song.write_bytes(b"fLaC")
    with pytest.raises(ProjectError, match=r"“song\.flac” is not a project"):
        projects.open_project(Work(), song)


def test_what_a_crash_left_goes_when_nobody_else_has_a_project_open(tmp_path: Path) -> None:
    project = make_song_project(tmp_path, 1.0)
    folder = project.folder
    halves = (project.pool.new_part(), tmp_path / "home" / "cache" / "renditions" / "x.f32.1.part")
    for half in halves:
        half.parent.mkdir(exist_ok=True)
        half.write_bytes(b"half")
    other = projects.open_project(Work(), folder)
    assert all(half.exists() for half in halves)
    del project, other
    gc.collect()
    projects.open_project(Work(), folder)
    assert not any(half.exists() for half in halves)


def test_a_project_that_is_not_filled_leaves_the_place_free(tmp_path: Path) -> None:
    with contextlib.suppress(InterruptedError), projects.filled_project(tmp_path / "P", "P") as project:
        assert project.folder.is_dir()
        assert not (tmp_path / "P.fanstudio").exists()
        raise InterruptedError
    assert [path.name for path in tmp_path.iterdir()] == ["home"]
    with projects.filled_project(tmp_path / "P", "P") as project:
        pass
    assert projects.open_project(Work(), tmp_path / "P").title == "P"
    assert project.pool.folder == tmp_path / "P.fanstudio" / "audio"


def test_recent_projects_forget_what_is_gone(tmp_path: Path) -> None:
    settings = load_settings()
    first, second = make_song_project(tmp_path, 1.0, 1), make_song_project(tmp_path, 1.0, 2)
    for project in (first, second, first):
        projects.remember_project(settings, project.folder)
    assert projects.recent_projects(settings) == (first.folder, second.folder)
    shutil.rmtree(second.folder)
    assert projects.recent_projects(settings) == (first.folder,)


def test_a_missing_source_is_said_and_the_project_still_opens(tmp_path: Path) -> None:
    project = make_song_project(tmp_path, 1.0)
    source = project.document.session.sources[0]
    project.pool.path(source).unlink()
    shutil.rmtree(tmp_path / "home" / "cache")
    again = projects.open_project(Work(), project.folder)
    with pytest.raises(AudioFileError, match="missing"):
        again.pool.samples(source, RATE)


def test_an_empty_session_takes_the_first_files_rate_and_conforms_the_next(tmp_path: Path) -> None:
    project = projects.create_project(tmp_path / "P", "P")
    soundfile.write(tmp_path / "a.wav", music(1.0).T, 32_000)
    for name in ("a.wav", "b.wav"):
        if name == "b.wav":
            soundfile.write(tmp_path / name, music(1.0).T, 44_100)
        imported = import_files(Work(), project, [tmp_path / name], Declaration())
        place_sources(project, imported)
    session = project.document.session
    assert session.sample_rate == 32_000
    assert [source.length for source in session.sources] == [44_100, 32_000]
    assert project.document.history.undo_label == "Import b"


def test_what_is_no_audio_is_left_out_and_sets_no_rate(tmp_path: Path) -> None:
    project = projects.create_project(tmp_path / "P", "P")
    (tmp_path / "a.wav").write_text("no")
    soundfile.write(tmp_path / "b.wav", music(1.0).T, 32_000)
    paths = [tmp_path / name for name in ("a.wav", "b.wav", "none.wav")]
    imported, refused = import_usable(Work(), project, paths, Declaration())
    assert ([source.name for source in imported.sources], imported.sample_rate) == (["b"], 32_000)
    assert [one.path.name for one in refused] == ["a.wav", "none.wav"]


def test_a_file_that_breaks_its_decoder_is_left_out_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = projects.create_project(tmp_path / "P", "P")
    soundfile.write(tmp_path / "a.flac", music(1.0).T, 32_000)
    soundfile.write(tmp_path / "b.wav", music(1.0).T, 32_000)
    for name in ("_CHILD_SECONDS", "_CHILD_SECONDS_PER_MB"):
        monkeypatch.setattr(renditions, name, 0.0)
    paths = [tmp_path / name for name in ("a.flac", "b.wav")]
    imported, refused = import_usable(Work(), project, paths, Declaration())
    assert [source.name for source in imported.sources] == ["b"]
    assert [type(one.error) for one in refused] == [ChildError]


@pytest.mark.parametrize("text", ["", "mine", "open:", "open:ftp://x", "open:http://a b", "own:x"])
def test_a_declaration_says_own_or_open_with_an_address(text: str) -> None:
    with pytest.raises(Exception, match="may be used"):
        parse_declaration(text)


def test_a_failed_new_project_leaves_nothing(tmp_path: Path) -> None:
    good, bad = write_song(tmp_path / "a.wav", 1.0), tmp_path / "b.wav"
    bad.write_text("no")
    with pytest.raises(AudioFileError):
        make_project(Work(), tmp_path / "P", [good, bad], Declaration())
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.wav", "b.wav", "home"]


def test_split_makes_aligned_stems_with_lineage_and_one_undo_step(tmp_path: Path) -> None:
    project = make_song_project(tmp_path, 3.0)
    before = project.document.session
    result = split_clip(Work(), project, _first_clip(project), SplitOptions(device="cpu"))
    assert project.document.session == before
    assert place_stems(project, _first_clip(project), result)
    session = project.document.session
    assert [track.stem for track in session.tracks] == [Stem.MIX, Stem.VOCALS, Stem.ACCOMPANIMENT]
    assert all(stem.lineage and stem.lineage.parents == (before.sources[0].id,) for stem in result.stems)
    assert all(stem.lineage and stem.lineage.ai and stem.lineage.model_sha256 for stem in result.stems)
    mix, *stems = (project.pool.samples(source, RATE)[:, :] for source in session.sources)
    assert np.abs(np.sum(stems, axis=0) - mix).max() < 1e-5
    assert derive(session).ingredients[0].ai
    project.document.undo()
    assert project.document.session == before


def test_a_clip_that_is_gone_meanwhile_leaves_the_stems_in_the_pool(tmp_path: Path) -> None:
    project = make_song_project(tmp_path, 2.0)
    clip = _first_clip(project)
    result = split_clip(Work(), project, clip)
    project.document.apply("Delete", lambda session: edits.delete_clips(session, [clip]))
    assert not place_stems(project, clip, result)
    assert all(project.pool.path(stem).is_file() for stem in result.stems)


def test_a_stem_is_not_split_again(tmp_path: Path) -> None:
    project = make_song_project(tmp_path, 2.0)
    place_stems(project, _first_clip(project), split_clip(Work(), project, _first_clip(project)))
    stem = project.document.session.tracks[1].clips[0]
    with pytest.raises(EditError, match="stem already"):
        split_clip(Work(), project, stem.id)


def test_a_cancelled_split_ends_long_before_the_song_and_leaves_no_file(tmp_path: Path) -> None:
    song = tmp_path / "long.wav"
    soundfile.write(song, np.tile(music(10.0).T, (30, 1)), RATE)
    project = make_project(Work(), tmp_path / "P", [song], Declaration())
    before = sorted(project.pool.folder.iterdir())
    splitting = threading.Event()
    work = Work(lambda _fraction, text: splitting.set() if text == "Splitting" else None)
    ended: list[bool] = []

    def run() -> None:
        with pytest.raises(Cancelled):
            split_clip(work, project, _first_clip(project))
        ended.append(True)

    thread = threading.Thread(target=run)
    thread.start()
    assert splitting.wait(60)
    work.cancel()
    thread.join(6)
    assert ended == [True]
    assert sorted(project.pool.folder.iterdir()) == before


def test_catalogue_material_does_not_leave_unmarked() -> None:
    with pytest.raises(NotPermitted, match="only with a permit"):
        check_unmarked([Origin(Basis.OWN, "a"), Origin(Basis.CATALOGUE, "b", isrc="ZZFAN2600001")])


def test_the_demo_is_a_catalogue_track_with_tempo_key_and_sections(tmp_path: Path) -> None:
    project = make_demo_project(Work(), tmp_path / "demo")
    session = project.document.session
    song = read_demo_song()
    assert session.sources[0].origin == song.origin
    assert session.tempo[0].bpm == song.tempo_bpm
    assert [marker.name for marker in session.markers] == [name for _frame, name in song.sections]
    assert project.document.history.undo_label is None
    assert derive(session).tracks[0].isrc == song.origin.isrc


def test_a_damaged_demo_project_is_set_aside(studio: Studio) -> None:
    project = open_demo_project(Work(), studio)
    (project.folder / "session.json").write_text("{")
    with pytest.raises(DamagedProject):
        project_file.read(project.folder)
    assert open_demo_project(Work(), studio).document.session.sources
    assert list(project.folder.parent.glob("damaged-*"))


def test_the_plan_answers_before_and_after_signing_in(studio: Studio, tmp_path: Path) -> None:
    project = make_demo_project(Work(), tmp_path / "demo")
    before = plan_export(Work(), studio, project)
    assert (before.exportable, before.headline, before.rights[0].permitted) == (
        False,
        "Sign in to export",
        None,
    )
    account.sign_in_demo(Work(), studio)
    after = plan_export(Work(), studio, project)
    assert after.exportable
    assert after.rights[0].permitted
    assert sum(line.share_ppm for line in after.shares) == 1_000_000
    project.document.apply("Mute", lambda s: edits.mute_track(s, s.tracks[0].id, True))
    assert plan_export(Work(), studio, project).headline == "Nothing to export yet"


def test_signing_in_and_out(studio: Studio) -> None:
    assert not account.account_status(Work(), studio).signed_in
    status = account.sign_in_demo(Work(), studio)
    assert (status.signed_in, status.may_export, status.embedded) == (True, True, True)
    assert not account.sign_out(Work(), studio).signed_in


def test_a_platform_that_is_away_is_a_notice() -> None:
    studio = Studio(platform_url="http://127.0.0.1:9")
    status = account.account_status(Work(), studio)
    assert not status.signed_in
    studio.close()


def test_the_embedded_platform_is_shared_stable_and_ends_with_its_last_client(tmp_path: Path) -> None:
    first = embedded_platform.ensure_running(Work())
    second = embedded_platform.ensure_running(Work())
    assert first.url == second.url
    first.lease.release()
    time.sleep(3)
    assert embedded_platform._running(second.folder) == first.url
    second.lease.release()
    end = time.monotonic() + 15
    while embedded_platform._running(second.folder):
        assert time.monotonic() < end
        time.sleep(0.2)
    third = embedded_platform.ensure_running(Work())
    third.lease.release()
    assert third.url == first.url


def test_another_program_on_the_platforms_address_is_named(tmp_path: Path) -> None:
    from http.server import HTTPServer, SimpleHTTPRequestHandler

    from fanstudio.sandbox.address import ADDRESS_FILE

    folder = embedded_platform.platform_folder()
    with HTTPServer(("127.0.0.1", 0), SimpleHTTPRequestHandler) as other:
        thread = threading.Thread(target=other.serve_forever)
        thread.start()
        note = f'{{"host": "127.0.0.1", "port": {other.server_port}}}'
        (folder / ADDRESS_FILE).write_text(note)
        with pytest.raises(NetworkError, match=r"did not start|Another program"):
            embedded_platform.ensure_running(Work())
        other.shutdown()
        thread.join()


def test_the_demo_song_is_shipped() -> None:
    assert (demo_dir() / "song.flac").is_file()


def test_a_track_whose_artist_opted_out_is_named_before_and_refused_at_export(
    studio: Studio, tmp_path: Path
) -> None:
    project = make_song_project(tmp_path)
    session = project.document.session
    origin = Origin(Basis.CATALOGUE, "Out of reach", "Somebody", "ZZFAN2600002")
    refused = replace(session, sources=(replace(session.sources[0], origin=origin),))
    project.document.apply("Swap", lambda _session: refused)
    account.sign_in_demo(Work(), studio)
    plan = plan_export(Work(), studio, project)
    assert (plan.exportable, plan.headline) == (False, "One change before you can export")
    assert plan.rights[0].reason == "the artist permits no remixes"
    assert plan.rights[0].clip_ids == tuple(clip.id for clip in session.clips())
    with pytest.raises(NotPermitted) as caught:
        export_project(Work(), studio, project, ExportOptions(tmp_path / "out.flac"))
    assert denied_clips(caught.value, plan).keys() == set(plan.rights[0].clip_ids)
    assert not list(tmp_path.glob("out*"))


def test_nothing_connects_once_the_studio_is_closed(studio: Studio) -> None:
    studio.close()
    with pytest.raises(Cancelled):
        studio.connect(Work())


def test_what_names_share_is_left_out_of_tracks_and_clips(tmp_path: Path) -> None:
    project = projects.create_project(tmp_path / "P", "P")
    song = write_song(tmp_path / "Nova - Night Drive.wav", 0.5)
    place_sources(project, import_files(Work(), project, [song], Declaration()), shared="Nova - ")
    (track,) = project.document.session.tracks
    assert (track.name, track.clips[0].name) == ("Night Drive", "Night Drive")
    assert project.document.session.sources[0].name == "Nova - Night Drive"


def test_files_that_come_one_by_one_are_one_undo_step_unless_something_was_changed_between(
    tmp_path: Path,
) -> None:
    project = projects.create_project(tmp_path / "P", "P")
    paths = [write_song(tmp_path / f"{name}.wav", 0.5) for name in "abcd"]
    arrived: list[Imported] = []
    imported, _ = import_usable(Work().heard_by(arrived.append), project, paths, Declaration())
    assert [one.sources[0].name for one in arrived] == list("abcd")
    assert tuple(one.sources[0] for one in arrived) == imported.sources
    after = None
    for one in arrived[:2]:
        after = place_sources(project, one, label="Import 4 files", after=after)
    project.document.apply("Rename", lambda session: edits.rename_session(session, "Else"))
    for one in arrived[2:]:
        after = place_sources(project, one, label="Import 4 files", after=after)
    assert [track.name for track in project.document.session.tracks] == list("abcd")
    assert [step.label for step in project.document.history.past] == [
        "Import 4 files",
        "Rename",
        "Import 4 files",
    ]


def test_a_file_that_comes_after_an_undo_is_a_step_of_its_own(tmp_path: Path) -> None:
    """Joined to the step before, it would be gone after a redo."""
    project = projects.create_project(tmp_path / "P", "P")
    first, second = (
        import_usable(Work(), project, [write_song(tmp_path / f"{name}.wav", 0.5)], Declaration())[0]
        for name in "ab"
    )
    after = place_sources(project, first)
    project.document.apply("Rename", lambda session: edits.rename_session(session, "Else"))
    project.document.undo()
    place_sources(project, second, after=after)
    assert [step.label for step in project.document.history.past] == ["Import a", "Import b"]
    assert project.document.history.redo_label is None
