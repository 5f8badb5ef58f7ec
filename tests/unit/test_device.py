"""Outputs: a clock that consumes in real time, and a sound device where there is one."""

from __future__ import annotations

import builtins
from typing import Any

import numpy as np
import pytest

from fanstudio.audio.device import BLOCK_FRAMES, RING_S, AwaitedOutput, NullOutput, open_output
from fanstudio.audio.device.resampled import ResampledOutput
from fanstudio.audio.device.ring import Ring
from fanstudio.errors import DeviceError

RATE = 48_000
RING_FRAMES = round(RING_S * RATE)


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def output(clock: Clock) -> NullOutput:
    return NullOutput(RATE, "No sound device: playing silently.", clock)


def block(frames: int = BLOCK_FRAMES) -> np.ndarray:
    return np.zeros((2, frames), np.float32)


def test_the_clock_consumes_in_real_time(output: NullOutput, clock: Clock) -> None:
    output.start()
    assert output.room() == RING_FRAMES
    for _ in range(4):
        output.write(block())
    assert (output.queued(), output.heard(), output.room()) == (4_096, 0, RING_FRAMES - 4_096)
    clock.now += 1_000 / RATE + 1e-6
    assert (output.queued(), output.heard()) == (3_096, 1_000)


def test_an_empty_ring_waits_for_the_next_block(output: NullOutput, clock: Clock) -> None:
    output.start()
    output.write(block())
    clock.now += 5
    assert (output.queued(), output.heard()) == (0, 1_024)
    output.write(block())
    assert (output.queued(), output.heard()) == (1_024, 1_024)
    clock.now += 24 / RATE + 1e-6
    assert output.heard() == 1_048


def test_stop_drops_what_is_queued_and_start_begins_anew(output: NullOutput, clock: Clock) -> None:
    output.start()
    output.write(block())
    clock.now += 0.01
    output.stop()
    assert (output.queued(), output.heard()) == (0, 0)
    output.start()
    assert output.heard() == 0


def test_a_missing_portaudio_is_said_plainly(monkeypatch: pytest.MonkeyPatch) -> None:
    real_import = builtins.__import__

    def no_portaudio(name: str, *more: Any, **named: Any) -> Any:
        if name in ("rtmixer", "sounddevice"):
            raise OSError("PortAudio library not found")
        return real_import(name, *more, **named)

    monkeypatch.setattr(builtins, "__import__", no_portaudio)
    with pytest.raises(DeviceError, match="No sound, because the PortAudio library is missing"):
        open_output(RATE)


def test_ten_interruptions_within_ten_seconds_are_many(output: NullOutput, clock: Clock) -> None:
    output.start()
    for late in range(10):
        output.write(block())
        output.write(block())
        assert (output.interruptions.starved, output.interruptions.many) == (late, False)
        clock.now += 1
    output.write(block())
    assert output.interruptions.many


def test_three_blocks_in_a_row_that_come_too_late_are_many(output: NullOutput, clock: Clock) -> None:
    output.start()
    for _ in range(3):
        output.write(block())
        assert not output.interruptions.many
        clock.now += 60
    output.write(block())
    assert output.interruptions.many
    output.write(block())
    assert not output.interruptions.many


def test_an_awaited_device_takes_nothing() -> None:
    awaited = AwaitedOutput(RATE)
    awaited.start()
    assert (awaited.room(), awaited.heard(), awaited.silent, awaited.notice) == (0, 0, True, "")


def test_a_ring_gives_what_was_written_and_then_silence() -> None:
    ring, target = Ring(8), np.ones((6, 2), np.float32)
    for start in range(0, 20, 5):
        ring.write(np.arange(start, start + 5, dtype=np.float32) * np.ones((2, 1), np.float32))
        assert ring.queued == 5
        assert ring.read_into(target) == 5
        assert target[:, 0].tolist() == [*range(start, start + 5), 0]
    ring.write(block(3))
    ring.drop()
    assert (ring.queued, ring.read_into(target)) == (0, 0)


class Tape(NullOutput):
    """A clocked output that keeps what it was given."""

    def __init__(self, sample_rate: int, clock: Clock) -> None:
        super().__init__(sample_rate, "", clock)
        self.blocks: list[np.ndarray] = []

    def write(self, block: np.ndarray) -> None:
        super().write(block)
        self.blocks.append(block)


def test_a_device_of_another_rate_gets_the_sound_converted(clock: Clock) -> None:
    tape = Tape(44_100, clock)
    output = ResampledOutput(tape, RATE, "Converted.")
    output.start()
    played = np.sin(np.arange(RATE) * (2 * np.pi * 1_000 / RATE)) * np.ones((2, 1))
    at = 0
    while at < RATE:
        if output.room() < BLOCK_FRAMES:
            clock.now += 0.01
            continue
        output.write(played[:, at : at + BLOCK_FRAMES].astype(np.float32))
        at += BLOCK_FRAMES
        assert output.queued() <= RING_FRAMES + BLOCK_FRAMES
    clock.now += 1
    assert output.finish() > 0
    assert output.finish() == 0
    clock.now += 1
    assert abs(output.heard() - RATE) <= 2
    heard = np.concatenate(tape.blocks, axis=1)
    wanted = np.sin(np.arange(44_100) * (2 * np.pi * 1_000 / 44_100))
    assert heard.shape == (2, 44_100)
    assert np.abs(heard - wanted)[:, 500:-500].max() < 1e-4
    assert (output.interruptions.starved, output.notice) == (1, "Converted.")
