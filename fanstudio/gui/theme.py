"""The theme on Qt: palette, font and style sheet made from the tokens.

What a widget is, it says by the dynamic property `role` (`set_role`); nothing else is styled by name.

=============== ====================================================================================
widget          roles
=============== ====================================================================================
QPushButton,    (none) 32 px button · `primary` 38 px, accent · `accent` 32 px, accent · `ghost` flat ·
QToolButton     `play` 40 px accent circle · `record` 36 px red ring, filled while recording ·
                `icon` square 32 px · `toggle` 26 × 24 px, checkable; with
                property `tone` = `wait` (mute), `accent` (loop, solo) or `deny` (record) when checked ·
                `chip` 28 px pill; with `tone` = `deny` a red outline · `segment` inside `segments` ·
                `mini` 20 px, icon alone · `small` 22 px, as wide as there is room ·
                `reading` a ground for numbers ·
                `link` text only · `sound` the name of a drum · `card` a choice: checked gets the accent
                frame; with `tone` = `empty` a dashed one: something may be put there
QLabel          `title` 15/600 · `dialog-title` 17/600 · `strong` 600 · `muted` text-2 · `small` 12 text-3 ·
                `clock` 20/600 · `number` 12; with `tone` = `wait` or `deny` · `tag` small outlined word
                (AI, DSP) · `chip` pill · `error` deny
QFrame, QWidget `top` `foot` `panel` `canvas` surfaces with their line · `head` track header ·
                `card` raised, radius 10; property `selected` = true gives the accent frame · `segments` ·
                `separator` 1 px line, horizontal or `upright` · `row` line below · `denied` red tint ·
                `dock` line above · `strip` line at its right ·
                `notice` tinted strip; with `tone` = `ok`, `wait` or `deny`
QDialog         `dialog` 16 px radius, for frameless dialogs with a translucent window
QListView       `rack` a strip's chain: 24 px rows with a dot for on and off
QAbstractSpinBox `value` a number that looks like text until it is used
QSlider         accent groove; property `stem` = a stem's value colours it
QProgressBar    6 px bar, no text
=============== ====================================================================================
"""

from __future__ import annotations

from pathlib import Path
from string import Template

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication, QWidget

from fanstudio.gui import tokens
from fanstudio.gui.tokens import CONTRAST, DARK, LIGHT, THEMES, Theme

SYSTEM = "system"
_STYLE_SHEET = Path(__file__).with_name("style.qss")
_SHAPES = Path(__file__).with_name("shapes")


def choose_theme(setting: str) -> Theme:
    """Return the theme of a setting: `dark`, `light`, `contrast`, or what the system prefers."""
    if setting in THEMES:
        return THEMES[setting]
    hints = QGuiApplication.styleHints()
    if hints.accessibility().contrastPreference() == Qt.ContrastPreference.HighContrast:
        return CONTRAST
    return LIGHT if hints.colorScheme() == Qt.ColorScheme.Light else DARK


def apply_theme(app: QApplication, theme: Theme) -> None:
    """Give the whole application a theme; it may be changed at any time."""
    if app.style().name() != "fusion":
        app.setStyle("Fusion")
    app.setPalette(make_palette(theme))
    app.setFont(make_font())
    app.setStyleSheet(make_style_sheet(theme))


def make_font(size: int = tokens.TEXT, *, bold: bool = False) -> QFont:
    """Return the interface font at a size in pixels, with tabular figures."""
    font = QFont(list(tokens.FONT_FAMILIES))
    font.setPixelSize(size)
    font.setWeight(QFont.Weight.DemiBold if bold else QFont.Weight.Normal)
    font.setFeature(QFont.Tag("tnum"), 1)
    return font


def make_style_sheet(theme: Theme) -> str:
    """Return the style sheet with every token filled in; an unknown token raises KeyError."""
    values = {token: theme.colour(token) for token in tokens.TABLE}
    values["name"] = theme.name
    values["shapes"] = _SHAPES.as_posix()
    values["selection"] = tokens.blend(theme.accent, theme.panel, 0.25)
    values["deny_tint"] = tokens.blend(theme.deny, theme.panel, 0.10)
    values["wait_tint"] = tokens.blend(theme.wait, theme.panel, 0.10)
    values["ok_tint"] = tokens.blend(theme.ok, theme.panel, 0.10)
    values["accent_hover"] = tokens.blend(theme.text, theme.accent, 0.12)
    values["accent_faint"] = tokens.blend(theme.accent, theme.panel, 0.45)
    values["faint"] = tokens.blend(theme.text, theme.panel, 0.40)
    return Template(_STYLE_SHEET.read_text(encoding="utf-8")).substitute(values)


def make_palette(theme: Theme) -> QPalette:
    """Return the palette, for what Fusion paints by itself and for our own painting."""
    role = QPalette.ColorRole
    palette = QPalette()
    colours = {
        role.Window: theme.panel,
        role.WindowText: theme.text,
        role.Base: theme.raised,
        role.AlternateBase: theme.hover,
        role.Text: theme.text,
        role.PlaceholderText: theme.text_3,
        role.Button: theme.raised,
        role.ButtonText: theme.text,
        role.BrightText: theme.deny,
        role.ToolTipBase: theme.hover,
        role.ToolTipText: theme.text,
        role.Highlight: theme.accent,
        role.HighlightedText: theme.accent_ink,
        role.Accent: theme.accent,
        role.Link: theme.focus,
        role.LinkVisited: theme.focus,
        role.Light: theme.hover,
        role.Midlight: theme.hover,
        role.Mid: theme.line,
        role.Dark: theme.line_strong,
        role.Shadow: theme.canvas,
    }
    for name, colour in colours.items():
        palette.setColor(name, QColor(colour))
    for name in (role.WindowText, role.Text, role.ButtonText):
        faint = QColor(tokens.blend(theme.text, theme.panel, 0.40))
        palette.setColor(QPalette.ColorGroup.Disabled, name, faint)
    return palette


def set_role(widget: QWidget, role: str, **properties: str | bool) -> None:
    """Say what a widget is, and more about it (`tone`, `selected`, `stem`), and style it anew."""
    widget.setProperty("role", role)
    for name, value in properties.items():
        widget.setProperty(name, value)
    restyle(widget)


def restyle(widget: QWidget) -> None:
    """Style a widget anew after one of its properties changed."""
    widget.style().unpolish(widget)
    widget.style().polish(widget)
    widget.update()
