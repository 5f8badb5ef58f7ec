"""How long a mix sounds on behind its last clip: reverbs and delays ring out."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from fanstudio.audio.mix.fader import ruling
from fanstudio.audio.mix.mix import has_effects
from fanstudio.audio.mix.tuning import Curves, Slots, known_effects, make_effect, parameter_curves
from fanstudio.model.audibility import audible_end, open_feeds
from fanstudio.model.mixer import Automation, EffectSlot
from fanstudio.model.session import Session, Track

LONGEST_TAIL_S: Final = 10.0

Values = tuple[tuple[str, float], ...]


def mix_end(session: Session) -> int:
    """Return the frame after the last one that sounds, tails included; 0 where nothing sounds."""
    end = audible_end(session)
    return end + tail_frames(session) if end else 0


def tail_frames(session: Session) -> int:
    """Return how long the mix rings behind its last clip, at most 10 s: until it has fallen by 60 dB.

    Each way to the master rings from the end of its own track on.
    """
    if not has_effects(session):
        return 0
    end = audible_end(session)
    buses = {bus.id: _tail_s(bus.effects, bus.automation, end) for bus in session.buses}
    ways = (
        _tail_s(feed.track.effects, feed.track.automation, _end_of(feed.track))
        + buses.get(feed.bus, 0.0)
        - (end - _end_of(feed.track)) / session.sample_rate
        for feed in open_feeds(session)
    )
    longest = max((0.0, *ways)) + _tail_s(session.master_effects, session.master_automation, end)
    return round(min(LONGEST_TAIL_S, longest) * session.sample_rate)


def _end_of(track: Track) -> int:
    return max((clip.end for clip in track.clips if not clip.muted), default=0)


def _tail_s(slots: Slots, automation: tuple[Automation, ...], position: int) -> float:
    curves = ruling(automation)
    return sum(
        _effect_tail_s(slot.kind, slot.values, _ruled_values(slot, curves, position))
        for slot in known_effects(slots)
        if slot.enabled
    )


def _ruled_values(slot: EffectSlot, curves: Curves, position: int) -> Values:
    """Return what automation sets an effect to at a timeline frame."""
    ruled = parameter_curves(slot, curves) if curves else {}
    return tuple((name, curve.at(position)) for name, curve in ruled.items())


@lru_cache(maxsize=4096)
def _effect_tail_s(kind: str, values: Values, ruled: Values) -> float:
    """Return how long an effect rings; each edit asks for all of them, and most are as they were."""
    return make_effect(EffectSlot("", kind, (*values, *ruled)), {}, 0).tail_s
