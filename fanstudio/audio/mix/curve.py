"""An automated value along the timeline."""

from __future__ import annotations

import numpy as np

from fanstudio.audio.filters import Values
from fanstudio.model.mixer import Automation


class Curve:
    """Straight lines between points; before the first and after the last its value holds."""

    def __init__(self, automation: Automation) -> None:
        """Take the points, at least one."""
        self._frames = np.array([point.frame for point in automation.points], np.float64)
        self._values = np.array([point.value for point in automation.points], np.float64)
        spans = np.diff(self._frames)
        self._slopes = np.append(np.diff(self._values) / spans, 0.0)

    def over(self, position: int, frames: int) -> Values:
        """Return the values of some frames of the timeline."""
        places = np.arange(position, position + frames, dtype=np.float64)
        points = np.searchsorted(self._frames, places, side="right") - 1
        held = np.maximum(points, 0)
        run = np.maximum(places - self._frames[held], 0.0)
        values: Values = self._values[held] + self._slopes[held] * run
        return values

    def at(self, position: int) -> float:
        """Return the value at a frame of the timeline."""
        return float(self.over(position, 1)[0])
