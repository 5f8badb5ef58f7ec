"""The style panel's tiles: in named groups of two columns, of which one tile at most is chosen."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QGridLayout, QVBoxLayout, QWidget

from fanstudio.gui.panels.style_offers import Offer
from fanstudio.gui.widgets.labels import label
from fanstudio.gui.widgets.style_tile import StyleTile

_COLUMNS = 2
_GAP = 6

#: A heading, which may be empty, and what stands below it.
Group = tuple[str, Sequence[Offer]]


class StyleTiles(QWidget):
    """Shows what is offered; made anew only when that changes."""

    chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        """Offer nothing."""
        super().__init__(parent)
        self._groups: tuple[tuple[str, tuple[Offer, ...]], ...] = ()
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
        found = self._buttons.button(self._offers.index(offer))
        assert isinstance(found, StyleTile)
        return found

    def show_groups(self, groups: Sequence[Group], chosen: Offer | None) -> None:
        """Offer these groups, and show which offer is chosen; one that is not among them is not."""
        wanted = tuple((heading, tuple(offers)) for heading, offers in groups if offers)
        if wanted != self._groups:
            self._groups = wanted
            self._build()
        self.choose(chosen)

    def choose(self, offer: Offer | None) -> None:
        """Show which offer is chosen, without a signal."""
        if offer in self._offers:
            self.tile(offer).setChecked(True)
            return
        self._buttons.setExclusive(False)
        for button in self._buttons.buttons():
            button.setChecked(False)
        self._buttons.setExclusive(True)

    def _build(self) -> None:
        for button in self._buttons.buttons():
            self._buttons.removeButton(button)
        self._offers = []
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(_GAP)
        for heading, offers in self._groups:
            if heading:
                column.addWidget(label(heading, "small"))
            column.addLayout(self._grid(offers))
        self._column.replaceWidget(self._page, page)
        self._page.hide()
        self._page.deleteLater()
        self._page = page

    def _grid(self, offers: Sequence[Offer]) -> QGridLayout:
        grid = QGridLayout()
        grid.setSpacing(_GAP)
        for column in range(_COLUMNS):
            grid.setColumnStretch(column, 1)
        for place, offer in enumerate(offers):
            tile = StyleTile(offer.title, offer.tags, offer.word, offer.about, empty=offer.empty)
            self._buttons.addButton(tile, len(self._offers))
            self._offers.append(offer)
            grid.addWidget(tile, place // _COLUMNS, place % _COLUMNS)
        return grid
