"""The shelf's list: loops, patterns and one-shots, each with what it is and how fast."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import (
    QAbstractListModel,
    QByteArray,
    QEvent,
    QMimeData,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from fanstudio.gui import icons
from fanstudio.gui.appearance import Appearance
from fanstudio.gui.theme import make_font
from fanstudio.gui.timeline.shelf_drops import SHELF_ITEM
from fanstudio.gui.tokens import ICON_SIZE, RADIUS, TEXT, TEXT_SMALL, blend, stem_token
from fanstudio.studio.shelf_table import ShelfItem

Index = QModelIndex | QPersistentModelIndex

_ROW_HEIGHT = 48
_MARGIN = 10
_ITEM = Qt.ItemDataRole.UserRole


class ShelfModel(QAbstractListModel):
    """The items that a search found."""

    def __init__(self, parent: QWidget) -> None:
        """Start with none."""
        super().__init__(parent)
        self._items: tuple[ShelfItem, ...] = ()

    def show(self, items: Sequence[ShelfItem]) -> None:
        """Show other items."""
        self.beginResetModel()
        self._items = tuple(items)
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """Return how many items there are."""
        return 0 if parent.isValid() else len(self._items)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return an item, its name, what a screen reader says of it, or its credit for the tooltip."""
        item = self._items[index.row()]
        if role == _ITEM:
            return item
        if role == Qt.ItemDataRole.DisplayRole:
            return item.name
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{item.name}, {facts(item)}"
        if role == Qt.ItemDataRole.ToolTipRole:
            return f"{item.name} by {item.credit.author}, {item.credit.licence}"
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Let items be chosen and dragged."""
        return super().flags(index) | Qt.ItemFlag.ItemIsDragEnabled

    def mimeTypes(self) -> list[str]:
        """Return what a dragged item is."""
        return [SHELF_ITEM]

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:
        """Return the id of the item that is dragged."""
        data = QMimeData()
        for index in indexes:
            data.setData(SHELF_ITEM, QByteArray(self._items[index.row()].id.encode()))
        return data


class ShelfList(QListView):
    """Arrows choose, Space or a click hears, Enter or a drag adds."""

    hear_wanted = Signal(object)
    add_wanted = Signal(object)
    #: Another item became the current one by key.
    went_to = Signal(object)

    def __init__(self, appearance: Appearance, playing: Callable[[], str]) -> None:
        """Show no items yet; `playing` returns the id of the item that is heard."""
        super().__init__()
        self.model_ = ShelfModel(self)
        self.setModel(self.model_)
        self.setItemDelegate(_Row(self, appearance, playing))
        self.setAccessibleName("Loops and sounds")
        self.setDragEnabled(True)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragOnly)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.doubleClicked.connect(lambda index: self.add_wanted.emit(index.data(_ITEM)))
        appearance.changed.connect(self.viewport().update)
        self._pressed: int | None = None

    @property
    def current(self) -> ShelfItem | None:
        """Return the item that is chosen."""
        item = self.currentIndex().data(_ITEM)
        return item if isinstance(item, ShelfItem) else None

    def show_items(self, items: Sequence[ShelfItem]) -> None:
        """Show other items; the one that was chosen stays so if it is still there."""
        chosen = self.current
        self.model_.show(items)
        row = items.index(chosen) if chosen in items else 0
        self.setCurrentIndex(self.model_.index(row, 0))

    def event(self, event: QEvent) -> bool:
        """Take Space and Enter before the window's shortcuts do."""
        wanted = (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter)
        overrides = event.type() == QEvent.Type.ShortcutOverride
        if overrides and isinstance(event, QKeyEvent) and event.key() in wanted:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Hear and add by keys, and tell where arrows go."""
        before = self.current
        if event.key() == Qt.Key.Key_Space and before is not None:
            self.hear_wanted.emit(before)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and before is not None:
            self.add_wanted.emit(before)
        else:
            super().keyPressEvent(event)
            if self.current is not None and self.current is not before:
                self.went_to.emit(self.current)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Remember what is pressed: only a click, not a drag, is heard."""
        super().mousePressEvent(event)
        self._pressed = self.indexAt(event.position().toPoint()).row()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Hear what was clicked."""
        super().mouseReleaseEvent(event)
        index = self.indexAt(event.position().toPoint())
        if event.button() == Qt.MouseButton.LeftButton and index.isValid() and index.row() == self._pressed:
            self.hear_wanted.emit(index.data(_ITEM))
        self._pressed = None


class _Row(QStyledItemDelegate):
    """Draws an item: its stem's icon, its name, and what it is below."""

    def __init__(self, parent: QWidget, appearance: Appearance, playing: Callable[[], str]) -> None:
        super().__init__(parent)
        self._appearance = appearance
        self._playing = playing

    def sizeHint(self, _option: QStyleOptionViewItem, _index: Index) -> QSize:
        return QSize(0, _ROW_HEIGHT)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        item, theme = index.data(_ITEM), self._appearance.theme
        rect, state = QRect(option.rect), option.state
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        chosen = bool(state & QStyle.StateFlag.State_Selected)
        if chosen or state & QStyle.StateFlag.State_MouseOver:
            ground = blend(theme.accent, theme.panel, 0.25) if chosen else theme.hover
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(ground))
            painter.drawRoundedRect(rect.adjusted(0, 1, 0, -1), RADIUS, RADIUS)
        heard = item.id == self._playing()
        picture, token = ("stop", "accent") if heard else (f"stem-{item.stem.value}", stem_token(item.stem))
        ratio = painter.device().devicePixelRatio()
        image = icons.pixmap(picture, theme, token, ratio=ratio)
        painter.drawPixmap(rect.left() + _MARGIN, rect.center().y() - ICON_SIZE // 2 + 1, image)
        words = rect.adjusted(2 * _MARGIN + ICON_SIZE, 7, -_MARGIN, -7)
        _draw(painter, words, item.name, TEXT, theme.text, Qt.AlignmentFlag.AlignTop)
        below = theme.text_2 if chosen else theme.text_3
        _draw(painter, words, facts(item), TEXT_SMALL, below, Qt.AlignmentFlag.AlignBottom)
        painter.restore()


def facts(item: ShelfItem) -> str:
    """Return what an item is, in a few words: kind, bars, tempo and key."""
    words = [item.kind.value.capitalize()]
    if item.bars:
        words.append("1 bar" if item.bars == 1 else f"{item.bars} bars")
    if item.pattern is not None:
        words.append("any tempo")
    elif item.bpm is not None:
        words.append(f"{item.bpm:g} bpm")
    if item.key:
        words.append(item.key)
    return " · ".join(words)


def _draw(painter: QPainter, rect: QRect, text: str, size: int, colour: str, align: Qt.AlignmentFlag) -> None:
    painter.setFont(make_font(size))
    painter.setPen(QColor(colour))
    shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, rect.width())
    painter.drawText(rect, int(align | Qt.AlignmentFlag.AlignLeft), shown)
