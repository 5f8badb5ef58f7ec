"""The guide that measures how long sound takes out and back, so that recordings are in time."""

from __future__ import annotations

from PySide6.QtWidgets import QProgressBar, QWidget

from fanstudio.gui.appearance import Appearance
from fanstudio.gui.dialogs.sheet import Sheet
from fanstudio.gui.panels.job_cards import describe_error
from fanstudio.gui.widgets.labels import label
from fanstudio.gui.workspace import Workspace
from fanstudio.jobs import Work
from fanstudio.studio.arm import Armed
from fanstudio.studio.round_trip import measure_round_trip, remember

_WHY = (
    "What you sing to the song reaches this computer a little late: sound takes time through the "
    "loudspeaker, the air and the microphone. Measured once for these devices, every recording is "
    "moved back by just that much."
)
_HOW = (
    "Hold one side of your headphones to the microphone, turn them up, and press Measure. "
    "You will hear three sweeps."
)


class RoundTripDialog(Sheet):
    """Plays the test sound, listens to it, and keeps the result for this pair of devices."""

    def __init__(self, parent: QWidget, appearance: Appearance, workspace: Workspace, armed: Armed) -> None:
        """Explain; nothing sounds until Measure is pressed."""
        super().__init__(parent, appearance, "Recording in time")
        self._workspace = workspace
        self._armed = armed
        self.body.addWidget(label(_WHY, "muted", wraps=True))
        self.body.addWidget(label(_HOW, wraps=True))
        self.level = QProgressBar()
        self.level.setRange(0, 100)
        self.level.setTextVisible(False)
        self.level.setAccessibleName("Input level")
        self.body.addWidget(self.level)
        self.said = label("", "strong", wraps=True)
        self.said.setMinimumHeight(40)
        self.body.addWidget(self.said)
        self.add_button("Close", self.reject)
        self.measure_button = self.add_button("Measure", self.measure, primary=True)
        workspace.bridge.tick.connect(self._show_level)
        self.finished.connect(lambda: workspace.bridge.tick.disconnect(self._show_level))
        self._show_known()

    def measure(self) -> None:
        """Measure in the background."""
        self.measure_button.setEnabled(False)
        self.said.setText("Listening…")
        rate = self._workspace.session.sample_rate
        armed = self._armed

        def work_on(work: Work) -> int:
            return measure_round_trip(work, armed.transport, armed.recorder, rate)

        self.run(self._workspace.bridge, "Measuring", work_on, done=self._keep, failed=self._fail)

    def _keep(self, frames: int) -> None:
        remember(self._workspace.settings, self._armed.devices, frames)
        self.measure_button.setEnabled(True)
        self.measure_button.setText("Measure again")
        self._show_known()

    def _fail(self, error: BaseException) -> bool:
        self.measure_button.setEnabled(True)
        self.said.setText(" ".join(describe_error(error)))
        return True

    def _show_known(self) -> None:
        if self._armed.ready and self._armed.measured:
            milliseconds = 1000 * self._armed.round_trip() / self._workspace.session.sample_rate
            self.said.setText(f"Sound takes {milliseconds:.1f} ms there and back. Recordings are in time.")
        elif self._armed.problem is not None:
            self.said.setText(" ".join(describe_error(self._armed.problem)))

    def _show_level(self) -> None:
        level = self._armed.level
        self.level.setValue(round(100 * min(1.0, level.peak)) if level is not None else 0)
