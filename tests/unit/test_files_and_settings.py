"""Files that appear whole or not at all, and the settings kept in one."""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path

import pytest

from fanstudio import files, paths, settings
from fanstudio.errors import SettingsError, StorageError
from fanstudio.export.formats import FORMATS
from fanstudio.export.journal import Journal
from fanstudio.files import desk_in, own_part, part_file, try_lock, write_whole
from fanstudio.studio import lease
from fanstudio.studio.lease import Lease, anyone_holds


def test_what_is_open_and_cannot_be_replaced_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As Windows has it; where nothing is there yet, the same refusal is an error."""

    def refuse(_part: Path, _target: Path) -> None:
        raise PermissionError(errno.EACCES, "in use")

    monkeypatch.setattr(Path, "replace", refuse)
    (tmp_path / "held").write_text("same")
    with own_part(tmp_path / "held") as part:
        part.write_text("same")
    with pytest.raises(StorageError), own_part(tmp_path / "new") as part:
        part.write_text("same")
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["held"]


def test_a_part_file_is_renamed_or_gone(tmp_path: Path) -> None:
    target = tmp_path / "out.bin"
    with part_file(target) as part:
        part.write_bytes(b"new")
        assert not target.exists()
    assert target.read_bytes() == b"new"
    with pytest.raises(ZeroDivisionError), part_file(target) as part:
        part.write_bytes(bytes(1 // 0))
    assert target.read_bytes() == b"new"
    assert [path.name for path in tmp_path.iterdir()] == ["out.bin"]


def test_a_full_disk_is_said(tmp_path: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full on this system")
    (tmp_path / "out.bin.part").symlink_to("/dev/full")
    with pytest.raises(StorageError, match="disk is full"):
        write_whole(tmp_path / "out.bin", b"x" * 10_000)
    assert not (tmp_path / "out.bin").exists()


def test_a_lock_is_held_once(tmp_path: Path) -> None:
    with (tmp_path / "lock").open("ab") as first, (tmp_path / "lock").open("ab") as second:
        assert try_lock(first)
        assert not try_lock(second)
    with (tmp_path / "lock").open("ab") as third:
        assert try_lock(third)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no flock")
def test_file_system_without_locks_is_neither_busy_nor_free(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_handle: int, _operation: int) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr("fcntl.flock", refuse)
    with pytest.raises(StorageError, match="cannot be locked"):
        Lease(tmp_path)
    with pytest.raises(StorageError, match="cannot be locked"), Journal(tmp_path).hold(tmp_path / "x.wav"):
        pass
    with desk_in(tmp_path / "out") as desk:
        (desk / "half").write_bytes(b"x")
    assert not (tmp_path / "out").exists()
    assert not list(tmp_path.glob("*.lease"))


def test_leases_count_while_they_are_held(tmp_path: Path) -> None:
    first, second = Lease(tmp_path / "clients"), Lease(tmp_path / "clients")
    first.release()
    first.release()
    assert anyone_holds(tmp_path / "clients")
    second.release()
    assert not anyone_holds(tmp_path / "clients")


def test_a_lease_whose_holder_died_does_not_count(tmp_path: Path) -> None:
    (tmp_path / "1-dead.lease").write_bytes(b"")
    assert not anyone_holds(tmp_path)
    assert not (tmp_path / "1-dead.lease").exists()


def test_a_lease_that_the_platform_swept_away_while_it_was_taken_is_taken_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    between = [lambda: anyone_holds(tmp_path)]

    def sweep_first(stream) -> bool:
        while between:
            between.pop()()
        return try_lock(stream)

    monkeypatch.setattr(lease, "try_lock", sweep_first)
    held = Lease(tmp_path)
    assert anyone_holds(tmp_path)
    held.release()
    assert list(tmp_path.iterdir()) == []


def test_settings_are_kept_and_checked() -> None:
    first = settings.load()
    first.set("theme", "light")
    first.set("export_loudness_lufs", -23)
    second = settings.load()
    assert second.get("theme") == "light"
    assert second.get("export_loudness_lufs") == -23.0
    for name, value in (("theme", "pink"), ("export_loudness_lufs", "loud"), ("nonsense", 1)):
        with pytest.raises(SettingsError):
            second.set(name, value)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"theme": 7, "unknown": 1}', "\0\xff"])
def test_a_damaged_settings_file_means_defaults(text: str) -> None:
    (paths.config_dir() / "settings.json").write_text(text)
    assert settings.load().get("theme") == "system"


@pytest.mark.parametrize("number", ["NaN", "-Infinity", "1e999", "9" * 400, "true"])
def test_a_number_that_is_none_keeps_its_default(number: str) -> None:
    (paths.config_dir() / "settings.json").write_text(f'{{"export_loudness_lufs": {number}}}')
    assert settings.load().get("export_loudness_lufs") == -14.0


def test_every_setting_says_what_it_is() -> None:
    for row in settings.SETTINGS:
        assert row.text.endswith(".")
        assert settings.checked(row, row.default) == row.default


def test_a_desk_is_gone_afterwards_with_those_that_a_crash_left(tmp_path: Path) -> None:
    folder = tmp_path / "new"
    with files.desk_in(folder) as first, files.desk_in(folder) as second:
        (first / "half").write_bytes(b"half")
        left = folder / ".fanstudio-crashed"
        left.mkdir()
        (left / "in-use").touch()
        with files.desk_in(folder):
            assert not left.exists()
            assert first.is_dir()
            assert second.is_dir()
    assert not folder.exists()


def test_hidden_names_are_not_shown(tmp_path: Path) -> None:
    full = OSError(28, "No space left on device")
    for name, shown in (
        ("out.flac.signed.part", "out.flac"),
        ("out.flac.part", "out.flac"),
        (".fanstudio-1/P.fanstudio/audio/.part-2/song.wav", "."),
        ("P.fanstudio/audio/.part-2.wav", "P.fanstudio/audio"),
    ):
        line = files.storage_error(full, tmp_path / name).message
        assert line == f"The disk is full: {tmp_path / shown} was not written."


def test_the_setting_of_the_export_format_takes_what_can_be_exported() -> None:
    assert set(settings.find("export_format").choices) == {row.name for row in FORMATS}
