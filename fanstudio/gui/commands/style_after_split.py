"""A style that waits for its song to be split: one click from a whole song to a restyled one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from PySide6.QtCore import QTimer

from fanstudio.gui.actions import clips_to_separate, has_stems
from fanstudio.gui.commands.split import SplitCommands
from fanstudio.gui.workspace import Workspace
from fanstudio.studio.project import Project
from fanstudio.studio.styles import StyleChoice

#: What most styles tell apart: voice, drums, bass and the rest.
_STEMS = 4


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A style, and the song in its project that is being split for it."""

    project: Project
    source: str
    choice: StyleChoice


class StyleAfterSplit:
    """Splits the song as last time, into four stems, and hands the style on when they are whole."""

    def __init__(
        self,
        workspace: Workspace,
        split: SplitCommands,
        apply: Callable[[StyleChoice], None],
        failed: Callable[[], None],
    ) -> None:
        """Follow a workspace's splits; a style is handed to `apply`, or `failed` called."""
        self._workspace = workspace
        self._split = split
        self._apply = apply
        self._failed = failed
        self._waiting: _Waiting | None = None
        workspace.splitting_changed.connect(self._look_soon)

    @property
    def needed(self) -> bool:
        """Tell whether the song that is open has no stems yet, but could have."""
        now = self._workspace.situation
        return not has_stems(now) and bool(clips_to_separate(now))

    @property
    def waiting(self) -> bool:
        """Tell whether a style waits for a split that is under way."""
        return self._waiting is not None

    def begin(self, choice: StyleChoice) -> None:
        """Split the song, then apply a style to it."""
        clips = clips_to_separate(self._workspace.situation)[:1]
        if not clips:
            return
        self._waiting = _Waiting(self._workspace.project, clips[0].source, choice)
        self._split.split(clips, replace(self._split.options, stems=_STEMS, wanted=(), keep_rest=False))
        self._look_soon()

    def _look_soon(self) -> None:
        """Look when the stems are in their places: the split says that it ended just before."""
        if self._waiting is not None:
            QTimer.singleShot(0, self._workspace, self._look)

    def _look(self) -> None:
        waiting, workspace = self._waiting, self._workspace
        if waiting is None:
            return
        if not workspace.is_open or workspace.project is not waiting.project:
            self._waiting = None
        elif waiting.source not in workspace.situation.splitting:
            self._waiting = None
            if has_stems(workspace.situation):
                self._apply(waiting.choice)
            else:
                self._failed()
