"""The clip that grows while it is recorded: its outline so far, over the lane of its track."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPolygonF
from PySide6.QtWidgets import QWidget

from fanstudio.gui.appearance import Appearance
from fanstudio.gui.timeline.canvas import TimelineCanvas
from fanstudio.gui.timeline.geometry import LANE_PADDING
from fanstudio.gui.tokens import CARD_RADIUS, RULER_HEIGHT
from fanstudio.studio.record import Growing

_TINT = 0.22


class GrowingClip(QWidget):
    """Lies on the timeline's viewport; takes no mouse."""

    def __init__(self, timeline: TimelineCanvas, appearance: Appearance) -> None:
        """Show nothing yet."""
        super().__init__(timeline.viewport())
        self._timeline = timeline
        self._appearance = appearance
        self._growing: Growing | None = None
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAccessibleName("Recording")
        self.hide()

    def show_growing(self, growing: Growing | None, lane: int) -> None:
        """Show a pass in a lane, or nothing."""
        self._growing = growing
        if growing is None:
            self.hide()
            return
        geometry = self._timeline.view_geometry()
        left = max(-1.0, geometry.x_of(growing.position))
        right = min(geometry.width + 1.0, geometry.x_of(growing.position + growing.length))
        top = geometry.lane_top(lane) + LANE_PADDING
        bottom = top + geometry.lane_height - 2 * LANE_PADDING
        top = max(top, float(RULER_HEIGHT))
        if right - left < 1 or bottom <= top:
            self.hide()
            return
        self.setGeometry(QRectF(left, top, right - left, bottom - top).toAlignedRect())
        self.show()
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the ground and the outline."""
        if self._growing is None:
            return
        colour = QColor(self._appearance.theme.deny)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ground = QColor(colour)
        ground.setAlphaF(_TINT)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ground)
        painter.drawRoundedRect(QRectF(self.rect()), CARD_RADIUS, CARD_RADIUS)
        painter.setBrush(colour)
        painter.drawPolygon(QPolygonF(self._points(self._growing)))

    def _points(self, growing: Growing) -> list[QPointF]:
        """Return the outline as a shape around the middle, one point a pixel at the most."""
        geometry = self._timeline.view_geometry()
        middle, reach = self.height() / 2, self.height() / 2 - 4
        above: list[QPointF] = []
        for x in range(self.width()):
            first = (geometry.left_frame + (self.x() + x) * geometry.frames_per_pixel) - growing.position
            start = max(0, int(first / growing.step))
            end = max(start + 1, int((first + geometry.frames_per_pixel) / growing.step))
            peak = max(growing.peaks[start:end], default=0.0)
            above.append(QPointF(x, middle - max(0.5, reach * min(1.0, peak))))
        return above + [QPointF(point.x(), 2 * middle - point.y()) for point in reversed(above)]
