"""The export, against the real embedded platform: what it makes, refuses, survives and resumes."""

from __future__ import annotations

import dataclasses
import json
import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
import soundfile

from fanstudio.errors import (
    AccountError,
    Cancelled,
    Conflict,
    FanstudioError,
    InputError,
    NetworkError,
    PermitError,
    PermitExpired,
    StorageError,
    Throttled,
    WatermarkError,
)
from fanstudio.export import pipeline
from fanstudio.export.formats import find_format
from fanstudio.export.journal import Entry, Journal, Rendered
from fanstudio.export.pipeline import Order
from fanstudio.jobs import Work
from fanstudio.model import edits
from fanstudio.paths import data_dir
from fanstudio.platform.client import Platform
from fanstudio.platform.permits import Granted
from fanstudio.studio.account import ensure_signed_in
from fanstudio.studio.context import Studio
from fanstudio.studio.embedded_platform import check_ledger, platform_folder
from fanstudio.studio.export import ExportOptions, export_project
from fanstudio.studio.project import Project
from fanstudio.studio.verify import verify_file
from tests.support.songs import make_song_project


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory, platform_home: Path) -> Project:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FANSTUDIO_HOME", str(platform_home))
        return make_song_project(tmp_path_factory.mktemp("project"))


@pytest.fixture
def order(project: Project, studio: Studio, tmp_path: Path) -> Order:
    platform = ensure_signed_in(Work(), studio).platform
    session = project.document.session
    samples = project.pool.samples_at(session.sample_rate)
    row = find_format("flac")
    return Order(session, samples, tmp_path / "out.flac", row, "Song", None, platform.me())


@pytest.fixture
def platform(order: Order, studio: Studio) -> Platform:
    return studio.connect(Work()).platform


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path / "journal")


def _left(tmp_path: Path) -> list[str]:
    return sorted(path.name for path in tmp_path.iterdir() if path.is_file())


@pytest.mark.parametrize("format_name", ["flac", "wav", "mp3", "m4a"])
def test_every_format_comes_back_verified(
    format_name: str, project: Project, studio: Studio, tmp_path: Path
) -> None:
    journals = data_dir() / "exports"  # that of other tests' exports may lie there
    before = set(journals.iterdir()) if journals.exists() else set()
    result = export_project(Work(), studio, project, ExportOptions(tmp_path / f"out.{format_name}"))
    assert result.verification.verdict == "verified"
    assert result.receipt.declared[0].basis == "own"
    assert _left(tmp_path) == [f"out.{format_name}"]
    assert set(journals.iterdir()) <= before


def test_sixteen_bits_are_a_wav_to_the_platform(project: Project, studio: Studio, tmp_path: Path) -> None:
    result = export_project(Work(), studio, project, ExportOptions(tmp_path / "out.wav", "wav16"))
    assert result.verification.verdict == "verified"
    assert result.receipt.essence.format == "wav"
    assert soundfile.info(tmp_path / "out.wav").subtype == "PCM_16"


def test_a_loudness_that_would_crush_the_peaks_is_told(
    project: Project, studio: Studio, tmp_path: Path
) -> None:
    result = export_project(Work(), studio, project, ExportOptions(tmp_path / "out.flac", loudness_lufs=-2.0))
    assert result.receipt.loudness_lufs == result.loudness_lufs < -3
    assert (
        result.loudness_told
        == f"{result.loudness_lufs:.1f} LUFS; -2 would press its peaks down by more than 6 dB"
    )
    assert result.to_json()["loudness_asked_lufs"] == -2.0


def test_nothing_is_rendered_without_a_permit(order: Order, platform: Platform, tmp_path: Path) -> None:
    request = pipeline.request_of(order, platform)
    forged = Granted("a" * 16, "eyJhbGciOiJub25lIn0.e30.", None, bytes(16), 0)  # type: ignore[arg-type]
    with pytest.raises(PermitError):
        pipeline.render(Work(), order, request, forged, platform)
    assert _left(tmp_path) == []


def test_a_permit_for_another_state_of_the_project_is_refused(
    order: Order, platform: Platform, tmp_path: Path
) -> None:
    granted = platform.exports.reserve(pipeline.request_of(order, platform), "key-of-the-first")
    louder = dataclasses.replace(order, session=edits.set_master_gain(order.session, 3))
    with pytest.raises(PermitError, match="another state of the project"):
        pipeline.render(Work(), louder, pipeline.request_of(louder, platform), granted, platform)
    assert _left(tmp_path) == []


