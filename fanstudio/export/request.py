"""What decides a render, as one digest: a permit is for this and nothing else."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import astuple
from typing import Any

from fanstudio.model.audibility import audible_tracks, open_feeds
from fanstudio.model.mixer import Automation, Bus, EffectSlot
from fanstudio.model.session import Clip, Session, Track
from fanstudio.platform.contract import canonical

#: What of a clip decides how it sounds.
_DECISIVE = (
    "source",
    "position",
    "offset",
    "length",
    "gain_db",
    "fade_in",
    "fade_in_start",
    "fade_out",
    "fade_out_cut",
)


def project_digest(session: Session, format_name: str, loudness_lufs: float | None) -> str:
    """Return the SHA-256 of the RFC 8785 JSON of what decides the render, hexadecimal.

    Names, colours, ids and what is muted change nothing; sources count by content.
    """
    buses = {bus.id: index for index, bus in enumerate(session.buses)}
    ways: defaultdict[str, list[Any]] = defaultdict(list)
    for feed in open_feeds(session):
        ways[feed.track.id].append([buses.get(feed.bus), feed.send and feed.send.gain_db])
    master = {"gain_db": session.master_gain_db}
    value = {
        "format": format_name,
        "loudness_lufs": loudness_lufs,
        "sample_rate": session.sample_rate,
        "master": master | _strip(session.master_effects, session.master_automation, buses),
        "tracks": [_track(track, ways[track.id], buses) for track in audible_tracks(session)],
        "buses": [_bus(bus, buses) for bus in session.buses],
    }
    return hashlib.sha256(canonical(value)).hexdigest()


def _track(track: Track, ways: list[Any], buses: Mapping[str, int]) -> dict[str, Any]:
    """`ways` are where it is heard, a bus's place or none for the master, and a send's gain."""
    return {
        "gain_db": track.gain_db,
        "pan": track.pan,
        "clips": [_clip(clip) for clip in track.clips if not clip.muted],
        "ways": ways,
        **_strip(track.effects, track.automation, buses),
    }


def _bus(bus: Bus, buses: Mapping[str, int]) -> dict[str, Any]:
    levels = {"gain_db": bus.gain_db, "pan": bus.pan, "muted": bus.muted}
    return levels | _strip(bus.effects, bus.automation, buses)


def _strip(
    effects: Iterable[EffectSlot], curves: Iterable[Automation], buses: Mapping[str, int]
) -> dict[str, Any]:
    """Effects and buses count by their places, since their ids change nothing."""
    places = {slot.id: str(index) for index, slot in enumerate(effects)}
    places |= {f"send.{bus_id}": f"send.{index}" for bus_id, index in buses.items()}
    return {
        "effects": [
            {"kind": slot.kind, "values": dict(slot.values), "enabled": slot.enabled} for slot in effects
        ],
        "automation": [
            {"target": _placed(curve.target, places), "points": [list(astuple(p)) for p in curve.points]}
            for curve in curves
            if curve.enabled
        ],
    }


def _placed(target: str, places: Mapping[str, str]) -> str:
    slot_id, dot, parameter = target.partition(".")
    return places.get(target) or f"{places.get(slot_id, slot_id)}{dot}{parameter}"


def _clip(clip: Clip) -> dict[str, Any]:
    warp = None if clip.warp is None else list(astuple(clip.warp))
    return {name: getattr(clip, name) for name in _DECISIVE} | {"warp": warp}
