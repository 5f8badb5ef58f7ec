"""Stems that are still being made: mixed and undone like others, never saved, gone or settled at the end."""

from __future__ import annotations

import threading
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from fanstudio.errors import EditError
from fanstudio.model import edits
from fanstudio.model.document import Document
from fanstudio.model.pending import Pending
from fanstudio.model.session import Session, Source, Stem
from tests.support.sessions import EDITS, make_session, make_source

LIVE = (
    replace(make_source("live vocals", stem=Stem.VOCALS), name="Vocals"),
    replace(make_source("live rest", stem=Stem.ACCOMPANIMENT), name="Accompaniment"),
)
WHOLE = {live.id: replace(live, id=make_source(f"whole {live.name}").id, suffix=".wav") for live in LIVE}


def _begin() -> tuple[Document, Session, Pending]:
    document = Document(make_session())
    before = document.session
    pending = document.begin_pending("Split into stems", before.tracks[0].clips[0].id, LIVE)
    return document, before, pending


def _sources(document: Document) -> set[str]:
    return {source.id for source in document.history.sources()}


def test_it_is_one_step_and_never_counts_as_a_change() -> None:
    document, before, _ = _begin()
    assert [track.stem for track in document.session.tracks[1:3]] == [Stem.VOCALS, Stem.ACCOMPANIMENT]
    assert document.session.tracks[0].clips[0].muted
    assert document.history.undo_label == "Split into stems"
    assert document.settled == before
    assert not document.changed


def test_settling_keeps_what_was_mixed_meanwhile_and_one_undo_step() -> None:
    document, before, pending = _begin()
    vocals = document.session.tracks[1].id
    document.apply("Mute track", lambda session: edits.mute_track(session, vocals, True))
    assert not document.changed
    document.end_pending(pending, WHOLE)
    assert document.changed
    assert document.session.track(vocals).muted
    played = {clip.source for clip in document.session.clips()}
    assert played >= {source.id for source in WHOLE.values()}
    assert not _sources(document) & set(WHOLE)
    assert [step.label for step in document.history.past] == ["Split into stems", "Mute track"]
    document.undo()
    document.undo()
    assert document.session == before
    document.redo()
    assert document.session.tracks[1].clips[0].source == WHOLE[LIVE[0].id].id


def test_abandoning_leaves_other_edits_and_their_steps() -> None:
    document, before, pending = _begin()
    vocals, other = document.session.tracks[1].id, document.session.tracks[-1].id
    document.apply("Mute track", lambda session: edits.mute_track(session, vocals, True))
    document.apply("Set gain", lambda session: edits.set_track_gain(session, other, -6))
    document.end_pending(pending, None)
    assert [step.label for step in document.history.past] == ["Set gain"]
    assert document.session == edits.set_track_gain(before, other, -6)
    document.undo()
    assert document.session == before


def test_abandoning_after_undo_forgets_the_redo() -> None:
    document, before, pending = _begin()
    document.undo()
    assert document.session == before
    document.end_pending(pending, None)
    assert document.history.redo_label is None
    assert document.history.undo_label is None


def test_parts_of_the_muted_clip_sound_again() -> None:
    document, before, pending = _begin()
    clip = before.tracks[0].clips[0]
    document.apply("Split clip", lambda session: edits.split_clip(session, clip.id, 1_000))
    document.end_pending(pending, None)
    assert not any(part.muted for part in document.session.clips())
    assert len(document.session.tracks[0].clips) == len(before.tracks[0].clips) + 1


def test_a_drag_that_is_under_way_goes_on() -> None:
    document, before, pending = _begin()
    other = document.session.tracks[-1].id
    document.begin_interaction("Set gain")
    document.apply("Set gain", lambda session: edits.set_track_gain(session, other, -6))
    document.end_pending(pending, None)
    document.abandon_interaction()
    assert document.session == before


def test_equal_stems_become_one_source() -> None:
    document, _, pending = _begin()
    silence = make_source("silence")
    document.end_pending(pending, {live.id: silence for live in LIVE})
    ids = [source.id for source in document.session.sources]
    assert len(ids) == len(set(ids))
    assert [track.clips[0].source for track in document.session.tracks[1:3]] == [silence.id] * 2


def test_another_thread_never_reads_what_is_pending() -> None:
    document = Document(make_session())
    clip = document.session.tracks[0].clips[0].id
    over, leaked = threading.Event(), []

    def read() -> None:
        while not over.is_set():
            leaked.extend({source.id for source in document.settled.sources} & set(WHOLE))

    reader = threading.Thread(target=read)
    reader.start()
    for number in range(300):
        pending = document.begin_pending("Split into stems", clip, LIVE)
        document.end_pending(pending, WHOLE if number % 2 else None)
        document.undo()
    over.set()
    reader.join()
    assert not leaked


@given(st.data())
def test_nothing_pending_survives_either_end(data: st.DataObject) -> None:
    document, _, pending = _begin()
    for _ in range(data.draw(st.integers(0, 6))):
        edit = data.draw(st.sampled_from(EDITS))
        try:
            document.apply("Edit", lambda session, edit=edit: edit(session, data.draw))
        except EditError:
            continue
        if data.draw(st.booleans()):
            document.undo()
    settled = document.settled
    assert not {source.id for source in settled.sources} & pending.stem_ids
    whole = data.draw(st.sampled_from([None, WHOLE]))
    document.end_pending(pending, whole)
    assert not _sources(document) & pending.stem_ids
    if whole is None:
        assert document.session == settled
    known: set[Source] = set()
    while document.history.past:
        known = set(document.session.sources)
        assert {clip.source for clip in document.session.clips()} <= {source.id for source in known}
        document.undo()
