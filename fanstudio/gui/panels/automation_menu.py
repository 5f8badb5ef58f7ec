"""Menus of automation: what to show of a strip, and what can be done to a curve."""

from __future__ import annotations

from functools import partial

from PySide6.QtWidgets import QMenu

from fanstudio.gui.automation import curve_of, targets_of
from fanstudio.gui.commands.automation import AutomationCommands
from fanstudio.model.mixer import Automation
from fanstudio.model.session import Session


def fill_for_value(
    menu: QMenu, commands: AutomationCommands, session: Session, strip_id: str, name: str
) -> None:
    """Offer what can be done to the automation of one value."""
    curve = curve_of(session, strip_id, name)
    menu.addAction("Automate…" if curve is None else "Show automation").triggered.connect(
        lambda: commands.automate(strip_id, name)
    )
    if curve is not None:
        _offer_for_curve(menu, commands, strip_id, curve)


def fill_for_lane(
    menu: QMenu, commands: AutomationCommands, session: Session, strip_id: str, point: int | None = None
) -> None:
    """Offer what can be done on a lane that shows a curve."""
    name = commands.wanted[strip_id]
    if point is not None:
        menu.addAction("Delete point").triggered.connect(lambda: commands.remove_point(strip_id, point))
        menu.addSeparator()
    curve = curve_of(session, strip_id, name)
    if curve is not None:
        _offer_for_curve(menu, commands, strip_id, curve)
        menu.addSeparator()
    menu.addMenu(menu_of_values(menu, commands, session, strip_id))
    menu.addAction("Hide automation").triggered.connect(lambda: commands.hide(strip_id))


def menu_of_values(menu: QMenu, commands: AutomationCommands, session: Session, strip_id: str) -> QMenu:
    """Return a menu of what of a strip can be shown; what has a curve says so."""
    values = QMenu("Show", menu)
    wanted = commands.wanted.get(strip_id)
    for target in targets_of(session, strip_id):
        mark = " •" if curve_of(session, strip_id, target.name) else ""
        action = values.addAction(target.title + mark)
        action.setCheckable(True)
        action.setChecked(target.name == wanted)
        action.triggered.connect(partial(_show, commands, strip_id, target.name))
    return values


def _offer_for_curve(menu: QMenu, commands: AutomationCommands, strip_id: str, curve: Automation) -> None:
    word = "Switch automation off" if curve.enabled else "Switch automation on"
    menu.addAction(word).triggered.connect(lambda: commands.enable(strip_id, curve.target, not curve.enabled))
    menu.addAction("Remove automation").triggered.connect(lambda: commands.remove(strip_id, curve.target))


def _show(commands: AutomationCommands, strip_id: str, name: str, _checked: bool = False) -> None:
    commands.show(strip_id, name)
