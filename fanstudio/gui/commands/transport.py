"""Playing, locating and looping."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from fanstudio.errors import FanstudioError
from fanstudio.gui.appearance import Appearance
from fanstudio.gui.dialogs.beats import BeatsDialog
from fanstudio.gui.dialogs.tempo import TempoDialog
from fanstudio.gui.workspace import Workspace
from fanstudio.model import edits


class TransportCommands:
    """Drives the transport of the open project."""

    def __init__(self, window: QWidget, workspace: Workspace, appearance: Appearance) -> None:
        """Play what is open in this workspace, asking on top of `window`."""
        self._window = window
        self._workspace = workspace
        self._appearance = appearance

    def toggle(self) -> None:
        """Play, or stop where the sound is."""
        transport = self._workspace.transport
        try:
            if transport.playing:
                transport.stop()
            else:
                self._rewind_at_end()
                transport.play()
                self._workspace.did.emit("play")
        except FanstudioError as error:
            self._workspace.bridge.report("Playback", error)
        self._workspace.transport_changed.emit()

    def locate(self, frame: int) -> None:
        """Put the playhead on a frame; nothing where no project is open yet."""
        if not self._workspace.is_open:
            return
        self._workspace.transport.locate(max(0, frame))
        self._workspace.transport_changed.emit()

    def to_start(self) -> None:
        """Put the playhead at the start."""
        self.locate(0)

    def to_end(self) -> None:
        """Put the playhead behind the last clip."""
        self.locate(self._workspace.session.length)

    def toggle_loop(self) -> None:
        """Turn the loop on or off."""
        loop = self._workspace.session.loop
        enabled = not (loop and loop.enabled)
        label = "Turn loop on" if enabled else "Turn loop off"
        self._workspace.apply(label, lambda session: edits.enable_loop(session, enabled))

    def ask_tempo(self) -> None:
        """Ask for the tempo."""
        TempoDialog(self._window, self._appearance, self._workspace).open()

    def find_beats(self) -> None:
        """Hear the song's tempo, beats and key, and offer to set them."""
        BeatsDialog(self._window, self._appearance, self._workspace).open()

    def _rewind_at_end(self) -> None:
        session = self._workspace.session
        loops = session.loop is not None and session.loop.enabled
        if not loops and self._workspace.playhead >= session.length:
            self._workspace.transport.locate(0)
