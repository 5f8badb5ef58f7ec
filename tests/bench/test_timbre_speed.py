"""How fast a voice is played by an instrument: the whole chain on two threads, and what each step takes."""

import time

import numpy as np
import pytest

from fanstudio.audio.additive import Additive
from fanstudio.audio.noise_bands import render_noise
from fanstudio.inference.pitch import track_pitch
from fanstudio.inference.pitch_net import PitchNet
from fanstudio.inference.timbre import voice_as
from fanstudio.inference.timbre_net import TimbreNet, is_there, load_model
from fanstudio.inference.timbre_options import TimbreOptions
from fanstudio.inference.timbre_voice import hear_voice
from fanstudio.jobs import Work
from tests.support.long_voice import LongVoice
from tests.support.tables import show_table
from tests.support.timbres import write_timbre

pytestmark = pytest.mark.bench
RATE, SECONDS, ROUNDS = 48_000, 60, 3
THREADS = 2
#: The issue's bound.
LEAST = 15


@pytest.fixture(scope="module")
def net(tmp_path_factory):
    """The shipped net, or one of the same contract that costs next to nothing."""
    model = load_model() if is_there() else load_model(write_timbre(tmp_path_factory.mktemp("models")))
    return TimbreNet(model, threads=THREADS)


@pytest.fixture(scope="module")
def voice():
    return LongVoice(SECONDS, RATE)[:, 0 : SECONDS * RATE]


def times_real_time(run):
    """Seconds of sound for each second, the best of some rounds; and for each second of processor time."""
    walls, cpus = [], []
    for _ in range(ROUNDS):
        wall, cpu = time.perf_counter(), time.process_time()
        run()
        walls.append(time.perf_counter() - wall)
        cpus.append(time.process_time() - cpu)
    return SECONDS / min(walls), SECONDS / min(cpus)


def test_the_chain_is_fast_enough(net, voice, capsys):
    pitch_net = PitchNet(threads=THREADS)
    first = net.model.instruments[0].id
    track = track_pitch(Work(), voice, RATE, pitch_net)
    controls = SECONDS * 100
    f0_hz, harmonics = np.full(controls, 220, np.float32), np.ones((80, controls), np.float32)
    bands = np.ones((64, controls), np.float32)

    def chain(**options):
        track = track_pitch(Work(), voice, RATE, pitch_net)
        restyled = voice_as(Work(), voice, RATE, TimbreOptions(first, **options), net=net, track=track)
        for _ in restyled.blocks:
            pass

    steps = {
        "pitch": lambda: track_pitch(Work(), voice, RATE, pitch_net),
        "level and harmonic share": lambda: hear_voice(Work(), voice, RATE, track),
        "harmonics": lambda: Additive(RATE).render(f0_hz, harmonics, 0, 0, SECONDS * RATE),
        "noise": lambda: render_noise(bands, 0, 0, SECONDS * RATE, RATE),
        "whole chain": chain,
        "whole chain, doubled": lambda: chain(double=True),
    }
    rows = {name: times_real_time(run) for name, run in steps.items()}
    show_table(
        capsys,
        (f"step, {THREADS} threads", "× real time", "for each processor"),
        [(name, f"{wall:.0f}", f"{cpu:.0f}") for name, (wall, cpu) in rows.items()],
    )
    assert rows["whole chain"][0] >= LEAST
    assert rows["whole chain, doubled"][0] >= LEAST
