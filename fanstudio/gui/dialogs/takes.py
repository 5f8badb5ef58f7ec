"""The takes of a track: which is heard, over all of it or over the loop range alone."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QScrollArea, QVBoxLayout, QWidget

from fanstudio.gui.appearance import Appearance
from fanstudio.gui.dialogs.sheet import Sheet
from fanstudio.gui.theme import set_role
from fanstudio.gui.widgets.labels import button, frame, label
from fanstudio.gui.workspace import Workspace
from fanstudio.model import take_edits
from fanstudio.model.session import LoopRange, Session, Take, Track
from fanstudio.model.timebase import clock


class TakesDialog(Sheet):
    """One row a take, the newest first; every change is one undo step and is heard at once."""

    def __init__(self, parent: QWidget, appearance: Appearance, workspace: Workspace, track_id: str) -> None:
        """Show the takes of a track."""
        name = workspace.session.track(track_id).name
        super().__init__(parent, appearance, f"Takes of “{name}”", width=620)
        self._workspace = workspace
        self._track_id = track_id
        self.rows: list[QFrame] = []
        self._list = QWidget()
        self._column = QVBoxLayout(self._list)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(8)
        self._column.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(self._list)
        scroll.setFixedHeight(300)
        self.body.addWidget(scroll)
        self.said = label("", "small", wraps=True)
        self.body.addWidget(self.said)
        self.add_button("Close", self.accept, primary=True)
        workspace.session_changed.connect(self._show)
        self.finished.connect(lambda: workspace.session_changed.disconnect(self._show))
        self._show()

    def _show(self) -> None:
        for row in self.rows:
            self._column.removeWidget(row)
            row.hide()
            row.deleteLater()
        self.rows = []
        session = self._workspace.session
        track = next((track for track in session.tracks if track.id == self._track_id), None)
        takes = track.takes if track is not None else ()
        for take in reversed(takes):
            assert track is not None
            row = self._make_row(session, track, take)
            self.rows.append(row)
            self._column.insertWidget(len(self.rows) - 1, row)
        loop = session.loop
        if not takes:
            self.said.setText("Nothing was recorded on this track yet. Press R to record.")
        elif loop is None:
            self.said.setText("To use a take in one place only, drag in the ruler over that place first.")
        else:
            here = f"{clock(loop.start, session.sample_rate)} to {clock(loop.end, session.sample_rate)}"
            self.said.setText(f"“Use here” takes {here}, the loop range, from that take alone.")

    def _make_row(self, session: Session, track: Track, take: Take) -> QFrame:
        row = frame("card")
        heard = _heard(session, track, take)
        set_role(row, "card", selected=heard)
        name = QLineEdit(take.name)
        name.setAccessibleName(f"Name of {take.name}")
        name.setFixedWidth(150)
        name.editingFinished.connect(lambda: self._rename(take, name.text()))
        rate = session.sample_rate
        place = f"{clock(take.position, rate)} – {clock(take.end, rate)}"
        place += " · heard" if heard else ""
        loop = session.loop
        reaches = loop is not None and take.position < loop.end and loop.start < take.end
        use = button("Use", lambda: self._use(take), tooltip=f"Hear {take.name} wherever it reaches")
        here = button(
            "Use here", lambda: self._use(take, self._workspace.session.loop),
            tooltip=f"Hear {take.name} within the loop range alone",
        )  # fmt: skip
        here.setEnabled(reaches)
        remove = button("Forget", lambda: self._remove(take), "ghost", tooltip="Off this list; clips stay")
        line = QHBoxLayout(row)
        line.setContentsMargins(12, 8, 12, 8)
        line.addWidget(name)
        line.addWidget(label(place, "small"), 1)
        for part in (use, here, remove):
            line.addWidget(part)
        return row

    def _use(self, take: Take, loop: LoopRange | None = None) -> None:
        start, end = (None, None) if loop is None else (loop.start, loop.end)
        self._workspace.apply(
            f"Use {take.name}",
            lambda session: take_edits.use_take(session, self._track_id, take.id, start, end),
        )

    def _rename(self, take: Take, name: str) -> None:
        if name.strip() and name != take.name:
            self._workspace.apply(
                "Rename take",
                lambda session: take_edits.rename_take(session, self._track_id, take.id, name),
            )

    def _remove(self, take: Take) -> None:
        self._workspace.apply(
            f"Forget {take.name}",
            lambda session: take_edits.remove_take(session, self._track_id, take.id),
        )


def _heard(session: Session, track: Track, take: Take) -> bool:
    """Tell whether a clip of the track plays some of a take in its place, as it was sung or tuned."""
    tuned = (item.id for item in session.sources if item.lineage and take.source in item.lineage.parents)
    sources = {take.source, *tuned}
    return any(
        clip.source in sources
        and clip.offset - clip.position == take.offset - take.position
        and clip.position < take.end
        and take.position < clip.end
        for clip in track.clips
    )
