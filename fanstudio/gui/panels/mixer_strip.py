"""A strip of the mixer: effects, sends and output at the left, pan, fader, mute and solo at the right."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QPoint, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from fanstudio.gui.appearance import Appearance
from fanstudio.gui.commands.mixer import MixerCommands
from fanstudio.gui.panels.effects_menu import menu_of_effects, menu_of_slot
from fanstudio.gui.panels.effects_rack import EffectRack
from fanstudio.gui.panels.mixer_menus import (
    menu_of_outputs,
    menu_of_send,
    menu_of_sends,
    menu_of_strip,
    menu_of_value,
)
from fanstudio.gui.panels.mixer_sends import SendList
from fanstudio.gui.panels.ruled import Control, RuledControls
from fanstudio.gui.strips import Face, Kind, bus_name, face_of
from fanstudio.gui.theme import restyle, set_role
from fanstudio.gui.tokens import FOCUS_WIDTH
from fanstudio.gui.widgets.fader import Fader, decibels
from fanstudio.gui.widgets.labels import ElidedLabel, label
from fanstudio.gui.widgets.meter import Meter
from fanstudio.gui.widgets.name_edit import NameEdit
from fanstudio.gui.widgets.pan_knob import PanKnob
from fanstudio.gui.workspace import Workspace
from fanstudio.model.mixer import GAIN, PAN, send_target
from fanstudio.model.session import Session

STRIP_WIDTH = 184
_BAND = 4
_SIDE_WIDTH = 58
_OUTPUT_ROOM = 82
_STEPS = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}


class MixerStrip(QFrame):
    """Follows one track, bus or the master; Left and Right go to the neighbours, M mutes, S solos."""

    #: By how many strips the focus wants to go.
    walked = Signal(int)
    #: Tab goes through other controls now.
    stops_changed = Signal()

    def __init__(
        self,
        workspace: Workspace,
        appearance: Appearance,
        commands: MixerCommands,
        strip_id: str,
        parent: QWidget | None = None,
    ) -> None:
        """Show a strip of the session."""
        super().__init__(parent)
        set_role(self, "strip")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._workspace = workspace
        self._appearance = appearance
        self._commands = commands
        self._seen: tuple[object, ...] = ()
        self._selected = False
        self._ruled = RuledControls()
        self._more: tuple[QWidget, ...] = ()
        self.face = face_of(workspace.session, strip_id)
        self.setFixedWidth(STRIP_WIDTH)
        self._make_parts()
        self._lay_out()
        self._connect()
        appearance.changed.connect(self.update)
        self.show_session(workspace.session)

    @property
    def stops(self) -> tuple[QWidget, ...]:
        """Return where Tab stops, in order."""
        parts = (self, self.add_effect, self.rack, self.add_send, *self.sends.knobs, self.output)
        right = (*self._more, self.pan, self.fader, self.mute, self.solo)
        return tuple(part for part in (*parts, *right) if part is self or not part.isHidden())

    # ── parts ────────────────────────────────────────────────────────────────────────────────

    def _make_parts(self) -> None:
        self._icon = label()
        self._appearance.set_pixmap(self._icon, self.face.icon, self.face.token)
        self.name = NameEdit(
            self.face.name, f"{self.face.kind.value} name", editable=self.face.kind is not Kind.MASTER
        )
        self.rack = EffectRack(self._appearance)
        self.add_effect = self._small_button("add", self._offer_effects, "Add an effect")
        self.sends = SendList(self._appearance)
        self.add_send = self._small_button("add", self._offer_sends, "Send to a bus as well")
        self.output = QPushButton()
        set_role(self.output, "small")
        self.output.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.output.clicked.connect(self._offer_outputs)
        self.pan = PanKnob(self._appearance, "")
        self.fader = Fader("", self.face.stem, orientation=Qt.Orientation.Vertical)
        self.meter = Meter(self._appearance, "")
        self.gain_text = label(role="small")
        self.gain_text.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.mute = self._toggle("M", "wait", "Mute")
        self.solo = self._toggle("S", "accent", "Solo")

    def _lay_out(self) -> None:
        title = QHBoxLayout()
        title.setSpacing(8)
        title.addWidget(self._icon)
        title.addWidget(self.name, 1)
        body = QHBoxLayout()
        body.setSpacing(8)
        body.addLayout(self._left(), 1)
        right = QWidget()
        right.setFixedWidth(_SIDE_WIDTH)
        self._fill_right(right)
        body.addWidget(right)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, _BAND + 8, 9, 10)
        column.setSpacing(8)
        column.addLayout(title)
        column.addLayout(body, 1)

    def add_below(self, part: QWidget) -> None:
        """Put something more below the effects; Tab stops there, too."""
        self._below.addWidget(part)
        self._more = (*self._more, part)

    def _left(self) -> QVBoxLayout:
        left = QVBoxLayout()
        left.setSpacing(4)
        left.addLayout(_heading("Effects", self.add_effect))
        left.addWidget(self.rack, 1)
        self._sends_heading = QWidget()
        heading = _heading("Sends", self.add_send)
        self._sends_heading.setLayout(heading)
        left.addWidget(self._sends_heading)
        left.addWidget(self.sends)
        left.addWidget(self.output)
        self._below = left
        if self.face.kind is not Kind.TRACK:
            for part in (self._sends_heading, self.add_send, self.output):
                part.hide()
        return left

    def _fill_right(self, right: QWidget) -> None:
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
        column = QVBoxLayout(right)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(self.pan, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addLayout(levels, 1)
        column.addWidget(self.gain_text)
        column.addWidget(buttons)
        if self.face.kind is Kind.MASTER:
            for part in (self.pan, self.mute, self.solo):
                part.hide()

    def _connect(self) -> None:
        strip_id, commands = self.face.id, self._commands
        self.name.renamed.connect(lambda name: commands.rename(strip_id, name))
        self.mute.clicked.connect(lambda on: commands.set_muted(strip_id, on))
        self.solo.clicked.connect(lambda on: commands.set_soloed(strip_id, on))
        self._follow(self.pan, "Set pan", lambda pan: commands.set_pan(strip_id, pan))
        self._follow(self.fader, "Set gain", lambda gain_db: commands.set_gain(strip_id, gain_db))
        self._offer_automation(self.pan, PAN)
        self._offer_automation(self.fader, GAIN)
        self.rack.opened.connect(lambda slot: commands.open_effect(strip_id, slot))
        self.rack.switched.connect(lambda slot, on: commands.enable_effect(strip_id, slot, on))
        self.rack.removed.connect(lambda slot: commands.remove_effect(strip_id, slot))
        self.rack.moved.connect(lambda slot, index: commands.move_effect(strip_id, slot, index))
        self.rack.menu_wanted.connect(self._open_slot_menu)
        self.sends.began.connect(lambda: self._workspace.begin_interaction("Set send"))
        self.sends.ended.connect(self._workspace.end_interaction)
        self.sends.moved.connect(lambda bus, gain_db: commands.set_send(strip_id, bus, gain_db))
        self.sends.removed.connect(lambda bus: commands.remove_send(strip_id, bus))
        self.sends.menu_wanted.connect(self._open_send_menu)
        self.sends.rows_changed.connect(self.stops_changed)

    def _offer_automation(self, control: QWidget, name: str) -> None:
        control.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        control.customContextMenuRequested.connect(lambda at: self._open_value_menu(control, name, at))

    def _follow(self, control: Fader | PanKnob, step: str, change: Callable[[float], None]) -> None:
        control.began.connect(lambda: self._workspace.begin_interaction(step))
        control.moved.connect(change)
        control.ended.connect(self._workspace.end_interaction)

    def _toggle(self, letter: str, tone: str, word: str) -> QPushButton:
        made = QPushButton(letter)
        made.setCheckable(True)
        made.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        made.setToolTip(word)
        set_role(made, "toggle", tone=tone)
        return made

    def _small_button(self, icon: str, clicked: Callable[[], None], tip: str) -> QPushButton:
        made = QPushButton()
        set_role(made, "mini")
        made.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        made.setToolTip(tip)
        self._appearance.set_icon(made, icon, "text_2")
        made.clicked.connect(lambda: clicked())
        return made

    # ── what it shows ────────────────────────────────────────────────────────────────────────

    def show_session(self, session: Session) -> None:
        """Take the present values; what did not change costs nothing."""
        face = face_of(session, self.face.id)
        seen = (face, tuple(bus.name for bus in session.buses))
        if seen == self._seen:
            return
        self._seen, self.face = seen, face
        self._show_words(face, bus_name(session, face.output))
        self._show_gain(face.gain_db)
        self.pan.show_pan(face.pan or 0.0)
        self.mute.setChecked(face.muted)
        self.solo.setChecked(face.soloed)
        self.rack.show_slots(face.effects)
        names = {bus.id: bus.name for bus in session.buses}
        self.sends.show_sends(face.sends, names, face.name)
        if self.fader.property("muted") is not face.muted:
            self.fader.setProperty("muted", face.muted)
            restyle(self.fader)
        self._ruled.take(face.automation, self._controls())

    def show_moment(self, frame: int) -> None:
        """Let what automation rules stand where it is at a frame."""
        self._ruled.show_at(frame)

    def _controls(self) -> dict[str, Control]:
        """Return what automation may rule."""
        sends = {send_target(bus): (knob, knob.show_gain) for bus, knob in self.sends.by_bus.items()}
        return {GAIN: (self.fader, self._show_gain), PAN: (self.pan, self.pan.show_pan), **sends}

    def _show_gain(self, gain_db: float) -> None:
        if gain_db != self.fader.gain_db:
            self.fader.show_gain(gain_db)
        if (text := decibels(gain_db)) != self.gain_text.text():
            self.gain_text.setText(text)

    def _show_words(self, face: Face, output: str) -> None:
        self.name.show_name(face.name)
        metrics = self.output.fontMetrics()
        self.output.setText(metrics.elidedText(f"→ {output}", Qt.TextElideMode.ElideRight, _OUTPUT_ROOM))
        self.output.setToolTip(f"Goes to {output}. Press to choose another bus")
        self.setAccessibleName(f"{face.kind.value.capitalize()} strip {face.name}")
        for part, words in (
            (self.rack, "Effects of"),
            (self.add_effect, "Add an effect to"),
            (self.add_send, "Add a send to"),
            (self.pan, "Pan of"),
            (self.fader, "Gain of"),
            (self.meter, "Level of"),
            (self.mute, "Mute"),
            (self.solo, "Solo"),
        ):
            part.setAccessibleName(f"{words} {face.name}")
        self.output.setAccessibleName(f"Output of {face.name}: {output}")

    def show_selected(self, selected: bool) -> None:
        """Show whether its track is selected."""
        if selected is not self._selected:
            self._selected = selected
            self.update()

    # ── menus ────────────────────────────────────────────────────────────────────────────────

    def _offer_effects(self) -> None:
        menu_of_effects(self, self._commands, self.face.id).popup(_below(self.add_effect))

    def _offer_sends(self) -> None:
        menu_of_sends(self, self._commands, self._workspace.session, self.face).popup(_below(self.add_send))

    def _offer_outputs(self) -> None:
        menu_of_outputs(self, self._commands, self._workspace.session, self.face).popup(_below(self.output))

    def _open_slot_menu(self, slot_id: str, at: QPoint) -> None:
        menu_of_slot(self, self._commands, self.face.id, self.face.effects, slot_id).popup(at)

    def _open_send_menu(self, bus_id: str, at: QPoint) -> None:
        menu_of_send(self, self._commands, self._workspace.session, self.face, bus_id).popup(at)

    def _open_value_menu(self, control: QWidget, name: str, at: QPoint) -> None:
        session = self._workspace.session
        menu_of_value(self, self._commands, session, self.face, name).popup(control.mapToGlobal(at))

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Open the strip's menu."""
        session = self._workspace.session
        menu_of_strip(self, self._commands, session, self.face, self.name.begin).popup(event.globalPos())

    # ── events ───────────────────────────────────────────────────────────────────────────────

    def event(self, event: QEvent) -> bool:
        """Keep the strip's own keys from the window while it has the focus itself."""
        overrides = event.type() == QEvent.Type.ShortcutOverride and self.hasFocus()
        if overrides and isinstance(event, QKeyEvent) and self._means_something(event):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go to a neighbour, or do what a key means to this strip."""
        if self.hasFocus() and event.key() in _STEPS:
            self.walked.emit(_STEPS[Qt.Key(event.key())])
        elif self.hasFocus() and event.key() in self._keys():
            self._keys()[event.key()]()
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Select the track."""
        self._select()
        super().mousePressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Select the track that keys have come to."""
        super().focusInEvent(event)
        self._select()
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Take the focus ring away."""
        super().focusOutEvent(event)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the band in the strip's colour, a lighter ground where selected, and the focus ring."""
        super().paintEvent(event)
        theme = self._appearance.theme
        painter = QPainter(self)
        if self._selected:
            painter.fillRect(self.rect().adjusted(0, 0, -1, 0), QColor(theme.raised))
        painter.fillRect(0, 0, self.width() - 1, _BAND, QColor(theme.colour(self.face.token)))
        if self.hasFocus():
            painter.setPen(QPen(QColor(theme.focus), FOCUS_WIDTH))
            painter.drawRect(self.rect().adjusted(1, 1, -2, -1))

    def _keys(self) -> dict[int, Callable[[], None]]:
        """Return what keys do that mean something to this strip."""
        if self.face.kind is Kind.MASTER:
            return {}
        keys: dict[int, Callable[[], None]] = {
            Qt.Key.Key_M: self.mute.click,
            Qt.Key.Key_S: self.solo.click,
            Qt.Key.Key_F2: self.name.begin,
        }
        if self.face.kind is Kind.BUS:
            keys[Qt.Key.Key_Delete] = lambda: self._commands.remove_bus(self.face.id)
        return keys

    def _means_something(self, event: QKeyEvent) -> bool:
        return event.key() in self._keys() and not event.modifiers()

    def _select(self) -> None:
        if self.face.kind is Kind.TRACK and self._workspace.selected_track != self.face.id:
            self._workspace.select_track(self.face.id)


def _heading(text: str, button: QPushButton) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setContentsMargins(0, 0, 0, 0)
    row.addWidget(ElidedLabel(text, "small"), 1)
    row.addWidget(button)
    return row


def _below(widget: QWidget) -> QPoint:
    return widget.mapToGlobal(QPoint(0, widget.height()))
