"""A usage report says what is heard, derived from lineage, and the wire takes it whatever it is called."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fanstudio.errors import InputError
from fanstudio.model import edits
from fanstudio.model.lineage import HEARD, Lineage
from fanstudio.model.rights import Basis, Operation, Origin
from fanstudio.model.session import Session, Source, Stem, new_session
from fanstudio.platform.contract import ExportRequest, UsageReport, tidy_title
from fanstudio.platform.usage import derive
from tests.support import wire_samples as samples
from tests.support.sessions import RATE, make_source

_ORIGIN = Origin(Basis.CATALOGUE, "Make It Mine", "Harbour Lamps", samples.ISRC, ("T0000000010",))


def _song(origin: Origin = _ORIGIN, name: str = "song") -> Source:
    return replace(make_source(name), origin=origin)


def _stem(song: Source, stem: Stem) -> Source:
    lineage = Lineage(Operation.SPLIT, (song.id,), "model", "0" * 64, ai=True)
    return replace(make_source(f"{song.name} {stem}", stem=stem), origin=song.origin, lineage=lineage)


def _split_session() -> Session:
    song = _song()
    session = edits.import_source(new_session("Test", RATE), song)
    clip = session.tracks[0].clips[0].id
    return edits.split_into_stems(session, clip, [_stem(song, Stem.VOCALS), _stem(song, Stem.ACCOMPANIMENT)])


def _read_back(session: Session) -> UsageReport:
    report = derive(session)
    assert UsageReport.parse(report.to_json()) == report
    return report


def test_a_whole_track_is_an_arrangement() -> None:
    (track,) = _read_back(edits.import_source(new_session("Test", RATE), _song())).tracks
    assert (track.isrc, track.ops) == (samples.ISRC, ("arrange",))
    assert [(use.stem, use.audible_frames) for use in track.stems] == [("mix", 10_000)]


def test_stems_are_counted_while_they_are_heard() -> None:
    session = _split_session()
    vocals = next(track for track in session.tracks if track.stem is Stem.VOCALS)
    session = edits.trim_end(session, vocals.clips[0].id, 4_000)
    report = _read_back(session)
    assert report.tracks[0].ops == ("arrange", "split")
    assert {use.stem: use.audible_frames for use in report.tracks[0].stems} == {
        "accompaniment": 10_000,
        "vocals": 4_000,
    }
    assert {item.stem for item in report.ingredients} == {"accompaniment", "vocals"}
    assert all(item.ai and item.isrc == samples.ISRC for item in report.ingredients)
    assert not report.ai


@pytest.mark.parametrize(("settings", "generative"), [((), True), ((HEARD,), False)])
def test_a_net_that_only_hears_is_not_generative(
    settings: tuple[tuple[str, str], ...], generative: bool
) -> None:
    song = _song()
    lineage = Lineage(Operation.RESTYLE, (song.id,), "model", "0" * 64, ai=True, settings=settings)
    played = replace(make_source("played"), origin=song.origin, lineage=lineage)
    session = edits.import_source(edits.add_source(new_session("Test", RATE), song), played)
    report = _read_back(session)
    assert report.ai is generative
    assert [item.ai for item in report.ingredients] == [True]
    assert "restyle" in report.tracks[0].ops


def test_a_muted_stem_is_no_ingredient() -> None:
    session = _split_session()
    vocals = next(track for track in session.tracks if track.stem is Stem.VOCALS)
    report = _read_back(edits.mute_track(session, vocals.id, True))
    assert [item.stem for item in report.ingredients] == ["accompaniment"]


def test_two_tracks_are_a_mash_up_of_recordings_and_works() -> None:
    other = Origin(Basis.CATALOGUE, "Another", "Somebody", "ZZFAN2600009", ("T0000000099",))
    session = edits.import_source(new_session("Test", RATE), _song())
    session = edits.import_source(session, _song(other, "other"))
    report = _read_back(session)
    assert all("mash_up" in track.ops for track in report.tracks)
    assert [work.iswc for work in report.works] == ["T0000000010", "T0000000099"]


def test_own_material_is_declared_and_nothing_else() -> None:
    report = _read_back(edits.import_source(new_session("Test", RATE), make_source("mine")))
    assert (report.tracks, report.works) == ((), ())
    assert [item.basis for item in report.declared] == ["own"]
    assert report.ingredients[0].isrc is None


def test_silence_is_not_exported() -> None:
    session = edits.import_source(new_session("Test", RATE), _song())
    with pytest.raises(InputError, match="nothing to export"):
        derive(edits.mute_track(session, session.tracks[0].id, True))


@pytest.mark.parametrize("name", ["a\nb\tc", "\udcff.wav", "x" * 500, "\x00", "é́🎵"])
def test_any_file_name_is_reported(name: str) -> None:
    source = replace(make_source("mine"), name=name, origin=Origin(Basis.OWN, name))
    _read_back(edits.import_source(new_session("Test", RATE), source))


@pytest.mark.parametrize("name", ["a\nb\tc", "\udcff.wav", "x" * 500, "   ", "", "\x00", "x" * 199 + " y"])
def test_any_name_becomes_a_title(name: str) -> None:
    request = samples.request(title=tidy_title(name))
    assert ExportRequest.parse(request).title == tidy_title(name)


def test_a_long_and_tangled_lineage_of_a_strangers_project_is_followed_once() -> None:
    sources = [_song()]
    for number in range(2_000):
        parent = sources[-1].id
        lineage = Lineage(Operation.SPLIT, (parent, parent, sources[0].id))
        sources.append(replace(make_source(f"step {number}"), origin=_ORIGIN, lineage=lineage))
    session = replace(new_session("Test", RATE), sources=tuple(sources[:-1]))
    report = derive(edits.import_source(session, sources[-1]))
    assert [track.isrc for track in report.tracks] == [samples.ISRC]
