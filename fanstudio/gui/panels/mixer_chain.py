"""The left half of a strip: its effects, where it is sent and where it goes."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from fanstudio.gui.appearance import Appearance
from fanstudio.gui.panels.effects_rack import EffectRack
from fanstudio.gui.panels.mixer_sends import SendList
from fanstudio.gui.panels.ruled import Control
from fanstudio.gui.strips import Face, Kind, bus_name
from fanstudio.gui.theme import set_role
from fanstudio.gui.widgets.labels import ElidedLabel
from fanstudio.model.mixer import send_target
from fanstudio.model.session import Session

_OUTPUT_ROOM = 82


class ChainColumn(QWidget):
    """Shows what a strip's sound goes through; only tracks have sends and an output to choose."""

    def __init__(self, appearance: Appearance, face: Face) -> None:
        """Make the controls of a strip."""
        super().__init__()
        self.rack = EffectRack(appearance)
        self.add_effect = _add_button(appearance, "Add an effect")
        self.sends = SendList(appearance)
        self.add_send = _add_button(appearance, "Send to a bus as well")
        self.output = QPushButton()
        set_role(self.output, "small")
        self.output.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._more: tuple[QWidget, ...] = ()
        sends_heading = _heading("Sends", self.add_send)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(4)
        for part in (_heading("Effects", self.add_effect), self.rack, sends_heading, self.sends, self.output):
            self._column.addWidget(part, 1 if part is self.rack else 0)
        if face.kind is not Kind.TRACK:
            for part in (sends_heading, self.add_send, self.output):
                part.hide()

    @property
    def stops(self) -> tuple[QWidget, ...]:
        """Return where Tab stops, in order."""
        return self.add_effect, self.rack, self.add_send, *self.sends.knobs, self.output, *self._more

    def add_below(self, part: QWidget) -> None:
        """Put something more below the effects; Tab stops there, too."""
        self._column.addWidget(part)
        self._more = (*self._more, part)

    def show_face(self, face: Face, session: Session) -> None:
        """Take a strip's present values and name."""
        self.rack.show_slots(face.effects)
        self.sends.show_sends(face.sends, {bus.id: bus.name for bus in session.buses}, face.name)
        output = bus_name(session, face.output)
        metrics = self.output.fontMetrics()
        self.output.setText(metrics.elidedText(f"→ {output}", Qt.TextElideMode.ElideRight, _OUTPUT_ROOM))
        self.output.setToolTip(f"Goes to {output}. Press to choose another bus")
        self.output.setAccessibleName(f"Output of {face.name}: {output}")
        self.rack.setAccessibleName(f"Effects of {face.name}")
        self.add_effect.setAccessibleName(f"Add an effect to {face.name}")
        self.add_send.setAccessibleName(f"Add a send to {face.name}")

    def controls(self) -> dict[str, Control]:
        """Return what automation may rule."""
        return {send_target(bus): (knob, knob.show_gain) for bus, knob in self.sends.by_bus.items()}


def _heading(text: str, button: QPushButton) -> QWidget:
    made = QWidget()
    row = QHBoxLayout(made)
    row.setContentsMargins(0, 0, 0, 0)
    row.addWidget(ElidedLabel(text, "small"), 1)
    row.addWidget(button)
    return made


def _add_button(appearance: Appearance, tip: str) -> QPushButton:
    made = QPushButton()
    set_role(made, "mini")
    made.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    made.setToolTip(tip)
    appearance.set_icon(made, "add", "text_2")
    return made
