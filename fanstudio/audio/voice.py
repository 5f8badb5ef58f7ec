"""One note of an instrument while it sounds: where its sample is read, and how loud."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fanstudio.audio.between import TAPS, read_between
from fanstudio.audio.instrument import MOST_BEND, Instrument, Tone, Zone
from fanstudio.audio.played_note import CURVE_HOP_S, PlayedNote
from fanstudio.audio.samples import Samples, silence

Floats = NDArray[np.float64]

#: A note that is cut off by another is gone after this; so is the end of a sample, in seconds.
_CUT_S = 0.03
#: Let go, a note falls by this much (natural logarithm) in its release; 60 dB.
_FALL = 6.9


class Voice:
    """A note from its start until it has died away; `add` must be called for one stretch after the other."""

    def __init__(self, note: PlayedNote, instrument: Instrument, sound: tuple[Zone, Tone], rate: int) -> None:
        """Start a note with its zone and what it sounds like at `rate`."""
        zone, tone = sound
        self.key = note.note
        self.start = round(note.start_s * rate)
        self._note = note
        self._rate = rate
        self._tone = tone
        self._attack = max(1, round(instrument.attack_s * rate))
        self._release = max(1, round(instrument.release_s * rate))
        self._let_go = self.start + max(1, round(note.length_s * rate))
        self._step = tone.step * 2 ** ((note.note - tone.root) / 12)
        harder = max(note.velocity, 1e-3) / zone.force
        self._gain = 10 ** (zone.gain_db / 20) * harder**2
        self._place = float(TAPS)

    @property
    def end(self) -> int:
        """Return the frame from which on it is silent."""
        return self._let_go + self._release

    def cut(self, frame: int) -> None:
        """Let it die away quickly from a frame on."""
        if frame < self._let_go:
            self._let_go = max(self.start + 1, frame)
            self._release = max(1, round(_CUT_S * self._rate))
        else:
            self._release = max(1, min(self._release, frame - self._let_go + round(_CUT_S * self._rate)))

    def add(self, mix: Samples, first: int) -> bool:
        """Add its sound to `mix` `(2, frames)`, which begins at frame `first`; False when it is over."""
        begin, end = max(first, self.start), min(first + mix.shape[1], self.end)
        if begin >= end:
            return self.end > first
        frames = np.arange(begin - self.start, end - self.start, dtype=np.float64)
        places = self._places(frames)
        sound = self._read(places) * (self._gain * self._envelope(frames)).astype(np.float32)
        mix[:, begin - first : end - first] += sound
        return not self._ran_out

    @property
    def _ran_out(self) -> bool:
        return self._tone.loop is None and self._place >= self._tone.samples.shape[1] - TAPS

    def _places(self, frames: Floats) -> Floats:
        """Return where the sample is read, and go on."""
        steps: Floats | float = self._step
        if self._note.bends is not None:
            bend = np.clip(self._curve(self._note.bends, frames), -MOST_BEND, MOST_BEND)
            steps = self._step * np.exp2(bend / 12)
        moves = np.cumsum(np.broadcast_to(steps, frames.shape))
        places = self._place + np.concatenate(([0.0], moves[:-1]))
        self._place = self._looped(self._place + moves[-1])
        return places

    def _looped(self, place: float) -> float:
        if self._tone.loop is None:
            return place
        start, end = self._tone.loop
        return place if place < end else start + (place - start) % (end - start)

    def _read(self, places: Floats) -> Samples:
        samples = self._tone.samples
        if self._tone.loop is not None:
            start, end = self._tone.loop
            places = np.where(places < end, places, start + (places - start) % (end - start))
            return read_between(samples, places)
        inside = int(np.searchsorted(places, samples.shape[1] - TAPS))
        found = silence(len(samples), len(places))
        found[:, :inside] = read_between(samples, places[:inside])
        return found

    def _envelope(self, frames: Floats) -> Floats:
        """Return the amplitude at frames since the start."""
        gains: Floats = np.minimum(1.0, (frames + 1) / self._attack)
        if self._note.expression is not None:
            gains = np.multiply(gains, self._curve(self._note.expression, frames), dtype=np.float64)
        since = np.maximum(frames - (self._let_go - self.start), 0) / self._release
        falling: Floats = gains * np.exp(-_FALL * since) * np.clip(10 * (1 - since), 0, 1)
        return falling

    def _curve(self, curve: NDArray[np.float32], frames: Floats) -> Floats:
        """Return a curve of the note at frames since its start; its last entry holds on."""
        at = np.minimum(frames / (CURVE_HOP_S * self._rate), len(curve) - 1)
        before = at.astype(np.int64)
        after = np.minimum(before + 1, len(curve) - 1)
        here, there = curve[before].astype(np.float64), curve[after].astype(np.float64)
        return here + (at - before) * (there - here)
