"""How fast stems are played anew, in processor time; and how well notes and strokes are heard."""

from __future__ import annotations

import time

import numpy as np
import pytest
import soundfile

from fanstudio import paths
from fanstudio.inference.note_net import NoteNet
from fanstudio.inference.transcribe import transcribe
from fanstudio.jobs import Work
from fanstudio.studio.sampled import SampledOptions, play_as
from tests.support.phrases import compare_notes, play_on, random_chords, random_line
from tests.support.tables import show_table

pytestmark = pytest.mark.bench
RATE = 44_100
_SECONDS = 60


def stem(name):
    samples, rate = soundfile.read(
        paths.demo_dir() / "stems" / f"{name}.flac", dtype="float32", always_2d=True
    )
    assert rate == RATE
    return np.ascontiguousarray(samples.T[:, : _SECONDS * RATE])


def test_stems_are_played_anew_far_faster_than_they_sound(capsys):
    rows = []
    for name, instrument, single in (
        ("vocals", "strings", True),
        ("vocals", "music-box", True),
        ("bass", "synth-bass", False),
        ("chords", "piano", False),
        ("chords", "steel-guitar", False),
        ("chords", "synth-pad", False),
        ("drums", "kit-8-bit", False),
    ):
        sound = stem(name)
        began = time.process_time()
        played = play_as(Work(), sound, RATE, instrument, SampledOptions(single_line=single))
        planned = time.process_time() - began
        frames = sum(block.shape[1] for block in played.blocks)
        ratio = frames / RATE / (time.process_time() - began)
        rows.append((name, instrument, ratio, planned))
    show_table(capsys, ("stem", "instrument", "× real time (processor)", "heard and planned, s"), rows)
    assert min(ratio for *_, ratio, _ in rows) >= 15


def test_notes_are_heard(capsys):
    net, rows = NoteNet(threads=1), []
    for instrument, notes in (
        ("piano", random_line(np.random.default_rng(5), 48, 84)),
        ("nylon-guitar", random_line(np.random.default_rng(6), 45, 76)),
        ("finger-bass", random_line(np.random.default_rng(7), 30, 52)),
        ("piano", random_chords(np.random.default_rng(8))),
        ("steel-guitar", random_chords(np.random.default_rng(9))),
        ("electric-piano", random_chords(np.random.default_rng(10))),
    ):
        sound = play_on(instrument, notes, notes[-1].end_s + 1.0)
        score = compare_notes(transcribe(Work(), sound, RATE, net), notes)
        rows.append(
            (instrument, 100 * score.f, 100 * score.precision, 100 * score.recall, 1000 * score.late_s)
        )
    show_table(capsys, ("instrument", "F, %", "precision, %", "recall, %", "late, ms"), rows)
    assert np.mean([row[1] for row in rows]) > 80
