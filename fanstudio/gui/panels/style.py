"""The style panel: what a song, or a part of it, is to sound like; heard first, applied in one step."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent, QHideEvent, QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from fanstudio.errors import FanstudioError
from fanstudio.gui.appearance import Appearance
from fanstudio.gui.panels.style_applied import AppliedStyles
from fanstudio.gui.panels.style_foot import StyleFoot
from fanstudio.gui.panels.style_line import StyleLine
from fanstudio.gui.panels.style_offers import Offer, preset_offer
from fanstudio.gui.panels.style_options import StyleOptions
from fanstudio.gui.panels.style_report import StyleReport
from fanstudio.gui.panels.style_shelf import StyleShelf
from fanstudio.gui.panels.style_target import WHOLE_SONG, StyleTarget
from fanstudio.gui.panels.style_tiles import StyleTiles
from fanstudio.gui.theme import set_role
from fanstudio.gui.timeline.drops import dropped_files
from fanstudio.gui.widgets.labels import button, label, separator
from fanstudio.gui.widgets.scrolled import scrolled
from fanstudio.gui.widgets.tab_order import order_tabs
from fanstudio.gui.workspace import Workspace
from fanstudio.model.recipe import Recipe, Voice
from fanstudio.studio.styles import StyleChoice

if TYPE_CHECKING:
    from fanstudio.gui.commands.style import StyleCommands

_HOW = "Choose a style, hear ten seconds of it, then apply it."
_DROP = "Drop a song to sound like it, or a preset to add it to yours."
_SPLITTING = "The song is being split. Styles can be heard and applied as soon as its parts are whole."
_NOT_SPLIT = "This song is not split yet. Styles work on its parts: voice, drums, bass and the rest."


class StylePanel(QWidget):
    """Chooses and says; what is done, the commands do."""

    close_wanted = Signal()

    def __init__(
        self,
        workspace: Workspace,
        appearance: Appearance,
        commands: StyleCommands,
        parent: QWidget | None = None,
    ) -> None:
        """Follow a workspace; nothing is read before the panel is shown."""
        super().__init__(parent)
        self._workspace = workspace
        self._appearance = appearance
        self._commands = commands
        self.shelf = StyleShelf()
        self.offer: Offer | None = None
        self._said = ""
        self._ordered: tuple[QWidget, ...] = ()
        self.setAccessibleName("Style")
        self.setAcceptDrops(True)
        self._make_parts()
        self._lay_out()
        self._connect()

    # ── what is chosen ───────────────────────────────────────────────────────────────────────

    @property
    def target(self) -> str:
        """Return the id of the track that is chosen; empty for the whole song."""
        return self.what.track_id

    def choice(self) -> StyleChoice | None:
        """Return what is chosen, with all its options; None where nothing is."""
        if self.offer is None:
            return None
        return self.shelf.choice(self.offer, self.target, self.options)

    def choose(self, offer: Offer) -> None:
        """Choose a style; the tile for a song asks for its file, and pressed again for another."""
        if self.shelf.asks_for_record(offer) or (offer == self.offer == self.shelf.record_offer):
            self._commands.choose_record()
            return
        self.offer = offer
        self.tiles.choose(offer)
        self._commands.forget_preview()
        self.report.clear()
        self.say(offer.about)
        self.refresh()
        self._scroll_to_choice()

    def take_record(self, path: Path) -> None:
        """Choose to sound like the song in a file."""
        self.shelf.record, self.offer = path, None
        self._show_tiles()
        self.choose(self.shelf.record_offer)

    def take_surprise(self, seed: int, recipe: Recipe) -> None:
        """Choose a style for the whole song that was mixed by chance."""
        self.shelf.surprise = seed, recipe
        self.what.setCurrentIndex(0)
        self._show_tiles()
        if self.shelf.surprise_offer is not None:
            self.choose(self.shelf.surprise_offer)

    def show_own(self, recipe: Recipe) -> None:
        """Show a preset of the fan's own that is new, and choose it."""
        self.shelf.read()
        self.what.setCurrentIndex(0)
        self._show_tiles()
        self.choose(preset_offer(recipe, own=True))

    # ── what it shows ────────────────────────────────────────────────────────────────────────

    def open(self) -> None:
        """Read what there is, aim at the selected part, and take the focus."""
        problem = self.shelf.read()
        self._aim()
        self.refresh()
        if problem:
            self.say(problem, wrong=True)
        self.what.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def say(self, words: str, *, wrong: bool = False) -> None:
        """Say what was done, or what went wrong."""
        self.foot.say(words, wrong=wrong)

    def show_report(self) -> None:
        """Bring what was done into view."""
        QTimer.singleShot(0, self, lambda: self._area.ensureWidgetVisible(self.report, 0, 8))

    def say_error(self, error: FanstudioError) -> None:
        """Say what went wrong, and what to do next."""
        self.say(f"{error.message} {error.hint}".strip(), wrong=True)

    def refresh(self) -> None:
        """Show the session, what is offered for the target, and what can be done now."""
        if not self.isVisible() or not self._workspace.is_open:
            return
        self._forget_what_is_gone()
        self.what.show_session(self._workspace.session)
        self._show_tiles()
        if self.offer not in self.tiles.offers:
            self.offer = None
        self.applied.show_session(self._workspace.session)
        for part in (self.options, self.options.amount):
            part.setVisible(self.offer is not None)
        shown = self.shelf.options_for(self.offer, self.target, self._workspace.session)
        self.options.show_for(shown)
        self.line.show_track(self.target if shown.voice is Voice.NET else WHOLE_SONG)
        self.show_ready()
        self._order_tabs()

    def show_ready(self) -> None:
        """Offer what can be done now: split first where that is needed, wait while something is under way."""
        unsplit = self._commands.needs_split(self.offer)
        splitting = bool(self._workspace.situation.splitting)
        self.notice_words.setText(_SPLITTING if splitting else _NOT_SPLIT)
        self.notice.setVisible(splitting or self._commands.after_split.needed)
        free = not splitting and self._commands.task is None and not self._commands.after_split.waiting
        chosen = self.offer is not None
        heard = self._commands.hearing.heard
        self.foot.show_ready(
            previewed=heard or (free and chosen),
            applied=free and chosen,
            apply_text="Split and apply" if unsplit else "Apply",
        )
        self.applied.enable(free)

    # ── events ───────────────────────────────────────────────────────────────────────────────

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Fall silent at Escape, then close."""
        if event.key() != Qt.Key.Key_Escape:
            super().keyPressEvent(event)
        elif self._commands.hearing.heard:
            self._commands.hearing.stop()
        else:
            self.close_wanted.emit()

    def hideEvent(self, event: QHideEvent) -> None:
        """Fall silent when something else takes the panel's place."""
        super().hideEvent(event)
        if not event.spontaneous():
            self._commands.forget_preview()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take a song's file."""
        if dropped_files(event.mimeData()):
            event.acceptProposedAction()

            self._said = self.foot.words.text()
            self.say(_DROP)

    def dragLeaveEvent(self, _event: QDragLeaveEvent) -> None:
        """Say again what was said before."""
        self.say(self._said)

    def dropEvent(self, event: QDropEvent) -> None:
        """Take what is dropped as the song to sound like, or as a preset."""
        event.acceptProposedAction()
        self.say("")
        self._commands.take_files(dropped_files(event.mimeData()))

    # ── parts ────────────────────────────────────────────────────────────────────────────────

    def _make_parts(self) -> None:
        self.close_button = button(
            "", self.close_wanted.emit, "ghost", tooltip="Close the style panel (Escape)"
        )
        set_role(self.close_button, "icon")
        self._appearance.set_icon(self.close_button, "cancel", "text_2")
        self.what = StyleTarget()
        self.notice_words = label(_NOT_SPLIT, wraps=True)
        self.notice = _notice(self.notice_words)
        self.tiles = StyleTiles()
        self.options = StyleOptions()
        self.surprise = button("Surprise me", self._commands.presets.surprise)
        self.surprise.setToolTip("Mix a new style by chance; press again for another")
        self.open_file = button("Open preset file…", self._commands.presets.choose_file, "link")
        self.open_file.setToolTip("Add a preset that somebody shared")
        self.line = StyleLine(self._workspace, self._appearance, self._commands.lines)
        self.report = StyleReport()
        self.applied = AppliedStyles(self.shelf.tags_of)
        self.foot = StyleFoot(self._appearance)
        self.foot.say(_HOW)

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(label("Style", "strong"))
        head.addSpacing(8)
        head.addWidget(label("applies to", "small"))
        head.addWidget(self.what, 1)
        head.addWidget(self.close_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        column.addLayout(head)
        self._area = self._scrolled()
        column.addWidget(self._area, 1)
        column.addWidget(separator())
        for part in (self.options.amount, self.options, self.foot):
            column.addWidget(part)

    def _scrolled(self) -> QScrollArea:
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        self._chance = QWidget()
        chance = QHBoxLayout(self._chance)
        chance.setContentsMargins(0, 0, 0, 0)
        chance.addWidget(self.surprise)
        chance.addStretch(1)
        chance.addWidget(self.open_file)
        column.addWidget(self.notice)
        column.addWidget(self.tiles)
        column.addWidget(self._chance)
        for part in (self.line, self.applied, self.report):
            column.addWidget(part)
        column.addStretch(1)
        return scrolled(inner)

    def _connect(self) -> None:
        commands, workspace = self._commands, self._workspace
        self.tiles.chosen.connect(self.choose)
        self.what.activated.connect(lambda _index: self._choose_target())
        self.options.changed.connect(commands.forget_preview)
        self.foot.preview_wanted.connect(commands.preview_or_stop)
        self.foot.apply_wanted.connect(commands.apply)
        self.foot.cancel_wanted.connect(commands.cancel)
        self.foot.compare_wanted.connect(lambda after: commands.hearing.compare(after=after))
        self.applied.amount_wanted.connect(commands.set_amount)
        self.applied.removal_wanted.connect(commands.take_away)
        self.applied.keeping_wanted.connect(commands.keep)
        self.applied.sharing_wanted.connect(commands.share)
        workspace.opened.connect(self._forget)
        workspace.session_changed.connect(self.refresh)
        workspace.splitting_changed.connect(self.refresh)
        workspace.selection_changed.connect(self._follow_selection)

    # ── what changes ─────────────────────────────────────────────────────────────────────────

    def _forget(self) -> None:
        """Start anew with another project."""
        self.report.clear()
        self.say(_HOW)

    def _forget_what_is_gone(self) -> None:
        """Tell no more of a style that was undone or taken away."""
        told = self.report.styling
        if told and all(styling.id != told for styling in self._workspace.session.stylings):
            self._forget()

    def _aim(self) -> None:
        """Aim at the selected part, if one is selected."""
        if self._workspace.is_open:
            self.what.show_session(self._workspace.session)
            self.what.aim(self._workspace.selected_track)

    def _follow_selection(self) -> None:
        """Follow from part to part; a style for the whole song stays one."""
        selected = self._workspace.selected_track
        if not self.isVisible() or self.target == WHOLE_SONG or selected is None:
            return
        if self.what.findData(selected) > 0 and self.what.aim(selected):
            self._choose_target()

    def _choose_target(self) -> None:
        """Offer what suits the new target."""
        self._commands.forget_preview()
        self.report.clear()
        self.say(_HOW)
        self.refresh()
        self._area.verticalScrollBar().setValue(0)

    def _scroll_to_choice(self) -> None:
        """Bring into view how well a voice suits, and the tile that is chosen before all."""
        offer = self.offer
        if offer is None or offer not in self.tiles.offers:
            return

        def scroll() -> None:
            if self.line.isVisible():
                self._area.ensureWidgetVisible(self.line, 0, 8)
            if offer in self.tiles.offers:
                self._area.ensureWidgetVisible(self.tiles.tile(offer), 0, 8)

        # They get their places when the layout is done.
        QTimer.singleShot(0, self, scroll)

    def _order_tabs(self) -> None:
        """Let Tab go down the panel, after parts of it were made anew."""
        parts = (self.tiles.page, *self.applied.cards, *self.options.parts.values())
        if parts != self._ordered:
            self._ordered = parts
            order_tabs(self)

    def _show_tiles(self) -> None:
        self._chance.setVisible(self.target == WHOLE_SONG)
        tracks = self._workspace.session.tracks
        stem = next((track.stem for track in tracks if track.id == self.target), None)
        self.tiles.show_groups(self.shelf.groups(stem), self.offer)


def _notice(words: QWidget) -> QFrame:
    made = QFrame()
    set_role(made, "notice", tone="wait")
    column = QVBoxLayout(made)
    column.setContentsMargins(10, 8, 10, 8)
    column.addWidget(words)
    made.hide()
    return made
