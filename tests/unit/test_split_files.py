"""A song as files of stems: names, sums, what is there already, and songs that are hardly songs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from fanstudio.errors import InputError, TooManyChannels
from fanstudio.export.unmarked import write_unmarked
from fanstudio.jobs import Work
from fanstudio.model.rights import Basis, Origin
from fanstudio.studio.split_files import Existing, SplitFiles, split_song
from fanstudio.studio.split_offer import list_offers
from fanstudio.studio.split_options import SplitOptions
from tests.support.songs import RATE, music, write_song

ORIGIN = Origin(Basis.OWN, "song")


def _split(song: Path, options: SplitOptions | None = None, **how: object) -> SplitFiles:
    return split_song(Work(), song, song.parent / "out", ORIGIN, options, **how)


def _sum(files: SplitFiles) -> np.ndarray:
    return np.sum([soundfile.read(path, always_2d=True)[0] for path in files.stems.values()], axis=0)


def test_the_chosen_stem_and_the_rest_are_the_mix(tmp_path: Path) -> None:
    song = write_song(tmp_path / "Song.wav", 2.0)
    files = _split(song, SplitOptions(wanted=("vocals",), keep_rest=True))
    assert [path.name for path in files.stems.values()] == ["Song - Vocals.wav", "Song - Rest.wav"]
    np.testing.assert_allclose(_sum(files), soundfile.read(song)[0], atol=1e-6)


def test_stems_that_are_there_are_replaced_skipped_or_left(tmp_path: Path) -> None:
    song = write_song(tmp_path / "Song.wav", 1.0)
    first = _split(song)
    assert first.replaced == ()
    skipped = _split(song, existing=Existing.SKIP)
    assert (skipped.report, skipped.stems) == (None, first.stems)
    first.stems["vocals"].unlink()
    again = _split(song, existing=Existing.SKIP)
    assert again.report is not None
    assert again.replaced == (first.stems["accompaniment"],)
    numbered = _split(song, SplitOptions(wanted=("vocals",)), existing=Existing.NUMBER)
    assert numbered.stems["vocals"].name == "Song (2) - Vocals.wav"
    assert len(list((tmp_path / "out").iterdir())) == 3


def test_four_stems_are_the_mix(tmp_path: Path) -> None:
    song = write_song(tmp_path / "Song.wav", 2.0)
    files = _split(song, SplitOptions(stems=4))
    assert [path.name for path in files.stems.values()] == [
        f"Song - {name}.wav" for name in ("Vocals", "Drums", "Bass", "Other")
    ]
    np.testing.assert_allclose(_sum(files), soundfile.read(song)[0], atol=1e-6)
    assert files.report is not None
    assert files.report.model == "spleeter_2stems+drums_bass_other"
    assert not files.report.approximate
    assert not list_offers()[0].approximate(4)


def test_drums_and_the_rest_are_the_mix(tmp_path: Path) -> None:
    song = write_song(tmp_path / "Song.wav", 2.0)
    files = _split(song, SplitOptions(wanted=("drums",), keep_rest=True), format_name="flac")
    assert [path.name for path in files.stems.values()] == ["Song - Drums.flac", "Song - Rest.flac"]
    assert files.attenuation_db == 0
    np.testing.assert_allclose(_sum(files), soundfile.read(song)[0], atol=1e-6)


@pytest.mark.parametrize(("frames", "channels", "stems"), [(1, 1, 2), (1, 2, 4), (2, 1, 4), (1_000, 2, 4)])
def test_the_shortest_song_keeps_its_length(frames: int, channels: int, stems: int, tmp_path: Path) -> None:
    song = tmp_path / "blip.wav"
    soundfile.write(song, np.full((frames, channels), 0.25), RATE, subtype="FLOAT")
    files = _split(song, SplitOptions(stems=stems))
    np.testing.assert_allclose(_sum(files), soundfile.read(song, always_2d=True)[0], atol=1e-6)


@pytest.mark.parametrize(("rate", "channels"), [(8_000, 1), (11_025, 2), (96_000, 1), (192_000, 2)])
def test_four_stems_keep_rate_and_length(rate: int, channels: int, tmp_path: Path) -> None:
    song = tmp_path / "odd.wav"
    sound = np.random.default_rng(rate).uniform(-0.3, 0.3, (rate + 7, channels))
    soundfile.write(song, sound, rate, subtype="FLOAT")
    files = _split(song, SplitOptions(stems=4))
    for path in files.stems.values():
        info = soundfile.info(path)
        assert (info.samplerate, info.channels, info.frames) == (rate, channels, rate + 7)
    np.testing.assert_allclose(_sum(files), soundfile.read(song, always_2d=True)[0], atol=1e-5)


@pytest.mark.parametrize("stems", [2, 4])
def test_silence_stays_silence_to_the_last_bit(stems: int, tmp_path: Path) -> None:
    song = tmp_path / "silence.wav"
    soundfile.write(song, np.zeros((RATE, 2)), RATE)
    for path in _split(song, SplitOptions(stems=stems)).stems.values():
        sound = soundfile.read(path)[0]
        assert (sound.shape, np.abs(sound).max()) == ((RATE, 2), 0.0)


def test_surround_is_refused_or_mixed_down_by_choice(tmp_path: Path) -> None:
    song = tmp_path / "surround.wav"
    sound = np.random.default_rng(3).uniform(-0.1, 0.1, (RATE, 6))
    soundfile.write(song, sound, RATE, subtype="FLOAT")
    with pytest.raises(TooManyChannels, match="6 channels"):
        _split(song)
    assert not (tmp_path / "out").exists()
    files = _split(song, SplitOptions(downmix=True))
    c = 2**-0.5
    stereo = sound @ np.array([[1, 0], [0, 1], [c, c], [0, 0], [c, 0], [0, c]])
    np.testing.assert_allclose(_sum(files), stereo, atol=1e-6)


def test_a_name_that_no_file_can_have_is_refused_before_the_work(tmp_path: Path) -> None:
    song = write_song(tmp_path / f"{'x' * 240}.wav", 1.0)
    heard: list[float] = []
    with pytest.raises(InputError, match="too long"):
        split_song(Work(lambda fraction, _text: heard.append(fraction)), song, tmp_path / "out", ORIGIN)
    assert heard == []


def test_no_stem_takes_its_place_before_all_are_made(tmp_path: Path) -> None:
    good, bad = tmp_path / "good.wav", tmp_path / "bad.wav"
    soundfile.write(good, music(1.0).T, RATE, subtype="FLOAT")
    bad.write_bytes(good.read_bytes()[:1_000])
    with pytest.raises(Exception, match="cut short"):
        write_unmarked(Work(), [(good, tmp_path / "a.flac"), (bad, tmp_path / "b.flac")], "flac")
    assert not (tmp_path / "a.flac").exists()


def test_flac_stems_are_lowered_together_where_one_is_too_loud(tmp_path: Path) -> None:
    pairs = []
    for name, level in (("loud", 2.0), ("soft", 0.5)):
        soundfile.write(tmp_path / f"{name}.wav", np.full((100, 2), level), RATE, subtype="FLOAT")
        pairs.append((tmp_path / f"{name}.wav", tmp_path / "done" / f"{name}.flac"))
    (tmp_path / "done").mkdir()
    assert write_unmarked(Work(), pairs, "flac") == pytest.approx(-6.02)
    loud, soft = (soundfile.read(target)[0] for _, target in pairs)
    np.testing.assert_allclose(loud, 4 * soft, atol=1e-5)
