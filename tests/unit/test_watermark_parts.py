"""The parts of the watermark, each by itself: the code, the grid of tiles, the shape in time."""

from __future__ import annotations

import numpy as np
import pytest

from fanstudio.export.watermark import coding, tiles
from fanstudio.export.watermark.shaping import Shaper

RATE = 44100


def test_the_code_corrects_noise_near_its_limit():
    random = np.random.default_rng(3)
    messages = [random.bytes(16) for _ in range(12)]
    # 1.5 dB Eb/N0: a quarter of the coded bits have the wrong sign.
    amplitude = np.sqrt(2 * coding.MESSAGE_BITS / coding.CODED_BITS * 10**0.15)
    sent = np.stack([coding.encode(message) for message in messages])
    soft = (amplitude * sent + random.standard_normal(sent.shape)).astype(np.float32)
    assert np.mean(soft * sent < 0) > 0.2
    assert coding.decode(soft) == messages


def test_the_code_is_linear_with_a_large_distance():
    zero = coding.encode(bytes(16))
    assert (zero == 1).all()
    one, other = (coding.encode(bytes([byte]) + bytes(15)) for byte in (1, 2))
    assert np.array_equal(one * other, coding.encode(bytes([3]) + bytes(15)))
    # The free distance of the NASA code of constraint length 15 and rate 1/6 is 56.
    distances = [np.sum(coding.encode(bytes([byte]) + bytes(15)) < 0) for byte in range(1, 256)]
    assert min(distances) >= 56


def test_the_code_takes_sixteen_bytes():
    with pytest.raises(ValueError, match="16 bytes"):
        coding.encode(b"")


def test_a_pattern_is_the_keys_own_and_balanced():
    ours, theirs = tiles.pattern(b"a"), tiles.pattern(b"b")
    assert np.array_equal(ours.chips[0::2], -ours.chips[1::2])
    assert abs(np.mean(ours.chips * theirs.chips)) < 0.03
    sizes = np.bincount(ours.groups.ravel())
    assert len(sizes) == coding.CODED_BITS + tiles.SYNC_GROUPS
    assert np.ptp(sizes[: coding.CODED_BITS]) <= 1
    assert np.ptp(sizes[coding.CODED_BITS :]) <= 1


def test_what_a_pattern_spreads_it_gathers():
    pattern = tiles.pattern(b"key")
    coded = coding.encode(b"sixteen bytes ok")
    sums = pattern.gather(pattern.spread(coded))
    sizes = 2 * np.bincount(pattern.groups.ravel())
    assert np.array_equal(sums[: coding.CODED_BITS], coded * sizes[: coding.CODED_BITS])
    assert np.array_equal(sums[coding.CODED_BITS :], sizes[coding.CODED_BITS :])


def test_a_key_makes_the_same_pattern_for_ever():
    pattern = tiles.pattern(b"fanstudio")
    assert pattern.chips[:2, :8].tolist() == [[1, 1, 1, 1, -1, 1, 1, -1], [-1, -1, -1, -1, 1, -1, -1, 1]]
    assert pattern.groups[0, :6].tolist() == [367, 1018, 705, 904, 775, 475]


def test_bands_are_at_least_a_bin_wide_between_300_and_7000_hz():
    edges = tiles.band_edges()
    assert (np.diff(edges) >= 1).all()
    assert 290 < edges[0] * RATE / tiles.WINDOW < 310
    assert 6950 < edges[-1] * RATE / tiles.WINDOW < 7050


def test_whitening_cancels_what_is_steady():
    steady = np.tile(np.linspace(-3, 5, tiles.BANDS, dtype=np.float32), (60, 1))
    assert np.abs(tiles.whiten(steady)).max() < 0.01
    steady[30, 20] += 1
    assert tiles.whiten(steady)[30, 20] > 1


def test_a_mark_is_held_down_before_a_drum():
    host = np.zeros((1, RATE), np.float32)
    host[0, RATE // 2 :] = 0.1 * np.random.default_rng(1).standard_normal(RATE // 2)
    mark = np.full((1, RATE), 0.001, np.float32)
    shaper = Shaper(RATE, 1)
    shaped = np.concatenate([shaper.feed(host, mark), shaper.finish()], axis=1) - host
    assert np.abs(shaped[0, : RATE // 2 - 200]).max() < 1e-6
    assert shaped[0, RATE // 2 + 200 :] == pytest.approx(0.001, rel=1e-4)


@pytest.mark.parametrize("rate", [8000, 44100])
def test_shaping_does_not_depend_on_the_cuts(rate):
    random = np.random.default_rng(2)
    host = (random.standard_normal((2, rate)) * random.random(rate) ** 4).astype(np.float32)
    mark = 0.1 * random.standard_normal((2, rate)).astype(np.float32)

    def shape(cuts):
        shaper = Shaper(rate, 2)
        pieces = [
            shaper.feed(h, m) for h, m in zip(np.split(host, cuts, 1), np.split(mark, cuts, 1), strict=True)
        ]
        return np.concatenate([*pieces, shaper.finish()], axis=1)

    assert np.array_equal(shape([]), shape([1, 5, 70, 71, 3000, 3001]))
