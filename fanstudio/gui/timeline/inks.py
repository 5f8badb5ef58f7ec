"""The theme as Qt colours, pens and fonts, made once for all painting of the timeline."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import Qt
from PySide6.QtGui import QBrush, QColor, QFont, QFontMetricsF, QPainter, QPen, QPixmap, QTransform

from fanstudio.gui.theme import make_font
from fanstudio.gui.tokens import TEXT_CLIP, Theme

_STRIPE_PERIOD = 9
_STRIPE_WIDTH = 3
_STRIPE_OPACITY = 0.55


class Inks:
    """Colours by token or `#RRGGBB`, with an opacity, and the timeline's fonts."""

    def __init__(self, theme: Theme) -> None:
        """Prepare the fonts and the stripes of a theme."""
        self.theme = theme
        self.name_font = make_font(TEXT_CLIP, bold=True)
        self.label_font = make_font(TEXT_CLIP)
        self.badge_font = make_font(10)
        self.section_font = make_font(10, bold=True)
        self.name_metrics = QFontMetricsF(self.name_font)
        self.label_metrics = QFontMetricsF(self.label_font)
        self.badge_metrics = QFontMetricsF(self.badge_font)
        self.section_metrics = QFontMetricsF(self.section_font)
        self.stripes = _make_stripes(QColor(theme.deny))

    def token(self, token: str, opacity: float = 1.0) -> QColor:
        """Return a token's colour."""
        return colour(self.theme.colour(token), opacity)

    def pen(self, token: str, width: float = 1.0, opacity: float = 1.0) -> QPen:
        """Return a pen in a token's colour."""
        return pen(self.theme.colour(token), width, opacity)


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


@lru_cache(maxsize=4096)
def elide(text: str, metrics_of: str, width: int) -> str:
    """Return a text cut to a width in pixels; `metrics_of` is a font as `QFont.toString` writes it."""
    font = QFont()
    font.fromString(metrics_of)
    return QFontMetricsF(font).elidedText(text, Qt.TextElideMode.ElideRight, width)


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
