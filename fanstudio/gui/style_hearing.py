"""How a style is heard before it is applied: a stretch of the song, round and round, before and after."""

from __future__ import annotations

from collections.abc import Callable

from fanstudio.gui.workspace import Workspace
from fanstudio.model.session import Session
from fanstudio.studio.preview import Preview
from fanstudio.studio.project import Project
from fanstudio.studio.styles import PreviewPair, end_preview

#: The render thread may still plan with the pair before.
_KEPT = 2


class StyleHearing:
    """Plays one of the two sessions of a pair; what was lent for them goes back to the pool."""

    def __init__(self, workspace: Workspace, changed: Callable[[], None]) -> None:
        """Follow a workspace, and call `changed` when something else, or nothing, is heard."""
        self._workspace = workspace
        self._changed = changed
        self._preview: Preview | None = None
        self._project: Project | None = None
        self._pairs: list[PreviewPair] = []
        #: Whether the pair is heard as it is after the style.
        self.after = True
        self.heard = False
        workspace.opened.connect(self.close)
        workspace.closing.connect(self.close)
        workspace.transport_changed.connect(self._give_way)
        workspace.settings_changed.connect(self._follow_setting)
        workspace.bridge.tick.connect(self._notice_end)

    def play(self, project: Project, pair: PreviewPair) -> None:
        """Hear a pair, first as it is after the style; the song stops for it.

        Raises:
            DeviceError: the sound device cannot be used.

        """
        self._keep(project, pair)
        transport = self._workspace.transport
        if transport.playing:
            transport.stop()
            self._workspace.transport_changed.emit()
        if self._preview is None:
            self._preview = self._workspace.make_preview()
        self.after = self.heard = True
        self._preview.play_session(_session(pair, after=True), pair.after_start)
        self._changed()

    def compare(self, *, after: bool) -> None:
        """Go on with the other session, at the same place of the music."""
        if not self.heard or after == self.after or self._preview is None:
            return
        pair, self.after = self._pairs[-1], after
        place = _place(pair, self._preview.position, to_after=after)
        self._preview.change_session(_session(pair, after=after), place)
        self._changed()

    def stop(self) -> None:
        """Fall silent."""
        if self._preview is not None:
            self._preview.stop()
        self._set_silent()

    def close(self) -> None:
        """Fall silent, and give back the device and what was lent; the project may be gone already."""
        if self._preview is not None:
            self._preview.close()
            self._preview = None
        while self._pairs and self._project is not None:
            end_preview(self._project, self._pairs.pop())
        self._project = None
        self._set_silent()

    def _keep(self, project: Project, pair: PreviewPair) -> None:
        if project is not self._project:
            self.close()
            self._project = project
        self._pairs.append(pair)
        while len(self._pairs) > _KEPT:
            end_preview(project, self._pairs.pop(0))

    def _give_way(self) -> None:
        """Fall silent when the song begins."""
        if self.heard and self._workspace.is_open and self._workspace.transport.playing:
            self.stop()

    def _follow_setting(self, name: str) -> None:
        """Let go of a device that is not the chosen one any more."""
        if name == "sound_output":
            self.close()

    def _notice_end(self) -> None:
        """Notice that the sound ended of itself."""
        if self.heard and self._preview is not None and not self._preview.playing:
            self._set_silent()

    def _set_silent(self) -> None:
        if self.heard:
            self.heard = False
            self._changed()


def _window(pair: PreviewPair, *, after: bool) -> tuple[int, int]:
    """Return where a session's stretch begins, and its length in frames."""
    if after:
        return pair.after_start, pair.after_length
    return pair.before_start, pair.before_length


def _session(pair: PreviewPair, *, after: bool) -> Session:
    return pair.after if after else pair.before


def _place(pair: PreviewPair, position: int, *, to_after: bool) -> int | None:
    """Return the frame of one session at which the music is where it is in the other at a position.

    None where both run alike, so that nothing has to start anew.
    """
    old_start, old_length = _window(pair, after=not to_after)
    new_start, new_length = _window(pair, after=to_after)
    if (old_start, old_length) == (new_start, new_length):
        return None
    share = min(1.0, max(0.0, (position - old_start) / max(1, old_length)))
    return new_start + min(max(0, new_length - 1), round(share * new_length))
