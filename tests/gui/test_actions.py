"""The action table: complete, without conflicts, and right about what is possible."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from fanstudio.gui.action_set import keys_text, tooltip
from fanstudio.gui.actions import ACTIONS, MENUS, Situation, clips_to_separate, find, has_stems
from fanstudio.gui.icons import GLYPHS
from fanstudio.model import edits
from fanstudio.model.session import Session, Stem, new_session
from tests.support.desk import make_project, open_window
from tests.support.sessions import make_session, make_source

EXPECTED = {
    "play": ("Space",),
    "start": ("Home",),
    "split": ("Ctrl+E",),
    "duplicate": ("Ctrl+D",),
    "mute": ("M",),
    "solo": ("S",),
    "loop": ("L",),
    "zoom_selection": ("Z",),
    "fit": ("F",),
    "undo": ("Ctrl+Z",),
    "redo": ("Ctrl+Shift+Z", "Ctrl+Y"),
    "save": ("Ctrl+S",),
    "save_as": ("Ctrl+Shift+S",),
    "open": ("Ctrl+O",),
    "new": ("Ctrl+N",),
    "import": ("Ctrl+I",),
    "export": ("Ctrl+Shift+E",),
    "stems": ("Ctrl+Shift+T",),
    "stems_sheet": ("Shift+T",),
    "clip_list": ("Ctrl+L",),
    "shortcuts": ("F1",),
}


def test_no_two_actions_share_an_id_or_a_shortcut() -> None:
    assert max(Counter(row.id for row in ACTIONS).values()) == 1
    assert max(Counter(key for row in ACTIONS for key in row.shortcuts).values()) == 1


def test_no_desktop_takes_a_shortcut_for_itself() -> None:
    arrows = [f"Ctrl+Alt+{arrow}" for arrow in ("Left", "Right", "Up", "Down")]
    consoles = [f"Ctrl+Alt+F{number}" for number in range(1, 13)]
    sessions = ["Ctrl+Alt+T", "Ctrl+Alt+L", "Ctrl+Alt+D", "Ctrl+Alt+Tab", "Ctrl+Alt+Delete", "Ctrl+Esc"]
    windows = ["Alt+Tab", "Alt+F1", "Alt+F2", "Alt+F4", "Alt+F7", "Alt+F8", "Alt+F10", "Alt+Space"]
    taken = {*arrows, *consoles, *sessions, *windows}
    keys = {key for row in ACTIONS for key in row.shortcuts}
    assert not keys & taken
    assert not [key for key in keys if "Meta" in key]


@pytest.mark.parametrize("action_id", EXPECTED)
def test_shortcuts_are_those_that_users_know(action_id: str) -> None:
    assert find(action_id).shortcuts == EXPECTED[action_id]


def test_every_row_names_a_menu_and_an_icon_that_exist() -> None:
    for row in ACTIONS:
        assert row.menu in MENUS
        assert row.icon in GLYPHS or row.icon == "", row.id


def test_every_handler_exists_and_every_action_is_in_a_menu(qapp: QApplication, tmp_path: Path) -> None:
    with open_window(qapp) as window:
        menus = window.actions_.menus(window).values()
        shown = {action.objectName() for menu in menus for action in menu.actions()}
        for row in ACTIONS:
            subject, _, method = row.handler.partition(".")
            assert callable(getattr(getattr(window.commands, subject), method)), row.id
            assert row.id in shown


def test_nothing_open_leaves_little_to_do() -> None:
    possible = {row.id for row in ACTIONS if row.enabled(Situation())}
    assert possible == {
        *("new", "open", "open_demo", "settings", "models", "quit", "snap"),
        *("account", "verify", "shortcuts", "about"),
    }


def test_split_needs_the_playhead_inside_a_clip() -> None:
    now = Situation(session=make_session())
    assert not find("split").enabled(now)
    assert find("split").enabled(replace(now, playhead=10))


def test_a_selected_clip_is_cut_before_any_other() -> None:
    session = make_session()
    below = session.tracks[1].clips[0]
    now = Situation(session=session, playhead=100, selected_clips=frozenset({below.id}))
    assert now.clip_under_playhead == below
    assert replace(now, selected_clips=frozenset()).clip_under_playhead == session.tracks[0].clips[0]


def test_clips_that_are_gone_are_not_selected() -> None:
    now = Situation(session=make_session(), selected_clips=frozenset({"gone"}))
    assert not find("delete").enabled(now)


def split_session() -> Session:
    session = edits.import_source(new_session("Song", 44_100), make_source("song"))
    stems = [make_source("Vocals", stem=Stem.VOCALS), make_source("Rest", stem=Stem.OTHER)]
    return edits.split_into_stems(session, session.tracks[0].clips[0].id, stems)


def test_the_song_is_offered_for_splitting_until_it_is_split() -> None:
    session = edits.import_source(new_session("Song", 44_100), make_source("song"))
    assert clips_to_separate(Situation(session=session)) == (session.tracks[0].clips[0],)
    assert not has_stems(Situation(session=session))
    split = split_session()
    assert clips_to_separate(Situation(session=split)) == ()
    assert has_stems(Situation(session=split))


def test_a_selected_stem_cannot_be_split_again() -> None:
    session = split_session()
    stem = session.tracks[1].clips[0]
    assert not find("stems").enabled(Situation(session=session, selected_clips=frozenset({stem.id})))


def test_undo_names_what_it_takes_back(qapp: QApplication, tmp_path: Path) -> None:
    with open_window(qapp, make_project(tmp_path)) as window:
        track = window.workspace.session.tracks[0]
        window.commands.track.rename(track.id, "Lead")
        assert window.actions_["undo"].text() == "Undo Rename track"
        assert not window.actions_["redo"].isEnabled()
        window.actions_["undo"].trigger()
        assert window.workspace.session.tracks[0].name == track.name
        assert window.actions_["redo"].text() == "Redo Rename track"


def test_tooltips_name_the_keys(qapp: QApplication) -> None:
    assert tooltip(find("play")) == "Play or stop (Space)"
    assert keys_text(find("redo")) == "Ctrl+Shift+Z or Ctrl+Y"
    assert tooltip(find("instrumental")) == "Mute the song's vocals, sound everything else"
