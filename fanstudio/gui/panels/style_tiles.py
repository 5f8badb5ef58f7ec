"""The style panel's tiles: in named groups of two columns, of which one tile at most is chosen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QGridLayout, QPushButton, QVBoxLayout, QWidget

from fanstudio.gui.panels.style_offers import Offer
from fanstudio.gui.widgets.labels import button, label
from fanstudio.gui.widgets.style_tile import StyleTile

_COLUMNS = 2
_GAP = 6


@dataclass(frozen=True, slots=True)
class Group:
    """Tiles under a heading, which may be empty; those of one that is `folded` show when it is pressed."""

    heading: str
    offers: tuple[Offer, ...]
    folded: bool = False


class StyleTiles(QWidget):
    """Shows what is offered; made anew only when that changes."""

    chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        """Offer nothing."""
        super().__init__(parent)
        self._groups: tuple[Group, ...] = ()
        self._made: list[StyleTile] = []
        self.folds: dict[str, QPushButton] = {}
        self._offers: list[Offer] = []
        self._buttons = QButtonGroup(self)
        self._buttons.idClicked.connect(lambda index: self.chosen.emit(self._offers[index]))
        self._page = QWidget()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addWidget(self._page)

    @property
    def offers(self) -> tuple[Offer, ...]:
        """Return everything that is offered, in order."""
        return tuple(self._offers)

    def tile(self, offer: Offer) -> StyleTile:
        """Return the tile of an offer that is shown."""
        return self._made[self._offers.index(offer)]

    @property
    def page(self) -> QWidget:
        """Return what holds the tiles: another one whenever something else is offered."""
        return self._page

    def show_groups(self, groups: Sequence[Group], chosen: Offer | None) -> None:
        """Offer these groups, and show which offer is chosen; one that is not among them is not."""
        wanted = tuple(group for group in groups if group.offers)
        if wanted != self._groups:
            self._groups = wanted
            self._build()
        self.choose(chosen)

    def choose(self, offer: Offer | None) -> None:
        """Show which offer is chosen, without a signal."""
        if offer in self._offers:
            self._unfold(offer)
            self.tile(offer).setChecked(True)
            return
        self._buttons.setExclusive(False)
        for tile in self._buttons.buttons():
            tile.setChecked(False)
            # The tile that was chosen alone could be reached by Tab.
            tile.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._buttons.setExclusive(True)

    def _build(self) -> None:
        for tile in self._buttons.buttons():
            self._buttons.removeButton(tile)
        self._offers, self._made, self.folds = [], [], {}
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(_GAP)
        for group in self._groups:
            tiles = self._tiles(group.offers)
            if group.folded:
                column.addWidget(self._fold(group, tiles), 0, Qt.AlignmentFlag.AlignLeft)
            elif group.heading:
                column.addWidget(label(group.heading, "small"))
            column.addWidget(tiles)
        self._column.replaceWidget(self._page, page)
        self._page.hide()
        self._page.deleteLater()
        self._page = page

    def _unfold(self, offer: Offer) -> None:
        """Show the group of an offer."""
        for group in self._groups:
            if group.folded and offer in group.offers and not self.folds[group.heading].isChecked():
                self.folds[group.heading].click()

    def _fold(self, group: Group, tiles: QWidget) -> QPushButton:
        """Return what folds the tiles of a group, which are folded at first."""
        words = f"{group.heading} ({len(group.offers)})"

        def show() -> None:
            tiles.setVisible(made.isChecked())
            made.setText(f"{words} {'▾' if made.isChecked() else '▸'}")

        made = button(words, show, "link")
        made.setCheckable(True)
        self.folds[group.heading] = made
        show()
        return made

    def _tiles(self, offers: Sequence[Offer]) -> QWidget:
        tiles = QWidget()
        grid = QGridLayout(tiles)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(_GAP)
        for column in range(_COLUMNS):
            grid.setColumnStretch(column, 1)
        for place, offer in enumerate(offers):
            tile = StyleTile(offer.title, offer.tags, offer.word, offer.about, empty=offer.empty)
            if offer.empty:
                # Arrow keys choose what they come to: they must not come to what asks for a file.
                tile.clicked.connect(lambda _on=False, offer=offer: self.chosen.emit(offer))
            else:
                self._buttons.addButton(tile, len(self._offers))
            self._offers.append(offer)
            self._made.append(tile)
            grid.addWidget(tile, place // _COLUMNS, place % _COLUMNS)
        return tiles
