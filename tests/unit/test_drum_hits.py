"""Strokes of a drum stem are found and told apart, and played on another kit; bad sound gives none."""

from dataclasses import replace

import numpy as np
import pytest

from fanstudio.audio.chip_kit import chip_kit
from fanstudio.audio.drum_hits import Drum, Hit, find_hits
from fanstudio.audio.kit import Struck
from fanstudio.audio.kit_player import play_hits
from fanstudio.audio.low_onsets import find_low_onsets
from fanstudio.audio.pattern import pattern_frames, render_pattern, step_frame
from fanstudio.errors import Cancelled
from fanstudio.jobs import Work
from fanstudio.studio.drum_machine import DrumMachine

RATE = 44_100
ROLES = {"kick": Drum.KICK, "boom": Drum.KICK, "snare": Drum.SNARE, "clap": Drum.SNARE, "hat": Drum.HAT}


@pytest.fixture(scope="module")
def machine():
    return DrumMachine()


def pattern_sound(machine, name, kit, rate=RATE):
    """Return two passes of a pattern of the shelf on a kit, and when which drum is struck."""
    pattern = replace(next(item.pattern for item in machine.shelf.items if item.id == name), kit=kit)
    sound = np.tile(render_pattern(pattern, machine.kit(kit, rate), rate), (1, 2))
    length = pattern_frames(pattern, rate)
    strokes = [
        (step_frame(pattern, step, rate) + turn * length, ROLES[row.sound])
        for row in pattern.rows
        if row.sound in ROLES
        for step, force in enumerate(row.steps)
        for turn in (0, 1)
        if force > 0
    ]
    return sound, strokes


def found(strokes, hits, drum, rate=RATE):
    """Return the share of strokes on a drum that were found, and of hits that are right."""
    wanted = [frame for frame, struck in strokes if struck is drum]
    heard = [hit.frame for hit in hits if hit.drum is drum]
    near = [any(abs(frame - other) < 0.03 * rate for other in heard) for frame in wanted]
    right = [any(abs(frame - other) < 0.03 * rate for other in wanted) for frame in heard]
    return np.mean(near), np.mean(right)


@pytest.mark.parametrize("kit", ["garage", "dust"])
@pytest.mark.parametrize("name", ["rock", "break"])
def test_kicks_and_snares_of_patterns_are_found(machine, name, kit):
    sound, strokes = pattern_sound(machine, name, kit)
    hits = find_hits(Work(), sound, RATE)
    for drum in (Drum.KICK, Drum.SNARE):
        share, right = found(strokes, hits, drum)
        assert share >= 0.65
        assert right >= 0.95


def test_hats_alone_are_hats(machine):
    hat = machine.kit("garage", RATE)["hat"].samples
    sound = np.zeros((2, 3 * RATE), np.float32)
    for start in range(RATE // 4, 2 * RATE, RATE // 4):
        sound[:, start : start + hat.shape[1]] += hat[:, : sound.shape[1] - start]
    assert {hit.drum for hit in find_hits(Work(), sound, RATE)} == {Drum.HAT}


def test_harder_strokes_are_harder(machine):
    snare = machine.kit("garage", RATE)["snare"].samples
    sound = np.zeros((2, 3 * RATE), np.float32)
    for number, force in enumerate((1.0, 0.5, 1.0, 0.5)):
        start = RATE // 4 + number * RATE // 2
        sound[:, start : start + snare.shape[1]] += force * snare
    forces = [hit.force for hit in find_hits(Work(), sound, RATE) if hit.drum is Drum.SNARE]
    assert len(forces) == 4
    assert forces[0] > 1.3 * forces[1]


def test_a_soft_low_stroke_without_a_click_is_found():
    time = np.arange(RATE) / RATE
    stroke = np.sin(2 * np.pi * 60 * time) * np.exp(-time / 0.1) * np.minimum(1, time / 0.008)
    sound = np.zeros((1, 2 * RATE), np.float32)
    sound[0, RATE // 2 : RATE // 2 + RATE] += 0.5 * stroke
    (frame,) = find_low_onsets(Work(), sound, RATE)
    assert frame == pytest.approx(RATE // 2, abs=0.02 * RATE)


@pytest.mark.parametrize("rate", [8000, 22_050, 96_000])
def test_other_rates_are_heard(machine, rate):
    sound, strokes = pattern_sound(machine, "rock", "garage", rate)
    assert found(strokes, find_hits(Work(), sound, rate), Drum.KICK, rate)[0] > 0.7


@pytest.mark.parametrize(
    "sound",
    [np.zeros((2, 0)), np.zeros((1, 100)), np.zeros((2, RATE)), np.full((1, RATE), np.nan)],
    ids=["nothing", "a blink", "silence", "not a number"],
)
def test_silence_has_no_strokes(sound):
    assert find_hits(Work(), sound.astype(np.float32), RATE) == ()


def test_a_cancel_ends_it():
    work = Work()
    work.cancel()
    with pytest.raises(Cancelled):
        find_hits(work, np.ones((1, RATE), np.float32), RATE)


def flat(seconds, choke=""):
    return Struck(np.ones((2, round(seconds * RATE)), np.float32), choke)


def played(hits, kit, seconds=1.0):
    return np.concatenate(list(play_hits(Work(), hits, kit, RATE, round(seconds * RATE))), axis=1)


def test_strokes_sound_where_they_are_and_as_hard():
    sound = played(
        [Hit(1000, Drum.KICK, 1.0), Hit(30_000, Drum.SNARE, 0.5)], {"kick": flat(0.1), "clap": flat(0.1)}
    )
    assert not sound[:, :1000].any()
    assert (sound[:, 1000:5410] == 1).all()
    assert not sound[:, 5410:30_000].any()
    assert sound[0, 30_000] == pytest.approx(0.5**1.4)


def test_a_closed_hat_cuts_the_one_before():
    sound = played([Hit(0, Drum.HAT, 1.0), Hit(10_000, Drum.HAT, 1.0)], {"hat": flat(0.9, "hat")})
    assert sound[0, 10_000] == pytest.approx(2.0)
    assert (sound[:, 10_400:20_000] == 1).all()


def test_drums_that_a_kit_lacks_are_silent():
    assert not played([Hit(0, Drum.SNARE, 1.0)], {"kick": flat(0.1)}).any()


@pytest.mark.parametrize("rate", [8000, 44_100])
def test_the_computed_kit_is_whole(rate):
    kit = chip_kit(rate)
    assert set(kit) == {"kick", "snare", "hat"}
    for struck in kit.values():
        assert 0.1 < np.abs(struck.samples).max() <= 1.5
        assert np.isfinite(struck.samples).all()
        assert np.abs(struck.samples[:, -1]).max() < 0.1


def test_cancelling_ends_it_while_strokes_are_told_apart():
    work, reads = Work(), []

    class Drums:
        """Noise that starts twice a second, and that notes what is read just before a stroke."""

        shape = (1, 6 * RATE)

        def __getitem__(self, key):
            frames = np.arange(*key[1].indices(self.shape[1]))
            if len(frames) == round(0.03 * RATE):
                reads.append(frames[0])
                work.cancel()
            noise = np.random.default_rng(0).standard_normal(self.shape[1]).astype(np.float32)[frames]
            return (noise * np.exp(-(frames % (RATE // 2)) / 2_000))[None].astype(np.float32)

    with pytest.raises(Cancelled):
        find_hits(work, Drums(), RATE)
    assert len(reads) == 1
