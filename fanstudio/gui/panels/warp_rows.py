"""The inspector's rows for speed and pitch of the selected clip."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QSignalBlocker
from PySide6.QtWidgets import QCheckBox, QWidget

from fanstudio.gui.widgets.numbers import number_field
from fanstudio.gui.workspace import Workspace
from fanstudio.model.session import Clip, Session
from fanstudio.model.timebase import tempo_at
from fanstudio.model.warp import MAX_SEMITONES, MAX_STRETCH, MIN_STRETCH
from fanstudio.model.warp_edits import warp_of
from fanstudio.studio.warp import keep_formants, set_pitch, set_speed

_PERCENT = 100.0
_SPEEDS = _PERCENT / MAX_STRETCH, _PERCENT / MIN_STRETCH
_TEMPOS = 5.0, 1_600.0
#: A speed that shows as the same figure is not set anew.
_SAME = 0.05


class WarpRows(QObject):
    """Fields for a clip's speed, in per cent and in beats a minute, its pitch and its formants."""

    def __init__(self, workspace: Workspace, parent: QObject | None = None) -> None:
        """Edit the clip that is shown last."""
        super().__init__(parent)
        self._workspace = workspace
        self._clip: Clip | None = None
        self._tempo = 120.0
        self.speed = number_field("Speed of the clip", *_SPEEDS, _PERCENT, unit="%")
        self.speed.setToolTip(
            "100 % is the recording's own speed; the pitch stays. Ctrl-drag an edge to fit."
        )
        self.bpm = number_field("Tempo of the clip", *_TEMPOS, self._tempo, unit="bpm")
        self.bpm.setToolTip("How fast its beats go, if at 100 % they go at the session's tempo")
        self.pitch = number_field("Pitch of the clip", -MAX_SEMITONES, MAX_SEMITONES, 0.0, unit="st")
        self.pitch.setToolTip("Semitones above or below the recording; the speed stays")
        self.formants = QCheckBox("Keep formants")
        self.formants.setToolTip("A voice keeps its character while its pitch moves")
        self.speed.valueChanged.connect(lambda percent: self._set_speed(percent / _PERCENT))
        self.bpm.valueChanged.connect(lambda bpm: self._set_speed(bpm / self._tempo))
        self.pitch.valueChanged.connect(self._set_pitch)
        self.formants.clicked.connect(self._set_formants)

    def rows(self) -> tuple[tuple[str, QWidget], ...]:
        """Return the fields with their names."""
        return ("Speed", self.speed), ("Tempo", self.bpm), ("Pitch", self.pitch), ("", self.formants)

    def show_clip(self, clip: Clip) -> None:
        """Show how a clip is warped."""
        self._clip = clip
        session = self._workspace.session
        track, _ = session.clip(clip.id)
        warp = warp_of(track, clip)
        self._tempo = tempo_at(session, clip.position).bpm
        for field, value in (
            (self.speed, _PERCENT / warp.stretch),
            (self.bpm, self._tempo / warp.stretch),
            (self.pitch, warp.semitones),
        ):
            with QSignalBlocker(field):
                field.setValue(value)
        self.formants.setChecked(warp.keep_formants)
        self.formants.setEnabled(warp.semitones != 0.0)

    def _set_speed(self, speed: float) -> None:
        if self._clip is None or abs(speed * self._clip.stretch - 1) * _PERCENT < _SAME:
            return
        self._apply("Set speed", lambda session, ids: set_speed(session, ids, speed))

    def _set_pitch(self, semitones: float) -> None:
        self._apply("Set pitch", lambda session, ids: set_pitch(session, ids, semitones))

    def _set_formants(self, keep: bool) -> None:
        self._apply("Keep formants", lambda session, ids: keep_formants(session, ids, keep))

    def _apply(self, label: str, edit: Callable[[Session, list[str]], Session]) -> None:
        if self._clip is None:
            return
        ids = [self._clip.id]
        if not self._workspace.apply(label, lambda session: edit(session, ids)):
            self.show_clip(self._clip)
