"""The panels: they show the session as it is, and each change through them is one undo step."""

from __future__ import annotations

import math
import shutil
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QFrame
from pytestqt.qtbot import QtBot

from fanstudio.errors import AudioFileError, NotPermitted
from fanstudio.gui.main_window import MainWindow
from fanstudio.gui.panels.bottom_bar import country
from fanstudio.gui.panels.first_steps import STEPS, FirstSteps, steps_in
from fanstudio.gui.panels.heads import heading
from fanstudio.gui.panels.job_cards import describe_error, describe_missing, time_left
from fanstudio.gui.panels.track_head import TrackHead
from fanstudio.gui.widgets.fader import decibels, gain_at, travel
from fanstudio.gui.widgets.meter import Meter, height_of
from fanstudio.gui.widgets.pan_knob import pan_text
from fanstudio.gui.widgets.rights_list import RightsList
from fanstudio.gui.widgets.share_bar import describe_shares, group_shares
from fanstudio.gui.widgets.time_edit import parse_clock
from fanstudio.jobs import Work
from fanstudio.model import edits, mixer_edits
from fanstudio.model.audibility import is_audible
from fanstudio.model.lineage import Lineage
from fanstudio.model.rights import Operation
from fanstudio.model.session import Session, Stem
from fanstudio.model.take_edits import add_take
from fanstudio.paths import cache_dir
from fanstudio.studio.account import AccountStatus
from fanstudio.studio.export import ExportPlan, ShareLine, SourceRight
from fanstudio.studio.project import open_project
from tests.support.desk import RATE, add_noise, make_project, open_window
from tests.support.sessions import make_source


@pytest.fixture
def window(qapp: QApplication, tmp_path: Path) -> Iterator[MainWindow]:
    project = make_project(tmp_path, (Stem.VOCALS, Stem.OTHER))
    with open_window(qapp, project) as opened:
        yield opened


def head(window: MainWindow, index: int = 0) -> TrackHead:
    return window.heads.heads[index]


def steps(window: MainWindow) -> list[str]:
    return [step.label for step in window.workspace.document.history.past]


def drag(widget: TrackHead, start: QPoint, end: QPoint) -> None:
    QTest.mousePress(widget, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, start)
    for share in (0.25, 0.5, 0.75, 1.0):
        QTest.mouseMove(widget, start + (end - start) * share)
    QTest.mouseRelease(widget, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, end)


# ── track headers ────────────────────────────────────────────────────────────────────────────


def test_there_is_a_header_for_each_track_in_order(window: MainWindow) -> None:
    names = [track.name for track in window.workspace.session.tracks]
    assert [head.name._label.text() for head in window.heads.heads] == names
    last = window.workspace.session.tracks[-1].id
    window.workspace.apply("Move track", lambda session: edits.move_track(session, last, 0))
    assert head(window).track_id == last
    assert window.heads._rows.indexOf(head(window)) == 0


def test_tab_goes_through_the_tracks_from_top_to_bottom(window: MainWindow) -> None:
    last = window.workspace.session.tracks[-1].id
    window.workspace.apply("Move track", lambda session: edits.move_track(session, last, 0))
    wanted = [stop for each in window.heads.heads for stop in each.stops]
    stops, stop = [], window.heads.mixer_button.nextInFocusChain()
    while stop is not window.heads.add_button:
        stops.append(stop)
        stop = stop.nextInFocusChain()
    assert [stop for stop in stops if stop in wanted] == wanted


