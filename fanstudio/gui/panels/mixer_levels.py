"""The right half of a strip: pan, fader and meter, mute and solo."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from fanstudio.gui.appearance import Appearance
from fanstudio.gui.panels.ruled import Control
from fanstudio.gui.strips import Face, Kind
from fanstudio.gui.theme import restyle, set_role
from fanstudio.gui.widgets.fader import Fader, decibels
from fanstudio.gui.widgets.labels import label
from fanstudio.gui.widgets.meter import Meter
from fanstudio.gui.widgets.pan_knob import PanKnob
from fanstudio.model.mixer import GAIN, PAN

_WIDTH = 58


class LevelsColumn(QWidget):
    """Shows how loud a strip is and where; the master has neither pan nor mute nor solo."""

    def __init__(self, appearance: Appearance, face: Face) -> None:
        """Make the controls of a strip."""
        super().__init__()
        self.setFixedWidth(_WIDTH)
        self.pan = PanKnob(appearance, "")
        self.fader = Fader("", face.stem, orientation=Qt.Orientation.Vertical)
        self.meter = Meter(appearance, "")
        self.gain_text = label(role="small")
        self.gain_text.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.mute = _toggle("M", "wait", "Mute")
        self.solo = _toggle("S", "accent", "Solo")
        self._lay_out()
        if face.kind is Kind.MASTER:
            for part in (self.pan, self.mute, self.solo):
                part.hide()

    @property
    def stops(self) -> tuple[QWidget, ...]:
        """Return where Tab stops, in order."""
        return self.pan, self.fader, self.mute, self.solo

    def show_face(self, face: Face) -> None:
        """Take a strip's present values and name."""
        self.show_gain(face.gain_db)
        self.pan.show_pan(face.pan or 0.0)
        self.mute.setChecked(face.muted)
        self.solo.setChecked(face.soloed)
        if self.fader.property("muted") is not face.muted:
            self.fader.setProperty("muted", face.muted)
            restyle(self.fader)
        for part, words in (
            (self.pan, "Pan of"),
            (self.fader, "Gain of"),
            (self.meter, "Level of"),
            (self.mute, "Mute"),
            (self.solo, "Solo"),
        ):
            part.setAccessibleName(f"{words} {face.name}")

    def show_gain(self, gain_db: float) -> None:
        """Let the fader stand at a gain."""
        if gain_db != self.fader.gain_db:
            self.fader.show_gain(gain_db)
        if (text := decibels(gain_db)) != self.gain_text.text():
            self.gain_text.setText(text)

    def controls(self) -> dict[str, Control]:
        """Return what automation may rule."""
        return {GAIN: (self.fader, self.show_gain), PAN: (self.pan, self.pan.show_pan)}

    def _lay_out(self) -> None:
        levels = QHBoxLayout()
        levels.setSpacing(8)
        levels.addStretch(1)
        levels.addWidget(self.fader)
        levels.addWidget(self.meter)
        levels.addStretch(1)
        buttons = QWidget()
        toggles = QHBoxLayout(buttons)
        toggles.setContentsMargins(0, 0, 0, 0)
        toggles.setSpacing(6)
        toggles.addWidget(self.mute)
        toggles.addWidget(self.solo)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(self.pan, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addLayout(levels, 1)
        column.addWidget(self.gain_text)
        column.addWidget(buttons)


def _toggle(letter: str, tone: str, word: str) -> QPushButton:
    made = QPushButton(letter)
    made.setCheckable(True)
    made.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    made.setToolTip(word)
    set_role(made, "toggle", tone=tone)
    return made
