"""A song made of the shelf alone: exported with permission, declared with its licences."""

from __future__ import annotations

from pathlib import Path

from fanstudio.jobs import Work
from fanstudio.model import edits
from fanstudio.model.session import Session
from fanstudio.studio import account, add_from_shelf
from fanstudio.studio.context import Studio
from fanstudio.studio.drum_machine import DrumMachine
from fanstudio.studio.export import ExportOptions, export_project, plan_export
from fanstudio.studio.project import create_project

BARS = 8


def _last(session: Session) -> str:
    return max(session.tracks[-1].clips, key=lambda clip: clip.end).id


def test_beat_and_bass_from_the_shelf_are_exported_with_their_licences(
    studio: Studio, tmp_path: Path
) -> None:
    machine = DrumMachine()
    items = {item.id: item for item in machine.shelf.items}
    project = create_project(tmp_path / "mine", "Mine", 44_100)
    project.document.apply("Set tempo", lambda session: edits.set_tempo(session, 92.0))
    for item_id in ("boom-bap", "bass-finger"):
        fetched = add_from_shelf.fetch(Work(), project, machine, items[item_id], 0)
        add_from_shelf.place(project, fetched, 0)
        for _ in range(BARS // items[item_id].bars - 1):
            project.document.apply("Repeat", lambda session: edits.duplicate_clip(session, _last(session)))
    account.sign_in_demo(Work(), studio)
    assert plan_export(Work(), studio, project).exportable
    done = export_project(Work(), studio, project, ExportOptions(tmp_path / "out.flac"))
    assert done.verification.verdict == "verified"
    assert {row.title: (row.basis, row.licence_url) for row in done.receipt.declared} == {
        "Dust drum kit": ("open", "https://creativecommons.org/licenses/by/3.0/"),
        "Fingered soul": ("open", "https://opensource.org/license/mit"),
    }
