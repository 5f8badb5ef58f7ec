"""A stem is played anew by an instrument or a kit: a source of its own, as long and as loud, with lineage."""

import numpy as np
import pytest

from fanstudio.audio.loudness import Loudness
from fanstudio.errors import Cancelled, InputError
from fanstudio.inference import note_net, pitch_net
from fanstudio.jobs import Work
from fanstudio.model.rights import Operation
from fanstudio.model.session import Stem
from fanstudio.studio.sampled import SampledOptions, list_kits, play_as, sampled_source
from tests.support.covers import NOTES, make_cover
from tests.support.covers import RATE as COVER_RATE
from tests.support.phrases import compare_notes, line, play_on

RATE = 44_100


@pytest.fixture
def cover(tmp_path):
    return make_cover(tmp_path)


def stem_of(cover, stem):
    return next(source for source in cover.session.sources if source.stem is stem and source.lineage)


def samples(cover, source):
    return cover.project.pool.samples(source, COVER_RATE)[:, : source.length]


def loudness(sound, rate):
    meter = Loudness(rate, len(sound))
    meter.add(sound)
    return meter.integrated_lufs


def heard(sound, instrument, options=None, rate=RATE):
    return np.concatenate(list(play_as(Work(), sound, rate, instrument, options).blocks), axis=1)


@pytest.fixture(scope="module")
def chords():
    return play_on("steel-guitar", [*line([48, 53, 55], 0.8), *line([64, 69, 71], 0.8)], 3.0)


def test_vocals_are_one_line_and_the_result_a_source_of_its_own(cover):
    before, voice = cover.session, stem_of(cover, Stem.VOCALS)
    made = sampled_source(Work(), cover.project, voice, "strings")
    assert cover.session == before
    assert (made.length, made.channels, made.origin, made.stem) == (
        voice.length,
        voice.channels,
        voice.origin,
        voice.stem,
    )
    lineage = made.lineage
    assert (lineage.operation, lineage.parents, lineage.ai) == (Operation.RESTYLE, (voice.id,), True)
    assert not lineage.generative
    assert (lineage.model_id, len(lineage.model_sha256)) == (pitch_net.MODEL, 64)
    assert dict(lineage.settings) == {
        "net": "heard",
        "instrument": "strings",
        "octave": "0",
        "single_line": "yes",
        "wet": "1",
        "dry": "0",
    }
    assert made.name == f"{voice.name} (String ensemble)"
    assert loudness(samples(cover, made), COVER_RATE) == pytest.approx(
        loudness(samples(cover, voice), COVER_RATE), abs=0.5
    )


def test_what_was_sung_is_played(cover):
    sound = samples(cover, stem_of(cover, Stem.VOCALS))
    played = play_as(Work(), sound, COVER_RATE, "nylon-guitar", SampledOptions(single_line=True))
    assert [note.note for note in played.notes] == NOTES
    assert played.octave == 0


def test_other_stems_are_heard_as_chords(cover):
    made = sampled_source(Work(), cover.project, stem_of(cover, Stem.OTHER), "electric-piano")
    assert made.lineage.model_id == note_net.MODEL
    assert dict(made.lineage.settings)["single_line"] == "no"


def test_the_same_again_is_the_same_file(cover):
    voice = stem_of(cover, Stem.VOCALS)
    one, other = (sampled_source(Work(), cover.project, voice, "harp") for _ in range(2))
    assert one.id == other.id


def test_drums_are_played_by_a_kit_without_a_net(cover):
    drums = stem_of(cover, Stem.DRUMS)
    made = sampled_source(Work(), cover.project, drums, "kit-8-bit")
    assert (made.length, made.channels, made.stem) == (drums.length, drums.channels, drums.stem)
    assert (made.lineage.ai, made.lineage.model_id) == (False, "")
    assert dict(made.lineage.settings)["kit"] == "kit-8-bit"
    assert made.name == f"{drums.name} (8-bit drums)"


def test_every_kit_can_be_chosen(cover):
    drums = samples(cover, stem_of(cover, Stem.DRUMS))
    kits = list_kits()
    assert len({kit.id for kit in kits}) == len(kits) == 5
    for kit in kits:
        assert np.abs(heard(drums, kit.id, rate=COVER_RATE)).max() > 0.01


def test_a_song_keeps_its_notes_through_two_instruments(chords):
    there = play_as(Work(), chords, RATE, "piano")
    back = play_as(Work(), np.concatenate(list(there.blocks), axis=1), RATE, "piano")
    assert compare_notes(back.notes, there.notes).f > 0.8


