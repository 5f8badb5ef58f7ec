"""A source of the project is played by an instrument: a source of its own, told to be made by a net."""

import numpy as np
import pytest

from fanstudio.errors import Cancelled, InputError
from fanstudio.jobs import Work
from fanstudio.model.rights import Operation
from fanstudio.studio import timbre
from fanstudio.studio.timbre import TimbreOptions, hear_line, list_instruments, timbre_source
from tests.support.cancelling import cancelled_soon
from tests.support.covers import RATE, make_cover
from tests.support.timbres import write_timbre


@pytest.fixture
def net_folder(tmp_path, monkeypatch):
    """The test net stands where the built-in one does; the pitch net stays where it is."""
    folder = write_timbre(tmp_path / "models")
    monkeypatch.setattr("fanstudio.inference.timbre_net._folder", lambda: folder)
    return folder


@pytest.fixture
def cover(tmp_path):
    return make_cover(tmp_path)


def restyle(cover, options):
    return timbre_source(Work(), cover.project, cover.pitches, cover.source(), options)


def test_it_is_a_source_of_its_own_with_its_lineage(net_folder, cover):
    before, voice = cover.session, cover.source()
    made = restyle(cover, TimbreOptions("reed", "pipe", 0.25, vibrato=0.5))
    assert cover.session == before
    assert made.id != voice.id
    assert (made.length, made.channels, made.origin, made.stem) == (
        voice.length,
        voice.channels,
        voice.origin,
        voice.stem,
    )
    lineage = made.lineage
    assert (lineage.operation, lineage.parents, lineage.ai) == (Operation.RESTYLE, (voice.id,), True)
    assert lineage.model_id == "timbre"
    assert len(lineage.model_sha256) == 64
    told = dict(lineage.settings)
    assert told["target"] == "Reed and Pipe"
    assert (told["instrument"], told["second"], told["morph"], told["vibrato"]) == (
        "reed",
        "pipe",
        "0.25",
        "0.5",
    )
    assert told["octave"] == "0"
    assert "Reed and Pipe" in made.name
    sound = cover.project.pool.samples(made, RATE)[:, : made.length]
    assert np.isfinite(sound).all()
    assert np.abs(sound).max() > 0.05


def test_the_same_again_is_the_same_file(net_folder, cover):
    assert restyle(cover, TimbreOptions("wind")).id == restyle(cover, TimbreOptions("wind")).id


def test_the_line_is_shown_before(net_folder, cover):
    line = hear_line(Work(), cover.project, cover.pitches, cover.source())
    assert len(line.confidence) == pytest.approx(100 * cover.source().length / RATE, abs=1)
    assert line.sung.mean() > 0.5


def test_a_cancel_leaves_no_file(net_folder, cover):
    folder = cover.project.pool.folder
    before = sorted(folder.iterdir())
    work = Work()
    work.cancel()
    with pytest.raises(Cancelled):
        timbre_source(work, cover.project, cover.pitches, cover.source(), TimbreOptions("reed"))
    assert sorted(folder.iterdir()) == before


def test_a_cancel_while_it_is_written_leaves_no_file(net_folder, cover, monkeypatch):
    folder = cover.project.pool.folder
    cover.pitches.hear(Work(), cover.source())
    before = sorted(folder.iterdir())
    work, _ = cancelled_soon(0.0)
    honest = timbre.voice_as

    def cancelled_then(*args, **kwargs):
        restyled = honest(Work(), *args[1:], **kwargs)
        work.cancel()
        return restyled

    monkeypatch.setattr(timbre, "voice_as", cancelled_then)
    with pytest.raises(Cancelled):
        timbre_source(work, cover.project, cover.pitches, cover.source(), TimbreOptions("reed"))
    assert sorted(folder.iterdir()) == before


def test_chords_and_unknown_instruments_are_refused_and_leave_nothing(net_folder, cover):
    folder = cover.project.pool.folder
    before = sorted(folder.iterdir())
    with pytest.raises(InputError, match="no instrument"):
        restyle(cover, TimbreOptions("tuba"))
    with pytest.raises(InputError):
        restyle(cover, TimbreOptions("reed", mix=2))
    assert sorted(folder.iterdir()) == before


def test_instruments_are_listed_where_the_net_is_there(net_folder, monkeypatch, tmp_path):
    assert [instrument.title for instrument in list_instruments()] == ["Reed", "Pipe", "Wind"]
    monkeypatch.setattr("fanstudio.inference.timbre_net._folder", lambda: tmp_path / "none")
    assert list_instruments() == ()
