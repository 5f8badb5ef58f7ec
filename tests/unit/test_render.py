"""The mix: gain, pan, fades, mute and solo do what they say, to the sample."""

from __future__ import annotations

import numpy as np
import pytest

from fanstudio.audio.gains import amplitude, fade_gains, pan_gains
from fanstudio.audio.mix.mix import Mix
from fanstudio.audio.render import bounce
from fanstudio.audio.route import Route
from fanstudio.errors import AudioFileError, Cancelled
from fanstudio.jobs import Work
from fanstudio.model import edits
from fanstudio.model.session import Clip, Session, Source, new_session
from fanstudio.model.warp import Warp
from tests.support.mixes import render
from tests.support.sounds import a_source, noise

RATE = 48_000
FRAMES = 20_000
STEREO = noise(FRAMES, 2, seed=1)
MONO = noise(FRAMES, 1, seed=2)


def sounds(source: Source, _warp: Warp | None = None) -> np.ndarray:
    return STEREO if source.channels == 2 else MONO


def session_of(*channels: int) -> Session:
    session = new_session("x", RATE)
    for number, count in enumerate(channels):
        session = edits.import_source(session, a_source(f"s{number}", FRAMES, count))
    return session


def mix(session: Session, start: int = 0, frames: int = FRAMES) -> np.ndarray:
    return render(session, sounds, start, frames)


def clip_of(session: Session, track: int = 0) -> str:
    return session.tracks[track].clips[0].id


def test_a_plain_stereo_clip_plays_untouched() -> None:
    assert np.array_equal(mix(session_of(2)), STEREO)


def test_an_empty_session_and_empty_timeline_are_silent() -> None:
    assert not mix(new_session("x")).any()
    assert not mix(session_of(2), FRAMES, 500).any()
    assert mix(session_of(2), 0, 0).shape == (2, 0)


def test_a_clip_plays_its_stretch_of_the_source_where_it_lies() -> None:
    session = session_of(2)
    source = session.sources[0].id
    session = edits.delete_clips(session, [clip_of(session)])
    session = edits.add_clip(session, session.tracks[0].id, source, 5_000, offset=700, length=300)
    got = mix(session, 4_000, 2_000)
    assert np.array_equal(got[:, 1_000:1_300], STEREO[:, 700:1_000])
    assert not got[:, :1_000].any()
    assert not got[:, 1_300:].any()


def test_gains_multiply() -> None:
    session = session_of(2)
    session = edits.set_clip_gain(session, clip_of(session), -6)
    session = edits.set_track_gain(session, session.tracks[0].id, 3)
    session = edits.set_master_gain(session, -2)
    assert mix(session) == pytest.approx(STEREO * 10 ** (-5 / 20), rel=1e-5)


def test_a_mono_clip_sits_in_the_middle_at_minus_3_db() -> None:
    got = mix(session_of(1))
    assert np.array_equal(got[0], got[1])
    assert got[0] == pytest.approx(MONO[0] * 10 ** (-3.0103 / 20), rel=1e-5)


@pytest.mark.parametrize("pan", [-1.0, -0.5, 0.0, 0.3, 1.0])
def test_pan_keeps_the_power_of_a_mono_clip(pan: float) -> None:
    left, right = pan_gains(pan, 1)
    assert left**2 + right**2 == pytest.approx(1)
    session = session_of(1)
    got = mix(edits.set_pan(session, session.tracks[0].id, pan))
    assert got[0] == pytest.approx(MONO[0] * left, abs=1e-6)
    assert got[1] == pytest.approx(MONO[0] * right, abs=1e-6)


def test_hard_pan_silences_the_other_side_and_boosts_nothing() -> None:
    assert pan_gains(-1, 2) == (1.0, 0.0)
    assert pan_gains(1, 2) == (0.0, 1.0)
    assert pan_gains(0, 2) == pytest.approx((1.0, 1.0), abs=0)
    session = session_of(2)
    got = mix(edits.set_pan(session, session.tracks[0].id, 1))
    assert not got[0].any()
    assert np.array_equal(got[1], STEREO[1])


def test_fades_are_quarter_sines_at_the_clips_edges() -> None:
    session = session_of(2)
    session = edits.set_fades(session, clip_of(session), fade_in=1_000, fade_out=500)
    got = mix(session)
    rise = np.sin((np.arange(1_000) + 0.5) / 1_000 * np.pi / 2)
    assert got[:, :1_000] == pytest.approx(STEREO[:, :1_000] * rise, abs=1e-6)
    assert np.array_equal(got[:, 1_000:-500], STEREO[:, 1_000:-500])
    fall = np.sin((np.arange(500)[::-1] + 0.5) / 500 * np.pi / 2)
    assert got[:, -500:] == pytest.approx(STEREO[:, -500:] * fall, abs=1e-6)


