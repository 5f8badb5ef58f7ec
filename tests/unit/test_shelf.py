"""The shelf: what a search finds, how an item sounds in tempo, and what happens when files are damaged."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from fanstudio.errors import AudioFileError, InputError, StorageError
from fanstudio.jobs import Work
from fanstudio.model import edits
from fanstudio.model.integrity import check_session
from fanstudio.model.rights import Basis
from fanstudio.model.session import Stem
from fanstudio.paths import shipped
from fanstudio.platform.usage import derive
from fanstudio.studio import add_from_shelf
from fanstudio.studio import project as projects
from fanstudio.studio.drum_machine import DrumMachine
from fanstudio.studio.project import Project, create_project
from fanstudio.studio.shelf import Query, hear, search, stretch_to
from fanstudio.studio.shelf_table import Kind, ShelfItem, read_shelf
from tests.support.disks import small_disk

RATE = 48_000
FOLDER = shipped("assets") / "loops"
MACHINE = DrumMachine()


def _item(item_id: str) -> ShelfItem:
    return next(item for item in MACHINE.shelf.items if item.id == item_id)


def _names(query: Query) -> set[str]:
    return {item.id for item in search(MACHINE.shelf.items, query)}


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return create_project(tmp_path / "mine", "Mine", RATE)


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """Return a copy of the shelf that may be damaged."""
    return Path(shutil.copytree(FOLDER, tmp_path / "loops"))


def _set_tempo(project: Project, bpm: float) -> None:
    project.document.apply("Set tempo", lambda session: edits.set_tempo(session, bpm))


def _add(project: Project, item: ShelfItem, frame: int = 0, track: str | None = None) -> tuple[str, str]:
    fetched = add_from_shelf.fetch(Work(), project, MACHINE, item, frame)
    return add_from_shelf.place(project, fetched, frame, track), fetched.words


# ── finding ──


def test_words_kind_tempo_and_key_narrow_a_search() -> None:
    assert _names(Query()) == {item.id for item in MACHINE.shelf.items}
    assert _names(Query("acid BASS")) == {"bass-acid"}
    assert {_item(name).kind for name in _names(Query(kind=Kind.CHORDS))} == {Kind.CHORDS}
    assert "bass-roll" in _names(Query("roll", bpm=128.0))
    assert "keys-neo" not in _names(Query(bpm=128.0))
    assert "piano-pop" in _names(Query(key="A minor"))
    assert "piano-pop" not in _names(Query(key="A major"))


def test_a_pattern_fits_every_tempo_and_what_has_no_key_every_key() -> None:
    found = _names(Query(bpm=61.0, key="F# minor"))
    assert {"rock", "trap", "vinyl", "impact"} - found == {"vinyl"}


# ── hearing ──


@pytest.mark.parametrize(
    ("bpm", "by"), [(124.0, 1.0), (62.0, 1.0), (248.0, 1.0), (112.0, 124 / 112), (70.0, 62 / 70), (None, 1.0)]
)
def test_a_loop_is_stretched_as_little_as_half_and_double_time_allow(bpm: float | None, by: float) -> None:
    assert stretch_to(_item("bass-roll"), bpm) == pytest.approx(by)


def test_one_shots_and_patterns_are_never_stretched() -> None:
    assert stretch_to(_item("impact"), 92.0) == 1
    assert stretch_to(_item("rock"), 92.0) == 1


@pytest.mark.parametrize("bpm", [90.0, 112.0])
def test_a_preview_lasts_its_bars_in_tempo_and_has_no_seam(bpm: float) -> None:
    heard = hear(Work(), MACHINE, _item("pad-warm"), bpm, RATE)
    assert heard.shape == (2, round(4 * 4 * 60 / bpm * RATE))
    seam = np.abs(heard[:, 0] - heard[:, -1]).max()
    assert seam <= np.abs(np.diff(heard, axis=1)).max()


def test_a_preview_of_a_pattern_is_played_in_tempo() -> None:
    assert hear(Work(), MACHINE, _item("rock"), 100.0, RATE).shape[1] == round(4 * 0.6 * RATE)


# ── adding ──


def test_a_loop_is_fitted_to_the_tempo_openly_and_lies_on_the_bar(project: Project) -> None:
    _set_tempo(project, 92.0)
    bar = 4 * 60 / 92 * RATE
    clip_id, words = _add(project, _item("bass-finger"), round(2.4 * bar))
    session = project.document.session
    track, clip = session.clip(clip_id)
    assert words == "Fitted to 92 bpm (it was made at 96)"
    assert clip.position == round(2 * bar)
    assert clip.warp is not None
    assert clip.warp.stretch == pytest.approx(96 / 92)
    assert clip.length == session.material_length(clip) == pytest.approx(4 * bar, abs=2)
    assert 0 < clip.fade_in < clip.fade_out < 0.005 * RATE
    assert (track.name, track.stem) == ("Fingered soul", Stem.BASS)
    check_session(session)


def test_adding_is_one_step_and_survives_a_save(project: Project) -> None:
    _set_tempo(project, 100.0)
    before = project.document.session
    _add(project, _item("organ-skank"))
    added = project.document.session
    projects.save_project(project)
    assert projects.open_project(Work(), project.folder).document.session == added
    project.document.undo()
    assert project.document.session == before


def test_an_empty_session_takes_the_loops_tempo_and_leaves_the_loop_alone(project: Project) -> None:
    clip_id, words = _add(project, _item("bass-sub"))
    session = project.document.session
    assert session.tempo[0].bpm == 140
    assert session.clip(clip_id)[1].warp is None
    assert words == "Added at its own 140 bpm"


def test_what_is_added_again_lies_on_the_same_track_where_there_is_room(project: Project) -> None:
    _set_tempo(project, 128.0)
    first, _ = _add(project, _item("bass-acid"))
    clip = project.document.session.clip(first)[1]
    _add(project, _item("bass-acid"), clip.end)
    assert len(project.document.session.tracks) == 1
    _add(project, _item("bass-acid"), clip.end)
    assert len(project.document.session.tracks) == 2
    assert len(project.document.session.sources) == 1


def test_a_pattern_arrives_as_editable_steps_in_tempo(project: Project) -> None:
    _set_tempo(project, 100.0)
    clip_id, words = _add(project, _item("boom-bap"))
    clip = project.document.session.clip(clip_id)[1]
    assert clip.pattern is not None
    assert (clip.pattern.kit, clip.pattern.bpm, clip.warp) == ("dust", 100.0, None)
    assert clip.length == round(2 * 4 * 0.6 * RATE)
    assert words == "Played at 100 bpm"


def test_an_export_declares_what_was_added_with_its_licence(project: Project) -> None:
    _set_tempo(project, 88.0)
    _add(project, _item("boom-bap"))
    _add(project, _item("bass-acid"))
    declared = {row.title: row for row in derive(project.document.session).declared}
    assert declared["Dust drum kit"].licence_url == "https://creativecommons.org/licenses/by/3.0/"
    assert declared["Acid line"].licence_url == "https://creativecommons.org/publicdomain/zero/1.0/"
    assert {row.basis for row in declared.values()} == {"open"}
    sources = project.document.session.sources
    assert all(source.lineage is None and source.origin.basis is Basis.OPEN for source in sources)
    assert {source.origin.artist for source in sources} == {"Emanuel Rumpf", "The fanstudio founders"}


# ── faults ──


@pytest.mark.parametrize(
    "damage",
    [
        "",
        "[[kit]",
        "\x00",
        "kit = 3\npattern = []\nloop = []\none_shot = []\n[credits]\n",
        '[credits]\n[[kit]]\nid = "a"\n',
    ],
)
def test_a_damaged_table_is_one_clear_error(copied: Path, damage: str) -> None:
    (copied / "shelf.toml").write_text(damage)
    with pytest.raises(InputError, match="missing or damaged"):
        read_shelf(copied)


def test_a_table_that_is_gone_or_points_elsewhere_is_refused(copied: Path) -> None:
    table = (copied / "shelf.toml").read_text()
    (copied / "shelf.toml").write_text(table.replace('"kits/garage/kick.flac"', '"../../etc/passwd"'))
    with pytest.raises(InputError, match="missing or damaged"):
        read_shelf(copied)
    (copied / "shelf.toml").unlink()
    with pytest.raises(InputError, match="missing or damaged"):
        read_shelf(copied)


@pytest.mark.parametrize("how", ["gone", "cut", "changed"])
def test_a_damaged_sound_is_named_and_nothing_is_added(copied: Path, project: Project, how: str) -> None:
    machine = DrumMachine(read_shelf(copied))
    item = next(item for item in machine.shelf.items if item.id == "bass-acid")
    assert item.recording is not None
    path = item.recording.path
    sound = path.read_bytes()
    path.unlink()
    if how != "gone":
        path.write_bytes(sound[: len(sound) // 2] if how == "cut" else sound[:-9] + bytes(9))
    for act in (
        lambda: hear(Work(), machine, item, 100.0, RATE),
        lambda: add_from_shelf.fetch(Work(), project, machine, item, 0),
    ):
        with pytest.raises(AudioFileError, match="Acid line"):
            act()
    assert not project.document.session.sources
    assert not list(project.pool.folder.glob("*"))


def test_a_kit_that_lacks_a_sound_is_a_clear_error(copied: Path) -> None:
    (copied / "kits" / "eight" / "kick.flac").unlink()
    machine = DrumMachine(read_shelf(copied))
    with pytest.raises(AudioFileError):
        machine.kit("eight", RATE)
    with pytest.raises(InputError, match="no drum kit"):
        machine.kit("nowhere", RATE)
    assert machine.kit("garage", RATE)


def test_a_full_disk_leaves_nothing_half_written(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", "1m") as disk:
        project = create_project(disk.folder / "mine", "Mine", RATE)
        disk.fill()
        for item in (_item("bass-acid"), _item("rock")):
            with pytest.raises(StorageError, match="full"):
                add_from_shelf.fetch(Work(), project, MACHINE, item, 0)
        assert not [name for name in disk.names() if "audio/" in name]
