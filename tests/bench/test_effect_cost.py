"""What the effects cost: processor time against the time that sounds, and a session of sixteen tracks."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

import numpy as np
import pytest

from fanstudio.audio.effects import EFFECTS, Compressor, Effect, Equaliser, Limiter, Reverb, Saturation
from fanstudio.audio.effects.effect import CHUNK_FRAMES
from fanstudio.audio.effects.slot import Chain, Slot
from tests.support.sounds import Floats, noise

pytestmark = pytest.mark.bench

RATE = 48_000
SECONDS = 10
TRACKS, WITH_EFFECTS = 16, 8


def chunks(sound: Floats) -> list[Floats]:
    return [sound[:, at : at + CHUNK_FRAMES] for at in range(0, sound.shape[1], CHUNK_FRAMES)]


def cost(process: Callable[[Floats], object], rate: int = RATE) -> float:
    """Return the processor's share of one core that a stereo stream takes, in percent."""
    parts = chunks(noise(CHUNK_FRAMES * (SECONDS * rate // CHUNK_FRAMES), seed=1))
    for part in parts[:50]:
        process(part)
    started = time.process_time()
    for part in parts:
        process(part)
    return 100 * (time.process_time() - started) / SECONDS


def prepared(effect: Effect, rate: int = RATE) -> Slot:
    slot = Slot(effect)
    slot.prepare(rate, 2)
    return slot


def test_the_cost_of_each_effect() -> None:
    scale = cost(lambda part: part * np.float32(0.5) + part)
    rows = []
    for kind in EFFECTS:
        slot = prepared(kind(**kind.presets[0].values))
        wide = prepared(kind(**kind.presets[0].values), 192_000)
        rows.append((kind.kind, cost(slot.process), cost(wide.process, 192_000), slot.latency_frames))
    out = sys.stdout.write
    out(f"\nA stereo track, % of a core in chunks of {CHUNK_FRAMES}; a multiply-add takes {scale:.2f} %\n")
    for kind, at_48, at_192, latency in rows:
        out(f"  {kind:12} 48 kHz {at_48:5.2f} %   192 kHz {at_192:5.2f} %   latency {latency} frames\n")
    assert all(at_48 < 25 for _kind, at_48, _at_192, _latency in rows)


@pytest.mark.parametrize("kind", ["width", "tape", "vinyl", "crush"])
def test_a_colour_costs_no_more_than_saturation(kind: str) -> None:
    """Side by side in turns, at the setting that costs most; saturation was the dearest before them."""
    colour = next(effect for effect in EFFECTS if effect.kind == kind)
    dearest = min(cost(prepared(Saturation(**Saturation.presets[0].values)).process) for _ in range(2))
    own = max(min(cost(prepared(colour(**row.values)).process) for _ in range(2)) for row in colour.presets)
    sys.stdout.write(f"\n{kind}: {own / dearest:.2f} times the cost of saturation\n")
    assert own < 1.1 * dearest


def test_sixteen_tracks_eight_with_effects() -> None:
    chains = [Chain([Slot(Equaliser()), Slot(Compressor())]) for _ in range(WITH_EFFECTS)]
    room, master = prepared(Reverb(mix=1)), prepared(Limiter())
    for chain in chains:
        chain.prepare(RATE, 2)

    def mix(part: Floats) -> Floats:
        total = part * np.float32(TRACKS - WITH_EFFECTS)
        for chain in chains:
            total = total + chain.process(part)
        return master.process(total + room.process(total))

    share = cost(mix)
    sys.stdout.write(
        f"\n{WITH_EFFECTS} × (equaliser + compressor), a reverb, a limiter: {share:.1f} % of a core\n"
    )
    assert share < 100
