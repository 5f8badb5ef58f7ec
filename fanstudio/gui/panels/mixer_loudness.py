"""The master's loudness and true peak in numbers; a press measures them anew."""

from __future__ import annotations

import math

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QPushButton, QWidget

from fanstudio.audio.meters import LoudnessReading
from fanstudio.gui.theme import restyle, set_role
from fanstudio.gui.widgets.labels import label

#: Above this a lossy format may clip what a file does not.
_SAFE_DBTP = -1.0
_HEIGHT = 78


class LoudnessNumbers(QPushButton):
    """Three numbers: the last 3 s, all since the start, and the highest true peak, which stays red."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Show that nothing was measured yet."""
        super().__init__(parent)
        set_role(self, "reading")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setFixedHeight(_HEIGHT)
        grid = QGridLayout(self)
        grid.setContentsMargins(8, 5, 8, 5)
        grid.setVerticalSpacing(0)
        grid.addWidget(_passive(label("LUFS, dBTP", "small")), 0, 0, 1, 2)
        self.short_term, self.integrated, self.peak = (
            self._row(grid, row, name) for row, name in ((1, "3 s"), (2, "all"), (3, "peak"))
        )
        self._shown: LoudnessReading | None = None
        self.show_reading(LoudnessReading())

    def show_reading(self, reading: LoudnessReading) -> None:
        """Show what the meter says; costs nothing where that is what shows."""
        if reading == self._shown:
            return
        self._shown = reading
        short_term, integrated = _number(reading.short_term_lufs), _number(reading.integrated_lufs)
        peak = _number(reading.true_peak_dbtp)
        for part, text in ((self.short_term, short_term), (self.integrated, integrated), (self.peak, peak)):
            if part.text() != text:
                part.setText(text)
        self._colour(reading.true_peak_dbtp)
        self.setAccessibleName(
            f"Loudness of the master: {short_term} LUFS over 3 seconds, {integrated} LUFS over all, "
            f"true peak {peak} dBTP"
        )

    def sizeHint(self) -> QSize:
        """Return a height for four lines."""
        return QSize(96, _HEIGHT)

    minimumSizeHint = sizeHint

    def _row(self, grid: QGridLayout, row: int, name: str) -> QLabel:
        number = _passive(label("", "number"))
        grid.addWidget(_passive(label(name, "small")), row, 0)
        grid.addWidget(number, row, 1, Qt.AlignmentFlag.AlignRight)
        return number

    def _colour(self, true_peak_dbtp: float) -> None:
        tone = "deny" if true_peak_dbtp > 0 else "wait" if true_peak_dbtp > _SAFE_DBTP else ""
        if self.peak.property("tone") != tone:
            self.peak.setProperty("tone", tone)
            restyle(self.peak)
        words = {
            "deny": "The mix is louder than full scale: it will be distorted. Turn the master down.",
            "wait": "The mix comes near full scale: some formats will distort it.",
        }.get(tone, "Loudness of the mix, and the highest peak between samples (dBTP).")
        self.setToolTip(f"{words}\nPress to measure anew")


def _passive(part: QLabel) -> QLabel:
    part.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
    return part


def _number(value: float) -> str:
    """Write a level with one decimal; silence as a dash."""
    return "–" if not math.isfinite(value) else f"{value:.1f}".replace("-", "−")
