"""The side panel: next step, clip, one click, shelf or style, and the work under way."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QFrame, QScrollArea, QStackedLayout, QVBoxLayout, QWidget

from fanstudio.gui.action_set import ActionSet
from fanstudio.gui.appearance import Appearance
from fanstudio.gui.panels.effects import EffectPanel
from fanstudio.gui.panels.first_steps import FirstSteps, steps_in
from fanstudio.gui.panels.inspector import Inspector
from fanstudio.gui.panels.job_cards import JobCards
from fanstudio.gui.panels.one_click import OneClick
from fanstudio.gui.panels.shelf import ShelfPanel
from fanstudio.gui.panels.style import StylePanel
from fanstudio.gui.theme import set_role
from fanstudio.gui.tokens import SIDE_WIDTH
from fanstudio.gui.widgets.labels import separator
from fanstudio.gui.widgets.scrolled import scrolled
from fanstudio.gui.workspace import Workspace
from fanstudio.model.session import Session

if TYPE_CHECKING:
    from fanstudio.gui.commands.shelf import ShelfCommands
    from fanstudio.gui.commands.style import StyleCommands


class SidePanel(QFrame):
    """What helps now on top, what runs at the bottom."""

    def __init__(
        self,
        workspace: Workspace,
        appearance: Appearance,
        actions: ActionSet,
        first_steps_file: Path,
        shelf: ShelfCommands,
        style: StyleCommands,
        parent: QWidget | None = None,
    ) -> None:
        """Follow a workspace; the checklist keeps its ticks in a file."""
        super().__init__(parent)
        set_role(self, "panel")
        self.setFixedWidth(SIDE_WIDTH)
        self.first_steps = FirstSteps(appearance, first_steps_file)
        self.effects = EffectPanel(workspace, appearance)
        self.inspector = Inspector(workspace)
        self.one_click = OneClick(workspace, actions)
        self.shelf = ShelfPanel(workspace, appearance, actions, shelf)
        self.shelf.close_wanted.connect(actions["shelf"].trigger)
        self.style_panel = StylePanel(workspace, appearance, style)
        self.style_panel.close_wanted.connect(actions["style"].trigger)
        self.jobs = JobCards(workspace.bridge, appearance)
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 14, 14, 14)
        column.setSpacing(14)
        self._workspace = workspace
        self._shelf_commands = shelf
        self._seen: frozenset[str] = frozenset()
        self._pages = QStackedLayout()
        self._page = self._scrolled()
        self._pages.addWidget(self._page)
        self._pages.addWidget(self.shelf)
        self._pages.addWidget(self.style_panel)
        column.addLayout(self._pages, 1)
        column.addWidget(self.jobs)
        workspace.selection_changed.connect(self._show_clip)
        self.effects.opened.connect(lambda: self._page.verticalScrollBar().setValue(0))
        workspace.did.connect(self.first_steps.tick)
        workspace.opened.connect(lambda: self._tick_done(workspace.session))
        workspace.session_changed.connect(lambda: self.first_steps.show_for(workspace.session))

    @property
    def shelf_shown(self) -> bool:
        """Tell whether the shelf has the panel's place."""
        return self._pages.currentWidget() is self.shelf

    def show_shelf(self, shown: bool) -> None:
        """Show the shelf in place of what helps now, or the other way round."""
        self._pages.setCurrentWidget(self.shelf if shown else self._page)
        if shown:
            self.shelf.open()

    @property
    def style_shown(self) -> bool:
        """Tell whether the styles have the panel's place."""
        return self._pages.currentWidget() is self.style_panel

    def show_style(self, shown: bool) -> None:
        """Show the styles in place of what helps now, or the other way round."""
        self._shelf_commands.hearing.stop()
        self._pages.setCurrentWidget(self.style_panel if shown else self._page)
        if shown:
            self.style_panel.open()

    def _show_clip(self) -> None:
        """Scroll to the inspector when another clip is selected: an open effect may fill the panel."""
        before, self._seen = self._seen, self._workspace.selected_clips
        if len(self._seen) == 1 and self._seen != before:
            # The inspector gets its place when the layout is done.
            QTimer.singleShot(0, self, lambda: self._page.ensureWidgetVisible(self.inspector, 0, 8))

    def _tick_done(self, session: Session) -> None:
        """Take note of what was done already in a project that is opened, such as the demo's."""
        self.first_steps.show_for(session)
        for step in steps_in(session):
            self.first_steps.tick(step)

    def _scrolled(self) -> QScrollArea:
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(14)
        for part in (self.effects, self.first_steps, self.inspector, separator(), self.one_click):
            column.addWidget(part)
        column.addStretch(1)
        return scrolled(inner)
