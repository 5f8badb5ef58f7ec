"""Silence, noise, chords, odd rates, lost samples and endless voices end in a word or in sensible sound."""

import itertools
import time
import tracemalloc

import numpy as np
import pytest

from fanstudio.errors import Cancelled, InputError
from fanstudio.inference.pitch import PitchTrack
from fanstudio.inference.timbre import voice_as
from fanstudio.inference.timbre_net import TimbreNet, load_model
from fanstudio.inference.timbre_options import TimbreOptions
from fanstudio.jobs import Work
from tests.support.cancelling import cancelled_soon
from tests.support.long_voice import LongVoice, chord
from tests.support.timbres import write_timbre
from tests.support.voices import sing

RATE = 44_100
REED = TimbreOptions("reed")


@pytest.fixture(scope="module")
def net(tmp_path_factory):
    return TimbreNet(load_model(write_timbre(tmp_path_factory.mktemp("models"))), threads=1)


def noise(seconds, rate=RATE):
    return np.random.default_rng(0).normal(0, 0.1, (1, round(seconds * rate))).astype(np.float32)


@pytest.mark.parametrize(
    "sound",
    [
        np.zeros((1, RATE), np.float32),
        np.zeros((2, 0), np.float32),
        np.zeros((1, 1), np.float32),
        np.full((1, RATE), 0.5, np.float32),
        noise(2.0),
        chord([60, 64, 67], 2.0, RATE),
        sing(np.full(RATE // 50, 220.0), RATE),
    ],
    ids=["silence", "nothing", "one frame", "a step", "noise", "chord", "20 ms"],
)
def test_where_no_single_voice_is_heard_it_is_said(net, sound):
    with pytest.raises(InputError, match="No single voice is heard") as raised:
        voice_as(Work(), sound, RATE, REED, net=net)
    assert raised.value.hint


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_samples_that_are_not_numbers_are_refused(net, value):
    sound = sing(np.full(RATE, 220.0), RATE)
    sound[0, 1000] = value
    with pytest.raises(InputError, match="not numbers"):
        voice_as(Work(), sound, RATE, REED, net=net)


@pytest.mark.parametrize("peak", [1e-3, 20.0])
def test_quiet_and_overloud_voices_are_played_as_loud(net, peak):
    sound = sing(np.full(2 * RATE, 220.0), RATE, peak=peak)
    made = np.concatenate(list(voice_as(Work(), sound, RATE, REED, net=net).blocks), axis=1)
    assert np.isfinite(made).all()
    middle = slice(RATE // 2, 3 * RATE // 2)
    ratio = np.sqrt(np.square(made[:, middle]).mean() / np.square(sound[:, middle]).mean())
    assert 0.2 < ratio < 5


def test_a_bass_and_a_whistle_at_8_khz_are_played(net):
    for hz in (60.0, 1500.0):
        sound = sing(np.full(16_000, hz), 8_000)
        made = np.concatenate(list(voice_as(Work(), sound, 8_000, REED, net=net).blocks), axis=1)
        assert made.shape == sound.shape
        assert np.abs(made).max() > 0.01


def a_line(seconds):
    """The pitch of an endless note, so that a test need not hear it."""
    count = int(seconds / 0.016)
    return PitchTrack(
        0.016, np.full(count, 220, np.float32), np.ones(count, np.float32), np.full(count, -20, np.float32)
    )


def test_memory_does_not_grow_with_the_voice(net):
    peaks = []
    for seconds in (40, 240):
        tracemalloc.start()
        restyled = voice_as(Work(), LongVoice(seconds, 8_000), 8_000, REED, net=net, track=a_line(seconds))
        frames = sum(block.shape[1] for block in restyled.blocks)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert frames == seconds * 8_000
    assert peaks[1] < peaks[0] + 200 * 100 * 150


@pytest.mark.parametrize("blocks", [0, 2])
def test_three_hours_can_be_cancelled_at_once(net, blocks):
    """While it is heard, and while it is played."""
    sound, track = LongVoice(3 * 3600.0, 8_000), a_line(3 * 3600)
    if blocks:
        work = Work()
        short = voice_as(work, LongVoice(60.0, 8_000), 8_000, REED, net=net, track=a_line(60))
        assert len(list(itertools.islice(short.blocks, blocks))) == blocks
        work.cancel()
        with pytest.raises(Cancelled):
            next(short.blocks)
        return
    work, cancelled_at = cancelled_soon()
    with pytest.raises(Cancelled):
        voice_as(work, sound, 8_000, REED, net=net, track=track)
    assert time.process_time() - cancelled_at[0] < 1.0


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_three_hours_are_played(net):
    sound = LongVoice(3 * 3600.0)
    restyled = voice_as(Work(), sound, 48_000, REED, net=net)
    tracemalloc.start()
    frames = sum(block.shape[1] for block in restyled.blocks)
    assert tracemalloc.get_traced_memory()[1] < 300e6
    tracemalloc.stop()
    assert frames == sound.shape[1]
