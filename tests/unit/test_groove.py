"""Swing and half-time: sounds land where they should, nothing clicks, nothing is heard twice."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from fanstudio.audio.onsets import find_onsets
from fanstudio.audio.stretch import stretch
from fanstudio.errors import EditError
from fanstudio.jobs import Work
from fanstudio.model import edits
from fanstudio.model.automation_edits import set_automation
from fanstudio.model.beat_grid import BeatGrid, grid_of
from fanstudio.model.groove_edits import half_time, play_beside, swing
from fanstudio.model.integrity import check_session
from fanstudio.model.mixer import Point, effect_target
from fanstudio.model.mixer_edits import add_effect
from fanstudio.model.session import Session, Source, Stem
from fanstudio.model.slices import FADE_S
from fanstudio.model.warp import Warp
from tests.support.mixes import RATE, Tracks, bend, render, sine
from tests.support.sounds import Floats

BEAT_S = 0.5
WITHIN = RATE // 1_000


def even(beats: int = 33, start_s: float = 0.25, beat_s: float = BEAT_S) -> BeatGrid:
    return grid_of((start_s + beat_s * number for number in range(beats)), 0, 4, 1.0)


def drum(at_s: list[float], seconds: float, hz: float = 1_500.0) -> Floats:
    """Return short struck sounds that ring for a tenth of a second."""
    sound = np.zeros(round(seconds * RATE))
    time = np.arange(RATE // 5) / RATE
    ring = 0.6 * np.sin(2 * np.pi * hz * time) * np.exp(-time / 0.02)
    for place in at_s:
        first = round(place * RATE)
        count = min(len(ring), len(sound) - first)
        sound[first : first + count] += ring[:count]
    return np.stack((sound, sound)).astype(np.float32)


def band(**sounds: Floats) -> Tracks:
    """Return tracks of which `drums` is one of drums."""
    desk = Tracks(**sounds)
    tracks = (
        replace(track, stem=Stem.DRUMS if track.name == "drums" else Stem.OTHER)
        for track in desk.session.tracks
    )
    desk.session = replace(desk.session, tracks=tuple(tracks))
    return desk


def heard(desk: Tracks, session: Session) -> Floats:
    """Return the mix, warped by the vocoder itself."""
    made: dict[Warp | None, Floats] = {}

    def samples(source: Source, warp: Warp | None) -> Floats:
        if warp not in made:
            sound = desk.sounds[source.name]
            made[warp] = np.concatenate(list(stretch(Work(), sound, RATE, warp or Warp())), axis=1)
        return made[warp]

    return render(session, samples, 0, session.length)


def attacks_of(desk: Tracks) -> dict[str, list[int]]:
    return {
        source.id: find_onsets(Work(), desk.sounds[source.name], RATE).tolist()
        for source in desk.session.sources
    }


def begun(sound: Floats) -> list[int]:
    """Return the frames at which struck sounds begin: the first above a threshold after quiet."""
    loud = np.flatnonzero(np.abs(sound[0]) > 0.12)
    return [int(frame) for frame in loud[np.diff(loud, prepend=-RATE) > RATE // 20]]


def near(found: list[int], wanted_s: list[float]) -> bool:
    wanted = [round(place * RATE) for place in wanted_s]
    return len(found) == len(wanted) and all(
        abs(one - other) <= WITHIN for one, other in zip(found, wanted, strict=True)
    )


EIGHTHS = [0.25 + 0.25 * number for number in range(32)]


@pytest.mark.parametrize("amount", [0.3, 1.0])
@pytest.mark.parametrize("known", [True, False])
def test_off_beats_come_late_and_beats_stay(amount: float, known: bool) -> None:
    desk = band(drums=drum(EIGHTHS, 9))
    attacks = attacks_of(desk) if known else {}
    swung = swing(desk.session, [desk["drums"]], even(), amount, attacks=attacks)
    check_session(swung)
    late = amount / 6 * BEAT_S
    wanted = [place + late * (number % 2) for number, place in enumerate(EIGHTHS)]
    assert near(begun(desk.mix(swung)), wanted)


def test_sixteenths_swing_within_half_beats() -> None:
    places = [0.25 + 0.125 * number for number in range(32)]
    desk = band(drums=drum(places, 5))
    swung = swing(desk.session, [desk["drums"]], even(), 0.6, 4, attacks=attacks_of(desk))
    wanted = [place + 0.6 / 12 * BEAT_S * (number % 2) for number, place in enumerate(places)]
    assert near(begun(desk.mix(swung)), wanted)


def test_beats_that_speed_up_swing_each_by_its_own_length() -> None:
    beats = np.cumsum([0.25, *(0.6 * 0.985**number for number in range(24))])
    halves = (beats[:-1] + beats[1:]) / 2
    places = sorted([*beats[:-1], *halves])
    desk = band(drums=drum(places, 13))
    grid = grid_of(beats.tolist(), 0, 4, 1.0)
    swung = swing(desk.session, [desk["drums"]], grid, 1, attacks=attacks_of(desk))
    thirds = beats[:-1] + np.diff(beats) * 2 / 3
    assert near(begun(desk.mix(swung)), sorted([*beats[:-1], *thirds]))


def test_no_cut_clicks_in_a_sound_that_goes_on() -> None:
    """A cut without fades bends it by up to its peak."""
    desk = band(drums=sine(220, 9 * RATE, peak=0.25))
    swung = swing(desk.session, [desk["drums"]], even(), 0.7)
    halved = half_time(desk.session, [desk["drums"]], even(start_s=1.0))
    assert len(swung.tracks[0].clips) > 50
    for session in (swung, halved):
        mixed = heard(desk, session)[:, 6_000:-6_000]
        assert bend(mixed) < 0.25 / (FADE_S * RATE)


def test_a_hole_is_filled_with_the_end_of_what_rings() -> None:
    rumble = np.random.default_rng(1).normal(0, 0.05, (2, 9 * RATE)).astype(np.float32)
    sound = rumble + drum(EIGHTHS, 9)
    desk = band(drums=sound)
    swung = swing(desk.session, [desk["drums"]], even(), 1, attacks=attacks_of(desk))
    mixed = desk.mix(swung)[:, RATE : 7 * RATE]
    level = np.sqrt(np.square(mixed).reshape(2, -1, RATE // 100).mean(axis=2))
    assert level.min() > 0.02


@pytest.mark.parametrize("known", [True, False])
def test_at_half_time_a_bar_is_spread_over_two(known: bool) -> None:
    desk = band(drums=drum(EIGHTHS, 9))
    attacks = attacks_of(desk) if known else {}
    halved = half_time(desk.session, [desk["drums"]], even(), attacks=attacks)
    check_session(halved)
    wanted = [0.25 + BEAT_S * number for number in range(16)]
    assert near(begun(heard(desk, halved)), wanted)
    assert len(halved.tracks[0].clips) < 6


def test_half_time_begins_with_the_bar_in_which_drums_enter() -> None:
    second_bar = 0.25 + 4 * BEAT_S
    desk = band(drums=drum([time for time in EIGHTHS if time > second_bar - 0.01], 13))
    halved = half_time(desk.session, [desk["drums"]], even(), attacks=attacks_of(desk))
    first, second = begun(heard(desk, halved))[:2]
    assert near([first, second], [second_bar, second_bar + BEAT_S])


def test_half_time_follows_beats_that_slow_down() -> None:
    beats = np.cumsum([0.25, *(0.4 * 1.01**number for number in range(32))])
    desk = band(drums=drum(beats[:-1].tolist(), 16))
    grid = grid_of(beats.tolist(), 0, 4, 1.0)
    halved = half_time(desk.session, [desk["drums"]], grid, attacks=attacks_of(desk))
    found = np.array(begun(heard(desk, halved)))
    assert np.abs(found - beats[:-1:2] * RATE).max() < 0.012 * RATE
    assert len(halved.tracks[0].clips) > 6


def test_half_time_keeps_a_bar_whole_where_beats_were_heard_a_little_off() -> None:
    desk = band(drums=drum(EIGHTHS, 9))
    chance = np.random.default_rng(3)
    heard_s = [0.25 + BEAT_S * number + chance.normal(0, 0.003) for number in range(17)]
    grid = grid_of(heard_s, 0, 4, 0.6)
    halved = half_time(desk.session, [desk["drums"]], grid, attacks=attacks_of(desk))
    assert len(halved.tracks[0].clips) < 12


def test_half_time_leaves_no_holes() -> None:
    rumble = np.random.default_rng(1).normal(0, 0.05, (2, 9 * RATE)).astype(np.float32)
    desk = band(drums=rumble + drum(EIGHTHS, 9))
    halved = half_time(desk.session, [desk["drums"]], even(), attacks=attacks_of(desk))
    mixed = heard(desk, halved)[:, RATE : 7 * RATE]
    level = np.sqrt(np.square(mixed).reshape(2, -1, RATE // 100).mean(axis=2))
    assert level.min() > 0.02


def test_half_time_takes_early_strokes_along_and_no_ring_from_a_bar_that_goes() -> None:
    backbeat = [0.25 + BEAT_S * beat - (0.02 if beat == 8 else 0) for beat in (0, 1, 4, 7.5, 8, 9)]
    desk = band(drums=drum(backbeat, 9))
    halved = half_time(desk.session, [desk["drums"]], even(), attacks=attacks_of(desk))
    first = 0.25 + BEAT_S * 8
    assert near(begun(heard(desk, halved)), [0.25, 1.25, first - 0.04, first + 2 * BEAT_S])


def test_what_is_before_and_behind_the_bars_stays() -> None:
    desk = band(drums=drum([0.1, 9.0, 9.4], 10))
    halved = half_time(desk.session, [desk["drums"]], even(17, 0.5), attacks=attacks_of(desk))
    assert near(begun(heard(desk, halved)), [0.1, 9.0, 9.4])


def test_other_stems_swing_by_two_warps_and_stay_as_long() -> None:
    desk = band(keys=sine(330, 9 * RATE))
    swung = swing(desk.session, [desk["keys"]], even(), 0.5)
    check_session(swung)
    clips = swung.tracks[0].clips
    assert {round(clip.stretch, 6) for clip in clips} == {round(7 / 6, 6), round(5 / 6, 6)}
    assert all(left.end == right.position for left, right in pairwise(clips))
    assert abs(clips[-1].end - 9 * RATE) < 0.1 * RATE


def test_notes_of_other_stems_land_where_the_drums_do() -> None:
    desk = band(keys=drum(EIGHTHS, 9, 600.0))
    swung = swing(desk.session, [desk["keys"]], even(), 0.5)
    late = 0.5 / 6 * BEAT_S
    wanted = [place + late * (number % 2) for number, place in enumerate(EIGHTHS)]
    found = begun(heard(desk, swung))
    assert len(found) == len(wanted)
    off = [one - place * RATE for one, place in zip(found, wanted, strict=True)]
    assert np.abs(off).max() < 0.006 * RATE


def test_no_swing_changes_nothing_and_a_song_without_beats_is_refused() -> None:
    desk = band(drums=drum(EIGHTHS, 9))
    track = [desk["drums"]]
    assert swing(desk.session, track, even(), 0) is desk.session
    for act in (
        lambda: swing(desk.session, track, BeatGrid(), 0.5),
        lambda: half_time(desk.session, track, BeatGrid()),
    ):
        with pytest.raises(EditError, match="beats"):
            act()
    with pytest.raises(EditError, match="bars"):
        half_time(desk.session, track, even(5))
    for amount, subdivision in ((-0.1, 2), (1.1, 2), (float("nan"), 2), (0.5, 3)):
        with pytest.raises(EditError, match="Swing"):
            swing(desk.session, track, even(), amount, subdivision)
    assert swing(desk.session, ["gone"], even(), 1) == desk.session


def test_a_split_clip_swings_as_the_whole() -> None:
    desk = band(drums=drum(EIGHTHS, 9))
    session = desk.session
    for frame in (100_000, 100_050, 196_001, 337_333):
        clip = next(clip for clip in session.tracks[0].clips if clip.position < frame < clip.end)
        session = edits.split_clip(session, clip.id, frame)
    attacks = attacks_of(desk)
    whole = desk.mix(swing(desk.session, [desk["drums"]], even(), 1, attacks=attacks), 9 * RATE)
    parts = desk.mix(swing(session, [desk["drums"]], even(), 1, attacks=attacks), 9 * RATE)
    assert np.allclose(parts, whole, atol=1e-6)


def test_a_copy_plays_in_a_tracks_place_with_all_that_it_had() -> None:
    desk = band(drums=drum(EIGHTHS, 9))
    session = add_effect(desk.session, desk["drums"], "delay", {"mix": 0.5})
    slot = session.tracks[0].effects[0].id
    session = set_automation(
        session, desk["drums"], effect_target(slot, "mix"), [Point(0, 0), Point(RATE, 1)]
    )
    before = desk.mix(session, 9 * RATE)
    session, copy_id = play_beside(session, desk["drums"], "Drums, swung")
    check_session(session)
    assert [track.name for track in session.tracks] == ["drums", "Drums, swung"]
    assert session.tracks[0].muted
    assert np.array_equal(desk.mix(session, 9 * RATE), before)
    assert session.track(copy_id).automation[0].target != session.tracks[0].automation[0].target


def described(session: Session) -> list[tuple[int, int, int]]:
    return [(clip.position, clip.offset, clip.length) for clip in session.clips()]


def test_muted_clips_gaps_and_warps_go_along() -> None:
    desk = band(drums=drum(EIGHTHS, 9))
    clip = desk.session.tracks[0].clips[0].id
    session = edits.split_clip(desk.session, clip, 100_000)
    second = session.tracks[0].clips[1].id
    session = edits.mute_clip(edits.move_clip(session, second, 130_000), second, True)
    swung = swing(session, [desk["drums"]], even(), 0.8, attacks=attacks_of(desk))
    check_session(swung)
    assert {clip.muted for clip in swung.tracks[0].clips if clip.position >= 130_000} == {True}
    assert described(swung) != described(session)
