"""Files dragged onto the timeline."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QMimeData

from fanstudio.gui.timeline.hit import Hit
from fanstudio.model.session import Session


def dropped_files(data: QMimeData) -> list[Path]:
    """Return the local files and folders that are dragged."""
    return [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]


def landing(session: Session, hit: Hit) -> tuple[int, int]:
    """Return the frame and the lane at which files land; the lane after the last for a new track.

    The first of all begins the song, wherever it is let go.
    """
    ids = [track.id for track in session.tracks]
    lane = ids.index(hit.track_id) if hit.track_id in ids else len(ids)
    return hit.frame if any(True for _ in session.clips()) else 0, lane
