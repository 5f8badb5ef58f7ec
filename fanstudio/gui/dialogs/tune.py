"""The tuning sheet: how much, how slowly, in which key, and back again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QCheckBox, QComboBox, QFormLayout, QWidget

from fanstudio.gui.appearance import Appearance
from fanstudio.gui.dialogs.sheet import Sheet
from fanstudio.gui.tokens import CONTROL_HEIGHT
from fanstudio.gui.widgets.labels import button, label
from fanstudio.gui.widgets.numbers import number_field
from fanstudio.gui.widgets.segmented import SegmentedControl
from fanstudio.gui.workspace import Workspace
from fanstudio.model.scale import Key, Mode
from fanstudio.model.session import Clip
from fanstudio.studio.pitch import original_voices
from fanstudio.studio.tune import TuneOptions, is_tuned, tuned_with

if TYPE_CHECKING:
    from fanstudio.gui.commands.voice import VoiceCommands

#: How slowly: what is said, and the seconds over which the mean is taken.
_SPEEDS = (("0.6", "Slow"), ("0.25", "Gentle"), ("0.08", "Fast"), ("0.02", "Robot"))
_HEARD = "As heard in the song"


class TuneDialog(Sheet):
    """Asks how to tune some clips' voices, and hands the answer to the voice commands."""

    def __init__(
        self,
        parent: QWidget,
        appearance: Appearance,
        workspace: Workspace,
        commands: VoiceCommands,
        clips: Sequence[Clip],
    ) -> None:
        """Propose how the first was tuned last, or something gentle."""
        title = f"Tune “{clips[0].name}”" if len(clips) == 1 else f"Tune {len(clips)} clips"
        super().__init__(parent, appearance, title, width=480)
        self._commands = commands
        self._clips = clips
        source = workspace.session.source(clips[0].source)
        track, _ = workspace.session.clip(clips[0].id)
        self._make_fields(tuned_with(source), workspace.session.key)
        self.melody.setEnabled(bool(original_voices(workspace.session, track)))
        self.body.addLayout(self._form())
        self.body.addWidget(
            label(
                "What you recorded stays as a take. A net hears the pitch; the sound is your own voice, "
                "moved with its character kept.",
                "small",
                wraps=True,
            )
        )
        self.back_button = button("Take tuning back", self._take_back, "link")
        self.back_button.setVisible(is_tuned(source))
        self._buttons.insertWidget(0, self.back_button)
        self.add_button("Cancel", self.reject)
        self.tune_button = self.add_button("Tune", self._accept, primary=True)
        self.tune_button.setFocus()

    def _make_fields(self, options: TuneOptions, key: str) -> None:
        self.strength = number_field("Strength", 5, 100, 100 * options.strength, decimals=0, unit="%")
        self.strength.setSingleStep(5)
        self.speed = SegmentedControl("Speed", _SPEEDS)
        nearest = min(_SPEEDS, key=lambda speed: abs(float(speed[0]) - options.retune_s))
        self.speed.choose(nearest[0])
        self.speed.setToolTip("Slow and gentle keep vibrato; robot takes it away")
        self.melody = QCheckBox("Heed the original melody")
        self.melody.setChecked(options.along_melody)
        self.key = key_choice(key, _HEARD)

    def _form(self) -> QFormLayout:
        form = QFormLayout()
        form.setHorizontalSpacing(16)
        form.setVerticalSpacing(12)
        rows = (("Strength", self.strength), ("Speed", self.speed), ("Key", self.key), ("", self.melody))
        for text, field in rows:
            name = label(text, "muted")
            name.setFixedHeight(CONTROL_HEIGHT)
            form.addRow(name, field)
        return form

    def _accept(self) -> None:
        options = TuneOptions(
            self.strength.value() / 100,
            float(self.speed.value),
            self.melody.isChecked(),
            str(self.key.currentData()),
        )
        self.accept()
        self._commands.tune_clips(self._clips, options)

    def _take_back(self) -> None:
        self.accept()
        self._commands.untune_clips(self._clips)


def key_choice(key: str, none: str) -> QComboBox:
    """Return a choice of keys as a session spells them; the first, "", is called `none`."""
    choice = QComboBox()
    choice.setAccessibleName("Key")
    choice.addItem(none, "")
    for mode in Mode:
        for tonic in range(12):
            name = str(Key(tonic, mode))
            choice.addItem(name, name)
    choice.setCurrentIndex(max(0, choice.findData(key)))
    return choice
