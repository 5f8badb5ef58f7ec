"""What a style goes to: the whole song, or one of its tracks."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QComboBox, QSizePolicy, QWidget

from fanstudio.model.session import Session

WHOLE_SONG = ""


class StyleTarget(QComboBox):
    """A choice of the whole song and of the tracks that have clips to be heard."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Offer nothing before a session is shown."""
        super().__init__(parent)
        self.setAccessibleName("Applies to")
        self.setToolTip("What the style goes to: the whole song, or one part of it")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    @property
    def track_id(self) -> str:
        """Return the id of the track that is chosen; empty for the whole song."""
        return str(self.currentData() or WHOLE_SONG)

    def show_session(self, session: Session) -> None:
        """Offer what a session has; what was chosen stays chosen while it is there.

        A track of which every clip is muted, as that of a song that was split, is none to choose.
        """
        tracks = [track for track in session.tracks if any(not clip.muted for clip in track.clips)]
        wanted = [("Whole song", WHOLE_SONG), *((track.name, track.id) for track in tracks)]
        if wanted == [(self.itemText(row), self.itemData(row)) for row in range(self.count())]:
            return
        before = self.track_id
        self.clear()
        for name, track_id in wanted:
            self.addItem(name, track_id)
        self.aim(before)

    def aim(self, track_id: str | None) -> bool:
        """Choose a track, or the whole song where it is none; tell whether that changed anything."""
        index = max(0, self.findData(track_id or WHOLE_SONG))
        changed = index != self.currentIndex()
        self.setCurrentIndex(index)
        return changed

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Turn only while it has the focus, so that nobody aims elsewhere in passing."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()
