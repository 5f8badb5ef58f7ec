"""The split sheet: into which stems, which of them to keep, how well, by which model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QComboBox, QGridLayout, QHBoxLayout, QLayout, QVBoxLayout, QWidget

from fanstudio.errors import InputError
from fanstudio.gui.appearance import Appearance
from fanstudio.gui.dialogs.sheet import Sheet
from fanstudio.gui.panels.job_cards import write_duration
from fanstudio.gui.speed_trial import SpeedTrial
from fanstudio.gui.widgets.labels import button, label
from fanstudio.gui.widgets.segmented import SegmentedControl
from fanstudio.gui.workspace import Workspace
from fanstudio.model.session import Clip
from fanstudio.studio.split_offer import ModelOffer, list_offers
from fanstudio.studio.split_options import QUALITIES, STEMS, SplitOptions
from fanstudio.studio.split_speed import expected_seconds

if TYPE_CHECKING:
    from fanstudio.gui.commands.split import SplitCommands

_STEMS = (("2", "2 stems"), ("4", "4 stems"))
_QUALITY = (("fast", "Fast"), ("best", "Best"))
#: What a row's name is as high as: a control, or a line with a check box.
_HIGH, _LOW = 34, 24


class SplitDialog(Sheet):
    """Asks how to split some clips' songs, and hands the answer to the split commands."""

    def __init__(
        self,
        parent: QWidget,
        appearance: Appearance,
        workspace: Workspace,
        commands: SplitCommands,
        clips: Sequence[Clip],
    ) -> None:
        """Propose what was chosen last time."""
        title = f"Split “{clips[0].name}”" if len(clips) == 1 else f"Split {len(clips)} songs"
        super().__init__(parent, appearance, title, width=520)
        self._commands = commands
        self._clips = clips
        self._seconds = _audio_seconds(workspace, clips)
        self._offers: tuple[ModelOffer, ...] = ()
        self._trial = SpeedTrial(workspace.bridge, self._show_state)
        self.finished.connect(lambda _result: self._trial.stop())
        self._make_fields(commands.options)
        self.body.addLayout(self._grid())
        self.note = label("", "muted", wraps=True)
        self.body.addWidget(self.note)
        self.body.addStretch(1)
        self.add_button("Cancel", self.reject)
        words = "Split" if len(clips) == 1 else f"Split {len(clips)} songs"
        self.split_button = self.add_button(words, self._accept, primary=True)
        self._show_stems()
        self.split_button.setFocus()

    # ── parts ────────────────────────────────────────────────────────────────────────────────

    def _make_fields(self, options: SplitOptions) -> None:
        self.stems = SegmentedControl("Stems", _STEMS)
        self.stems.choose(str(options.count))
        self.stems.chosen.connect(lambda _value: self._show_stems())
        self.quality = SegmentedControl("Quality", _QUALITY)
        self.quality.choose(options.quality)
        self.quality.chosen.connect(lambda _value: self._show_state())
        self.duration = label("", "small")
        self.model = QComboBox()
        self.model.setAccessibleName("Model")
        self._list_models(options.model_id)
        self.model.activated.connect(lambda _index: self._show_state())
        self._commands.models.jobs.changed.connect(self._models_changed)
        self.more_button = button("More models…", lambda: self._commands.models.show(self), "link")
        self._wanted, self._rest_wanted = options.wanted, options.keep_rest
        self.kept: dict[str, QCheckBox] = {}
        self.rest = QCheckBox("Everything else together, as “Rest”")
        self.rest.clicked.connect(lambda _on: self._show_state())
        self._keep_row = QHBoxLayout()
        self._keep_row.setSpacing(16)
        self.runs_on = label(self._commands.device or "This computer", wraps=True)
        self.runs_on.setMinimumHeight(_LOW)

    def _grid(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setColumnMinimumWidth(0, 84)
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(14)
        grid.setColumnStretch(1, 1)
        reason = label(self._commands.why_not, "small", wraps=True)
        reason.setVisible(bool(self._commands.why_not))
        rows = (
            ("Into", _HIGH, _line(self.stems)),
            ("Keep", _LOW, _column(self._keep_row, self.rest)),
            ("Quality", _HIGH, _line(self.quality, self.duration)),
            ("Model", _HIGH, _line(self.model, self.more_button)),
            ("Runs on", _LOW, _column(self.runs_on, reason)),
        )
        for row, (text, height, part) in enumerate(rows):
            name = label(text, "muted")
            name.setFixedHeight(height)
            grid.addWidget(name, row, 0, Qt.AlignmentFlag.AlignTop)
            grid.addLayout(part, row, 1)
        return grid

    # ── state ────────────────────────────────────────────────────────────────────────────────

    def options(self) -> SplitOptions:
        """Return what is chosen; raise InputError where that cannot be had."""
        names = tuple(self.kept)
        wanted = tuple(name for name, box in self.kept.items() if box.isChecked())
        if not wanted:
            raise InputError("Choose a stem to keep.")
        everything = len(wanted) == len(names)
        options = SplitOptions(
            stems=int(self.stems.value),
            wanted=() if everything else wanted,
            keep_rest=self.rest.isChecked() and not everything,
            quality=next(known for known in QUALITIES if known == self.quality.value),
            model_id=self._offer.model_id,
            device=self._commands.options.device,
        )
        options.keep(self._offer.stems_for(options.count))
        return options

    @property
    def _offer(self) -> ModelOffer:
        return self._offers[max(0, self.model.currentIndex())]

    def _list_models(self, chosen: str | None) -> None:
        self._offers = list_offers()
        self.model.clear()
        for offer in self._offers:
            self.model.addItem(offer.title, offer.model_id)
        self.model.setCurrentIndex(max(0, self.model.findData(chosen)))

    def _models_changed(self) -> None:
        """Offer a model that has come, and no longer one that has gone."""
        self._list_models(self._offer.model_id)
        self._show_state()

    def _show_stems(self) -> None:
        """Offer the stems that such a split has; what was kept last time is checked."""
        while (item := self._keep_row.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        names = STEMS[int(self.stems.value)]
        wanted = self._wanted if set(self._wanted) <= set(names) else ()
        self.kept = {name: QCheckBox(name.capitalize()) for name in names}
        before = self.stems.last_segment
        for name, box in self.kept.items():
            box.setChecked(not wanted or name in wanted)
            box.clicked.connect(lambda _on: self._show_state())
            self._keep_row.addWidget(box)
            self.setTabOrder(before, box)
            before = box
        self._keep_row.addStretch(1)
        self.rest.setChecked(bool(wanted) and self._rest_wanted)
        self._show_state()

    def _show_state(self) -> None:
        self.rest.setEnabled(not all(box.isChecked() for box in self.kept.values()))
        try:
            options = self.options()
        except InputError as error:
            self._say(error.message, possible=False)
            self.duration.setText("")
            return
        self._show_duration(options)
        approximate = self._offer.approximate(options.count)
        self._say("Four stems are approximate with this model." if approximate else "", possible=True)

    def _show_duration(self, options: SplitOptions) -> None:
        """Say how long it will take; where nobody knows, try a few seconds of sound in the background."""
        seconds = expected_seconds(options, self._seconds)
        self.duration.setText(f"about {write_duration(seconds)} here" if seconds else "")
        if seconds is None:
            self._trial.want(options)

    def _say(self, text: str, *, possible: bool) -> None:
        self.note.setText(text)
        self.note.setVisible(bool(text))
        self.split_button.setEnabled(possible)
        self.adjustSize()

    def _accept(self) -> None:
        options = self.options()
        self.accept()
        self._commands.choose(self._clips, options)


def _audio_seconds(workspace: Workspace, clips: Sequence[Clip]) -> float:
    session = workspace.session
    return sum(session.source(clip.source).length for clip in clips) / session.sample_rate


def _line(*widgets: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(12)
    for widget in widgets:
        row.addWidget(widget)
    row.addStretch(1)
    return row


def _column(*parts: QWidget | QLayout) -> QVBoxLayout:
    column = QVBoxLayout()
    column.setSpacing(6)
    for part in parts:
        if isinstance(part, QWidget):
            column.addWidget(part)
        else:
            column.addLayout(part)
    return column
