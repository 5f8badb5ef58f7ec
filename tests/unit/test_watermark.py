"""The mark is found where it is, only there, and cannot be told from the way the audio was cut."""

from __future__ import annotations

import numpy as np
import pytest

from fanstudio.errors import Cancelled, WatermarkError
from fanstudio.export.watermark import MIN_SECONDS, detect, mark
from fanstudio.jobs import Work
from tests.support.marks import (
    KEY,
    MESSAGE,
    embed,
    find,
    is_valid,
    make_song,
    play_faster,
    recode,
    resample,
    snr_db,
    stretch,
)

RATE = 44100


@pytest.fixture(scope="module")
def song():
    return make_song()


@pytest.fixture(scope="module")
def marked(song):
    return embed(song, RATE)


def cut(audio, *lengths):
    """Cut audio into blocks of the given lengths, over and over."""
    start = 0
    while start < audio.shape[1]:
        for length in lengths:
            yield audio[:, start : start + length]
            start += length


def test_a_mark_is_read_back_exactly(song, marked):
    found = find(marked, RATE)
    assert found.found
    assert found.message == MESSAGE
    assert found.confidence > 0.5
    (span,) = found.spans_s
    assert span[0] == 0
    assert span[1] == pytest.approx(song.shape[1] / RATE, abs=0.1)


def test_a_mark_stays_under_the_music(song, marked):
    assert marked.shape == song.shape
    assert marked.dtype == np.float32
    assert snr_db(song, marked) > 24


def test_nothing_is_found_in_unmarked_music(song):
    found = find(song, RATE)
    assert not found.found
    assert (found.message, found.confidence, found.spans_s) == (None, 0.0, ())


def test_nothing_is_found_with_another_key(marked):
    assert not find(marked, RATE, key=b"another key").found


def test_nothing_is_found_in_silence_or_in_nothing():
    assert not find(np.zeros((2, 20 * RATE), np.float32), RATE).found
    assert not find(np.zeros((1, 0), np.float32), RATE).found
    assert not detect(Work(), [], RATE, KEY, is_valid).found


@pytest.mark.parametrize(
    ("codec", "kbps", "container", "rate"),
    [("libmp3lame", 128, "mp3", 44100), ("aac", 128, "adts", 44100), ("libopus", 64, "ogg", 48000)],
)
def test_a_mark_survives_a_codec(marked, codec, kbps, container, rate):
    assert find(*recode(marked, RATE, codec, kbps, container, rate)).message == MESSAGE


def test_a_mark_survives_resampling_a_mono_mix_and_a_change_of_level(marked):
    assert find(resample(marked, RATE, 22050), 22050).message == MESSAGE
    assert find(marked.mean(axis=0, keepdims=True), RATE).message == MESSAGE
    assert find(0.1 * marked, RATE).message == MESSAGE
    assert find(-marked[::-1], RATE).message == MESSAGE


def test_a_mark_survives_a_crop(marked):
    assert find(marked[:, 123_456 : 123_456 + 12 * RATE], RATE).message == MESSAGE


def test_a_partly_marked_file_says_which_part(marked):
    other = make_song(30, seed=11)
    found = find(np.concatenate([other, marked], axis=1), RATE)
    assert found.message == MESSAGE
    (span,) = found.spans_s
    assert span == pytest.approx((30, 55), abs=3.5)


def test_a_change_of_speed_is_searched_for_when_asked(marked):
    faster = play_faster(marked, RATE, 1.07)
    assert not find(faster, RATE).found
    found = find(faster, RATE, search_speed=True)
    assert found.message == MESSAGE
    assert (found.change.tempo, found.change.pitch) == pytest.approx((1.07, 1.07), abs=0.001)
    assert found.spans_s[0] == pytest.approx((0, faster.shape[1] / RATE), abs=0.2)


def test_a_change_of_tempo_alone_is_told_apart(marked):
    found = find(stretch(marked, RATE, 0.9), RATE, search_speed=True)
    assert found.message == MESSAGE
    assert (found.change.tempo, found.change.pitch) == pytest.approx((0.9, 1.0), abs=0.002)


