"""What a drum pattern has besides its steps: kit, bars, swing, and ready-made patterns to start from."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QSlider, QWidget

from fanstudio.gui.widgets.labels import label
from fanstudio.gui.widgets.numbers import number_field
from fanstudio.model.pattern import MAX_BARS, Pattern
from fanstudio.model.pattern_edits import with_bars
from fanstudio.studio.drum_grid import all_rows
from fanstudio.studio.drum_machine import DrumMachine


class PatternChoices(QWidget):
    """A row of choices that make one pattern from another."""

    #: The pattern after a choice, and whether a drag is still under way.
    edited = Signal(object, bool)

    def __init__(self, machine: DrumMachine, pattern: Pattern) -> None:
        """Offer the kits and patterns of a shelf."""
        super().__init__()
        self._machine = machine
        self._pattern = pattern
        self._make_kit()
        self._make_preset()
        self._make_numbers()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(10)
        row.addWidget(self.kit, 3)
        row.addWidget(self.preset, 2)
        for text, field, stretch in (("Bars", self.bars, 1), ("Swing", self.swing, 2)):
            row.addWidget(label(text, "muted"))
            row.addWidget(field, stretch)
        row.addWidget(self._swing_words)

    def show_pattern(self, pattern: Pattern) -> None:
        """Show what a pattern has."""
        self._pattern = pattern
        kit = self._machine.shelf.kit(pattern.kit)
        self.kit.setCurrentIndex(self.kit.findData(kit.id))
        self.kit.setToolTip(f"What the beat is played on, by {kit.credit.author} ({kit.credit.licence})")
        for field, value in ((self.bars, pattern.bars), (self.swing, round(100 * pattern.swing))):
            field.blockSignals(True)
            field.setValue(value)
            field.blockSignals(False)
        self._swing_words.setText(f"{100 * pattern.swing:.0f} %")

    def _make_kit(self) -> None:
        self.kit = QComboBox()
        self.kit.setAccessibleName("Drum kit")
        for kit in self._machine.shelf.kits:
            self.kit.addItem(f"{kit.name}: {kit.about}", kit.id)
        self.kit.activated.connect(self._choose_kit)

    def _make_preset(self) -> None:
        self.preset = QComboBox()
        self.preset.setAccessibleName("Start from a pattern")
        self.preset.setToolTip("Put a ready-made pattern in place of this one")
        self.preset.addItem("Start from…")
        for item in self._machine.shelf.items:
            if item.pattern is not None:
                self.preset.addItem(item.name, item.pattern)
        self.preset.activated.connect(self._take_preset)

    def _make_numbers(self) -> None:
        self.bars = number_field("Bars", 1, MAX_BARS, self._pattern.bars, decimals=0)
        self.bars.setToolTip("How many bars long it is; more bars repeat what is there")
        self.bars.valueChanged.connect(self._choose_bars)
        self.swing = QSlider(Qt.Orientation.Horizontal)
        self.swing.setRange(0, 100)
        self.swing.setAccessibleName("Swing, per cent")
        self.swing.setToolTip("How late every second sixteenth is")
        self.swing.valueChanged.connect(self._choose_swing)
        self.swing.sliderReleased.connect(self._end_swing)
        self._swing_words = label("", "muted")
        self._swing_words.setFixedWidth(40)

    def _choose_kit(self, _index: int) -> None:
        self._edit(all_rows(self._machine, replace(self._pattern, kit=self.kit.currentData())))

    def _take_preset(self, _index: int) -> None:
        chosen = self.preset.currentData()
        self.preset.setCurrentIndex(0)
        if isinstance(chosen, Pattern):
            self._edit(all_rows(self._machine, replace(chosen, bpm=self._pattern.bpm)))

    def _choose_bars(self, bars: float) -> None:
        self._edit(with_bars(self._pattern, int(bars)))

    def _choose_swing(self, share: int) -> None:
        self._edit(replace(self._pattern, swing=share / 100), going_on=self.swing.isSliderDown())

    def _end_swing(self) -> None:
        self._edit(self._pattern)

    def _edit(self, pattern: Pattern, *, going_on: bool = False) -> None:
        self._pattern = pattern
        self.edited.emit(pattern, going_on)
