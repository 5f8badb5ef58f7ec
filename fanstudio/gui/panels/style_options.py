"""How much of a style, of which part, and how an instrument takes a voice over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from fanstudio.gui.widgets.labels import button
from fanstudio.gui.widgets.style_slider import ShareRow
from fanstudio.model.recipe import RecipeTimbre, Voice
from fanstudio.model.session import Stem

_OCTAVES: tuple[tuple[str, int | None], ...] = (
    ("Best octave", None),
    ("2 octaves lower", -2),
    ("1 octave lower", -1),
    ("Same octave", 0),
    ("1 octave higher", 1),
    ("2 octaves higher", 2),
)
_NO_BLEND = "No blend"
_HALF = 0.5
_PARTS = "Amount of each part"


@dataclass(frozen=True, slots=True)
class Shown:
    """Which options make sense: the stems that can be dosed, and what an instrument can be blended with."""

    stems: tuple[Stem, ...] = ()
    #: How the chosen instrument plays; None for a style that is none.
    voice: Voice | None = None
    #: (id, title) of the instruments that it can lead over to.
    blends: tuple[tuple[str, str], ...] = ()
    #: What is changed, for the words of the tooltips.
    title: str = field(default="the style", compare=False)


class StyleOptions(QWidget):
    """Parts and instrument, of which only what makes sense is shown.

    `amount` is for the panel to lay where it stays in view.
    """

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        """Show nothing but the amount."""
        super().__init__(parent)
        self._shown = Shown()
        self._make_parts()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.more, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self._parts)
        column.addWidget(self._instrument)
        self.show_for(Shown())

    # ── what is chosen ───────────────────────────────────────────────────────────────────────

    @property
    def amounts(self) -> Mapping[Stem, float]:
        """Return the amounts of single stems that differ from all of it."""
        if not self.more.isChecked():
            return {}
        return {stem: row.share for stem, row in self.parts.items() if row.share < 1.0}

    def timbre(self, instrument: str) -> RecipeTimbre | None:
        """Return how an instrument takes a voice over, None where nothing of the kind is chosen."""
        if self._shown.voice is None:
            return None
        second = str(self.blend.currentData() or "")
        return RecipeTimbre(
            voice=self._shown.voice,
            instrument=instrument,
            second=second,
            morph=self.morph.share if second else 0.0,
            octave=self.octave.currentData(),
            double=self.double.isChecked(),
        )

    def show_for(self, shown: Shown) -> None:
        """Show what makes sense; what was set before stays where it still does."""
        if shown != self._shown:
            self._show_parts(shown.stems)
            self._show_blends(shown.blends)
        self._shown = shown
        instrument = shown.voice is not None
        self.amount.name.setText("Mix" if instrument else "Amount")
        self.amount.slider.setToolTip(_amount_words(shown))
        self.amount.slider.setAccessibleName("Mix" if instrument else "Amount")
        self._show_disclosure()
        self.more.setVisible(len(shown.stems) > 1 and not instrument)
        self._parts.setVisible(self.more.isChecked() and not self.more.isHidden())
        self._instrument.setVisible(instrument)
        self.blend.setVisible(bool(shown.blends))
        self._show_morph()

    # ── parts ────────────────────────────────────────────────────────────────────────────────

    def _make_parts(self) -> None:
        self.amount = ShareRow("Amount", 1.0, "How much of the style: 0 % leaves everything as it is")
        self.amount.settled.connect(lambda _share: self.changed.emit())
        self.more = button(_PARTS, self._open_parts, "link")
        self.more.setCheckable(True)
        self.more.setToolTip("Give voices, drums and bass amounts of their own")
        self.parts: dict[Stem, ShareRow] = {}
        self._parts = QWidget()
        self._rows = QVBoxLayout(self._parts)
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._rows.setSpacing(0)
        self._instrument = QWidget()
        self._make_instrument()

    def _make_instrument(self) -> None:
        self.octave = _choice("Octave", "In which octave the instrument plays")
        for text, octave in _OCTAVES:
            self.octave.addItem(text, octave)
        self.blend = _choice("Blend with", "A second instrument that it sounds like in part")
        self.morph = ShareRow("How far", _HALF, "How much it sounds like the second instrument")
        self.morph.settled.connect(lambda _share: self.changed.emit())
        self.double = QCheckBox("Keep the original, play under it")
        self.double.setAccessibleName(self.double.text())
        self.double.setToolTip("The voice stays, and the instrument plays the same line with it, softer")
        self.double.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.double.clicked.connect(lambda _on: self.changed.emit())
        for choice in (self.octave, self.blend):
            choice.activated.connect(self._choose)
        column = QVBoxLayout(self._instrument)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        choices = QHBoxLayout()
        choices.setSpacing(8)
        choices.addWidget(self.octave, 1)
        choices.addWidget(self.blend, 1)
        column.addLayout(choices)
        column.addWidget(self.morph)
        column.addWidget(self.double)

    def _show_parts(self, stems: Sequence[Stem]) -> None:
        if tuple(self.parts) == tuple(stems):
            return
        for row in self.parts.values():
            self._rows.removeWidget(row)
            row.hide()
            row.deleteLater()
        self.parts = {stem: _part_row(stem) for stem in stems}
        for row in self.parts.values():
            self._rows.addWidget(row)
            row.settled.connect(lambda _share: self.changed.emit())

    def _show_blends(self, blends: Sequence[tuple[str, str]]) -> None:
        before = self.blend.currentData()
        self.blend.clear()
        self.blend.addItem(_NO_BLEND, "")
        for instrument, title in blends:
            self.blend.addItem(f"Blend: {title}", instrument)
        self.blend.setCurrentIndex(max(0, self.blend.findData(before)))

    def _show_disclosure(self) -> None:
        self.more.setText(f"{_PARTS} {'▾' if self.more.isChecked() else '▸'}")

    def _open_parts(self) -> None:
        self._show_disclosure()
        self._parts.setVisible(self.more.isChecked())
        self.changed.emit()

    def _choose(self, _index: int) -> None:
        self._show_morph()
        self.changed.emit()

    def _show_morph(self) -> None:
        self.morph.setVisible(bool(self._shown.blends and self.blend.currentData()))


def _part_row(stem: Stem) -> ShareRow:
    name = stem.value.capitalize() if stem is not Stem.ACCOMPANIMENT else "Music"
    words = f"How much of the style the {stem.value} get"
    return ShareRow(name, 1.0, words, stem=stem.value)


def _amount_words(shown: Shown) -> str:
    if shown.voice is None:
        return "How much of the style: 0 % leaves everything as it is\nDouble click for 100 %"
    return f"100 %: only the {shown.title}. 50 %: half of it, half the original\nDouble click for 100 %"


def _choice(name: str, tooltip: str) -> QComboBox:
    made = QComboBox()
    made.setAccessibleName(name)
    made.setToolTip(tooltip)
    made.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    made.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
    return made