def test_a_search_over_speeds_finds_nothing_where_nothing_is(song):
    assert not find(song, RATE, search_speed=True).found
    assert not find(np.zeros((2, 20 * RATE), np.float32), RATE, search_speed=True).found
    assert not find(np.zeros((1, 100), np.float32), RATE, search_speed=True).found


@pytest.mark.parametrize("rate", [8000, 22050, 48000, 96000, 192000])
def test_a_mark_is_written_at_the_files_own_rate(rate):
    song = resample(make_song(16, channels=1), RATE, rate)
    marked = embed(song, rate)
    assert marked.shape == song.shape
    assert snr_db(song, marked) > 20
    assert find(marked, rate).message == MESSAGE


@pytest.mark.parametrize("rate", [44100, 48000])
def test_the_result_does_not_depend_on_the_cuts(rate):
    song = make_song(21.5, rate)
    whole = embed(song, rate)
    pieces = list(mark(Work(), cut(song, 100_000, 1, 4097, 0, 300_000), rate, MESSAGE, KEY))
    assert np.array_equal(np.concatenate(pieces, axis=1), whole)
    assert detect(Work(), cut(whole, 70_001, 5), rate, KEY, is_valid) == find(whole, rate)


def test_marking_holds_back_half_a_minute_at_most(song):
    taken = given = lag = 0

    def source():
        nonlocal taken
        for _ in range(4):
            for block in cut(song, RATE // 2):
                taken += block.shape[1]
                yield block

    for piece in mark(Work(), source(), RATE, MESSAGE, KEY):
        lag = max(lag, taken - given)
        given += piece.shape[1]
    assert given == taken == 4 * song.shape[1]
    assert lag < 30 * RATE


def test_full_scale_is_not_exceeded():
    loud = np.clip(4 * make_song(16), -1, 1)
    assert np.abs(embed(loud, RATE)).max() <= 1
    over = 1.5 * loud
    assert np.abs(embed(over, RATE)).max() <= 1.5


def test_too_short_is_refused_before_anything_is_written():
    short = make_song(MIN_SECONDS - 0.1)
    with pytest.raises(WatermarkError, match=r"Only 14\.9 s of audio: a watermark needs at least 15 s"):
        next(mark(Work(), [short], RATE, MESSAGE, KEY))
    with pytest.raises(WatermarkError, match=r"Only 0\.0 s"):
        next(mark(Work(), [], RATE, MESSAGE, KEY))


@pytest.mark.parametrize("sounding_s", [0, 1])
def test_silence_is_refused(sounding_s):
    quiet = np.zeros((2, 40 * RATE), np.float32)
    quiet[:, : sounding_s * RATE] = make_song(1)[:, : sounding_s * RATE]
    with pytest.raises(WatermarkError, match="too quiet or too sparse"):
        embed(quiet, RATE)


def test_music_that_nobody_hears_is_refused_and_quiet_music_is_not(song):
    with pytest.raises(WatermarkError, match="too quiet or too sparse"):
        embed(np.float32(1e-5) * song, RATE)
    assert find(embed(np.float32(0.01) * song, RATE), RATE).message == MESSAGE


def test_what_cannot_be_marked_is_said_in_one_line(song):
    broken = song.copy()
    broken[0, 1000] = np.nan
    for audio, rate, words in [
        (broken, RATE, "not numbers"),
        (np.zeros((3, RATE), np.float32), RATE, "mono or stereo"),
        (song, 4000, "8 to 192 kHz"),
        (song, 400_000, "8 to 192 kHz"),
    ]:
        with pytest.raises(WatermarkError, match=words):
            embed(audio, rate)
        with pytest.raises(WatermarkError, match=words):
            find(audio, rate)


def test_a_message_has_sixteen_bytes(song):
    with pytest.raises(ValueError, match="16 bytes"):
        embed(song, RATE, message=b"short")


def test_both_ways_can_be_cancelled(song):
    work = Work()
    work.cancel()
    with pytest.raises(Cancelled):
        next(mark(work, [song], RATE, MESSAGE, KEY))
    with pytest.raises(Cancelled):
        detect(work, [song], RATE, KEY, is_valid)
