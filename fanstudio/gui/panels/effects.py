"""The panel of one effect, built from its table of parameters."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from fanstudio.audio.effects.effect import Effect, Preset
from fanstudio.audio.effects.equaliser import Equaliser
from fanstudio.errors import EditError
from fanstudio.gui.appearance import Appearance
from fanstudio.gui.commands.mixer import MixerCommands
from fanstudio.gui.effect_words import BY_KIND, parameter_title
from fanstudio.gui.panels.automation_menu import fill_for_value
from fanstudio.gui.panels.effects_curve import ResponseCurve
from fanstudio.gui.panels.effects_menu import passing_menu
from fanstudio.gui.panels.effects_row import ParameterRow
from fanstudio.gui.panels.ruled import Control, RuledControls
from fanstudio.gui.strips import Face, face_of
from fanstudio.gui.theme import set_role
from fanstudio.gui.widgets.labels import ElidedLabel, button, label, separator
from fanstudio.gui.widgets.parameter_scale import held
from fanstudio.gui.workspace import Workspace
from fanstudio.model.mixer import EffectSlot, effect_target

_NO_PRESET = "Preset"
_DEFAULT = Preset("Default", {})


class EffectPanel(QWidget):
    """Follows one slot of one strip; hidden while none is open, and once that is gone."""

    opened = Signal()

    def __init__(self, workspace: Workspace, appearance: Appearance, parent: QWidget | None = None) -> None:
        """Follow a workspace's session; `commands` is set when the window has them."""
        super().__init__(parent)
        self.commands: MixerCommands | None = None
        self._workspace = workspace
        self._appearance = appearance
        self._strip_id = ""
        self._slot: EffectSlot | None = None
        self._effect: type[Effect] | None = None
        self._ruled = RuledControls()
        self.rows: tuple[ParameterRow, ...] = ()
        self._make_parts()
        self._lay_out()
        workspace.session_changed.connect(self._show_session)
        workspace.opened.connect(self.close_slot)
        workspace.bridge.tick.connect(self._show_moment)
        self.hide()

    @property
    def slot_id(self) -> str:
        """Return the id of the slot that shows; empty where none does."""
        return self._slot.id if self._slot else ""

    def open(self, strip_id: str, slot_id: str) -> None:
        """Show a slot of a strip."""
        found = self._find(strip_id, slot_id)
        if found is None:
            return
        face, slot = found
        self._strip_id, self._slot = strip_id, slot
        effect = BY_KIND.get(slot.kind)
        if effect is not self._effect or not self.rows:
            self._effect = effect
            self._build()
        self.show()
        self._show(face, slot)
        self.opened.emit()

    def close_slot(self) -> None:
        """Show no slot any more."""
        self._slot = None
        self.hide()

    # ── parts ────────────────────────────────────────────────────────────────────────────────

    def _make_parts(self) -> None:
        self.heading = label("", "strong")
        self.owner = ElidedLabel("", "small")
        self.close_button = button("", self.close_slot, tooltip="Close this effect")
        set_role(self.close_button, "mini")
        self._appearance.set_icon(self.close_button, "cancel", "text_2")
        self.on = QCheckBox("On")
        self.on.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.on.clicked.connect(self._switch)
        self.preset = QPushButton(_NO_PRESET)
        set_role(self.preset, "small")
        self.preset.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.preset.setToolTip("Take all values from a preset")
        self.preset.clicked.connect(self._offer_presets)
        self.reset = button("Reset", self._reset, "link", tooltip="Every value to its default")
        self.reduction = label("", "small")
        self.reduction.hide()
        self.fault = label("", "error", wraps=True)
        self.fault.hide()
        self.curve = ResponseCurve(self._appearance)

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self.heading)
        head.addWidget(self.owner, 1)
        head.addWidget(self.close_button)
        line = QHBoxLayout()
        line.setSpacing(8)
        line.addWidget(self.on)
        line.addWidget(self.preset, 1)
        line.addWidget(self.reset)
        self._list = QVBoxLayout()
        self._list.setSpacing(2)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(head)
        column.addLayout(line)
        column.addWidget(self.fault)
        column.addWidget(self.reduction)
        column.addWidget(self.curve)
        column.addLayout(self._list)
        column.addWidget(separator())

    def _build(self) -> None:
        for row in self.rows:
            self._list.removeWidget(row)
            row.hide()
            row.deleteLater()
        effect = self._effect
        parameters = effect.parameters if effect else ()
        self.rows = tuple(ParameterRow(each, parameter_title(effect, each)) for each in parameters if effect)
        for row in self.rows:
            self._list.addWidget(row)
            self._connect(row)
        self.curve.setVisible(effect is Equaliser)
        self.preset.setVisible(bool(effect and effect.presets))
        self.reset.setVisible(bool(effect))

    def _connect(self, row: ParameterRow) -> None:
        title = self._step(row)
        row.began.connect(lambda: self._workspace.begin_interaction(title))
        row.moved.connect(lambda value: self._set(row, value))
        row.ended.connect(self._workspace.end_interaction)
        row.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        row.customContextMenuRequested.connect(lambda at: self._open_menu(row, at))

    def _step(self, row: ParameterRow) -> str:
        """Return the name of the undo step of a parameter."""
        assert self._effect is not None
        return f"Set {parameter_title(self._effect, row.row).lower()}"

    # ── what it shows ────────────────────────────────────────────────────────────────────────

    def _show_session(self) -> None:
        if self._slot is None:
            return
        found = self._find(self._strip_id, self._slot.id)
        if found is None:
            self.close_slot()
        else:
            self._show(*found)

    def _show(self, face: Face, slot: EffectSlot) -> None:
        self._slot = slot
        self.heading.setText(self._effect.title if self._effect else slot.kind)
        self.owner.setText(f"on {face.name}{self._origin(slot)}")
        self.owner.update()
        self.setAccessibleName(f"{self.heading.text()} on {face.name}")
        self.on.setChecked(slot.enabled)
        self.on.setAccessibleName(f"{self.heading.text()} on {face.name} is on")
        values = self._values(slot)
        for row in self.rows:
            row.show_value(values[row.row.name])
        self._ruled.take(face.automation, self._controls(slot))
        if self._effect is Equaliser:
            self.curve.show_values(values, self._workspace.session.sample_rate)
        preset = self._preset(slot)
        self.preset.setText(f"{preset.title if preset else _NO_PRESET} ▾")
        self.preset.setAccessibleName(f"Preset: {preset.title if preset else 'none'}")
        self._show_moment()

    def _origin(self, slot: EffectSlot) -> str:
        """Say which style laid an effect, if one did."""
        names = {styling.id: styling.name for styling in self._workspace.session.stylings}
        return f" · from {names[slot.styling]}" if slot.styling in names else ""

    def _controls(self, slot: EffectSlot) -> dict[str, Control]:
        """Return what automation may rule; a row's menu stays at hand."""
        return {effect_target(slot.id, row.row.name): (row.hand, row.show_value) for row in self.rows}

    def _show_moment(self) -> None:
        """Show what changes by itself: values that automation rules, turning down, and faults."""
        if self._slot is None or self.isHidden():
            return
        self._ruled.show_at(self._workspace.playhead)
        transport = self._workspace.transport
        self._show_reduction(transport.levels().reductions.get(self._slot.id))
        self._show_fault(transport.faults.get(self._slot.id, ""))

    def _show_reduction(self, reduction_db: float | None) -> None:
        text = "" if reduction_db is None else f"turns down {reduction_db:.1f} dB"
        if text != self.reduction.text():
            self.reduction.setText(text)
            self.reduction.setVisible(bool(text))

    def _show_fault(self, fault: str) -> None:
        if self._effect is None:
            fault = "This version does not know this effect; sound passes it by."
        if fault != self.fault.text():
            self.fault.setText(fault)
            self.fault.setVisible(bool(fault))

    def _values(self, slot: EffectSlot) -> dict[str, float]:
        """Return all values of a slot, defaults among them, held within their ranges."""
        defaults = {row.row.name: row.row.default for row in self.rows}
        known = {row.row.name: row.row for row in self.rows}
        return defaults | {name: held(known[name], value) for name, value in slot.values if name in known}

    def _preset(self, slot: EffectSlot) -> Preset | None:
        """Return the preset that a slot stands at."""
        values = self._values(slot)
        defaults = {row.row.name: row.row.default for row in self.rows}
        presets = self._effect.presets if self._effect else ()
        if values == defaults:
            return _DEFAULT
        return next((preset for preset in presets if values == defaults | dict(preset.values)), None)

    def _find(self, strip_id: str, slot_id: str) -> tuple[Face, EffectSlot] | None:
        try:
            face = face_of(self._workspace.session, strip_id)
        except EditError:
            return None
        return next(((face, slot) for slot in face.effects if slot.id == slot_id), None)

    # ── what it does ─────────────────────────────────────────────────────────────────────────

    def _set(self, row: ParameterRow, value: float) -> None:
        assert self.commands is not None
        self.commands.set_effect_value(self._strip_id, self.slot_id, row.row.name, value, self._step(row))

    def _switch(self, on: bool) -> None:
        assert self.commands is not None
        self.commands.enable_effect(self._strip_id, self.slot_id, on)

    def _reset(self) -> None:
        assert self.commands is not None
        self.commands.set_effect_values(self._strip_id, self.slot_id, {}, "Reset effect")

    def _take(self, preset: Preset) -> None:
        assert self.commands is not None
        self.commands.set_effect_values(self._strip_id, self.slot_id, preset.values, f"Preset {preset.title}")

    def _open_menu(self, row: ParameterRow, at: QPoint) -> None:
        assert self.commands is not None
        menu = passing_menu(self)
        name = effect_target(self.slot_id, row.row.name)
        fill_for_value(menu, self.commands.automation, self._workspace.session, self._strip_id, name)
        menu.popup(row.mapToGlobal(at))

    def _offer_presets(self) -> None:
        assert self._effect is not None
        assert self._slot is not None
        menu = passing_menu(self)
        present = self._preset(self._slot)
        for preset in (_DEFAULT, *self._effect.presets):
            action = menu.addAction(preset.title)
            action.setCheckable(True)
            action.setChecked(preset is present)
            action.triggered.connect(lambda _checked=False, preset=preset: self._take(preset))
        menu.popup(self.preset.mapToGlobal(QPoint(0, self.preset.height())))