def test_nothing_of_it_is_the_stem_itself(chords):
    assert np.array_equal(heard(chords, "piano", SampledOptions(mix=0.0)), chords)


def test_half_and_half_is_both(chords):
    whole = heard(chords, "piano")
    half = heard(chords, "piano", SampledOptions(mix=0.5))
    assert np.allclose(half, 0.5 * whole + 0.5 * chords, atol=1e-6)


def test_under_the_stem_it_plays_along(chords):
    whole = heard(chords, "piano")
    under = heard(chords, "piano", SampledOptions(double=True, under_db=-12.0))
    assert np.allclose(under - chords, whole * 10 ** (-12 / 20), atol=1e-6)


def test_mono_stays_mono(chords):
    assert heard(chords[:1], "piano").shape == chords[:1].shape


def test_an_octave_that_is_asked_for_is_played(chords):
    played = play_as(Work(), chords, RATE, "piano", SampledOptions(octave=1))
    assert played.octave == 1
    assert min(note.note for note in played.notes) >= 60


@pytest.mark.parametrize("instrument", ["piano", "kit-8-bit"])
@pytest.mark.parametrize("seconds", [0.0, 0.2, 2.0])
def test_silence_is_refused(instrument, seconds):
    with pytest.raises(InputError, match="are heard"):
        play_as(Work(), np.zeros((2, round(seconds * RATE)), np.float32), RATE, instrument)


@pytest.mark.parametrize("single_line", [True, False])
def test_samples_that_are_no_numbers_are_refused(single_line):
    sound = np.full((1, RATE), np.nan, np.float32)
    with pytest.raises(InputError, match="not numbers"):
        play_as(Work(), sound, RATE, "piano", SampledOptions(single_line=single_line))


def test_noise_becomes_no_loud_sound():
    noise = 0.2 * np.random.default_rng(0).standard_normal((1, 3 * RATE)).astype(np.float32)
    try:
        sound = heard(noise, "piano")
    except InputError:
        return
    assert np.abs(sound).max() <= 1.0


@pytest.mark.parametrize("rate", [8000, 96_000])
def test_other_rates_are_played(rate):
    sound = play_on("steel-guitar", line([60, 64, 67]), 1.6, rate)
    made = heard(sound, "nylon-guitar", rate=rate)
    assert made.shape == sound.shape
    assert loudness(made, rate) == pytest.approx(loudness(sound, rate), abs=0.5)


@pytest.mark.parametrize("options", [{"mix": 1.5}, {"octave": 9}, {"under_db": 40.0}, {"mix": float("nan")}])
@pytest.mark.parametrize("instrument", ["piano", "kit-8-bit"])
def test_options_out_of_range_are_refused(chords, instrument, options):
    with pytest.raises(InputError, match="goes from"):
        play_as(Work(), chords, RATE, instrument, SampledOptions(**options))


@pytest.mark.parametrize("instrument", ["no such", "kit-no such", "../piano"])
def test_what_there_is_not_is_refused(chords, instrument):
    with pytest.raises(InputError, match=r"no such|no instrument"):
        play_as(Work(), chords, RATE, instrument)


@pytest.mark.parametrize("instrument", ["piano", "kit-garage"])
def test_a_cancel_leaves_no_file(cover, instrument):
    folder = cover.project.pool.folder
    before = sorted(folder.iterdir())
    work = Work()
    work.cancel()
    with pytest.raises(Cancelled):
        sampled_source(work, cover.project, stem_of(cover, Stem.DRUMS), instrument)
    assert sorted(folder.iterdir()) == before


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_three_hours_take_bounded_memory():
    import resource

    phrase = play_on("piano", line([60, 64, 67, 72]), 2.0)
    sound = _Repeated(phrase, 3 * 3600 * RATE)
    played = play_as(Work(), sound, RATE, "music-box")
    frames = sum(block.shape[1] for block in played.blocks)
    assert frames == 3 * 3600 * RATE
    assert len(played.notes) > 20_000
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss < 1_200_000


class _Repeated:
    """A phrase over and over, without being held."""

    def __init__(self, phrase, frames):
        self.shape = len(phrase), frames
        self._phrase = phrase

    def __getitem__(self, key):
        start, stop, _ = key[1].indices(self.shape[1])
        return self._phrase[:, np.arange(start, max(start, stop)) % self._phrase.shape[1]]
