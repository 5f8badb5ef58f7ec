"""The styles that a song has: how much of each, and taking away, keeping and sharing them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QPoint, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from fanstudio.gui.panels.effects_menu import passing_menu
from fanstudio.gui.theme import set_role
from fanstudio.gui.widgets.labels import ElidedLabel, button, label
from fanstudio.gui.widgets.style_slider import ShareRow
from fanstudio.model.session import Session
from fanstudio.model.styling import StyleKind, Styling


class AppliedStyles(QWidget):
    """A card for each styling of the session, the latest on top; hidden while there is none."""

    #: The id of a styling, and how much of it there is to be.
    amount_wanted = Signal(str, float)
    removal_wanted = Signal(str)
    keeping_wanted = Signal(str)
    sharing_wanted = Signal(str)

    def __init__(self, tags_of: Callable[[Styling], Sequence[str]], parent: QWidget | None = None) -> None:
        """Show none; `tags_of` tells who made a style."""
        super().__init__(parent)
        self._tags_of = tags_of
        self.cards: tuple[StylingCard, ...] = ()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(8)
        self._column.addWidget(label("In this song", "strong"))
        self.hide()

    def show_session(self, session: Session) -> None:
        """Show the styles of a session; cards of styles that stay are kept."""
        wanted = session.stylings[::-1]
        if tuple(card.styling for card in self.cards) != wanted:
            for card in self.cards:
                self._column.removeWidget(card)
                card.hide()
                card.deleteLater()
            self.cards = tuple(self._card(styling, session) for styling in wanted)
        for card in self.cards:
            card.amount.show_share(card.styling.amount)
        self.setVisible(bool(wanted))

    def enable(self, enabled: bool) -> None:
        """Let styles be changed, or not while another is in the making."""
        for card in self.cards:
            card.setEnabled(enabled)

    def _card(self, styling: Styling, session: Session) -> StylingCard:
        card = StylingCard(styling, target_name(session, styling.target), self._tags_of(styling))
        card.amount.settled.connect(lambda share: self._ask_amount(styling, share))
        card.removed.connect(lambda: self.removal_wanted.emit(styling.id))
        card.kept.connect(lambda: self.keeping_wanted.emit(styling.id))
        card.shared.connect(lambda: self.sharing_wanted.emit(styling.id))
        self._column.addWidget(card)
        return card

    def _ask_amount(self, styling: Styling, share: float) -> None:
        if share != styling.amount:
            self.amount_wanted.emit(styling.id, share)


class StylingCard(QFrame):
    """One style: its name and place, who made it, its amount, and what can be done with it."""

    removed = Signal()
    kept = Signal()
    shared = Signal()

    def __init__(self, styling: Styling, target: str, tags: Sequence[str]) -> None:
        """Show a styling of a target, and in tags who made it."""
        super().__init__()
        set_role(self, "card")
        self.styling = styling
        self.setAccessibleName(f"{styling.name} on {target}")
        self.amount = ShareRow("Amount", styling.amount, "How much of it; 0 % leaves nothing of it")
        self.amount.slider.setAccessibleName(f"Amount of {styling.name}")
        self.remove = button("Take away", self.removed.emit, "link")
        self.remove.setAccessibleName(f"Take {styling.name} away")
        self.remove.setToolTip("Bring back what was there before this style")
        self.more = button("Keep ▾", self._open_menu, "link")
        self.more.setAccessibleName(f"Keep {styling.name}")
        self.more.setToolTip("Keep this style as a preset of your own, or share it as a file")
        self.more.setVisible(styling.kind is StyleKind.PRESET)
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 8, 10, 6)
        column.setSpacing(2)
        head = QHBoxLayout()
        head.setSpacing(6)
        head.addWidget(ElidedLabel(styling.name, "strong"), 1)
        head.addWidget(label(" + ".join(tags), "tag"))
        column.addLayout(head)
        column.addWidget(ElidedLabel(f"on {target}", "small"))
        column.addWidget(self.amount)
        foot = QHBoxLayout()
        foot.addWidget(self.remove)
        foot.addStretch(1)
        foot.addWidget(self.more)
        column.addLayout(foot)

    def _open_menu(self) -> None:
        menu = passing_menu(self)
        menu.addAction("Save as my preset…").triggered.connect(lambda _checked=False: self.kept.emit())
        menu.addAction("Share…").triggered.connect(lambda _checked=False: self.shared.emit())
        menu.popup(self.more.mapToGlobal(QPoint(0, self.more.height())))


def target_name(session: Session, target: str) -> str:
    """Return what a style was applied to, in words."""
    names = {track.id: track.name for track in session.tracks}
    return names.get(target, "a track that is gone") if target else "the whole song"
