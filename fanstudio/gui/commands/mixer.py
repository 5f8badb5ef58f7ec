"""Edits of strips: a track, a bus or the master, named by its id."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from fanstudio.gui.commands.automation import AutomationCommands
from fanstudio.gui.commands.track import TrackCommands
from fanstudio.gui.workspace import Workspace
from fanstudio.model import edits, mixer_edits
from fanstudio.model.mixer import MASTER
from fanstudio.model.session import Session

if TYPE_CHECKING:
    from fanstudio.gui.panels.effects import EffectPanel
    from fanstudio.gui.panels.mixer import MixerPanel


class MixerCommands:
    """What is done to strips, and the panels that show them, which the window sets."""

    def __init__(self, workspace: Workspace, track: TrackCommands, automation: AutomationCommands) -> None:
        """Edit what is open in this workspace; menus of strips offer `automation`, too."""
        self.automation = automation
        self._workspace = workspace
        self._track = track
        self.panel: MixerPanel | None = None
        self.effects: EffectPanel | None = None

    # ── what shows ───────────────────────────────────────────────────────────────────────────

    def toggle(self) -> None:
        """Show the mixer, or hide it."""
        assert self.panel is not None
        self.panel.show_or_hide()

    def show_effects(self) -> None:
        """Show the mixer and offer effects for the selected track."""
        self.show_strip(self._workspace.selected_track or MASTER, offer_effects=True)

    def show_strip(self, strip_id: str, *, offer_effects: bool = False) -> None:
        """Show the mixer with a strip in view."""
        assert self.panel is not None
        self.panel.show_strip(strip_id, offer_effects=offer_effects)

    def open_effect(self, strip_id: str, slot_id: str) -> None:
        """Show the panel of an effect."""
        assert self.effects is not None
        self.effects.open(strip_id, slot_id)

    # ── strips ───────────────────────────────────────────────────────────────────────────────

    def set_gain(self, strip_id: str, gain_db: float) -> None:
        """Set a strip's gain in dB."""
        if strip_id == MASTER:
            self._workspace.apply("Set gain", lambda session: edits.set_master_gain(session, gain_db))
        elif self._is_bus(strip_id):
            self._workspace.apply(
                "Set gain", lambda session: mixer_edits.set_bus_gain(session, strip_id, gain_db)
            )
        else:
            self._track.set_gain(strip_id, gain_db)

    def set_pan(self, strip_id: str, pan: float) -> None:
        """Set the pan of a track or bus, −1 to 1."""
        if self._is_bus(strip_id):
            self._workspace.apply("Set pan", lambda session: mixer_edits.set_bus_pan(session, strip_id, pan))
        else:
            self._track.set_pan(strip_id, pan)

    def set_muted(self, strip_id: str, muted: bool) -> None:
        """Mute or unmute a track or bus."""
        if self._is_bus(strip_id):
            label = "Mute bus" if muted else "Unmute bus"
            self._workspace.apply(label, lambda session: mixer_edits.mute_bus(session, strip_id, muted))
        else:
            self._track.set_muted(strip_id, muted)

    def set_soloed(self, strip_id: str, soloed: bool) -> None:
        """Solo or unsolo a track or bus."""
        if self._is_bus(strip_id):
            label = "Solo bus" if soloed else "Unsolo bus"
            self._workspace.apply(label, lambda session: mixer_edits.solo_bus(session, strip_id, soloed))
        else:
            self._track.set_soloed(strip_id, soloed)

    def rename(self, strip_id: str, name: str) -> None:
        """Give a track or bus another name."""
        if self._is_bus(strip_id):
            self._workspace.apply(
                "Rename bus", lambda session: mixer_edits.rename_bus(session, strip_id, name)
            )
        else:
            self._track.rename(strip_id, name)

    # ── effects ──────────────────────────────────────────────────────────────────────────────

    def add_effect(self, strip_id: str, kind: str, values: Mapping[str, float] | None = None) -> None:
        """Put an effect behind the others of a strip, and show its panel."""
        if self._workspace.apply(
            "Add effect", lambda session: mixer_edits.add_effect(session, strip_id, kind, values)
        ):
            slots = mixer_edits.effects_of(self._workspace.session, strip_id)
            self.open_effect(strip_id, slots[-1].id)

    def remove_effect(self, strip_id: str, slot_id: str) -> None:
        """Take an effect out of a strip."""
        self._workspace.apply(
            "Remove effect", lambda session: mixer_edits.remove_effect(session, strip_id, slot_id)
        )

    def move_effect(self, strip_id: str, slot_id: str, index: int) -> None:
        """Move an effect to another place in its strip."""
        self._workspace.apply(
            "Move effect", lambda session: mixer_edits.move_effect(session, strip_id, slot_id, index)
        )

    def enable_effect(self, strip_id: str, slot_id: str, enabled: bool) -> None:
        """Switch an effect on or off."""
        self._workspace.apply(
            "Switch effect on" if enabled else "Switch effect off",
            lambda session: mixer_edits.enable_effect(session, strip_id, slot_id, enabled),
        )

    def set_effect_value(self, strip_id: str, slot_id: str, name: str, value: float, label: str) -> None:
        """Set one parameter of an effect; `label` names the step."""
        self._workspace.apply(
            label, lambda session: mixer_edits.set_effect_value(session, strip_id, slot_id, name, value)
        )

    def set_effect_values(self, strip_id: str, slot_id: str, values: Mapping[str, float], label: str) -> None:
        """Set all parameters of an effect; those left out go to their defaults."""
        self._workspace.apply(
            label, lambda session: mixer_edits.set_effect_values(session, strip_id, slot_id, values)
        )

    # ── buses, outputs, sends ────────────────────────────────────────────────────────────────

    def add_bus(self) -> None:
        """Add a bus that nothing feeds yet, and show it."""
        if self._new_bus("Add bus", lambda session, _bus_id: session):
            self.show_strip(self._workspace.session.buses[-1].id)

    def remove_bus(self, bus_id: str) -> None:
        """Remove a bus; what fed it goes to the master."""
        self._workspace.apply("Remove bus", lambda session: mixer_edits.remove_bus(session, bus_id))

    def set_output(self, track_id: str, bus_id: str) -> None:
        """Feed a track to a bus, or to the master where the id is empty."""
        self._workspace.apply("Set output", lambda session: mixer_edits.set_output(session, track_id, bus_id))

    def output_to_new_bus(self, track_id: str) -> None:
        """Feed a track to a bus that is added for it, as one step."""
        self._new_bus("Set output", lambda session, bus_id: mixer_edits.set_output(session, track_id, bus_id))

    def set_send(self, track_id: str, bus_id: str, gain_db: float) -> None:
        """Send a track to a bus as well, or change how much of it."""
        self._workspace.apply(
            "Set send", lambda session: mixer_edits.set_send(session, track_id, bus_id, gain_db)
        )

    def send_to_new_bus(self, track_id: str) -> None:
        """Send a track to a bus that is added for it, as one step."""
        self._new_bus(
            "Add send", lambda session, bus_id: mixer_edits.set_send(session, track_id, bus_id, 0.0)
        )

    def remove_send(self, track_id: str, bus_id: str) -> None:
        """End a send."""
        self._workspace.apply(
            "Remove send", lambda session: mixer_edits.remove_send(session, track_id, bus_id)
        )

    # ── parts ────────────────────────────────────────────────────────────────────────────────

    def _is_bus(self, strip_id: str) -> bool:
        return any(bus.id == strip_id for bus in self._workspace.session.buses)

    def _new_bus(self, label: str, use: Callable[[Session, str], Session]) -> bool:
        name = f"Bus {len(self._workspace.session.buses) + 1}"

        def add(session: Session) -> Session:
            session = mixer_edits.add_bus(session, name)
            return use(session, session.buses[-1].id)

        return self._workspace.apply(label, add)
