"""The inspector: the selected clip in numbers, each of which can be typed."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QCheckBox, QFormLayout, QLineEdit, QVBoxLayout, QWidget

from fanstudio.gui.panels.warp_rows import WarpRows
from fanstudio.gui.tokens import CONTROL_HEIGHT
from fanstudio.gui.widgets.labels import label
from fanstudio.gui.widgets.numbers import number_field
from fanstudio.gui.widgets.time_edit import TimeEdit
from fanstudio.gui.workspace import Workspace
from fanstudio.model import edits
from fanstudio.model.document import Edit
from fanstudio.model.mixer import MAX_GAIN_DB, MIN_GAIN_DB
from fanstudio.model.session import Clip


class Inspector(QWidget):
    """Shows one selected clip; hidden while none, or several, are selected."""

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        """Follow a workspace's selection."""
        super().__init__(parent)
        self._workspace = workspace
        self._clip: Clip | None = None
        self._make_fields()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        self.heading = label("Clip", "strong")
        column.addWidget(self.heading)
        form = QFormLayout()
        form.setContentsMargins(0, 0, 0, 0)
        form.setSpacing(8)
        for text, field in self._rows():
            name = label(text, "muted")
            name.setMinimumWidth(64)
            name.setFixedHeight(CONTROL_HEIGHT)
            form.addRow(name, field)
        column.addLayout(form)
        workspace.selection_changed.connect(self._show_selection)
        workspace.session_changed.connect(self._show_selection)
        self.hide()

    def _make_fields(self) -> None:
        self.name = QLineEdit()
        self.name.setAccessibleName("Clip name")
        self.name.editingFinished.connect(self._rename)
        self.start = self._time("Start", self._move)
        self.length = self._time("Length", self._resize)
        self.gain = number_field("Clip gain", MIN_GAIN_DB, MAX_GAIN_DB, 0.0, unit="dB")
        self.gain.setSingleStep(0.5)
        self.gain.valueChanged.connect(self._set_gain)
        self.fade_in = self._time("Fade in", self._set_fade_in)
        self.fade_out = self._time("Fade out", self._set_fade_out)
        self.warp = WarpRows(self._workspace, self)
        self.muted = QCheckBox("Muted")
        self.muted.clicked.connect(self._set_muted)

    def _rows(self) -> tuple[tuple[str, QWidget], ...]:
        return (
            ("Name", self.name),
            ("Start", self.start),
            ("Length", self.length),
            ("Gain", self.gain),
            ("Fade in", self.fade_in),
            ("Fade out", self.fade_out),
            *self.warp.rows(),
            ("", self.muted),
        )

    def _time(self, name: str, entered: Callable[[int], None]) -> TimeEdit:
        field = TimeEdit(f"{name} of the clip")
        field.entered.connect(entered)
        return field

    def _show_selection(self) -> None:
        clips = self._workspace.situation.clips
        self._clip = clips[0] if len(clips) == 1 else None
        self.setVisible(self._clip is not None)
        if self._clip is not None:
            self._show(self._clip, self._workspace.session.sample_rate)

    def _show(self, clip: Clip, sample_rate: int) -> None:
        if not self.name.hasFocus():
            self.name.setText(clip.name)
        self.start.show_frame(clip.position, sample_rate)
        self.length.show_frame(clip.length, sample_rate)
        self.fade_in.show_frame(clip.fade_in_shown, sample_rate)
        self.fade_out.show_frame(clip.fade_out_shown, sample_rate)
        self.gain.blockSignals(True)
        self.gain.setValue(clip.gain_db)
        self.gain.blockSignals(False)
        self.warp.show_clip(clip)
        self.muted.setChecked(clip.muted)

    def _apply(self, label_: str, make: Callable[[Clip], Edit]) -> None:
        if self._clip is not None:
            self._workspace.apply(label_, make(self._clip))
            self._show_selection()

    def _rename(self) -> None:
        name = self.name.text()
        if self._clip is not None and name.strip() and name != self._clip.name:
            self._apply("Rename clip", lambda clip: lambda session: edits.rename_clip(session, clip.id, name))

    def _move(self, frame: int) -> None:
        self._apply("Move clip", lambda clip: lambda session: edits.move_clip(session, clip.id, frame))

    def _resize(self, length: int) -> None:
        self._apply(
            "Trim clip", lambda clip: lambda session: edits.trim_end(session, clip.id, clip.position + length)
        )

    def _set_gain(self, gain_db: float) -> None:
        self._apply(
            "Set clip gain", lambda clip: lambda session: edits.set_clip_gain(session, clip.id, gain_db)
        )

    def _set_fade_in(self, frames: int) -> None:
        self._apply("Fade in", lambda clip: lambda session: edits.set_fades(session, clip.id, fade_in=frames))

    def _set_fade_out(self, frames: int) -> None:
        self._apply(
            "Fade out", lambda clip: lambda session: edits.set_fades(session, clip.id, fade_out=frames)
        )

    def _set_muted(self, muted: bool) -> None:
        step = "Mute clip" if muted else "Unmute clip"
        self._apply(step, lambda clip: lambda session: edits.mute_clip(session, clip.id, muted))