def test_crossing_fades_keep_the_power() -> None:
    rising, falling = (
        Clip("c", "s", "C", 0, 0, 400, **fade) for fade in ({"fade_in": 400}, {"fade_out": 400})
    )
    up, down = fade_gains(rising, 0, 400), fade_gains(falling, 0, 400)
    assert up**2 + down**2 == pytest.approx(np.ones(400))


def test_mute_and_solo() -> None:
    session = session_of(2, 1)
    first, second = (track.id for track in session.tracks)
    alone = mix(session_of(2))
    assert np.array_equal(mix(edits.mute_track(session, second, True)), alone)
    assert np.array_equal(mix(edits.solo_track(session, first, True)), alone)
    assert not mix(edits.mute_track(edits.solo_track(session, first, True), first, True)).any()
    assert np.array_equal(mix(edits.mute_clip(session, clip_of(session, 1), True)), alone)


def test_tracks_add_up() -> None:
    both = mix(session_of(2, 1))
    assert both == pytest.approx(mix(session_of(2)) + mix(session_of(1)), abs=1e-6)


def test_levels_are_the_peaks_behind_the_faders() -> None:
    session = session_of(2, 2)
    session = edits.set_track_gain(session, session.tracks[0].id, -6)
    session = edits.mute_track(session, session.tracks[1].id, True)
    metered = Mix(session, sounds, 100, metered=True)
    got, levels = metered.read(4_096), metered.take_levels()
    assert np.array_equal(got, mix(session, 100, 4_096))
    wanted = np.abs(STEREO[:, 100:4_196]).max(axis=1) * amplitude(-6)
    assert levels.tracks[session.tracks[0].id] == pytest.approx(tuple(wanted), rel=1e-5)
    assert session.tracks[1].id not in levels.tracks
    assert levels.master == pytest.approx(tuple(wanted), rel=1e-5)


def test_an_edited_mix_asks_only_for_the_tracks_that_changed() -> None:
    session = session_of(2, 2, 1)
    asked: list[str] = []

    def counted(source: Source, _warp: Warp | None) -> np.ndarray:
        asked.append(source.name)
        return sounds(source)

    playing = Mix(session, counted, 0)
    playing.read(1_000)
    edited = edits.set_track_gain(session, session.tracks[1].id, -3)
    asked.clear()
    playing.change(edited, counted, Route(edited))
    assert asked == ["s1"]
    assert np.array_equal(playing.read(FRAMES)[:, 480:-1_000], mix(edited)[:, 1_480:])


def test_a_jump_asks_for_nothing_again() -> None:
    session = session_of(2, 1)
    playing = Mix(session, sounds, 0)
    there = Mix(session, lambda _source, _warp: pytest.fail("asked"), 5_000, past=playing)
    assert np.array_equal(there.read(3_000), mix(session, 5_000, 3_000))


def test_a_bounce_is_the_render_in_blocks_with_progress() -> None:
    seen: list[float] = []
    work = Work(lambda fraction, _text: seen.append(fraction))
    session = session_of(2, 1)
    blocks = list(bounce(work, session, sounds, 500, 10_000, 4_096))
    assert [block.shape[1] for block in blocks] == [4_096, 4_096, 1_308]
    assert np.array_equal(np.concatenate(blocks, axis=1), mix(session, 500, 9_500))
    assert seen == sorted(seen)


def test_a_bounce_can_be_cancelled() -> None:
    work = Work()
    blocks = bounce(work, session_of(2), sounds, 0, FRAMES, 1_000)
    next(blocks)
    work.cancel()
    with pytest.raises(Cancelled):
        next(blocks)


def test_a_source_that_cannot_be_read_is_told() -> None:
    def broken(source: Source, _warp: Warp | None) -> np.ndarray:
        raise AudioFileError(f"“{source.name}” is missing.")

    with pytest.raises(AudioFileError, match="s0"):
        Mix(session_of(2), broken, 0)


def test_muted_clips_need_no_samples() -> None:
    session = session_of(2)
    muted = edits.mute_clip(session, clip_of(session), True)
    assert not render(muted, lambda _source, _warp: pytest.fail("read"), 0, 100).any()
