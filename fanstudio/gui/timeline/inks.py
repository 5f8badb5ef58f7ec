"""The theme as Qt colours, pens, fonts and small pictures, made once for all painting of the timeline."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import (
    QBrush,
    QColor,
    QFont,
    QFontMetricsF,
    QPainter,
    QPen,
    QPixmap,
    QStaticText,
    QTransform,
)

from fanstudio.gui.theme import make_font
from fanstudio.gui.tokens import TEXT_CLIP, Theme

CLIP_RADIUS = 8
#: Width of a clip's rounded ends, in logical pixels.
CAP_WIDTH = 10
_STRIPE_PERIOD = 9
_STRIPE_WIDTH = 3
_STRIPE_OPACITY = 0.55
_MAX_TEXTS = 4096


class Lettering:
    """A font with texts cut to a width and laid out, remembered."""

    def __init__(self, font: QFont) -> None:
        """Start with nothing laid out."""
        self.font = font
        self.metrics = QFontMetricsF(font)
        self._texts: dict[tuple[str, int], QStaticText] = {}

    def width(self, text: str) -> float:
        """Return how wide a text is."""
        return self.metrics.horizontalAdvance(text)

    def draw(self, painter: QPainter, x: float, baseline: float, text: str, room: float = 10_000) -> None:
        """Draw a text, cut to `room` pixels, on a baseline."""
        whole = int(room)
        laid_out = self._texts.get((text, whole)) or self._lay_out(text, whole)
        painter.setFont(self.font)
        painter.drawStaticText(round(x), round(baseline - self.metrics.ascent()), laid_out)

    def elided(self, text: str, room: int) -> str:
        """Return a text cut to a width."""
        return self.metrics.elidedText(text, Qt.TextElideMode.ElideRight, room)

    def _lay_out(self, text: str, room: int) -> QStaticText:
        if len(self._texts) >= _MAX_TEXTS:
            self._texts.clear()
        laid_out = QStaticText(self.elided(text, room))
        laid_out.setTextFormat(Qt.TextFormat.PlainText)
        laid_out.prepare(font=self.font)
        self._texts[text, room] = laid_out
        return laid_out


class Inks:
    """Colours by token or `#RRGGBB`, with an opacity, the timeline's lettering and clip ends."""

    def __init__(self, theme: Theme) -> None:
        """Prepare fonts and stripes of a theme."""
        self.theme = theme
        self.name = Lettering(make_font(TEXT_CLIP, bold=True))
        self.label = Lettering(make_font(TEXT_CLIP))
        self.badge = Lettering(make_font(10))
        self.section = Lettering(make_font(10, bold=True))
        self.stripes = _make_stripes(QColor(theme.deny))
        self.hatching = _make_stripes(QColor(theme.text_3))
        self._ends: dict[tuple[str, float, float, int, float], QPixmap] = {}

    def token(self, token: str, opacity: float = 1.0) -> QColor:
        """Return a token's colour."""
        return colour(self.theme.colour(token), opacity)

    def pen(self, token: str, width: float = 1.0, opacity: float = 1.0) -> QPen:
        """Return a pen in a token's colour."""
        return pen(self.theme.colour(token), width, opacity)

    def clip_ends(self, value: str, fill: float, border: float, height: int, ratio: float) -> QPixmap:
        """Return a narrow clip in device pixels, of which the left and right `CAP_WIDTH` are its ends."""
        key = (value, fill, border, height, ratio)
        if key not in self._ends:
            self._ends[key] = _make_clip(*key)
        return self._ends[key]


@lru_cache(maxsize=256)
def colour(value: str, opacity: float = 1.0) -> QColor:
    """Return `#RRGGBB` at an opacity."""
    made = QColor(value)
    made.setAlphaF(opacity)
    return made


@lru_cache(maxsize=256)
def pen(value: str, width: float = 1.0, opacity: float = 1.0) -> QPen:
    """Return a pen in `#RRGGBB` at an opacity."""
    made = QPen(colour(value, opacity), width)
    made.setCapStyle(Qt.PenCapStyle.FlatCap)
    return made


def _make_clip(value: str, fill: float, border: float, height: int, ratio: float) -> QPixmap:
    width = 2 * CAP_WIDTH
    picture = QPixmap(round(width * ratio), height)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.scale(picture.width() / width, ratio)
    painter.setBrush(colour(value, fill))
    painter.setPen(pen(value, 1.0, border))
    painter.drawRoundedRect(QRectF(0.5, 0.5, width - 1, height / ratio - 1), CLIP_RADIUS, CLIP_RADIUS)
    painter.end()
    return picture


def _make_stripes(ink: QColor) -> QBrush:
    """Return a brush of diagonal stripes."""
    ink.setAlphaF(_STRIPE_OPACITY)
    scale = 2
    pattern = QPixmap(_STRIPE_PERIOD * scale, _STRIPE_PERIOD * scale)
    pattern.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pattern)
    painter.fillRect(0, 0, _STRIPE_WIDTH * scale, _STRIPE_PERIOD * scale, ink)
    painter.end()
    brush = QBrush(pattern)
    brush.setTransform(QTransform().rotate(45).scale(1 / scale, 1 / scale))
    return brush
