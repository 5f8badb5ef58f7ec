"""After any edits, what is heard has a usage report that the wire takes."""

from __future__ import annotations

import contextlib

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fanstudio.errors import EditError, InputError
from fanstudio.model.audibility import audible_end
from fanstudio.model.document import Document
from fanstudio.platform.contract import UsageReport
from fanstudio.platform.usage import derive
from tests.support.sessions import EDITS, make_session


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_every_session_that_sounds_is_reported(data: st.DataObject) -> None:
    document = Document(make_session())
    for number in data.draw(st.lists(st.integers(0, len(EDITS) - 1), max_size=12)):
        with contextlib.suppress(EditError):
            document.apply("Edit", lambda session, number=number: EDITS[number](session, data.draw))
    session = document.session
    try:
        report = derive(session)
    except InputError:
        assert audible_end(session) == 0
        return
    assert UsageReport.parse(report.to_json()) == report
    assert report.length_frames == audible_end(session)
