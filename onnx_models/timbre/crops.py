"""Draws what a step of training sees: short crops of renders, heard clean or damaged."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from instruments import INSTRUMENTS
from torch import Tensor

from fanstudio.inference import voice_features

_HOP = 480
#: Share of crops that are heard clean.
_CLEAN = 0.4
_SILENT_DB = -75.0


class Crops:
    """The prepared renders of every instrument that is there."""

    def __init__(self, data: Path) -> None:
        """Open what `prepare.py` wrote; sound stays on disk."""
        self.ids = [each.id for each in INSTRUMENTS if (data / f"{each.id}.npz").exists()]
        self._tables = [dict(np.load(data / f"{name}.npz")) for name in self.ids]
        self._sounds = [np.load(data / f"{name}.npy", mmap_mode="r") for name in self.ids]

    def draw(self, rng: np.random.Generator, count: int, length: int, *, sound: bool) -> dict[str, Tensor]:
        """Return `count` crops of `length` controls; of different instruments as far as there are so many.

        With `sound`, loudness is heard clean, and audio comes along.
        """
        order = [rng.permutation(len(self.ids)) for _ in range(-(-count // len(self.ids)))]
        crops = [self._crop(rng, int(which), length, sound) for which in np.concatenate(order)[:count]]
        return {name: torch.from_numpy(np.stack([each[name] for each in crops])) for name in crops[0]}

    def _crop(self, rng: np.random.Generator, which: int, length: int, sound: bool) -> dict[str, np.ndarray]:
        table = self._tables[which]
        harm = 0 if rng.random() < _CLEAN else int(rng.integers(1, len(table["notes"])))
        start = self._start(rng, table["level_db"][0], length)
        some = slice(start, start + length)
        level_db = table["level_db"][0, some]
        given_db = level_db if sound else table["level_db"][harm, some]
        instrument = np.zeros((len(self.ids), length), np.float32)
        instrument[which] = 1
        crop = {
            "pitch": voice_features.notes_for_net(self._notes(rng, table["notes"][harm, some], harm)),
            "voiced": self._voiced(rng, table["voiced"][harm, some], harm),
            "loudness": voice_features.loudness_for_net(given_db),
            "instrument": instrument,
            "level_db": level_db,
            "shift_db": given_db - level_db,
        }
        if sound:
            crop["f0_hz"] = voice_features.to_hz(table["notes"][0, some])
            crop["audio"] = np.array(self._sounds[which][start * _HOP : (start + length - 1) * _HOP])
            return crop
        wanted = {name: table[name][some].T.astype(np.float32) for name in ("partials", "bands")}
        return crop | wanted

    def _start(self, rng: np.random.Generator, level_db: np.ndarray, length: int) -> int:
        """Return a place where the middle is not silent, mostly."""
        for _ in range(4):
            start = int(rng.integers(0, len(level_db) - length - 1))
            if level_db[start + length // 2] > _SILENT_DB:
                break
        return start

    def _notes(self, rng: np.random.Generator, notes: np.ndarray, harm: int) -> np.ndarray:
        """Return notes that flicker by some cents where the sound is harmed."""
        if not harm:
            return notes
        return (notes + rng.normal(0, rng.uniform(0, 0.06), len(notes))).astype(np.float32)

    def _voiced(self, rng: np.random.Generator, voiced: np.ndarray, harm: int) -> np.ndarray:
        """Return voicing that drops out in places, and is less sure, where the sound is harmed."""
        voiced = voiced.copy()
        if harm:
            voiced *= rng.uniform(0.7, 1.0)
            for _ in range(int(rng.integers(0, 4))):
                start = int(rng.integers(len(voiced)))
                voiced[start : start + int(rng.integers(1, 12))] *= rng.uniform(0, 0.5)
        return voiced