def test_an_expired_permit_is_refused(
    order: Order, platform: Platform, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = pipeline.request_of(order, platform)
    granted = platform.exports.reserve(request, "key-that-grows-old")
    later = platform.http.now() + 3600
    monkeypatch.setattr(platform.http, "now", lambda: later)
    with pytest.raises(PermitExpired):
        pipeline.render(Work(), order, request, granted, platform)
    assert _left(tmp_path) == []


@pytest.mark.parametrize("step", ["finalise", "sign"])
def test_a_platform_that_goes_down_holds_the_export_and_the_next_try_resumes(
    step: str,
    order: Order,
    platform: Platform,
    journal: Journal,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _held_before(step, order, platform, journal, monkeypatch)
    assert "out.flac.part" in _left(tmp_path)
    assert "out.flac" not in _left(tmp_path)
    held = (tmp_path / "out.flac.part").read_bytes()
    rendered_again: list[object] = []
    monkeypatch.setattr(pipeline, "write_marked", rendered_again.append)
    exported = pipeline.run(Work(), order, platform, journal)
    assert rendered_again == []
    assert exported.credentials.state == "trusted"
    assert exported.path.stat().st_size > len(held)
    assert _left(tmp_path) == ["out.flac"]


def test_a_held_file_that_was_changed_is_rendered_again(
    order: Order, platform: Platform, journal: Journal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _held_before("finalise", order, platform, journal, monkeypatch)
    part = tmp_path / "out.flac.part"
    part.write_bytes(part.read_bytes()[:-5000])
    assert pipeline.run(Work(), order, platform, journal).credentials.state == "trusted"


def test_a_finished_export_with_another_file_starts_afresh(
    order: Order, platform: Platform, journal: Journal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _held_before("sign", order, platform, journal, monkeypatch)
    entry = next((tmp_path / "journal").glob("*.json"))
    value = json.loads(entry.read_text())
    value["rendered"]["essence_sha256"] = "0" * 64
    with monkeypatch.context() as patch:
        patch.setattr(pipeline, "_kept", lambda *_a: Rendered(**value["rendered"]))
        with pytest.raises(Conflict):
            pipeline.run(Work(), order, platform, journal)
    assert _left(tmp_path) == []
    assert pipeline.run(Work(), order, platform, journal).credentials.state == "trusted"


def _cancel_at(share: float) -> Work:
    def report(fraction: float, _text: str) -> None:
        if fraction >= share:
            work.cancel()

    work = Work(report)
    return work


@pytest.mark.parametrize("share", [0.0, 0.1, 0.4, 0.7, 0.8, 0.9])
def test_cancelled_anywhere_it_leaves_nothing(
    share: float, order: Order, platform: Platform, journal: Journal, tmp_path: Path
) -> None:
    with pytest.raises(Cancelled):
        pipeline.run(_cancel_at(share), order, platform, journal)
    assert _left(tmp_path) == []
    assert not list((tmp_path / "journal").iterdir())
    assert check_ledger(platform_folder())[2] == ()


def test_cancelled_once_the_file_is_in_place_it_stays(
    project: Project, studio: Studio, tmp_path: Path
) -> None:
    transactions = check_ledger(platform_folder())[0]
    target = ExportOptions(tmp_path / "out.flac")
    result = export_project(_cancel_at(0.905), studio, project, target)
    assert result.verification.verdict == "verified"
    assert _left(tmp_path) == ["out.flac"]
    booked, _, faults = check_ledger(platform_folder())
    assert (booked - transactions, faults) == (1, ())


@pytest.mark.parametrize("lost", ["the journal's end", "the rename"])
def test_a_crash_after_the_signature_finishes_with_that_signature(
    lost: str,
    order: Order,
    platform: Platform,
    journal: Journal,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def crash(*_arguments: object) -> None:
        raise NetworkError("As if the power had failed.")

    step = "_tidy" if lost == "the journal's end" else "_put_in_place"
    with monkeypatch.context() as patch:
        patch.setattr(pipeline, step, crash)
        with pytest.raises(NetworkError):
            pipeline.run(Work(), order, platform, journal)
    transactions = check_ledger(platform_folder())[0]
    exported = pipeline.run(Work(), order, platform, journal)
    assert exported.credentials.state == "trusted"
    assert _left(tmp_path) == ["out.flac"]
    assert check_ledger(platform_folder())[0] == transactions


def test_too_short_to_be_marked(studio: Studio, tmp_path: Path) -> None:
    short = make_song_project(tmp_path, 3.0, seed=3)
    with pytest.raises(WatermarkError, match="needs at least 15 s"):
        export_project(Work(), studio, short, ExportOptions(tmp_path / "out.flac"))
    assert not (tmp_path / "out.flac.part").exists()


def test_nothing_to_export(studio: Studio, project: Project, tmp_path: Path) -> None:
    session = project.document.session
    project.document.apply("Mute", lambda s: edits.mute_track(s, s.tracks[0].id, True))
    try:
        with pytest.raises(InputError, match="nothing to export"):
            export_project(Work(), studio, project, ExportOptions(tmp_path / "out.flac"))
    finally:
        project.document.undo()
    assert project.document.session == session


@pytest.mark.parametrize("target", ["missing/out.flac", "folder.flac"])
def test_a_target_that_cannot_be_written(
    target: str, order: Order, platform: Platform, journal: Journal, tmp_path: Path
) -> None:
    (tmp_path / "folder.flac").mkdir()
    with pytest.raises(StorageError, match="cannot be written"):
        pipeline.run(Work(), dataclasses.replace(order, target=tmp_path / target), platform, journal)


def test_an_unreachable_platform_before_anything(project: Project, tmp_path: Path) -> None:
    away = Studio(platform_url="http://127.0.0.1:9")
    try:
        with pytest.raises(Exception, match=r"sign|reached"):
            export_project(Work(), away, project, ExportOptions(tmp_path / "out.flac"))
    finally:
        away.close()
    assert _left(tmp_path) == []


def test_two_exports_at_once_to_two_files(project: Project, studio: Studio, tmp_path: Path) -> None:
    ensure_signed_in(Work(), studio)
    verdicts: list[str] = []

    def export(name: str) -> Callable[[], None]:
        def run() -> None:
            result = export_project(Work(), studio, project, ExportOptions(tmp_path / name))
            verdicts.append(result.verification.verdict)

        return run

    threads = [threading.Thread(target=export(name)) for name in ("a.flac", "b.flac")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert verdicts == ["verified", "verified"]


def test_two_exports_at_once_to_one_file(order: Order, platform: Platform, journal: Journal) -> None:
    with journal.hold(order.target), pytest.raises(StorageError, match="Another export is writing"):
        pipeline.run(Work(), order, platform, journal)
    assert pipeline.run(Work(), order, platform, journal).credentials.state == "trusted"


def test_what_another_fan_left_is_not_taken_up(order: Order, platform: Platform, journal: Journal) -> None:
    digest = pipeline.request_of(order, platform).project_digest
    theirs = journal.begin(platform.issuer, "another-fan", digest, order.target, order.title)
    journal.note_rendered(theirs, Rendered("a" * 16, "0" * 64, None, 48_000, 48_000, -14.0))
    ours = journal.begin(platform.issuer, order.fan.sub, digest, order.target, order.title)
    assert (ours.rendered, ours.key == theirs.key) == (None, False)


def test_an_export_that_was_given_up_at_the_platform_starts_afresh(
    order: Order, platform: Platform, journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = _held_before("finalise", order, platform, journal, monkeypatch)
    platform.exports.abandon(first.rendered.export_id)
    exported = pipeline.run(Work(), order, platform, journal)
    assert exported.credentials.state == "trusted"
    assert exported.export_id != first.rendered.export_id


@pytest.mark.parametrize("refusal", [Throttled("Too many requests."), AccountError("It is locked.")])
def test_a_refusal_that_passes_keeps_what_was_rendered(
    refusal: FanstudioError,
    order: Order,
    platform: Platform,
    journal: Journal,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first = _held_before("finalise", order, platform, journal, monkeypatch)

    def refuse(*_arguments: object, **_named: object) -> None:
        raise refusal

    with monkeypatch.context() as patch:
        patch.setattr(platform.exports, "reserve", refuse)
        with pytest.raises(type(refusal)):
            pipeline.run(Work(), order, platform, journal)
    assert pipeline.run(Work(), order, platform, journal).export_id == first.rendered.export_id


def test_what_nobody_takes_up_for_a_week_goes_with_the_next_export(
    order: Order, platform: Platform, journal: Journal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _held_before("finalise", order, platform, journal, monkeypatch)
    (entry,) = (tmp_path / "journal").glob("*.json")
    damaged = tmp_path / "journal" / "damaged.json"
    damaged.write_text("{")
    for path in (entry, damaged):
        os.utime(path, (0, 0))
    other = dataclasses.replace(order, target=tmp_path / "other.flac")
    pipeline.run(Work(), other, platform, journal)
    assert _left(tmp_path) == ["other.flac"]
    assert not list((tmp_path / "journal").iterdir())


def _held_before(
    step: str, order: Order, platform: Platform, journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> Entry:
    """Export until the platform goes away at `step`, and return the entry that waits in the journal."""

    def down(*_arguments: object, **_named: object) -> None:
        raise NetworkError("The platform cannot be reached.")

    with monkeypatch.context() as patch:
        patch.setattr(platform.exports, step, down)
        with pytest.raises(NetworkError):
            pipeline.run(Work(), order, platform, journal)
    digest = pipeline.request_of(order, platform).project_digest
    return journal.begin(platform.issuer, order.fan.sub, digest, order.target, order.title)


def test_a_flipped_bit_and_a_reencode_are_told_apart(
    project: Project, studio: Studio, tmp_path: Path
) -> None:
    import soundfile

    path = export_project(Work(), studio, project, ExportOptions(tmp_path / "out.flac")).path
    samples, rate = soundfile.read(path)
    again = tmp_path / "again.flac"
    soundfile.write(again, samples, rate, subtype="PCM_16")
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    flipped = tmp_path / "flipped.flac"
    flipped.write_bytes(data)
    assert verify_file(Work(), studio, flipped).verdict == "altered"
    found = verify_file(Work(), studio, again)
    assert (found.verdict, found.found.receipt_source) == ("mark_only", "online")


def test_an_unmarked_song_is_unknown(studio: Studio, tmp_path: Path) -> None:
    from tests.support.songs import write_song

    assert verify_file(Work(), studio, write_song(tmp_path / "plain.wav", seed=9)).verdict == "unknown"
    (tmp_path / "no.flac").write_bytes(b"fLaC nonsense")
    assert verify_file(Work(), studio, tmp_path / "no.flac").verdict == "unreadable"
