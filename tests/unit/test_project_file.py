"""Projects on disk: written whole, read strictly, recovered from autosave."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from fanstudio.errors import DamagedProject, NewerProject, ProjectError, StorageError
from fanstudio.model import edits, project_file
from tests.support.sessions import make_session


def test_saved_and_read_again(tmp_path: Path) -> None:
    session = make_session()
    project_file.save(tmp_path, session)
    assert project_file.read(tmp_path) == project_file.Opened(session)


def test_autosave_is_offered_and_gone_after_saving(tmp_path: Path) -> None:
    session = make_session()
    project_file.save(tmp_path, session)
    later = edits.rename_session(session, "Later")
    project_file.autosave(tmp_path, later)
    assert project_file.read(tmp_path).recovered == later
    project_file.save(tmp_path, later)
    assert project_file.read(tmp_path) == project_file.Opened(later)


def test_a_crash_while_saving_never_offers_an_older_session(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = make_session()
    project_file.save(tmp_path, session)
    project_file.autosave(tmp_path, edits.rename_session(session, "Later"))

    unlink = Path.unlink

    def crash(path: Path, missing_ok: bool = False) -> None:
        if path.name == project_file.AUTOSAVE_FILE:
            raise KeyboardInterrupt
        unlink(path, missing_ok)

    newest = edits.rename_session(session, "Latest")
    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", crash)
        with pytest.raises(KeyboardInterrupt):
            project_file.save(tmp_path, newest)
    assert project_file.read(tmp_path) == project_file.Opened(newest)


def test_a_damaged_autosave_is_passed_over(tmp_path: Path) -> None:
    session = make_session()
    project_file.save(tmp_path, session)
    (tmp_path / project_file.AUTOSAVE_FILE).write_bytes(b'{"fanstudio": 1, "session"')
    assert project_file.read(tmp_path).recovered is None


def test_a_newer_project_says_so(tmp_path: Path) -> None:
    (tmp_path / "session.json").write_text(json.dumps({"fanstudio": 99, "session": {}}))
    with pytest.raises(NewerProject, match="newer fanstudio"):
        project_file.read(tmp_path)


def test_no_project(tmp_path: Path) -> None:
    with pytest.raises(ProjectError, match="not a fanstudio project"):
        project_file.read(tmp_path / "nothing")


def _stored() -> dict:
    return json.loads(project_file.dumps(make_session()))


@pytest.mark.parametrize(
    "damage",
    [
        lambda plain: plain["session"].pop("id"),
        lambda plain: plain["session"].update(sample_rate=7),
        lambda plain: plain["session"].update(sample_rate=True),
        lambda plain: plain["session"].update(extra=1),
        lambda plain: plain["session"]["sources"][0].update(suffix="/../../x"),
        lambda plain: plain["session"]["sources"][0].update(id="../../etc/passwd"),
        lambda plain: plain["session"]["sources"][0].update(channels=0),
        lambda plain: plain["session"]["tracks"][0]["clips"][0].update(length=-4),
        lambda plain: plain["session"]["tracks"][0]["clips"][0].update(position=1.5),
        lambda plain: plain["session"]["tracks"][0]["clips"][0].update(source="0" * 64),
        lambda plain: plain["session"]["tracks"][0].update(stem="kazoo"),
        lambda plain: plain["session"]["tracks"][0].update(gain_db=1e999),
        lambda plain: plain["session"]["tracks"][0].update(gain_db=10**400),
        lambda plain: plain["session"]["tracks"][0]["clips"][0].update(position=10**400),
        lambda plain: plain["session"].update(title="\ud800"),
        lambda plain: plain["session"].update(tracks={}),
        lambda plain: plain.update(session=[]),
        lambda plain: plain.update(fanstudio="1"),
    ],
)
def test_damage_is_named_and_nothing_is_opened(damage, tmp_path: Path) -> None:
    plain = _stored()
    damage(plain)
    (tmp_path / "session.json").write_text(json.dumps(plain))
    with pytest.raises(DamagedProject):
        project_file.read(tmp_path)


def test_deep_nesting_is_damage_not_a_crash(tmp_path: Path) -> None:
    (tmp_path / "session.json").write_text("[" * 100_000)
    with pytest.raises(DamagedProject):
        project_file.read(tmp_path)


def test_half_a_character_in_a_name_does_not_keep_a_project_from_being_saved(tmp_path: Path) -> None:
    project_file.save(tmp_path, edits.rename_session(make_session(), "caf\udcc3"))
    assert project_file.read(tmp_path).saved.title == "caf?"


def test_a_write_that_fails_keeps_the_old_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    session = make_session()
    project_file.save(tmp_path, session)

    def full(self: Path, data: bytes) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(StorageError, match="disk is full"):
        project_file.save(tmp_path, edits.rename_session(session, "Other"))
    monkeypatch.undo()
    assert project_file.read(tmp_path).saved == session
    assert [path.name for path in tmp_path.iterdir()] == ["session.json"]
