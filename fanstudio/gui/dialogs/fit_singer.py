"""The sheet that fits a song to its singer: their range against the song's, and the move that follows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QComboBox, QFormLayout, QHBoxLayout, QWidget

from fanstudio.gui.appearance import Appearance
from fanstudio.gui.dialogs.sheet import Sheet
from fanstudio.gui.tokens import CONTROL_HEIGHT
from fanstudio.gui.widgets.labels import label
from fanstudio.gui.widgets.numbers import number_field
from fanstudio.model.scale import note_name
from fanstudio.studio.singer_range import MOST_SEMITONES, VoiceRange, suggest

if TYPE_CHECKING:
    from fanstudio.gui.commands.voice import VoiceCommands

#: The notes that voices have.
_LOWEST, _HIGHEST = 36, 88
_HEARD = "Heard in what you recorded. If you sing lower or higher than that, say so."

_DRUMS_STAY = "Drums and what you recorded stay as they are."
_ALL_MOVES = "What you recorded stays as it is. Drums do so where the song is split into 4 stems."


class FitSingerDialog(Sheet):
    """Shows two ranges; the singer's can be corrected, and the suggestion follows."""

    def __init__(
        self,
        parent: QWidget,
        appearance: Appearance,
        commands: VoiceCommands,
        singer: VoiceRange | None,
        song: VoiceRange,
        *,
        has_drums: bool,
    ) -> None:
        """Propose a move for what was heard of the singer, or for what they choose.

        `has_drums` tells whether drums are on a track of their own, which stays.
        """
        super().__init__(parent, appearance, "Fit the song to my voice", width=480)
        self._commands = commands
        self._song = song
        shown = singer or song
        self.lowest = note_choice("My lowest note", shown.low)
        self.highest = note_choice("My highest note", shown.high)
        self.semitones = number_field(
            "Semitones", -MOST_SEMITONES, MOST_SEMITONES, 0, decimals=0, unit="semitones"
        )
        words = _HEARD if singer else "Choose the lowest and highest note you sing well."
        self.body.addWidget(label(words, "muted", wraps=True))
        self.body.addLayout(self._form())
        self.reason = label("", "", wraps=True)
        self.body.addWidget(self.reason)
        self.body.addWidget(label(_DRUMS_STAY if has_drums else _ALL_MOVES, "small", wraps=True))
        self.add_button("Cancel", self.reject)
        self.move_button = self.add_button("Move the song", self._accept, primary=True)
        for field in (self.lowest, self.highest):
            field.activated.connect(lambda _index: self._suggest())
        self.semitones.valueChanged.connect(lambda _value: self._allow())
        self._suggest()
        self.move_button.setFocus()

    def _form(self) -> QFormLayout:
        mine = QHBoxLayout()
        mine.setSpacing(10)
        mine.addWidget(self.lowest, 1)
        mine.addWidget(label("to", "muted"))
        mine.addWidget(self.highest, 1)
        form = QFormLayout()
        form.setHorizontalSpacing(16)
        form.setVerticalSpacing(12)
        for text, part in (
            ("My voice", mine),
            ("The song", label(str(self._song))),
            ("Move by", self.semitones),
        ):
            name = label(text, "muted")
            name.setFixedHeight(CONTROL_HEIGHT)
            form.addRow(name, part)
        return form

    def _suggest(self) -> None:
        low, high = int(self.lowest.currentData()), int(self.highest.currentData())
        found = suggest(VoiceRange(min(low, high), max(low, high)), self._song)
        self.reason.setText(found.words)
        self.semitones.setValue(found.semitones)
        self._allow()

    def _allow(self) -> None:
        self.move_button.setEnabled(self.semitones.value() != 0)

    def _accept(self) -> None:
        semitones = round(self.semitones.value())
        self.accept()
        self._commands.move_song(semitones)


def note_choice(name: str, note: float) -> QComboBox:
    """Return a choice of notes; `name` is spoken."""
    choice = QComboBox()
    choice.setAccessibleName(name)
    for candidate in range(_LOWEST, _HIGHEST + 1):
        choice.addItem(note_name(candidate), candidate)
    choice.setCurrentIndex(min(max(round(note), _LOWEST), _HIGHEST) - _LOWEST)
    return choice
