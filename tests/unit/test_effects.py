"""What holds for every effect: block sizes, latency, reset, bypass, faults, and any value of its table."""

from __future__ import annotations

import numpy as np
import pytest

from fanstudio.audio.effects import EFFECTS, Effect
from fanstudio.audio.effects.effect import CHUNK_FRAMES
from fanstudio.audio.effects.limiter import Limiter
from fanstudio.audio.effects.reverb import Reverb
from fanstudio.audio.effects.saturation import Saturation
from fanstudio.audio.effects.slot import Chain, Slot
from fanstudio.audio.effects.stream import apply
from fanstudio.errors import InputError
from tests.support.effects import raw, run, tone
from tests.support.sounds import noise

#: Values with which an effect passes everything as it is.
NEUTRAL = {
    "gate": {"range_db": 0},
    "deesser": {"range_db": 0},
    "compressor": {"ratio": 1},
    "width": {"width": 1, "bass_hz": 20},
    "tape": {"wow": 0, "flutter": 0, "warmth": 0, "hiss": 0, "treble_hz": 20_000},
    "vinyl": {"crackle": 0, "wear": 0, "rumble": 0, "treble_hz": 20_000},
}
#: What these add is itself rough: dust, hiss, steps.
ROUGH = ("tape", "vinyl", "crush")
kinds = pytest.mark.parametrize("kind", EFFECTS, ids=lambda kind: kind.kind)


def presets() -> list[Effect]:
    return [kind(**preset.values) for kind in EFFECTS for preset in kind.presets]


def name(effect: Effect) -> str:
    return effect.kind + repr(sorted(effect.values.items())[:2])


@pytest.mark.parametrize("effect", presets(), ids=name)
def test_block_sizes_1_128_and_8192_sound_the_same(effect: Effect) -> None:
    sound = noise(2_000)
    whole = run(effect, sound, block=8_192)
    assert whole.shape == sound.shape
    for block in (1, 128):
        assert np.array_equal(run(effect, sound, block=block), whole)


@kinds
def test_chunks_lie_on_the_timelines_grid(kind: type[Effect]) -> None:
    sound = noise(4_000)
    before = np.zeros((2, 700), np.float32)
    first_chunk = np.zeros((2, 700 - CHUNK_FRAMES), np.float32)
    late = run(kind(), sound, start=700)
    shifted = run(kind(), np.concatenate((first_chunk, sound), axis=1), start=CHUNK_FRAMES)
    assert np.array_equal(late, shifted[:, first_chunk.shape[1] :])
    whole = run(kind(), np.concatenate((before, sound), axis=1))
    assert np.allclose(late, whole[:, 700:], atol=2e-6)


@kinds
def test_reset_gives_the_same_sound_again(kind: type[Effect]) -> None:
    effect = kind(**kind.presets[-1].values)
    effect.prepare(48_000, 2)
    sound = 2 * noise(60 * CHUNK_FRAMES)
    first = raw(effect, sound)
    assert not np.array_equal(raw(effect, sound), first)
    effect.reset()
    assert np.array_equal(raw(effect, sound), first)


@kinds
@pytest.mark.parametrize("rate", [8_000, 44_100, 192_000])
@pytest.mark.parametrize("channels", [1, 2])
def test_any_rate_mono_and_stereo(kind: type[Effect], rate: int, channels: int) -> None:
    sound = noise(4_000, channels)
    result = run(kind(), sound, rate)
    assert result.dtype == np.float32
    assert result.shape == sound.shape
    assert np.isfinite(result).all()
    assert 0.01 < np.abs(result).max() < 2


@kinds
def test_silence_stays_silent(kind: type[Effect]) -> None:
    assert not run(kind(), np.zeros((2, 3_000), np.float32)).any()


@kinds
@pytest.mark.parametrize("frames", [0, 1])
def test_next_to_nothing_comes_out_as_long(kind: type[Effect], frames: int) -> None:
    result = run(kind(), noise(CHUNK_FRAMES)[:, :frames])
    assert result.shape == (2, frames)
    assert np.isfinite(result).all()


@kinds
def test_its_input_is_left_as_it_was(kind: type[Effect]) -> None:
    sound = noise(CHUNK_FRAMES)
    kept = sound.copy()
    effect = kind()
    effect.prepare(48_000, 2)
    effect.process(sound)
    assert np.array_equal(sound, kept)


@kinds
def test_its_latency_is_what_it_says(kind: type[Effect]) -> None:
    names = {row.name for row in kind.parameters}
    effect = kind(**NEUTRAL.get(kind.kind, {"mix": 0} if "mix" in names else {}))
    effect.prepare(48_000, 2)
    sound = noise(6 * CHUNK_FRAMES)
    late = effect.latency_frames
    assert np.allclose(raw(effect, sound)[:, late:], sound[:, : sound.shape[1] - late], atol=1e-6)


@kinds
def test_every_end_of_every_range_gives_sound(kind: type[Effect]) -> None:
    sound = np.sign(tone(100, 0, 0.1, 8_000, 2)) * 4
    for row in kind.parameters:
        for value in (row.low, row.high):
            assert np.isfinite(run(kind(**{row.name: value}), sound, 8_000)).all(), row.name


