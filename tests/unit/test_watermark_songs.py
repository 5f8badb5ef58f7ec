"""On real music the message comes back exactly from what people do to files."""

from __future__ import annotations

import pytest

from fanstudio.export.watermark import MIN_SECONDS
from tests.support import marks, real_music

TRIALS = {
    "nothing": lambda song, rate: (song, rate),
    "MP3 128": lambda song, rate: marks.recode(song, rate, "libmp3lame", 128, "mp3"),
    "AAC 128": lambda song, rate: marks.recode(song, rate, "aac", 128, "adts"),
    "22.05 kHz": lambda song, rate: (marks.resample(song, rate, 22050), 22050),
    "crop": lambda song, rate: (song[:, 5 * rate : round((5 + MIN_SECONDS) * rate)], rate),
}


@pytest.mark.parametrize("name", real_music.SONGS)
def test_the_message_survives_sharing(name):
    song, rate = real_music.load(name, 45)
    marked = marks.embed(song, rate)
    assert marks.snr_db(song, marked) > 24
    read = {trial: marks.find(*change(marked, rate)).message for trial, change in TRIALS.items()}
    assert read == dict.fromkeys(TRIALS, marks.MESSAGE)
    assert not marks.find(song, rate).found
    assert not marks.find(marked, rate, key=b"not the key").found
