"""The design tokens: one table of colours for three themes, and the measures that all of them share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from fanstudio.model.session import Stem

# Measures in logical pixels: a grid of 8.
GRID = 8
CONTROL_HEIGHT = 32
PRIMARY_HEIGHT = 38
PLAY_SIZE = 40
RADIUS = 8
CARD_RADIUS = 10
DIALOG_RADIUS = 16
FOCUS_WIDTH = 2
ICON_SIZE = 16
TOP_HEIGHT = 56
FOOT_HEIGHT = 60
RULER_HEIGHT = 36
LANE_HEIGHT_REMIX = 112
LANE_HEIGHT_STUDIO = 64
HEADS_WIDTH = 236
SIDE_WIDTH = 308

# Text sizes in logical pixels.
TEXT = 13
TEXT_SMALL = 12
TEXT_CLIP = 11
TEXT_CLOCK = 20
FONT_FAMILIES = ("Inter", "Noto Sans", "Segoe UI", "Helvetica Neue", "DejaVu Sans")

#: token: (dark, light, high contrast)
TABLE: Mapping[str, tuple[str, str, str]] = MappingProxyType(
    {
        "canvas": ("#0F1114", "#F4F5F7", "#000000"),
        "panel": ("#16191D", "#FFFFFF", "#000000"),
        "raised": ("#1D2126", "#F1F3F5", "#000000"),
        "hover": ("#262B31", "#E6E9ED", "#1A1A1A"),
        "line": ("#2A3037", "#DADFE4", "#8A8A8A"),
        "line_strong": ("#3A424B", "#B9C1C9", "#FFFFFF"),
        "groove": ("#3A424B", "#C6CDD4", "#5A5A5A"),
        "chosen_line": ("#262B31", "#E6E9ED", "#FFFFFF"),
        "text": ("#E9ECEF", "#15181B", "#FFFFFF"),
        "text_2": ("#A9B1BA", "#4A525B", "#FFFFFF"),
        "text_3": ("#919AA4", "#616A74", "#E0E0E0"),
        "accent": ("#8B7CF6", "#5B48D9", "#FFE45C"),
        "accent_ink": ("#0F1114", "#FFFFFF", "#000000"),
        "focus": ("#B7ADFF", "#3B2BB0", "#5CE1FF"),
        "vocals": ("#F2789F", "#C2306A", "#FF9CC2"),
        "drums": ("#F0A63C", "#985800", "#FFC65C"),
        "bass": ("#7A93F8", "#3D58D6", "#A9B9FF"),
        "other": ("#3FC7A0", "#0B7F61", "#6FF0CB"),
        "mix": ("#9AA5B1", "#56616D", "#D0D0D0"),
        "ok": ("#41C98A", "#13804F", "#6BFFA9"),
        "wait": ("#E9B949", "#8A6100", "#FFE45C"),
        "wait_ink": ("#16191D", "#FFFFFF", "#000000"),
        "deny": ("#EF6461", "#C22F2C", "#FF8A87"),
        "meter_ok": ("#41C98A", "#1B9C63", "#6BFFA9"),
        "meter_hot": ("#E9B949", "#C48A00", "#FFE45C"),
        "meter_clip": ("#EF6461", "#C22F2C", "#FF8A87"),
    }
)

SURFACES = ("canvas", "panel", "raised", "hover")
TEXTS = ("text", "text_2", "text_3")
#: Colours of shapes that carry meaning, on any surface.
MEANINGS = ("accent", "focus", "vocals", "drums", "bass", "other", "mix", "ok", "wait", "deny")
#: Colours of a meter's level, and the one surface on which all of them stand out: its groove.
METERS = ("meter_ok", "meter_hot", "meter_clip")
METER_GROOVE = "panel"


@dataclass(frozen=True, slots=True)
class Theme:
    """The colours of one theme, each `#RRGGBB`."""

    name: str
    canvas: str
    panel: str
    raised: str
    hover: str
    line: str
    line_strong: str
    groove: str
    chosen_line: str
    text: str
    text_2: str
    text_3: str
    accent: str
    accent_ink: str
    focus: str
    vocals: str
    drums: str
    bass: str
    other: str
    mix: str
    ok: str
    wait: str
    wait_ink: str
    deny: str
    meter_ok: str
    meter_hot: str
    meter_clip: str

    def colour(self, token: str) -> str:
        """Return the colour of a token by its name in `TABLE`."""
        colour: str = getattr(self, token)
        return colour

    def stem(self, stem: Stem) -> str:
        """Return a stem's colour."""
        return self.colour(stem_token(stem))

    @property
    def is_dark(self) -> bool:
        """Tell whether text is lighter than what it stands on."""
        return luminance(self.text) > luminance(self.canvas)


def _theme(name: str, column: int) -> Theme:
    return Theme(name, **{token: colours[column] for token, colours in TABLE.items()})


DARK = _theme("dark", 0)
LIGHT = _theme("light", 1)
CONTRAST = _theme("contrast", 2)
THEMES: Mapping[str, Theme] = MappingProxyType({theme.name: theme for theme in (DARK, LIGHT, CONTRAST)})


def stem_token(stem: Stem) -> str:
    """Return the token of a stem's colour; what remains without the voice has that of `other`."""
    return "other" if stem is Stem.ACCOMPANIMENT else stem.value


def channels(colour: str) -> tuple[int, int, int]:
    """Return red, green and blue, 0–255, of `#RRGGBB`."""
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def blend(over: str, under: str, opacity: float) -> str:
    """Return the colour that `over` at an opacity of 0–1 gives on `under`."""
    pairs = zip(channels(over), channels(under), strict=True)
    return "#" + "".join(f"{round(top * opacity + low * (1 - opacity)):02X}" for top, low in pairs)


def luminance(colour: str) -> float:
    """Return the relative luminance, 0–1 (WCAG 2.2)."""
    red, green, blue = (_linear(value / 255) for value in channels(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast_ratio(one: str, other: str) -> float:
    """Return the contrast of two colours, 1–21 (WCAG 2.2)."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _linear(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else float(((value + 0.055) / 1.055) ** 2.4)
