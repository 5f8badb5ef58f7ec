"""Sessions and random edits for the property tests."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from hypothesis import strategies as st

from fanstudio.errors import EditError
from fanstudio.model import edits
from fanstudio.model.rights import Basis, Origin
from fanstudio.model.session import Session, Source, Stem, new_session

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


FRAME = st.integers(0, 20_000)
GAIN = st.floats(-80, 30)
EDITS = (
    lambda s, d: edits.split_clip(s, _clip(s, d), d(FRAME)),
    lambda s, d: edits.move_clip(s, _clip(s, d), d(FRAME), _track(s, d)),
    lambda s, d: edits.trim_start(s, _clip(s, d), d(FRAME)),
    lambda s, d: edits.trim_end(s, _clip(s, d), d(FRAME)),
    lambda s, d: edits.set_fades(s, _clip(s, d), fade_in=d(FRAME), fade_out=d(FRAME)),
    lambda s, d: edits.set_clip_gain(s, _clip(s, d), d(GAIN)),
    lambda s, d: edits.mute_clip(s, _clip(s, d), d(st.booleans())),
    lambda s, d: edits.delete_clips(s, [_clip(s, d)]),
    lambda s, d: edits.duplicate_clip(s, _clip(s, d)),
    lambda s, d: edits.add_track(s, "New", at=d(st.integers(0, 3))),
    lambda s, d: edits.remove_track(s, _track(s, d)),
    lambda s, d: edits.move_track(s, _track(s, d), d(st.integers(0, 5))),
    lambda s, d: edits.set_track_gain(s, _track(s, d), d(GAIN)),
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
)
