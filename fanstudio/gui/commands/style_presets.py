"""Presets of the fan's own: kept under a name, shared as a file, opened from one, or mixed by chance."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from fanstudio.errors import FanstudioError
from fanstudio.gui.appearance import Appearance
from fanstudio.gui.dialogs.files import choose_files
from fanstudio.gui.dialogs.save_style import SaveStyleDialog, choose_style_file
from fanstudio.gui.workspace import Workspace
from fanstudio.model.recipe_file import SUFFIX
from fanstudio.model.styling import Styling
from fanstudio.studio import styles
from fanstudio.text import one_line

if TYPE_CHECKING:
    from fanstudio.gui.panels.style import StylePanel

_STYLE_FILES = f"Styles (*{SUFFIX});;All files (*)"
_MOST_SEEDS = 10_000


class StylePresets:
    """What is done to presets; `panel` is set when the window has it."""

    def __init__(self, window: QWidget, workspace: Workspace, appearance: Appearance) -> None:
        """Ask on top of `window`."""
        self._window = window
        self._workspace = workspace
        self._appearance = appearance
        self.panel: StylePanel | None = None

    def surprise(self) -> None:
        """Mix a new style by chance and choose it."""
        seed = secrets.randbelow(_MOST_SEEDS) + 1
        self._try(lambda panel: panel.take_surprise(seed, styles.surprise(seed)))

    def keep(self, styling: Styling) -> None:
        """Ask for a name, and keep a style of the song as a preset of the fan's own."""

        def keep(title: str) -> None:
            def act(panel: StylePanel) -> None:
                recipe = styles.recipe_of(self._workspace.session, styling)
                panel.show_own(styles.keep_preset(recipe, title))
                panel.say(f"“{title}” is among your presets now.")

            self._try(act)

        SaveStyleDialog(self._window, self._appearance, styling.name, keep).open()

    def share(self, styling: Styling) -> None:
        """Ask for a file, and write a style of the song into it."""

        def share(path: Path) -> None:
            def act(panel: StylePanel) -> None:
                styles.share_preset(styles.recipe_of(self._workspace.session, styling), path)
                panel.say(f"Written to {one_line(path.name)}. Others open it with “Open preset file…”.")

            self._try(act)

        choose_style_file(self._window, styling.name, share)

    def choose_file(self) -> None:
        """Ask for a preset that somebody shared."""
        choose_files(
            self._window,
            "Open a preset",
            lambda paths: self.open(paths[0]),
            several=False,
            name_filter=_STYLE_FILES,
        )

    def open(self, path: Path) -> None:
        """Add a preset from a file to the fan's own."""

        def act(panel: StylePanel) -> None:
            recipe = styles.open_preset(path)
            panel.show_own(recipe)
            panel.say(f"“{one_line(recipe.title)}” is among your presets now.")

        self._try(act)

    def _try(self, act: Callable[[StylePanel], None]) -> None:
        """Do something in the panel; what goes wrong is said there."""
        if self.panel is None:
            return
        try:
            act(self.panel)
        except FanstudioError as error:
            self.panel.say_error(error)
