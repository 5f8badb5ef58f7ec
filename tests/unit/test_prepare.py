"""Everything that a session needs is made ready, side by side, and only that."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from fanstudio.audio.pool import Pool
from fanstudio.audio.prepare import prepare_session
from fanstudio.errors import AudioFileError
from fanstudio.jobs import Work
from fanstudio.model import edits
from fanstudio.model.session import Session, new_session
from tests.support.sounds import noise, own, write_sound

RATE = 8_000
KINDS = (("WAV", "PCM_16"), ("WAV", "FLOAT"), ("FLAC", "PCM_16"))


@pytest.fixture
def pool(tmp_path: Path) -> Pool:
    return Pool(tmp_path / "p.fanstudio" / "audio", tmp_path / "cache")


@pytest.fixture
def session(pool: Pool, tmp_path: Path) -> Session:
    session = new_session("x", RATE)
    for number, (container, subtype) in enumerate(KINDS):
        path = tmp_path / f"{number}.{container.lower()}"
        write_sound(path, noise(RATE, seed=number), RATE, container, subtype)
        session = edits.import_source(session, pool.import_file(Work(), path, RATE, own(path.name)))
    shutil.rmtree(tmp_path / "cache")
    return session


def test_what_is_heard_is_ready_then(pool: Pool, session: Session, tmp_path: Path) -> None:
    muted = edits.mute_track(session, session.tracks[0].id, True)
    fresh = Pool(pool.folder, tmp_path / "cache")
    seen: list[float] = []
    prepare_session(Work(lambda fraction, _text: seen.append(fraction)), fresh, muted)
    assert [fresh.ready(source, RATE) for source in session.sources] == [False, True, True]
    assert seen
    assert max(seen) <= 1
    assert np.array_equal(fresh.samples(session.sources[1], RATE), noise(RATE, seed=1))


def test_a_changed_file_is_told(pool: Pool, session: Session, tmp_path: Path) -> None:
    stored = pool.path(session.sources[1])
    stored.write_bytes(stored.read_bytes()[:-4] + b"\0\0\0\0")
    with pytest.raises(AudioFileError, match="was changed"):
        prepare_session(Work(), Pool(pool.folder, tmp_path / "cache"), session)