def test_a_fader_drag_is_one_undo_step(window: MainWindow) -> None:
    fader = head(window).fader
    before = len(steps(window))
    drag(fader, QPoint(100, fader.height() // 2), QPoint(40, fader.height() // 2))
    gain = window.workspace.session.tracks[0].gain_db
    assert gain < -15
    assert steps(window)[before:] == ["Set gain"]
    assert head(window).gain_text.text() == decibels(gain)
    window.commands.edit.undo()
    assert fader.gain_db == 0.0


def test_a_double_click_takes_a_fader_to_zero(window: MainWindow) -> None:
    track = window.workspace.session.tracks[0].id
    window.commands.track.set_gain(track, -20.0)
    QTest.mouseDClick(head(window).fader, Qt.MouseButton.LeftButton)
    assert window.workspace.session.tracks[0].gain_db == 0.0


def test_turning_the_wheel_on_a_fader_is_one_step(qtbot: QtBot, window: MainWindow) -> None:
    fader = head(window).fader
    before = len(steps(window))
    for _ in range(4):
        at = QPointF(20, 10)
        event = QWheelEvent(
            at, fader.mapToGlobal(at), QPoint(), QPoint(0, -120), Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        QApplication.sendEvent(fader, event)
    qtbot.waitUntil(lambda: len(steps(window)) == before + 1)
    assert window.workspace.session.tracks[0].gain_db == -2.0


def test_mute_solo_and_pan_go_to_the_session(window: MainWindow) -> None:
    QTest.mouseClick(head(window).mute, Qt.MouseButton.LeftButton)
    QTest.mouseClick(head(window).solo, Qt.MouseButton.LeftButton)
    drag(head(window).pan, QPoint(12, 12), QPoint(37, 12))
    track = window.workspace.session.tracks[0]
    assert (track.muted, track.soloed, track.pan) == (True, True, 0.5)
    assert steps(window)[-3:] == ["Mute track", "Solo track", "Set pan"]
    assert head(window).mute.isChecked()


def test_a_track_is_renamed_by_double_click(window: MainWindow) -> None:
    name = head(window).name
    QTest.mouseDClick(name, Qt.MouseButton.LeftButton)
    assert name._edit.selectedText() == "Vocals"
    QTest.keyClicks(name._edit, "My voice")
    QTest.keyClick(name._edit, Qt.Key.Key_Return)
    assert window.workspace.session.tracks[0].name == "My voice"
    assert steps(window)[-1] == "Rename track"


def test_escape_keeps_a_track_name(window: MainWindow) -> None:
    name = head(window).name
    QTest.mouseDClick(name, Qt.MouseButton.LeftButton)
    QTest.keyClicks(name._edit, "No")
    QTest.keyClick(name._edit, Qt.Key.Key_Escape)
    assert window.workspace.session.tracks[0].name == "Vocals"


def test_a_click_on_a_header_selects_its_track(window: MainWindow) -> None:
    QTest.mouseClick(head(window, 1), Qt.MouseButton.LeftButton, pos=QPoint(100, 16))
    assert window.workspace.selected_track == head(window, 1).track_id


def test_meters_move_while_it_plays(qtbot: QtBot, window: MainWindow) -> None:
    window.commands.transport.toggle()
    qtbot.waitUntil(lambda: head(window).meter.peak_db > -20)
    window.commands.transport.toggle()


def test_the_heading_says_whose_stems_these_are(window: MainWindow) -> None:
    assert heading(Session("id", "Song")) == "No tracks yet"
    assert heading(window.workspace.session) == "2 tracks"


# ── small controls ───────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("gain_db", [-60.0, -20.0, -3.1, 0.0, 6.0, 12.0])
def test_a_fader_returns_the_gain_that_it_shows(gain_db: float) -> None:
    assert gain_at(travel(gain_db)) == pytest.approx(gain_db, abs=0.051)


def test_gains_are_written_with_their_sign() -> None:
    assert [decibels(gain) for gain in (-60, -3.1, -0.04, 0, 2)] == [
        "−∞ dB",
        "−3.1 dB",
        "0.0 dB",
        "0.0 dB",
        "+2.0 dB",
    ]
    assert [pan_text(pan) for pan in (-1, -0.4, 0, 0.25)] == [
        "100 % left",
        "40 % left",
        "centre",
        "25 % right",
    ]


@pytest.mark.parametrize(
    ("text", "frame"),
    [("0:42.318", 2_031_264), ("42.5", 2_040_000), ("1:02:03", 178_704_000), ("12,5 s", 600_000)],
)
def test_times_are_read_as_they_are_written(text: str, frame: int) -> None:
    assert parse_clock(text, 48_000) == frame


@pytest.mark.parametrize("text", ["", "-1", "abc", "1:", "1e9", "9" * 40, "1:2:3:4", "½"])
def test_nonsense_is_not_a_time(text: str) -> None:
    assert parse_clock(text, 48_000) is None


def test_a_meter_falls_slowly_and_holds_its_peak(window: MainWindow) -> None:
    meter = Meter(window.appearance, "Level")
    meter.show_level(1.0, 0.1)
    assert meter.peak_db == pytest.approx(0.0)
    time.sleep(0.05)
    meter.show_level(0.0, 0.0)
    assert -5 < meter._level_db < -1
    assert meter.peak_db == pytest.approx(0.0)
    assert height_of(-math.inf) == 0.0
    assert 0.94 < height_of(0.0) < 0.96
    meter.deleteLater()


# ── the bars ─────────────────────────────────────────────────────────────────────────────────


def right(permitted: bool | None, clip: str = "", title: str = "Halcyon") -> SourceRight:
    return SourceRight(title, "Nova", "catalogue track", ("split",), permitted, "opted out", (), (clip,))


def plan(*rights: SourceRight, exportable: bool = True) -> ExportPlan:
    shares = (
        ShareLine("Nova", "artist", 580_000),
        ShareLine("Wind", "label", 270_000),
        ShareLine("Ada", "writer", 100_000),
        ShareLine("Bo", "writer", 50_000),
    )
    return ExportPlan(rights, shares, exportable, "Ready to export", "All permitted")


def test_shares_are_grouped_by_role() -> None:
    shares = group_shares(plan().shares)
    assert describe_shares(shares) == "artist 58 % · label 27 % · 2 writers 15 %"
    assert describe_shares((("artist", 333_333),)) == "artist 33.3 %"


def test_takes_of_one_voice_are_one_row(window: MainWindow) -> None:
    take = SourceRight("My voice", "", "recorded here", (), True, "", ("1",), ())
    refused = (right(False, "first"), right(False, "second"))
    rights = (take, replace(take, source_ids=("2",)), *refused)
    shown = RightsList(window.appearance, rights, lambda _right: None, window)
    rows = [row.accessibleName() for row in shown.findChildren(QFrame) if row.accessibleName()]
    assert rows.count("My voice, recorded here: yours") == 1
    assert len(shown.mute_buttons) == 2, "each refused source can be muted"


def test_the_bottom_bar_answers_its_questions(window: MainWindow) -> None:
    bottom = window.bottom
    bottom.show_plan(plan(right(True)))
    assert (bottom.headline.text(), bottom.dot.token) == ("Ready to export", "ok")
    assert bottom.shares.text().startswith("artist 58 %")
    assert bottom.problem_chip.isHidden()
    bottom.show_plan(plan(right(None), exportable=False))
    assert bottom.dot.token == "wait"
    bottom.show_plan(None)
    assert bottom.paid.isHidden()


def test_a_permission_names_its_country(window: MainWindow) -> None:
    clip = window.workspace.session.tracks[0].clips[0].id
    window.bottom.show_plan(replace(plan(right(True, clip)), territory="SE"))
    assert window.bottom.detail.text() == "All permitted · Sweden"
    assert country("") == ""
    assert country("QQ") == "QQ"


def test_clips_that_stand_in_the_way_are_shown(window: MainWindow) -> None:
    clip = window.workspace.session.tracks[1].clips[0].id
    window.commands.export.standing.take(plan(right(False, clip), exportable=False))
    assert window.bottom.problem_chip.text() == "Show 1 clip"
    QTest.mouseClick(window.bottom.problem_chip, Qt.MouseButton.LeftButton)
    assert window.workspace.selected_clips == {clip}
    assert dict(window.stage.timeline.state.denied) == {clip: "Halcyon: opted out"}


def test_what_the_platform_refuses_is_shown_on_the_clips(window: MainWindow) -> None:
    clip = window.workspace.session.tracks[0].clips[0].id
    window.commands.export.standing.take(plan(right(True, clip)))
    denied = [{"title": "Halcyon", "reason": "not in your country"}]
    window.commands.export.standing.refuse(NotPermitted("Refused.", members={"denied": denied}))
    assert dict(window.stage.timeline.state.denied) == {clip: "Halcyon: not in your country"}


def test_the_clock_follows_the_playhead(qtbot: QtBot, window: MainWindow) -> None:
    window.commands.transport.locate(RATE * 5 // 2)
    qtbot.waitUntil(lambda: window.top.clock.text() == "0:02.500")
    assert window.top.bar.text() == "bar 2.2"
    assert window.top.tempo.text_shown == "120.0 BPM"
    assert window.stage.timeline.state.playhead == RATE * 5 // 2


def test_the_account_chip_says_who_pays_for_what(window: MainWindow) -> None:
    assert window.top.account.text_shown == "Sign in"
    window.workspace.set_account(AccountStatus(True, "Tune", False, "Ada", "premium", ("remix",)))
    assert window.top.account.text_shown == "Premium + Remix"


def test_without_a_device_a_quiet_chip_says_so(window: MainWindow) -> None:
    assert window.top.sound.isVisible()
    assert window.top.sound.toolTip() == "No sound device: playing silently."


# ── the side panel ───────────────────────────────────────────────────────────────────────────


def test_the_inspector_shows_and_takes_numbers(window: MainWindow) -> None:
    inspector = window.side.inspector
    assert inspector.isHidden()
    clip = window.workspace.session.tracks[0].clips[0]
    window.workspace.select_clips((clip.id,))
    assert inspector.isVisible()
    type_over(inspector.start, "1.5")
    type_over(inspector.fade_in, "0:00.250")
    type_over(inspector.length, "2")
    inspector.gain.setValue(-6)
    edited = window.workspace.session.clip(clip.id)[1]
    wanted = replace(clip, position=RATE * 3 // 2, length=RATE * 2, fade_in=RATE // 4, gain_db=-6.0)
    assert edited == wanted
    assert steps(window)[-4:] == ["Move clip", "Fade in", "Trim clip", "Set clip gain"]
    type_over(inspector.start, "soon")
    assert inspector.start.text() == "0:01.500"


def type_over(field, text: str) -> None:
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, text)
    QTest.keyClick(field, Qt.Key.Key_Return)


def test_one_click_mixes_are_offered_once_there_are_stems(window: MainWindow) -> None:
    one_click = window.side.one_click
    assert one_click.stems.isHidden()
    QTest.mouseClick(one_click.instrumental, Qt.MouseButton.LeftButton)
    assert [track.muted for track in window.workspace.session.tracks] == [True, False]
    QTest.mouseClick(one_click.a_cappella, Qt.MouseButton.LeftButton)
    assert [track.muted for track in window.workspace.session.tracks] == [False, True]
    assert steps(window)[-2:] == ["Instrumental", "A cappella"]


def test_an_instrumental_keeps_what_the_fan_sang(window: MainWindow) -> None:
    window.workspace.apply("Add track", lambda now: edits.add_track(now, "My voice", Stem.VOCALS))
    voice = window.workspace.session.tracks[-1].id
    window.workspace.apply("Record", lambda now: add_take(now, voice, now.sources[0], 0))
    QTest.mouseClick(window.side.one_click.instrumental, Qt.MouseButton.LeftButton)
    assert [track.muted for track in window.workspace.session.tracks] == [True, False, False]


def test_a_bus_on_solo_does_not_silence_a_one_click_mix(window: MainWindow) -> None:
    window.workspace.apply("Add bus", lambda now: mixer_edits.add_bus(now, "Room"))
    bus = window.workspace.session.buses[0].id
    window.workspace.apply("Solo bus", lambda now: mixer_edits.solo_bus(now, bus, True))
    QTest.mouseClick(window.side.one_click.instrumental, Qt.MouseButton.LeftButton)
    session = window.workspace.session
    assert [is_audible(session, track) for track in session.tracks] == [False, True]


def test_a_song_can_be_split_until_there_are_stems(qapp: QApplication, tmp_path: Path) -> None:
    project = make_project(tmp_path)
    with open_window(qapp, project) as window:
        assert window.side.one_click.stems.isEnabled()
        stems = [add_noise(project, stem.value, stem) for stem in (Stem.VOCALS, Stem.OTHER)]
        clip = window.workspace.session.tracks[0].clips[0].id
        window.workspace.apply("Split", lambda session: edits.split_into_stems(session, clip, stems))
        assert window.side.one_click.stems.isHidden()
        assert len(window.heads.heads) == 3
        window.workspace.select_clips([clip])
        assert window.side.one_click.stems.isHidden()
        second = add_noise(project, "Another song", Stem.MIX)
        window.workspace.apply("Import", lambda session: edits.import_source(session, second))
        assert not window.side.one_click.instrumental.isHidden()
        window.workspace.select_clips([])
        assert not window.side.one_click.stems.isHidden()


def test_a_song_is_not_split_twice_at_once(qtbot: QtBot, qapp: QApplication, tmp_path: Path) -> None:
    with open_window(qapp, make_project(tmp_path)) as window:
        QTest.mouseClick(window.side.one_click.stems, Qt.MouseButton.LeftButton)
        QTest.mouseClick(window.side.one_click.stems, Qt.MouseButton.LeftButton)
        window.commands.split.split_now()
        (card,) = window.side.jobs.cards
        assert not window.actions_["stems"].isEnabled()
        QTest.mouseClick(card.cancel, Qt.MouseButton.LeftButton)
        qtbot.waitUntil(lambda: window.actions_["stems"].isEnabled())


def test_first_steps_are_ticked_and_remembered(window: MainWindow, tmp_path: Path) -> None:
    file = tmp_path / "steps.json"
    card = FirstSteps(window.appearance, file, window)
    card.tick("play")
    card.tick("nonsense")
    assert card.done == {"play"}
    again = FirstSteps(window.appearance, file, window)
    assert again.done == {"play"}
    for name, _text in STEPS:
        again.tick(name)
    assert again.isHidden()


def test_first_steps_wait_for_a_song(window: MainWindow) -> None:
    card = window.side.first_steps
    assert not card.isHidden()
    window.actions_["select_all"].trigger()
    window.actions_["delete"].trigger()
    assert card.isHidden()
    window.commands.edit.undo()
    assert not card.isHidden()


def test_damaged_first_steps_start_anew(window: MainWindow, tmp_path: Path) -> None:
    file = tmp_path / "steps.json"
    file.write_text("{")
    assert FirstSteps(window.appearance, file, window).done == frozenset()


def test_real_events_tick_the_first_steps(qtbot: QtBot, window: MainWindow) -> None:
    window.commands.transport.toggle()
    window.commands.transport.toggle()
    clip = window.workspace.session.tracks[0].clips[0].id
    window.workspace.apply("Move clip", lambda session: edits.move_clip(session, clip, RATE))
    window.commands.edit.undo()
    assert window.side.first_steps.done == {"play", "move", "undo"}


def test_a_job_has_a_card_that_cancels_it(qtbot: QtBot, window: MainWindow) -> None:
    def work(work: Work) -> None:
        while True:
            work.report(0.64, "Spleeter 2 stems")
            time.sleep(0.005)

    window.workspace.bridge.run("Splitting “Halcyon”", work, runs_on="CPU")
    (card,) = window.side.jobs.cards
    qtbot.waitUntil(lambda: card.state.text().startswith("64 %"))
    assert card.detail.text() == "Spleeter 2 stems · CPU"
    QTest.mouseClick(card.cancel, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.side.jobs.cards == ())
    assert window.side.jobs.notes == ()


def test_an_error_card_says_what_happened_what_is_safe_and_what_to_do(
    qtbot: QtBot, window: MainWindow
) -> None:
    def fail(_work: Work) -> None:
        raise AudioFileError("“a.txt” is not audio.", hint="Choose another file.")

    window.workspace.bridge.run("Importing “a.txt”", fail)
    qtbot.waitUntil(lambda: len(window.side.jobs.notes) == 1)
    (note,) = window.side.jobs.notes
    assert note.texts == ("“a.txt” is not audio.", "Your project is unchanged.", "Choose another file.")
    QTest.mouseClick(note.close_button, Qt.MouseButton.LeftButton)
    assert window.side.jobs.notes == ()


def test_missing_audio_is_named_when_a_project_opens(qapp: QApplication, tmp_path: Path) -> None:
    project = make_project(tmp_path)
    project.pool.path(project.document.session.sources[0]).unlink()
    with open_window(qapp, project) as window:
        (note,) = window.side.jobs.notes
        assert note.accessibleName().startswith("An audio file is missing “Mix” stays silent until")
        window.workspace.bridge.report("Import", AudioFileError("“a.txt” is not audio."))
        window.workspace.open(make_project(tmp_path, title="Another"))
        assert [left.is_error for left in window.side.jobs.notes] == [True]


def test_missing_audio_is_found_in_a_folder_and_drawn(
    qapp: QApplication, qtbot: QtBot, tmp_path: Path
) -> None:
    project = make_project(tmp_path)
    (source, *_) = project.document.session.sources
    kept = tmp_path / "kept" / "renamed.wav"
    kept.parent.mkdir()
    project.pool.path(source).rename(kept)
    shutil.rmtree(cache_dir())
    again = open_project(Work(), project.folder)
    with open_window(qapp, again) as window:
        window.commands.audio.say_what_is_missing()
        window.actions_["find_audio"].trigger()
        (dialog,) = window.findChildren(QFileDialog)
        dialog.fileSelected.emit(str(kept.parent))
        dialog.close()
        qtbot.waitUntil(lambda: window.stage.waveforms.peaks(source) is not None)
        words = [note.accessibleName() for note in window.side.jobs.notes if not note.is_error]
        assert words == ["All audio was found “Mix” is in the project again."]


def test_many_missing_files_are_counted() -> None:
    sources = [make_source(str(number)) for number in range(5)]
    title, text = describe_missing(sources, Path("Song.fanstudio"))
    assert title == "5 audio files are missing"
    assert text.startswith(
        "“0”, “1”, “2” and 2 more stay silent until their files are back in Song.fanstudio"
    )


def test_cards_do_not_pile_up(window: MainWindow) -> None:
    for number in (1, 2, 3, 4, 4):
        window.workspace.bridge.report("Import", AudioFileError(f"File {number} is not audio."))
    assert [note.texts[0][5] for note in window.side.jobs.notes] == ["2", "3", "4"]


def test_what_nobody_foresaw_is_named_without_a_traceback() -> None:
    happened, hint = describe_error(ZeroDivisionError("division by zero"))
    assert happened == "Something unexpected happened (ZeroDivisionError)."
    assert "log" in hint


def test_time_left_is_short() -> None:
    assert [time_left(seconds) for seconds in (None, 0.2, 6.4, 75)] == [
        "",
        "0:01 left",
        "0:06 left",
        "1:15 left",
    ]


def test_what_a_project_shows_to_be_done_is_ticked(qapp: QApplication, tmp_path: Path) -> None:
    project = make_project(tmp_path)
    clip = project.document.session.tracks[0].clips[0]
    stem = replace(
        add_noise(project, "Vocals", Stem.VOCALS), lineage=Lineage(Operation.SPLIT, (clip.source,))
    )
    assert steps_in(project.document.session) == set()
    project.document.apply("Split", lambda session: edits.split_into_stems(session, clip.id, [stem]))
    assert steps_in(project.document.session) == {"stems"}
    cut = project.document.session.tracks[1].clips[0].id
    project.document.apply("Cut", lambda session: edits.split_clip(session, cut, 1_000))
    late = project.document.session.tracks[1].clips[1]
    project.document.apply("Move", lambda session: edits.move_clip(session, late.id, 5_000))
    with open_window(qapp, project) as window:
        assert window.side.first_steps.done == {"stems", "move"}
