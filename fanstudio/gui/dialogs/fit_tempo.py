"""Fit to tempo: the source's tempo is given or tapped, and the clips are stretched to the session's."""

from __future__ import annotations

import time
from collections.abc import Sequence

from PySide6.QtWidgets import QFormLayout, QWidget

from fanstudio.gui.appearance import Appearance
from fanstudio.gui.dialogs.sheet import Sheet
from fanstudio.gui.tokens import CONTROL_HEIGHT
from fanstudio.gui.widgets.labels import button, label
from fanstudio.gui.widgets.numbers import number_field
from fanstudio.gui.workspace import Workspace
from fanstudio.model.tempo import MAX_BPM, MIN_BPM
from fanstudio.model.timebase import tempo_at
from fanstudio.studio.warp import fit_tempo

#: A longer pause begins a new count.
_PAUSE_S = 3.0


def tapped_bpm(taps: Sequence[float]) -> float | None:
    """Return the tempo of taps at these seconds, from the first to the last; None for fewer than two."""
    if len(taps) < 2 or taps[-1] <= taps[0]:
        return None
    bpm = 60.0 * (len(taps) - 1) / (taps[-1] - taps[0])
    return min(MAX_BPM, max(MIN_BPM, bpm))


class FitTempoDialog(Sheet):
    """Asks how fast the selected clips are."""

    def __init__(self, parent: QWidget, appearance: Appearance, workspace: Workspace) -> None:
        """Start at the session's tempo where the first selected clip begins."""
        super().__init__(parent, appearance, "Fit to tempo", width=400)
        self._workspace = workspace
        self._clips = [clip.id for clip in workspace.situation.clips]
        self._taps: list[float] = []
        start = min(clip.position for clip in workspace.situation.clips)
        tempo = tempo_at(workspace.session, start).bpm
        self.bpm = number_field("Tempo of the recording", MIN_BPM, MAX_BPM, tempo, unit="bpm")
        form = QFormLayout()
        form.setHorizontalSpacing(16)
        name = label("The recording's tempo", "muted")
        name.setFixedHeight(CONTROL_HEIGHT)
        form.addRow(name, self.bpm)
        self.body.addLayout(form)
        self.tap = button("Tap the beat", self.take_tap)
        self.tap.setToolTip("Click, or press Space, on every beat while you listen")
        self.body.addWidget(self.tap)
        self.body.addWidget(
            label(f"It is stretched to the session's {tempo:g} bpm; the pitch stays.", "small")
        )
        self.add_button("Cancel", self.reject)
        self.add_button("Fit", self._accept, primary=True)
        self.bpm.setFocus()
        self.bpm.selectAll()

    def take_tap(self) -> None:
        """Count a beat now."""
        now = time.monotonic()
        if self._taps and now - self._taps[-1] > _PAUSE_S:
            self._taps.clear()
        self._taps.append(now)
        bpm = tapped_bpm(self._taps)
        if bpm is not None:
            self.bpm.setValue(bpm)

    def _accept(self) -> None:
        bpm, clips = self.bpm.value(), self._clips
        self.accept()
        self._workspace.apply("Fit to tempo", lambda session: fit_tempo(session, clips, bpm))