@kinds
def test_values_change_without_a_click(kind: type[Effect]) -> None:
    sound = tone(80, -12, 0.5, channels=2)[:, : 44 * CHUNK_FRAMES]
    half = 22 * CHUNK_FRAMES
    for row in kind.parameters:
        effect = kind(**{row.name: row.low})
        effect.prepare(48_000, 2)
        before = raw(effect, sound[:, :half])
        effect.configure(**{row.name: row.high})
        after = raw(effect, sound[:, half:])
        bends = np.abs(np.diff(np.concatenate((before[:, -4_000:], after), axis=1), 2, axis=1))
        around = bends[:, 4_000 - 4 : 4_000 + 2 * CHUNK_FRAMES].max()
        elsewhere = max(bends[:, :3_900].max(), bends[:, -4_000:].max())
        assert around < 4 * elsewhere + 2e-4, row.name


@kinds
def test_bypass_is_the_sound_as_it_was_in_time_and_without_a_click(kind: type[Effect]) -> None:
    slot = Slot(kind())
    slot.prepare(48_000, 2)
    sound = tone(100, -12, 1, channels=2)[:, : 90 * CHUNK_FRAMES]
    parts = []
    for number, enabled in enumerate((True, False, True)):
        slot.enabled = enabled
        parts.append(raw(slot, sound[:, number * 30 * CHUNK_FRAMES :][:, : 30 * CHUNK_FRAMES]))
    joined = np.concatenate(parts, axis=1)
    late = slot.latency_frames
    off = slice(32 * CHUNK_FRAMES, 60 * CHUNK_FRAMES)
    assert np.array_equal(joined[:, off], sound[:, off.start - late : off.stop - late])
    bends = np.abs(np.diff(joined[:, 10_000:], 2, axis=1))
    bound = 6 * np.abs(np.diff(sound, 2, axis=1)).max()
    if kind.kind in ROUGH:
        steady = bends[:, : 30 * CHUNK_FRAMES - 10_002], bends[:, -20 * CHUNK_FRAMES :]
        bound = max(bound, 1.2 * max(part.max() for part in steady))
    assert bends.max() < bound


def test_an_effect_that_is_switched_on_has_its_latency_filled() -> None:
    slot = Slot(Limiter(), enabled=False)
    slot.prepare(48_000, 2)
    sound = np.full((2, 12 * CHUNK_FRAMES), 0.25, np.float32)
    off = raw(slot, sound)
    slot.enabled = True
    joined = np.concatenate((off, raw(slot, sound)), axis=1)
    assert np.allclose(joined[:, slot.latency_frames :], 0.25, atol=1e-6)


@kinds
@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_what_is_not_finite_is_silenced_and_said_until_reset(kind: type[Effect], bad: float) -> None:
    slot = Slot(kind())
    slot.prepare(48_000, 2)
    sound = noise(16 * CHUNK_FRAMES)
    hostile = sound.copy()
    hostile[0, 3 * CHUNK_FRAMES + 7] = bad
    result = raw(slot, hostile)
    assert np.isfinite(result).all()
    assert kind.title in slot.fault
    assert not result[:, -CHUNK_FRAMES:].any()
    slot.reset()
    assert slot.fault == ""
    again = raw(slot, sound)
    fresh = Slot(kind())
    fresh.prepare(48_000, 2)
    assert np.array_equal(again, raw(fresh, sound))


def test_a_chain_adds_up_latencies_and_tells_faults() -> None:
    chain = Chain([Slot(Saturation(mix=0)), Slot(Limiter()), Slot(Reverb(), enabled=False)])
    chain.prepare(48_000, 2)
    assert chain.latency_frames == sum(slot.latency_frames for slot in chain.slots) > 0
    assert chain.tail_s == 0
    sound = noise(5_000)
    assert np.allclose(np.concatenate(list(apply(chain, 2, [sound])), axis=1), sound, atol=1e-6)
    chain.process(np.full((2, CHUNK_FRAMES), np.nan, np.float32))
    raw(chain, np.zeros((2, 4 * CHUNK_FRAMES), np.float32))
    assert any("Saturation" in fault or "Limiter" in fault for fault in chain.faults)


@kinds
def test_its_table_is_sound(kind: type[Effect]) -> None:
    assert kind.presets
    for row in kind.parameters:
        assert row.low <= row.default <= row.high
        assert row.text.endswith(".")
    for preset in kind.presets:
        kind(**preset.values)


def test_kinds_are_unique() -> None:
    assert len({kind.kind for kind in EFFECTS}) == len(EFFECTS)


@pytest.mark.parametrize("values", [{"mix": 2}, {"mix": float("nan")}, {"decay_s": -1}, {"colour": 1}])
def test_other_values_are_refused(values: dict[str, float]) -> None:
    with pytest.raises(InputError, match="Reverb"):
        Reverb(**values)
    reverb = Reverb()
    kept = dict(reverb.values)
    with pytest.raises(InputError, match="Reverb"):
        reverb.configure(**values)
    assert reverb.values == kept
