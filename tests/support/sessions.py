"""Sessions and random edits for the property tests."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from hypothesis import strategies as st

from fanstudio.errors import EditError
from fanstudio.model import automation_edits, edits, mixer_edits, style_edits, take_edits, warp_edits
from fanstudio.model.mixer import GAIN, MASTER, PAN, send_target
from fanstudio.model.rights import Basis, Origin
from fanstudio.model.session import Session, Source, Stem, new_id, new_session
from fanstudio.model.styling import StyleKind, Styling
from fanstudio.model.warp import Warp

RATE = 44_100


def make_source(name: str, length: int = 10_000, channels: int = 2, stem: Stem = Stem.MIX) -> Source:
    digest = hashlib.sha256(name.encode()).hexdigest()
    return Source(digest, name, ".wav", RATE, channels, length, Origin(Basis.OWN, name), stem)


def make_session() -> Session:
    """Two tracks: two clips on the first, one on the second."""
    session = new_session("Test", RATE)
    session = edits.import_source(session, make_source("one"))
    session = edits.import_source(session, make_source("two", 6_000))
    return edits.split_clip(session, session.tracks[0].clips[0].id, 4_000)


def _clip(session: Session, draw: Callable[..., int]) -> str:
    clips = list(session.clips())
    if not clips:
        raise EditError("There is no clip.")
    return clips[draw(st.integers(0, len(clips) - 1))].id


def _track(session: Session, draw: Callable[..., int]) -> str:
    if not session.tracks:
        raise EditError("There is no track.")
    return session.tracks[draw(st.integers(0, len(session.tracks) - 1))].id


def _take(session: Session, track_id: str) -> str:
    takes = session.track(track_id).takes
    if not takes:
        raise EditError("There is no take.")
    return takes[0].id


def _bus(session: Session, draw: Callable[..., int]) -> str:
    if not session.buses:
        raise EditError("There is no bus.")
    return session.buses[draw(st.integers(0, len(session.buses) - 1))].id


def _strip(session: Session, draw: Callable[..., int]) -> str:
    ids = [MASTER, *(strip.id for strip in (*session.tracks, *session.buses))]
    return ids[draw(st.integers(0, len(ids) - 1))]


def _slot(session: Session, draw: Callable[..., int]) -> tuple[str, str]:
    ids = [MASTER, *(strip.id for strip in (*session.tracks, *session.buses))]
    slots = [(strip, slot.id) for strip in ids for slot in mixer_edits.effects_of(session, strip)]
    if not slots:
        raise EditError("There is no effect.")
    return slots[draw(st.integers(0, len(slots) - 1))]


def _target(session: Session, draw: Callable[..., int]) -> tuple[str, str]:
    targets = [GAIN, PAN, *(send_target(bus.id) for bus in session.buses)]
    return _strip(session, draw), targets[draw(st.integers(0, len(targets) - 1))]


def _styling(session: Session, draw: Callable[..., int]) -> str:
    if not session.stylings:
        raise EditError("There is no style.")
    return session.stylings[draw(st.integers(0, len(session.stylings) - 1))].id


FRAME = st.integers(0, 20_000)
GAIN_DB = st.floats(-80, 30)
EDITS = (
    lambda s, d: edits.split_clip(s, _clip(s, d), d(FRAME)),
    lambda s, d: edits.move_clip(s, _clip(s, d), d(FRAME), _track(s, d)),
    lambda s, d: edits.trim_start(s, _clip(s, d), d(FRAME)),
    lambda s, d: edits.trim_end(s, _clip(s, d), d(FRAME)),
    lambda s, d: edits.set_fades(s, _clip(s, d), fade_in=d(FRAME), fade_out=d(FRAME)),
    lambda s, d: edits.set_clip_gain(s, _clip(s, d), d(GAIN_DB)),
    lambda s, d: edits.mute_clip(s, _clip(s, d), d(st.booleans())),
    lambda s, d: edits.delete_clips(s, [_clip(s, d)]),
    lambda s, d: edits.duplicate_clip(s, _clip(s, d)),
    lambda s, d: edits.add_track(s, "New", at=d(st.integers(0, 3))),
    lambda s, d: edits.remove_track(s, _track(s, d)),
    lambda s, d: edits.move_track(s, _track(s, d), d(st.integers(0, 5))),
    lambda s, d: edits.set_track_gain(s, _track(s, d), d(GAIN_DB)),
    lambda s, d: edits.set_pan(s, _track(s, d), d(st.floats(-2, 2))),
    lambda s, d: edits.mute_track(s, _track(s, d), d(st.booleans())),
    lambda s, d: edits.solo_track(s, _track(s, d), d(st.booleans())),
    lambda s, d: edits.set_loop(s, d(FRAME), d(FRAME)),
    lambda s, d: edits.enable_loop(s, d(st.booleans())),
    lambda s, d: edits.set_tempo(s, d(st.floats(10, 500)), d(st.integers(0, 20))),
    lambda s, d: edits.add_marker(s, d(FRAME), "Here"),
    lambda s, d: edits.split_into_stems(
        s,
        _clip(s, d),
        [make_source("Vocals", 10_000, stem=Stem.VOCALS), make_source("Other", 10_000, stem=Stem.OTHER)],
    ),
    lambda s, d: edits.add_clip(s, _track(s, d), s.sources[0].id, d(FRAME), offset=d(FRAME)),
    lambda s, d: edits.rename_track(s, _track(s, d), d(st.text(max_size=5))),
    lambda s, d: edits.rename_clip(s, _clip(s, d), d(st.text(max_size=5))),
    lambda s, d: mixer_edits.add_effect(s, _strip(s, d), "reverb", {"mix": d(st.floats())}),
    lambda s, d: mixer_edits.remove_effect(s, *_slot(s, d)),
    lambda s, d: mixer_edits.move_effect(s, *_slot(s, d), d(st.integers(-1, 5))),
    lambda s, d: mixer_edits.set_effect_value(s, *_slot(s, d), "mix", d(st.floats())),
    lambda s, d: mixer_edits.enable_effect(s, *_slot(s, d), d(st.booleans())),
    lambda s, d: mixer_edits.add_bus(s, "Bus"),
    lambda s, d: mixer_edits.remove_bus(s, _bus(s, d)),
    lambda s, d: mixer_edits.set_bus_gain(s, _bus(s, d), d(GAIN_DB)),
    lambda s, d: mixer_edits.solo_bus(s, _bus(s, d), d(st.booleans())),
    lambda s, d: mixer_edits.set_output(s, _track(s, d), _bus(s, d)),
    lambda s, d: mixer_edits.set_send(s, _track(s, d), _bus(s, d), d(GAIN_DB)),
    lambda s, d: mixer_edits.remove_send(s, _track(s, d), _bus(s, d)),
    lambda s, d: automation_edits.add_point(s, *_target(s, d), d(FRAME), d(st.floats())),
    lambda s, d: automation_edits.move_point(s, *_target(s, d), 0, d(FRAME), d(st.floats(-90, 20))),
    lambda s, d: automation_edits.remove_point(s, *_target(s, d), d(st.integers(0, 2))),
    lambda s, d: automation_edits.enable_automation(s, *_target(s, d), d(st.booleans())),
    lambda s, d: warp_edits.set_warp(s, _clip(s, d), Warp(d(st.floats(0.1, 5)), d(st.floats(-30, 30)))),
    lambda s, d: warp_edits.set_warp(s, _clip(s, d), None),
    lambda s, d: warp_edits.transpose(s, [_track(s, d)], d(st.floats(-10, 10))),
    lambda s, d: take_edits.add_take(s, _track(s, d), make_source("Take", 3_000), d(FRAME)),
    lambda s, d: take_edits.use_take(s, track := _track(s, d), _take(s, track), d(FRAME), d(FRAME)),
    lambda s, d: take_edits.remove_take(s, track := _track(s, d), _take(s, track)),
    lambda s, d: style_edits.add_styling(
        s, Styling(new_id(), StyleKind.PRESET, "Lo-fi", amount=d(st.floats(0, 2)))
    ),
    lambda s, d: style_edits.lay_effect(s, _strip(s, d), "reverb", {"mix": d(st.floats())}, _styling(s, d)),
    lambda s, d: style_edits.remove_styling(s, _styling(s, d)),
)
