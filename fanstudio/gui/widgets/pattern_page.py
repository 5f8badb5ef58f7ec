"""The page of a drum pattern: the sounds' names, the steps of one bar, and the way to the other bars."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from fanstudio.gui.appearance import Appearance
from fanstudio.gui.widgets.labels import button
from fanstudio.gui.widgets.step_grid import ROW_HEIGHT, StepGrid
from fanstudio.model.pattern import Pattern

_HEADS_WIDTH = 138
_GAP = 8


class PatternPage(QWidget):
    """Shows one bar; a sound is heard by its name."""

    #: The sound whose name was pressed.
    asked = Signal(str)

    def __init__(self, appearance: Appearance, pattern: Pattern) -> None:
        """Show the first bar of a pattern (`show_pattern` fills in the names)."""
        super().__init__()
        self._pattern = pattern
        self._names: dict[str, str] = {}
        self._bar = 0
        self.heads: list[QPushButton] = []
        self.bars: list[QPushButton] = []
        self.grid = StepGrid(appearance, pattern)
        self.grid.turned.connect(lambda by: self._turn_to(self._bar + by))
        self._heads = QVBoxLayout()
        self._heads.setSpacing(0)
        self._bars = QHBoxLayout()
        self._bars.setSpacing(6)
        self._bars.setContentsMargins(_HEADS_WIDTH + _GAP, 0, 0, 0)
        self._bars.setAlignment(Qt.AlignmentFlag.AlignLeft)
        row = QHBoxLayout()
        row.setSpacing(_GAP)
        row.addLayout(self._heads)
        row.addWidget(self.grid, 1, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        column.addLayout(row)
        column.addLayout(self._bars)

    def show_pattern(self, pattern: Pattern, names: dict[str, str]) -> None:
        """Show a pattern whose sounds have these names; the bar stays while it is there."""
        was = (self._pattern.rows, self._names)
        self._pattern, self._names = pattern, names
        if (
            not self.heads
            or [row.sound for row in was[0]] != [row.sound for row in pattern.rows]
            or was[1] != names
        ):
            self._make_heads()
        if len(self.bars) != pattern.bars:
            self._make_bars()
        self._turn_to(self._bar)

    def _turn_to(self, bar: int) -> None:
        self._bar = min(max(0, bar), self._pattern.bars - 1)
        for number, chip in enumerate(self.bars):
            chip.setChecked(number == self._bar)
        self.grid.show_pattern(self._pattern, self._bar, self._names)

    def _make_heads(self) -> None:
        _remove(self.heads)
        for row in self._pattern.rows:
            name = self._names.get(row.sound, f"{row.sound} (not in this kit)")
            head = button(name, partial(self.asked.emit, row.sound), "sound", tooltip=f"Hear: {name}")
            head.setFixedSize(_HEADS_WIDTH, ROW_HEIGHT)
            self._heads.addWidget(head)
            self.heads.append(head)

    def _make_bars(self) -> None:
        _remove(self.bars)
        for bar in range(self._pattern.bars):
            chip = button(f"Bar {bar + 1}", partial(self._turn_to, bar), "chip")
            chip.setToolTip(f"Show bar {bar + 1} (Page Up, Page Down)")
            chip.setCheckable(True)
            chip.setVisible(self._pattern.bars > 1)
            self._bars.addWidget(chip)
            self.bars.append(chip)


def _remove(widgets: list[QPushButton]) -> None:
    while widgets:
        widget = widgets.pop()
        widget.hide()
        widget.deleteLater()
