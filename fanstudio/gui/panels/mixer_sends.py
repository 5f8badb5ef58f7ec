"""A track's sends: a knob and a name for each bus that it goes to as well."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from fanstudio.gui.appearance import Appearance
from fanstudio.gui.widgets.labels import ElidedLabel
from fanstudio.gui.widgets.send_knob import SendKnob
from fanstudio.model.mixer import Send

_ROW_HEIGHT = 26
#: More than this many scroll.
_ROWS_SHOWN = 2


class SendList(QScrollArea):
    """Follows a track's sends; a drag of a knob is one gesture."""

    began = Signal()
    #: A bus and its gain in dB.
    moved = Signal(str, float)
    ended = Signal()
    removed = Signal(str)
    #: A bus and the global position of its menu.
    menu_wanted = Signal(str, QPoint)
    rows_changed = Signal()

    def __init__(self, appearance: Appearance, parent: QWidget | None = None) -> None:
        """Show no sends."""
        super().__init__(parent)
        self._appearance = appearance
        self._rows: dict[str, _Row] = {}
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWidgetResizable(True)
        inner = QWidget()
        self._column = QVBoxLayout(inner)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._column.addStretch(1)
        self.setWidget(inner)
        self.viewport().setAutoFillBackground(False)
        inner.setAutoFillBackground(False)
        self._fit()

    @property
    def knobs(self) -> tuple[SendKnob, ...]:
        """Return the knobs from top to bottom."""
        return tuple(row.knob for row in self._rows.values())

    @property
    def by_bus(self) -> dict[str, SendKnob]:
        """Return each bus's knob."""
        return {bus_id: row.knob for bus_id, row in self._rows.items()}

    def show_sends(self, sends: tuple[Send, ...], names: dict[str, str], owner: str) -> None:
        """Show a track's sends; `names` are the buses' names by id, `owner` is the track's."""
        wanted = [send.bus for send in sends]
        if wanted != list(self._rows):
            self._build(wanted)
        for send in sends:
            self._rows[send.bus].show_send(names[send.bus], send.gain_db, owner)

    def _build(self, buses: list[str]) -> None:
        for row in self._rows.values():
            self._column.removeWidget(row)
            row.hide()
            row.deleteLater()
        self._rows = {bus_id: self._make_row(bus_id) for bus_id in buses}
        for index, row in enumerate(self._rows.values()):
            self._column.insertWidget(index, row)
        self._fit()
        self.rows_changed.emit()

    def _make_row(self, bus_id: str) -> _Row:
        row = _Row(self._appearance)
        row.knob.began.connect(self.began)
        row.knob.ended.connect(self.ended)
        row.knob.moved.connect(lambda gain_db: self.moved.emit(bus_id, gain_db))
        row.removed.connect(lambda: self.removed.emit(bus_id))
        row.customContextMenuRequested.connect(lambda at: self.menu_wanted.emit(bus_id, row.mapToGlobal(at)))
        return row

    def _fit(self) -> None:
        self.setVisible(bool(self._rows))
        self.setFixedHeight(_ROW_HEIGHT * min(_ROWS_SHOWN, max(1, len(self._rows))))


class _Row(QWidget):
    removed = Signal()

    def __init__(self, appearance: Appearance) -> None:
        super().__init__()
        self.setFixedHeight(_ROW_HEIGHT)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.knob = SendKnob(appearance, "")
        self.knob.installEventFilter(self)
        self._name = ElidedLabel("", "small")
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(4)
        line.addWidget(self.knob)
        line.addWidget(self._name, 1)

    def show_send(self, bus: str, gain_db: float, owner: str) -> None:
        self._name.setText(bus)
        self._name.update()
        self.knob.setAccessibleName(f"Send of {owner} to {bus}")
        self.knob.show_gain(gain_db)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take Delete from the window while the knob has the focus: it ends the send."""
        if isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Delete:
            if event.type() == QEvent.Type.ShortcutOverride:
                event.accept()
                return True
            if event.type() == QEvent.Type.KeyPress:
                self.removed.emit()
                return True
        return super().eventFilter(watched, event)
