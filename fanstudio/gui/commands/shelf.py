"""Hearing and adding what lies on the shelf."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fanstudio.errors import FanstudioError
from fanstudio.gui.shelf_hearing import ShelfHearing
from fanstudio.gui.workspace import Workspace
from fanstudio.studio import add_from_shelf
from fanstudio.studio.drum_machine import DrumMachine
from fanstudio.studio.shelf_table import ShelfItem

if TYPE_CHECKING:
    from fanstudio.gui.panels.side_panel import SidePanel


class ShelfCommands:
    """Shows the shelf, previews and adds; `side`, which has the shelf, is set by the window."""

    def __init__(self, workspace: Workspace, machine: DrumMachine) -> None:
        """Work on a workspace."""
        self._workspace = workspace
        self.machine = machine
        self.side: SidePanel | None = None
        self.hearing = ShelfHearing(workspace, machine, self._show_playing)

    def toggle(self) -> None:
        """Show the shelf, or hide it."""
        assert self.side is not None
        self.side.show_shelf(not self.side.shelf_shown)
        if not self.side.shelf_shown:
            self.hearing.stop()

    def hear(self, item: ShelfItem) -> None:
        """Hear an item; what goes wrong is said on the shelf."""
        if self._workspace.is_open:
            self.hearing.hear(item, self._say)

    def hear_or_stop(self, item: ShelfItem) -> None:
        """Hear an item, or fall silent where it is heard already."""
        if self.hearing.heard == item.id:
            self.hearing.stop()
        else:
            self.hear(item)

    def add(self, item: ShelfItem, frame: int | None = None, track_id: str | None = None) -> None:
        """Put an item on the timeline: at the playhead, or at a frame, perhaps on a track."""
        if not self._workspace.is_open:
            return
        project = self._workspace.project
        at = self._workspace.playhead if frame is None else frame

        def place(fetched: add_from_shelf.Fetched) -> None:
            if self._workspace.is_open and self._workspace.project is project:
                clip_id = add_from_shelf.place(project, fetched, at, track_id)
                self._workspace.select_clips((clip_id,))
                if self.side is not None:
                    self.side.shelf.show_words(f"{fetched.words}: “{item.name}”.")

        self._workspace.bridge.run(
            f"Adding “{item.name}”",
            lambda work: add_from_shelf.fetch(work, project, self.machine, item, at),
            done=place,
            failed=self._say,
        )

    def add_dropped(self, item_id: str, frame: int, track_id: str | None) -> None:
        """Put the item that was dropped on the timeline where it was dropped."""
        for item in self.machine.shelf.items:
            if item.id == item_id:
                self.add(item, frame, track_id)

    def _show_playing(self) -> None:
        if self.side is not None:
            self.side.shelf.show_playing()

    def _say(self, error: BaseException) -> bool:
        """Say what went wrong in the shelf, where it was asked for; tell whether that was done."""
        if self.side is None or not self.side.shelf_shown or not isinstance(error, FanstudioError):
            return False
        self.side.shelf.show_words(f"{error.message} {error.hint}", wrong=True)
        return True
