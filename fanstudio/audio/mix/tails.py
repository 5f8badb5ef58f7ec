"""How long a mix sounds on behind its last clip: reverbs and delays ring out."""

from __future__ import annotations

from typing import Final

from fanstudio.audio.effects.slot import Slot
from fanstudio.audio.mix.fader import ruling
from fanstudio.audio.mix.mix import has_effects
from fanstudio.audio.mix.tuning import Slots, known_effects, make_effect, parameter_curves
from fanstudio.model.audibility import audible_end, open_feeds
from fanstudio.model.mixer import Automation
from fanstudio.model.session import Session

LONGEST_TAIL_S: Final = 10.0


def mix_end(session: Session) -> int:
    """Return the frame after the last one that sounds, tails included; 0 where nothing sounds."""
    end = audible_end(session)
    return end + tail_frames(session) if end else 0


def tail_frames(session: Session) -> int:
    """Return how long the slowest way to the master rings, at most 10 s: until it has fallen by 60 dB."""
    if not has_effects(session):
        return 0
    end = audible_end(session)
    buses = {bus.id: _tail_s(bus.effects, bus.automation, end) for bus in session.buses}
    ways = (
        _tail_s(feed.track.effects, feed.track.automation, end) + buses.get(feed.bus, 0.0)
        for feed in open_feeds(session)
    )
    longest = max(ways, default=0.0) + _tail_s(session.master_effects, session.master_automation, end)
    return round(min(LONGEST_TAIL_S, longest) * session.sample_rate)


def _tail_s(slots: Slots, automation: tuple[Automation, ...], position: int) -> float:
    curves = ruling(automation)
    effects = (
        Slot(make_effect(slot, parameter_curves(slot, curves), position), enabled=slot.enabled)
        for slot in known_effects(slots)
    )
    return sum(effect.tail_s for effect in effects)
