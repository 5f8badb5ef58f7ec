"""How fast music can be: the same for edits, project files and patterns."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fanstudio.errors import DamagedProject, EditError
from fanstudio.model.edits import set_tempo
from fanstudio.model.integrity import check_session
from fanstudio.model.pattern import is_whole
from fanstudio.model.pattern_edits import empty_pattern
from fanstudio.model.session import Session, TempoChange, new_session
from fanstudio.model.tempo import MAX_BPM, MIN_BPM, is_tempo


def _read(bpm: float) -> Session:
    return replace(new_session("Read from a file"), tempo=(TempoChange(0, bpm),))


@pytest.mark.parametrize("bpm", [MIN_BPM, 120.0, MAX_BPM])
def test_a_tempo_is_one_everywhere(bpm: float) -> None:
    check_session(set_tempo(new_session("Any"), bpm))
    assert is_tempo(bpm)
    assert is_whole(empty_pattern("eight", ("kick",), bpm))


@pytest.mark.parametrize("bpm", [0.0, MIN_BPM - 0.1, MAX_BPM + 0.1, float("nan"), float("inf")])
def test_what_is_no_tempo_is_none_anywhere(bpm: float) -> None:
    with pytest.raises(EditError, match=f"{MIN_BPM} to {MAX_BPM} beats"):
        set_tempo(new_session("Any"), bpm)
    with pytest.raises(DamagedProject, match="tempo is out of range"):
        check_session(_read(bpm))
    assert not is_whole(empty_pattern("eight", ("kick",), bpm))
