"""Menus of effects: those that can be added, and what can be done to one."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMenu, QWidget

from fanstudio.audio.effects import EFFECTS
from fanstudio.gui.commands.mixer import MixerCommands
from fanstudio.gui.effect_words import BY_KIND
from fanstudio.model.mixer import EffectSlot


def menu_of_effects(parent: QWidget, commands: MixerCommands, strip_id: str) -> QMenu:
    """Return a menu that adds an effect to a strip."""
    menu = passing_menu(parent)
    for effect in EFFECTS:
        menu.addAction(effect.title).triggered.connect(
            lambda _checked=False, kind=effect.kind: commands.add_effect(strip_id, kind)
        )
    return menu


def menu_of_slot(
    parent: QWidget, commands: MixerCommands, strip_id: str, slots: tuple[EffectSlot, ...], slot_id: str
) -> QMenu:
    """Return a menu of what can be done to an effect of a strip."""
    ids = [slot.id for slot in slots]
    place = ids.index(slot_id)
    slot = slots[place]
    menu = passing_menu(parent)

    def offer(text: str, act: Callable[[], None], possible: bool = True) -> None:
        action = menu.addAction(text)
        action.setEnabled(possible)
        action.triggered.connect(lambda _checked=False: act())

    offer("Open", lambda: commands.open_effect(strip_id, slot_id), slot.kind in BY_KIND)
    word = "Switch off" if slot.enabled else "Switch on"
    offer(word, lambda: commands.enable_effect(strip_id, slot_id, not slot.enabled))
    menu.addSeparator()
    offer("Move up", lambda: commands.move_effect(strip_id, slot_id, place - 1), place > 0)
    offer("Move down", lambda: commands.move_effect(strip_id, slot_id, place + 1), place + 1 < len(ids))
    menu.addSeparator()
    offer("Remove", lambda: commands.remove_effect(strip_id, slot_id))
    return menu


def passing_menu(parent: QWidget) -> QMenu:
    """Return an empty menu that is gone once it is closed."""
    menu = QMenu(parent)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    return menu
