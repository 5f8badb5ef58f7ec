"""The confidence strip: how surely one line is heard along a voice, and what was done where it is not."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from fanstudio.gui.appearance import Appearance
from fanstudio.gui.timeline.inks import Inks
from fanstudio.gui.tokens import RADIUS

Floats = NDArray[np.float32]

_HEIGHT = 40
#: A span narrower than this would not be seen.
_LEAST_PIXELS = 2.0
_FOCUS_PIXELS, _BAR_PIXELS = 2, 4


@dataclass(frozen=True, slots=True)
class Doubt:
    """A stretch in which no single line is heard, in seconds, and what is done there in words.

    One that is `slight`, such as a consonant, is shown but not counted.
    """

    start_s: float
    end_s: float
    done: str
    slight: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Sureness:
    """Confidence 0..1 every `hop_s` seconds, and the doubtful stretches in order."""

    hop_s: float
    confidence: Floats
    doubts: tuple[Doubt, ...] = ()

    @property
    def length_s(self) -> float:
        """Return how long the voice is."""
        return len(self.confidence) * self.hop_s

    @property
    def doubtful_s(self) -> float:
        """Return how long no single line is heard in all, what is slight apart."""
        return sum(doubt.end_s - doubt.start_s for doubt in self.doubts if not doubt.slight)

    def columns(self, count: int) -> Floats:
        """Return the mean confidence in `count` equal parts; 0 where there is nothing."""
        if not len(self.confidence) or count < 1:
            return np.zeros(max(0, count), np.float32)
        edges = np.linspace(0, len(self.confidence), count + 1)
        first = np.minimum(edges[:-1].astype(np.int64), len(self.confidence) - 1)
        last = np.maximum(first + 1, np.ceil(edges[1:]).astype(np.int64))
        sums = np.concatenate(([0.0], np.cumsum(self.confidence, dtype=np.float64)))
        last = np.minimum(last, len(self.confidence))
        means: Floats = ((sums[last] - sums[first]) / (last - first)).astype(np.float32)
        return means

    def doubt_at(self, seconds: float) -> Doubt | None:
        """Return the doubtful stretch at a time, if there is one."""
        return next((doubt for doubt in self.doubts if doubt.start_s <= seconds < doubt.end_s), None)


class ConfidenceStrip(QWidget):
    """Paints a `Sureness` from left to right; a click, or the arrow keys, locate."""

    #: Seconds into the voice.
    located = Signal(float)

    def __init__(self, appearance: Appearance, parent: QWidget | None = None) -> None:
        """Show nothing."""
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(_HEIGHT)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAccessibleName("How surely one line is heard")
        self._sureness = Sureness(1.0, np.zeros(0, np.float32))
        self._at_s: float | None = None
        self._appearance = appearance
        appearance.keep(self, self._take_theme)

    def sizeHint(self) -> QSize:
        """Return a height that can be read and clicked."""
        return QSize(240, _HEIGHT)

    def show_sureness(self, sureness: Sureness) -> None:
        """Show another voice."""
        self._sureness = sureness
        self.setAccessibleDescription(describe(sureness))
        self.update()

    def show_place(self, seconds: float | None) -> None:
        """Show the playhead, or none where it is outside."""
        if seconds != self._at_s:
            self._at_s = seconds
            self.update()

    def words_at(self, x: float) -> str:
        """Return in words what is at an x: the time, and what was heard and done."""
        seconds = self._seconds_at(x)
        doubt = self._sureness.doubt_at(seconds)
        said = doubt.done if doubt else "One line is heard"
        return f"{int(seconds) // 60}:{int(seconds) % 60:02d} {said}"

    # ── events ───────────────────────────────────────────────────────────────────────────────

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Say what is under the pointer."""
        self.setToolTip(self.words_at(event.position().x()))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Locate."""
        if event.button() == Qt.MouseButton.LeftButton and self._sureness.length_s:
            self.located.emit(self._seconds_at(event.position().x()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go to the next doubtful stretch, or the one before."""
        here = self._at_s or 0.0
        starts = [doubt.start_s for doubt in self._sureness.doubts if not doubt.slight]
        after = [start for start in starts if start > here + 0.01]
        before = [start for start in starts if start < here - 0.01]
        if event.key() == Qt.Key.Key_Right and after:
            self.located.emit(after[0])
        elif event.key() == Qt.Key.Key_Left and before:
            self.located.emit(before[-1])
        else:
            event.ignore()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the ground, how sure the line is, the doubtful stretches over it, and the playhead."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ground = QPainterPath()
        ground.addRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), RADIUS, RADIUS)
        painter.fillPath(ground, self._inks.token("canvas"))
        painter.save()
        painter.setClipPath(ground)
        self._paint_columns(painter)
        self._paint_doubts(painter)
        self._paint_place(painter)
        painter.restore()
        focused = self.hasFocus()
        ink = QColor(self._inks.theme.focus if focused else self._inks.theme.line)
        painter.setPen(QPen(ink, _FOCUS_PIXELS if focused else 1))
        painter.drawPath(ground)

    # ── painting ─────────────────────────────────────────────────────────────────────────────

    def _paint_columns(self, painter: QPainter) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setPen(self._inks.pen("ok"))
        bottom = self.height() - 1
        for x, height in enumerate((self._sureness.columns(self.width()) * (bottom - 4)).tolist()):
            if height >= 1:
                painter.drawLine(x, bottom, x, round(bottom - height))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)

    def _paint_doubts(self, painter: QPainter) -> None:
        """Cover what is doubtful: a tint, stripes and a line on top, so that colour alone says nothing."""
        for doubt in self._sureness.doubts:
            left, right = self._x_of(doubt.start_s), self._x_of(doubt.end_s)
            box = QRectF(left, 0, max(_LEAST_PIXELS, right - left), self.height())
            painter.fillRect(box, self._inks.token("canvas", 0.65))
            if not doubt.slight:
                painter.fillRect(box, self._inks.hatching)
                painter.fillRect(QRectF(box.left(), 0, box.width(), _BAR_PIXELS), self._inks.token("wait"))

    def _paint_place(self, painter: QPainter) -> None:
        if self._at_s is not None and 0 <= self._at_s <= self._sureness.length_s:
            x = self._x_of(self._at_s)
            painter.setPen(self._inks.pen("text", 1.5))
            painter.drawLine(QPointF(x, 0), QPointF(x, self.height()))

    def _take_theme(self) -> None:
        self._inks = Inks(self._appearance.theme)
        self.update()

    def _x_of(self, seconds: float) -> float:
        return self.width() * seconds / max(self._sureness.length_s, self._sureness.hop_s)

    def _seconds_at(self, x: float) -> float:
        share = min(1.0, max(0.0, x / max(1, self.width())))
        return share * self._sureness.length_s


def describe(sureness: Sureness) -> str:
    """Say in a sentence how much of a voice is one line, and what is done where it is not."""
    if not sureness.length_s:
        return ""
    if not sureness.doubtful_s:
        return "One line is heard throughout."
    share = 100 * sureness.doubtful_s / sureness.length_s
    amount = "less than 1 %" if share < 1 else f"{share:.0f} %"
    deeds = "; ".join(dict.fromkeys(doubt.done for doubt in sureness.doubts if not doubt.slight))
    return f"Not one line in {amount} of it. {deeds}."
