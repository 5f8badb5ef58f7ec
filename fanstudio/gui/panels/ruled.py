"""Controls that automation rules: they stand where the curve is, and cannot be moved by hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtWidgets import QWidget

from fanstudio.gui.automation import ruled_value
from fanstudio.model.mixer import Automation, Point

_TIP = "Automation moves this: switch it off or remove it to take over"

#: A control, and what makes it stand at a value.
Control = tuple[QWidget, Callable[[float], None]]


class RuledControls:
    """The controls of one strip, by the names of their values."""

    def __init__(self) -> None:
        """Rule nothing."""
        self._curves: dict[str, tuple[Point, ...]] = {}
        self._controls: Mapping[str, Control] = {}
        self._tips: dict[QWidget, str] = {}

    def take(self, automation: tuple[Automation, ...], controls: Mapping[str, Control]) -> None:
        """Take the hand off those controls whose curves are enabled, and give the others back."""
        self._curves = {curve.target: curve.points for curve in automation if curve.enabled}
        self._controls = controls
        for name, (widget, _) in controls.items():
            self._hold(widget, name in self._curves)

    def show_at(self, frame: int) -> None:
        """Let what is ruled stand where its curve is at a frame of the timeline."""
        for name, points in self._curves.items():
            if name in self._controls:
                self._controls[name][1](ruled_value(points, frame))

    def _hold(self, widget: QWidget, ruled: bool) -> None:
        if ruled and widget.isEnabled():
            self._tips[widget] = widget.toolTip()
            widget.setEnabled(False)
            widget.setToolTip(_TIP)
        elif not ruled and not widget.isEnabled():
            widget.setEnabled(True)
            widget.setToolTip(self._tips.pop(widget, ""))
