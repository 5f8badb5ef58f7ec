"""A convolutional code for 128-bit messages, with a soft-decision Viterbi decoder."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

#: Constraint length 15, rate 1/6: the generators that NASA published for Cassini (octal).
_GENERATORS: Final = (0o46321, 0o51271, 0o63667, 0o70535, 0o73277, 0o76513)
_CONSTRAINT: Final = 15
_MEMORY: Final = _CONSTRAINT - 1
_STATES: Final = 1 << _MEMORY

MESSAGE_BYTES: Final = 16
MESSAGE_BITS: Final = 8 * MESSAGE_BYTES
_STEPS: Final = MESSAGE_BITS + _MEMORY
CODED_BITS: Final = _STEPS * len(_GENERATORS)


def encode(message: bytes) -> NDArray[np.float32]:
    """Return the message's `CODED_BITS` signs (+1 for a 0, -1 for a 1), tail included.

    Raises:
        ValueError: the message does not have 16 bytes.

    """
    if len(message) != MESSAGE_BYTES:
        raise ValueError(f"a message has {MESSAGE_BYTES} bytes, not {len(message)}")
    bits = np.unpackbits(np.frombuffer(message, np.uint8)).astype(np.int64)
    padded = np.concatenate([np.zeros(_MEMORY, np.int64), bits, np.zeros(_MEMORY, np.int64)])
    windows = np.lib.stride_tricks.sliding_window_view(padded, _CONSTRAINT)
    registers = windows @ (1 << np.arange(_CONSTRAINT))
    return _signs(_outputs(registers)).reshape(-1)


def decode(soft: NDArray[np.float32]) -> list[bytes]:
    """Return the likeliest message for each row of `soft` (n, CODED_BITS), positive for a 0.

    Viterbi's algorithm, all rows and states at once. Both ends of every generator are taps, so a
    butterfly's four branches differ only in sign: states 2j and 2j + 1 lead to j and j + STATES / 2.
    """
    count = len(soft)
    steps = soft.reshape(count, _STEPS, len(_GENERATORS)).astype(np.float32)
    metric = np.full((count, _STATES), -np.inf, np.float32)
    metric[:, 0] = 0
    choices = np.empty((_STEPS, count, _STATES), np.bool_)
    for step in range(_STEPS):
        branch = (steps[:, step] @ _all_signs()).take(_butterflies(), axis=1)
        from_even, from_odd = metric[:, 0::2], metric[:, 1::2]
        straight = np.concatenate([from_even + branch, from_even - branch], axis=1)
        crossing = np.concatenate([from_odd - branch, from_odd + branch], axis=1)
        np.greater(crossing, straight, out=choices[step])
        metric = np.maximum(straight, crossing)
    return _trace(choices)


def _trace(choices: NDArray[np.bool_]) -> list[bytes]:
    rows = np.arange(choices.shape[1])
    state = np.zeros(len(rows), np.int64)
    bits = np.empty((len(rows), _STEPS), np.uint8)
    for step in range(_STEPS - 1, -1, -1):
        bits[:, step] = state >> (_MEMORY - 1)
        state = (state << 1) & (_STATES - 1) | choices[step, rows, state]
    return [row.tobytes() for row in np.packbits(bits[:, :MESSAGE_BITS], axis=1)]


def _outputs(registers: NDArray[np.int64]) -> NDArray[np.uint8]:
    """Return the coded bits (n, generators) of shift registers whose top bit is the newest."""
    taps = np.bitwise_count(registers[:, None] & np.array(_GENERATORS))
    bits: NDArray[np.uint8] = taps & 1
    return bits


def _signs(bits: NDArray[np.uint8]) -> NDArray[np.float32]:
    signs: NDArray[np.float32] = np.float32(1) - np.float32(2) * bits
    return signs


@lru_cache(maxsize=1)
def _all_signs() -> NDArray[np.float32]:
    """Return every combination of output signs, (generators, 2 ** generators)."""
    codes = np.arange(1 << len(_GENERATORS))
    bits = (codes[:, None] >> np.arange(len(_GENERATORS))) & 1
    return np.ascontiguousarray(_signs(bits.astype(np.uint8)).T)


@lru_cache(maxsize=1)
def _butterflies() -> NDArray[np.int64]:
    """Return, for each even state on input 0, its row in `_all_signs`."""
    outputs = _outputs(2 * np.arange(_STATES // 2)).astype(np.int64)
    rows: NDArray[np.int64] = (outputs << np.arange(len(_GENERATORS))).sum(axis=1)
    return rows
