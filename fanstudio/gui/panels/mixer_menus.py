"""Menus of the mixer: where a strip goes, what it is sent to, and what can be done to it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

from fanstudio.gui.commands.mixer import MixerCommands
from fanstudio.gui.panels.automation_menu import fill_for_value, menu_of_values
from fanstudio.gui.panels.effects_menu import passing_menu
from fanstudio.gui.strips import MASTER_NAME, Face, Kind
from fanstudio.model.mixer import send_target
from fanstudio.model.session import Session

_NEW_BUS = "New bus"


def menu_of_outputs(parent: QWidget, commands: MixerCommands, session: Session, face: Face) -> QMenu:
    """Return a menu of where a track may go."""
    menu = passing_menu(parent)
    choices = (("", MASTER_NAME), *((bus.id, bus.name) for bus in session.buses))
    for bus_id, name in choices:
        action = _offer(menu, name, partial(commands.set_output, face.id, bus_id))
        action.setCheckable(True)
        action.setChecked(bus_id == face.output)
    menu.addSeparator()
    _offer(menu, _NEW_BUS, lambda: commands.output_to_new_bus(face.id))
    return menu


def menu_of_sends(parent: QWidget, commands: MixerCommands, session: Session, face: Face) -> QMenu:
    """Return a menu of buses to which a track is not sent yet."""
    menu = passing_menu(parent)
    sent = {send.bus for send in face.sends}
    for bus in session.buses:
        if bus.id not in sent:
            _offer(menu, bus.name, partial(commands.set_send, face.id, bus.id, 0.0))
    if not menu.isEmpty():
        menu.addSeparator()
    _offer(menu, _NEW_BUS, lambda: commands.send_to_new_bus(face.id))
    return menu


def menu_of_value(parent: QWidget, commands: MixerCommands, session: Session, face: Face, name: str) -> QMenu:
    """Return a menu of what can be done to a fader or a knob."""
    menu = passing_menu(parent)
    fill_for_value(menu, commands.automation, session, face.id, name)
    return menu


def menu_of_send(
    parent: QWidget, commands: MixerCommands, session: Session, face: Face, bus_id: str
) -> QMenu:
    """Return a menu of what can be done to a send."""
    menu = menu_of_value(parent, commands, session, face, send_target(bus_id))
    menu.addSeparator()
    _offer(menu, "Remove send", lambda: commands.remove_send(face.id, bus_id))
    return menu


def menu_of_strip(
    parent: QWidget, commands: MixerCommands, session: Session, face: Face, rename: Callable[[], None]
) -> QMenu:
    """Return a menu of what can be done to a strip."""
    menu = passing_menu(parent)
    if face.kind is not Kind.MASTER:
        _offer(menu, "Rename", rename)
        _offer(menu, "Unmute" if face.muted else "Mute", lambda: commands.set_muted(face.id, not face.muted))
        word = "Unsolo" if face.soloed else "Solo"
        _offer(menu, word, lambda: commands.set_soloed(face.id, not face.soloed))
        menu.addSeparator()
    _offer(menu, "Gain to 0 dB", lambda: commands.set_gain(face.id, 0.0))
    values = menu_of_values(menu, commands.automation, session, face.id)
    values.setTitle("Automation")
    menu.addMenu(values)
    if face.kind is Kind.BUS:
        menu.addSeparator()
        _offer(menu, "Remove bus", lambda: commands.remove_bus(face.id))
    return menu


def _offer(menu: QMenu, text: str, act: Callable[[], None]) -> QAction:
    action = menu.addAction(text)
    action.triggered.connect(lambda _checked=False: act())
    return action
