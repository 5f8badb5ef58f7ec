"""The pitch roll: lines of pitch over a keyboard's rows, in step with the timeline above it."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QPolygonF,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from fanstudio.gui.appearance import Appearance
from fanstudio.gui.timeline.geometry import Geometry
from fanstudio.gui.timeline.inks import Inks, colour
from fanstudio.gui.tokens import blend
from fanstudio.model.scale import note_name
from fanstudio.studio.pitch import IN_TUNE_CENTS
from fanstudio.studio.pitch_lane import Line, PitchLane

_BLACK_KEYS = frozenset({1, 3, 6, 8, 10})
#: Rows lower than this have no room for every note's name.
_ROW_FOR_NAMES = 15.0
#: No line is drawn across a greater leap from one entry to the next, or over any distance.
_LEAP_SEMITONES, _GREATEST_LEAP = 1.8, 8.0
_READING_HEIGHT = 22
_PLAYHEAD_REACH = 2
#: How much of the original's colour its band has.
_FAINT = 0.4


class PitchRoll(QWidget):
    """Paints a `PitchLane`; what does not move is painted once into a picture."""

    #: The frame that was clicked.
    located = Signal(object)

    def __init__(self, appearance: Appearance, parent: QWidget | None = None) -> None:
        """Show no lane."""
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMouseTracking(True)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAccessibleName("Pitch")
        self._lane: PitchLane | None = None
        self._geometry = Geometry()
        self._live: Line | None = None
        self._words = ""
        self._playhead = 0
        self._pointer: QPointF | None = None
        self._picture: QPixmap | None = None
        self._appearance = appearance
        appearance.keep(self, self._take_theme)

    def show_lane(self, lane: PitchLane | None, words: str = "") -> None:
        """Show a lane, or words in its place."""
        self._lane, self._words = lane, words
        self.setAccessibleDescription(words)
        self._repaint()

    def show_live(self, line: Line | None) -> None:
        """Show what is being sung over the lane, or nothing."""
        if line is not self._live:
            self._live = line
            self.update()

    def show_geometry(self, geometry: Geometry) -> None:
        """Show the same frames as the timeline."""
        if (geometry.left_frame, geometry.frames_per_pixel) != (
            self._geometry.left_frame,
            self._geometry.frames_per_pixel,
        ):
            self._geometry = geometry
            self._repaint()

    def show_playhead(self, frame: int) -> None:
        """Move the playhead."""
        before, self._playhead = self._playhead, frame
        for x in (self._geometry.x_of(before), self._geometry.x_of(frame)):
            if -_PLAYHEAD_REACH <= x <= self.width() + _PLAYHEAD_REACH:
                self.update(int(x) - _PLAYHEAD_REACH, 0, 2 * _PLAYHEAD_REACH + 1, self.height())

    def reading_at(self, x: float) -> str:
        """Return in words what is sung at an x, and how far off the original: "C4, 12 cents low"."""
        if self._lane is None:
            return ""
        note, cents = self._lane.reading(self._geometry.left_frame + x * self._geometry.frames_per_pixel)
        if note is None:
            return ""
        if cents is None:
            off = 100 * (note - round(note))
            return f"{note_name(note)} {off:+.0f} cents".replace("-", "−")
        if abs(cents) < 1:
            return f"{note_name(note)}, on the note"
        return f"{note_name(note)}, {abs(cents):.0f} cents {'high' if cents > 0 else 'low'}"

    # ── events ───────────────────────────────────────────────────────────────────────────────

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Tell what is sung under the pointer."""
        self._pointer = event.position()
        self.update()

    def leaveEvent(self, _event: object) -> None:
        """Tell nothing more."""
        self._pointer = None
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Put the playhead under the pointer."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.located.emit(self._geometry.frame_at(event.position().x()))

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave scrolling to the timeline."""
        event.ignore()

    def resizeEvent(self, _event: QResizeEvent) -> None:
        """Paint for the new size."""
        self._repaint()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the picture, the playhead over it and what is under the pointer."""
        ratio = self.devicePixelRatioF()
        if self._picture is None or self._picture.devicePixelRatio() != ratio:
            self._picture = self._paint_picture(ratio)
        painter = QPainter(self)
        painter.drawPixmap(0, 0, self._picture)
        if self._live is not None and self._lane is not None:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            self._paint_lines(painter, (self._live,), _line_pen(self._inks.token("accent"), 2.0))
        x = self._geometry.x_of(self._playhead)
        if self._lane is not None and 0 <= x <= self.width():
            painter.setPen(self._inks.pen("text", 1.5))
            painter.drawLine(QLineF(x, 0, x, self.height()))
        if self._pointer is not None:
            self._paint_reading(painter, self._pointer)

    # ── painting ─────────────────────────────────────────────────────────────────────────────

    def _take_theme(self) -> None:
        self._inks = Inks(self._appearance.theme)
        self._repaint()

    def _repaint(self) -> None:
        self._picture = None
        self.update()

    def _paint_picture(self, ratio: float) -> QPixmap:
        picture = QPixmap(round(self.width() * ratio), round(self.height() * ratio))
        picture.setDevicePixelRatio(ratio)
        picture.fill(self._inks.token("canvas"))
        painter = QPainter(picture)
        if self._lane is None:
            painter.setPen(self._inks.token("text_2"))
            painter.drawText(self.rect(), int(Qt.AlignmentFlag.AlignCenter), self._words)
        else:
            self._paint_rows(painter, self._lane)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            band = max(3.0, 2 * IN_TUNE_CENTS / 100 * self._row(self._lane))
            self._paint_lines(painter, self._lane.original, _line_pen(self._faint("vocals"), band))
            self._paint_lines(painter, self._lane.sung, _line_pen(self._inks.token("text"), 2.0))
            self._paint_names(painter, self._lane)
        painter.end()
        return picture

    def _paint_rows(self, painter: QPainter, lane: PitchLane) -> None:
        """Shade the rows of the black keys, and draw a line below each C."""
        row = self._row(lane)
        shade, line = self._inks.token("hover", 0.45), self._inks.token("line")
        for note in _notes(lane):
            top = self._y(lane, note + 0.5)
            if note % 12 in _BLACK_KEYS:
                painter.fillRect(QRectF(0, top, self.width(), row), shade)
            if note % 12 == 0:
                painter.fillRect(QRectF(0, round(top + row), self.width(), 1), line)

    def _paint_names(self, painter: QPainter, lane: PitchLane) -> None:
        """Name the rows at the left edge: every white key where there is room, else each C."""
        roomy = self._row(lane) >= _ROW_FOR_NAMES
        painter.setPen(self._inks.token("text_3"))
        for note in _notes(lane):
            if note % 12 == 0 or (roomy and note % 12 not in _BLACK_KEYS):
                baseline = self._y(lane, note) + 4
                if 10 < baseline < self.height() - 2:
                    self._inks.badge.draw(painter, 6, baseline, note_name(note))

    def _paint_lines(self, painter: QPainter, lines: Iterable[Line], pen: QPen) -> None:
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for line in lines:
            for stretch in self._stretches(line):
                painter.drawPolyline(stretch)

    def _stretches(self, line: Line) -> Iterable[QPolygonF]:
        """Yield the unbroken stretches of a line that show, thinned to one point a pixel."""
        assert self._lane is not None
        geometry = self._geometry
        right = geometry.left_frame + self.width() * geometry.frames_per_pixel
        first, last = np.searchsorted(line.frames, (geometry.left_frame, right))
        part = slice(max(0, int(first) - 1), int(last) + 1)
        frames, notes = line.frames[part], line.notes[part]
        step = max(1, len(frames) // max(1, self.width()))
        x = (frames[::step] - geometry.left_frame) / geometry.frames_per_pixel
        y = (self._lane.highest - notes[::step]) * self._row(self._lane)
        leap = min(step * _LEAP_SEMITONES, _GREATEST_LEAP) * self._row(self._lane)
        joined = np.abs(np.diff(y, prepend=np.nan, append=np.nan)) < leap
        for start, end in pairwise(np.flatnonzero(~joined).tolist()):
            if not np.isnan(y[start]):
                points = zip(x[start:end].tolist(), y[start:end].tolist(), strict=True)
                yield QPolygonF([QPointF(*point) for point in points])

    def _paint_reading(self, painter: QPainter, at: QPointF) -> None:
        words = self.reading_at(at.x())
        if not words:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        width = self._inks.label.width(words) + 16
        left = min(max(4.0, at.x() + 12), max(4.0, self.width() - width - 4))
        top = min(max(4.0, at.y() - 30), self.height() - _READING_HEIGHT - 4.0)
        painter.setPen(self._inks.pen("line_strong"))
        painter.setBrush(self._inks.token("hover"))
        painter.drawRoundedRect(QRectF(left, top, width, _READING_HEIGHT), 6, 6)
        painter.setPen(self._inks.token("text"))
        self._inks.label.draw(painter, left + 8, top + 15, words)

    def _faint(self, token: str) -> QColor:
        """Return a colour as if it were thin on the canvas; what overlaps in it looks like one."""
        theme = self._inks.theme
        return colour(blend(theme.colour(token), theme.canvas, _FAINT))

    def _row(self, lane: PitchLane) -> float:
        """Return how high a semitone is."""
        return self.height() / (lane.highest - lane.lowest)

    def _y(self, lane: PitchLane, note: float) -> float:
        return (lane.highest - note) * self._row(lane)


def _notes(lane: PitchLane) -> range:
    return range(int(np.floor(lane.lowest)), int(np.ceil(lane.highest)) + 1)


def _line_pen(ink: QColor, width: float) -> QPen:
    pen = QPen(ink, width)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    return pen
