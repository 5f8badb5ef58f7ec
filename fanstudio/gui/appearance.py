"""The theme in force, and the one signal that says that it changed."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QSize, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel

from fanstudio.gui import icons
from fanstudio.gui.theme import apply_theme, choose_theme
from fanstudio.gui.tokens import ICON_SIZE, Theme
from fanstudio.gui.widgets.follower import Follower


class Appearance(QObject):
    """Keeps the application in the theme of the setting, or of the system, as that changes."""

    changed = Signal()

    def __init__(self, app: QApplication, setting: str, parent: QObject | None = None) -> None:
        """Apply the theme of a setting: `system`, `dark`, `light` or `contrast`."""
        super().__init__(parent)
        self._app = app
        self._setting = setting
        self.theme: Theme = choose_theme(setting)
        apply_theme(app, self.theme)
        hints = QGuiApplication.styleHints()
        hints.colorSchemeChanged.connect(self._follow_system)
        hints.accessibility().contrastPreferenceChanged.connect(self._follow_system)

    def choose(self, setting: str) -> None:
        """Take another theme."""
        self._setting = setting
        theme = choose_theme(setting)
        if theme is not self.theme:
            self.theme = theme
            apply_theme(self._app, theme)
            self.changed.emit()

    def keep(self, owner: QObject, paint: Callable[[], None]) -> None:
        """Call `paint` now and after each change of theme, as long as `owner` lives."""
        paint()
        Follower(owner, self.changed, paint)

    def set_icon(self, button: QAbstractButton, name: str, token: str = "text") -> None:
        """Give a button an icon that keeps to the theme."""
        button.setIconSize(QSize(ICON_SIZE, ICON_SIZE))
        self.keep(button, lambda: button.setIcon(icons.icon(name, self.theme, token)))

    def set_pixmap(self, label: QLabel, name: str, token: str = "text") -> None:
        """Give a label an icon that keeps to the theme."""

        def paint() -> None:
            ratio = label.devicePixelRatioF()
            label.setPixmap(icons.pixmap(name, self.theme, token, ratio=ratio))

        self.keep(label, paint)

    def _follow_system(self) -> None:
        self.choose(self._setting)
