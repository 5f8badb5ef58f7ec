"""Where a voice is one line, as an instrument needs it, and what is done where it is not."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from fanstudio.gui.appearance import Appearance
from fanstudio.gui.style_lines import StyleLines, voice_of
from fanstudio.gui.widgets.confidence_strip import ConfidenceStrip, describe
from fanstudio.gui.widgets.labels import label
from fanstudio.gui.workspace import Workspace
from fanstudio.model.session import Clip, Source

_HEADING = "How surely one line is heard"
_LISTENING = "Listening…"


class StyleLine(QWidget):
    """The strip of one track's voice; hidden while no instrument is chosen for it."""

    #: The timeline frame that was clicked.
    located = Signal(object)

    def __init__(
        self, workspace: Workspace, appearance: Appearance, lines: StyleLines, parent: QWidget | None = None
    ) -> None:
        """Follow a workspace's playhead."""
        super().__init__(parent)
        self._workspace = workspace
        self._lines = lines
        self._voice: tuple[Source, Clip] | None = None
        self.strip = ConfidenceStrip(appearance)
        self.words = label(_LISTENING, "small", wraps=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        for part in (label(_HEADING, "muted"), self.strip, self.words):
            column.addWidget(part)
        self.strip.located.connect(self._locate)
        lines.settled.connect(lambda _source: self._show())
        workspace.bridge.tick.connect(self._follow)
        self.hide()

    def show_track(self, track_id: str) -> None:
        """Show a track's voice, or nothing where it is empty or gone."""
        tracks = {track.id: track for track in self._workspace.session.tracks}
        track = tracks.get(track_id)
        self._voice = voice_of(self._workspace.session, track) if track is not None else None
        self.setVisible(self._voice is not None)
        self._show()

    def _show(self) -> None:
        if self._voice is None or self.isHidden():
            return
        source, _ = self._voice
        sureness = self._lines.at_hand(source)
        self.strip.setVisible(sureness is not None)
        if sureness is None:
            self._lines.want(source)
            listening = not self._lines.gave_up(source)
            self.words.setText(_LISTENING if listening else "It cannot be heard whether this is one line.")
            return
        self.strip.show_sureness(sureness)
        self.words.setText(describe(sureness))

    def _follow(self) -> None:
        if self._voice is None or not self.isVisible() or not self._workspace.is_open:
            return
        _, clip = self._voice
        playhead = self._workspace.playhead
        inside = clip.position <= playhead < clip.end
        rate = self._workspace.session.sample_rate
        self.strip.show_place(clip.source_frame(playhead) / rate if inside else None)

    def _locate(self, seconds: float) -> None:
        """Put the playhead where the voice is heard, at the nearest end of its clip where it is not."""
        if self._voice is None or not self._workspace.is_open:
            return
        _, clip = self._voice
        frame = (
            clip.position - clip.offset + round(seconds * self._workspace.session.sample_rate * clip.stretch)
        )
        self.located.emit(min(max(frame, clip.position), clip.end - 1))
