"""Icons: one family (Font Awesome 6 solid), 16 px, in a colour of the theme."""

from __future__ import annotations

import os
from collections.abc import Mapping
from types import MappingProxyType

from PySide6.QtCore import QSize
from PySide6.QtGui import QIcon, QPixmap

from fanstudio.gui.tokens import ICON_SIZE, Theme, stem_token
from fanstudio.model.session import Stem

os.environ["QT_API"] = "pyside6"  # qtawesome takes its binding from here, when it is imported
import qtawesome

_FAMILY = "fa6s"

#: What we call it: the family's name for it.
GLYPHS: Mapping[str, str] = MappingProxyType(
    {
        "account": "user",
        "add": "plus",
        "automation": "bezier-curve",
        "back-to-start": "backward-step",
        "bus": "diagram-project",
        "cancel": "xmark",
        "card": "id-card",
        "check": "check",
        "chevron": "chevron-down",
        "copy": "copy",
        "delete": "trash",
        "denied": "ban",
        "duplicate": "clone",
        "error": "circle-exclamation",
        "export": "arrow-up-from-bracket",
        "grid": "table-cells",
        "shelf": "box-open",
        "fade": "chart-area",
        "file": "file-audio",
        "fit": "left-right",
        "folder": "folder-open",
        "gain": "volume-low",
        "help": "circle-question",
        "import": "file-import",
        "info": "circle-info",
        "loop": "repeat",
        "marker": "location-dot",
        "master": "volume-high",
        "menu": "bars",
        "mixer": "sliders",
        "more": "ellipsis",
        "mute": "volume-xmark",
        "new": "file",
        "open": "folder-open",
        "paste": "paste",
        "play": "play",
        "record": "circle",
        "redo": "rotate-right",
        "rename": "pen",
        "save": "floppy-disk",
        "search": "magnifying-glass",
        "settings": "gear",
        "sign-out": "right-from-bracket",
        "solo": "headphones",
        "split": "scissors",
        "style": "wand-magic-sparkles",
        "stems": "layer-group",
        "stop": "stop",
        "theme": "circle-half-stroke",
        "undo": "rotate-left",
        "verify": "shield-halved",
        "warning": "triangle-exclamation",
        "zoom-in": "magnifying-glass-plus",
        "zoom-out": "magnifying-glass-minus",
        "zoom-selection": "expand",
        "stem-vocals": "microphone",
        "stem-drums": "drum",
        "stem-bass": "guitar",
        "stem-other": "music",
        "stem-accompaniment": "compact-disc",
        "stem-mix": "wave-square",
    }
)


def icon(name: str, theme: Theme, token: str = "text") -> QIcon:
    """Return an icon of `GLYPHS` in the colour of a token; faint where its widget is disabled."""
    made: QIcon = qtawesome.icon(
        f"{_FAMILY}.{GLYPHS[name]}",
        color=theme.colour(token),
        color_disabled=theme.groove,
    )
    return made


def stem_icon(stem: Stem, theme: Theme) -> QIcon:
    """Return a stem's icon in the stem's colour."""
    return icon(f"stem-{stem.value}", theme, stem_token(stem))


def pixmap(
    name: str, theme: Theme, token: str = "text", size: int = ICON_SIZE, ratio: float = 1.0
) -> QPixmap:
    """Return an icon as a pixmap of `size` logical pixels for a screen's device pixel ratio."""
    return icon(name, theme, token).pixmap(QSize(size, size), ratio)
