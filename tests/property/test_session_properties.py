"""Any sequence of edits keeps the session sound, undoes to the start and survives the disk."""

from __future__ import annotations

import contextlib

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fanstudio.errors import DamagedProject, EditError
from fanstudio.model import project_file
from fanstudio.model.document import Document
from fanstudio.model.integrity import check_session
from tests.support.sessions import EDITS, make_session

quick = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def _edit_at_random(document: Document, data: st.DataObject) -> None:
    for number in data.draw(st.lists(st.integers(0, len(EDITS) - 1), max_size=12)):
        with contextlib.suppress(EditError):
            document.apply(f"Edit {number}", lambda session, number=number: EDITS[number](session, data.draw))


@quick
@given(st.data())
def test_undo_all_is_the_start_and_redo_all_the_end(data: st.DataObject) -> None:
    document = Document(start := make_session())
    _edit_at_random(document, data)
    end = document.session
    while document.history.undo_label:
        document.undo()
    assert document.session == start
    while document.history.redo_label:
        document.redo()
    assert document.session == end


@quick
@given(st.data())
def test_edits_keep_the_session_sound(data: st.DataObject) -> None:
    document = Document(make_session())
    _edit_at_random(document, data)
    check_session(document.session)


@quick
@given(st.data())
def test_save_and_load_is_identity(data: st.DataObject) -> None:
    document = Document(make_session())
    _edit_at_random(document, data)
    assert project_file.loads(project_file.dumps(document.session)) == document.session


@quick
@given(st.data())
def test_an_interaction_is_one_step_and_escape_takes_it_back(data: st.DataObject) -> None:
    document = Document(start := make_session())
    document.begin_interaction("Drag")
    _edit_at_random(document, data)
    moved = document.session
    if data.draw(st.booleans()):
        document.abandon_interaction()
        assert document.session == start
        assert document.history.undo_label is None
    else:
        document.end_interaction()
        assert document.session == moved
        document.undo()
        assert document.session == start


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_damaged_file_raises_one_typed_error(data: st.DataObject) -> None:
    whole = bytearray(project_file.dumps(make_session()))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(whole) - 1))
        whole[at : at + data.draw(st.integers(0, 30))] = data.draw(st.binary(max_size=3))
    with contextlib.suppress(DamagedProject):
        check_session(project_file.loads(bytes(whole)))
