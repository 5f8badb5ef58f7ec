"""The pitch of one voice over time (f0), streamed through the net in windows of bounded size."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from fanstudio.audio.resample import Resampler
from fanstudio.audio.samples import Readable, Samples
from fanstudio.errors import InputError
from fanstudio.inference.octaves import mend_octaves
from fanstudio.inference.pitch_net import PitchNet
from fanstudio.jobs import Work

Floats = NDArray[np.float32]

#: How sure the net must be; it is trained so that half is the border.
_SURE = 0.5
#: What is so far below a voice's loud places is the room, or what a split left over.
_GATE_DB = 45.0
_FLOOR_DB = -140.0
#: The net takes no quiet sound for voiced; what peaks below the first is brought to the second.
_QUIET_PEAK, _WANTED_PEAK = 0.1, 0.5
#: Below this there is nothing but noise to make louder.
_NOISE_PEAK = 1e-4
_BLOCK_FRAMES = 1 << 16
_WINDOW_HOPS = 512


@dataclass(frozen=True, slots=True, eq=False)
class PitchTrack:
    """f0 on a grid: entry i is about the sound around i · `hop_s` seconds.

    `f0_hz` is 0 where nothing is sung; `confidence`, 0..1, says how sure the net was of a pitch, and
    `level_db` how loud 32 ms around it are, in dB of full scale. All are float32 of one length.
    """

    hop_s: float
    f0_hz: Floats
    confidence: Floats
    level_db: Floats

    def __len__(self) -> int:
        """Return how many entries there are."""
        return len(self.f0_hz)

    @property
    def voiced(self) -> NDArray[np.bool_]:
        """Tell where something is sung."""
        return self.f0_hz > 0

    @property
    def semitones(self) -> Floats:
        """Return the pitch as a MIDI note with its fraction, A4 = 69; NaN where nothing is sung."""
        return to_semitones(self.f0_hz)

    @property
    def sureness(self) -> float:
        """Return how sure the net was on the mean where it was loud: low for chords and noise."""
        loud = self.level_db > np.percentile(self.level_db, 95) - _GATE_DB / 2 if len(self) else self.voiced
        return float(self.confidence[loud].mean()) if loud.any() else 0.0

    def at(self, seconds: NDArray[np.float64]) -> Floats:
        """Return f0 in Hz at times in seconds: the nearest entry, 0 outside."""
        index = np.rint(seconds / self.hop_s).astype(np.int64)
        inside = (index >= 0) & (index < len(self))
        found = np.zeros(len(index), np.float32)
        found[inside] = self.f0_hz[index[inside]]
        return found


def to_semitones(f0_hz: Floats) -> Floats:
    """Return MIDI notes with their fractions for frequencies; NaN where they are 0."""
    notes = np.full(len(f0_hz), np.nan, np.float32)
    voiced = f0_hz > 0
    notes[voiced] = 69 + 12 * np.log2(f0_hz[voiced] / np.float32(440))
    return notes


class PitchStream:
    """Sound in, piece by piece; pitch out as soon as it is final, some 0.2 s later."""

    def __init__(self, net: PitchNet, sample_rate: int, *, gain: float = 1.0, window_hops: int = 1) -> None:
        """Start a stream at `sample_rate`; the net runs when `window_hops` hops are ready."""
        self._net = net
        self._gain = np.float32(gain)
        self._to_net = Resampler(sample_rate, net.model.sample_rate, 1)
        self._window_hops = window_hops
        self._heard = np.zeros(0, np.float32)
        #: Hops of the sound kept that were given out already.
        self._given = 0
        self._started = False

    def push(self, work: Work, block: Samples) -> PitchTrack:
        """Take a block `(channels, frames)`, of which the mean is heard; return the entries now final.

        Raises:
            InputError: the block holds samples that are not numbers.
            ModelError: the net failed.

        """
        mono = block.mean(axis=0, keepdims=True, dtype=np.float32)
        if not np.isfinite(mono).all():
            raise InputError("The audio holds samples that are not numbers.")
        self._take(self._to_net.push(mono))
        model = self._net.model
        ready = len(self._heard) // model.hop - model.after_hops
        if ready - self._given < self._window_hops:
            return self._piece(0, 0)
        return self._hear(work, ready)

    def finish(self, work: Work) -> PitchTrack:
        """Return the entries that are left; one at least for a stream that had any sound."""
        self._take(self._to_net.finish())
        hops = len(self._heard) // self._net.model.hop
        if not self._started and not hops and len(self._heard):
            hops = 1
        return self._hear(work, hops) if hops > self._given else self._piece(0, 0)

    def _take(self, samples: Samples) -> None:
        self._heard = np.concatenate((self._heard, samples[0] * self._gain))

    def _hear(self, work: Work, ready: int) -> PitchTrack:
        f0_hz, confidence = self._net.hear(work, self._heard)
        piece = self._piece(self._given, ready, f0_hz, confidence)
        model = self._net.model
        kept = max(0, ready - model.before_hops)
        self._heard = self._heard[kept * model.hop :].copy()
        self._given = ready - kept
        self._started = True
        return piece

    def _piece(
        self, start: int, end: int, f0_hz: Floats | None = None, confidence: Floats | None = None
    ) -> PitchTrack:
        model = self._net.model
        nothing = np.zeros(0, np.float32)
        if f0_hz is None or confidence is None:
            return PitchTrack(model.hop_s, nothing, nothing, nothing)
        level_db, peaks = _measure(self._heard, model.hop, len(f0_hz))
        sure = np.where(peaks < model.silence_peak, np.float32(0), confidence)[start:end]
        level_db = np.maximum(level_db - np.float32(20) * np.log10(self._gain), np.float32(_FLOOR_DB))
        heard = np.where(sure >= _SURE, f0_hz[start:end], np.float32(0))
        return PitchTrack(model.hop_s, heard, sure, level_db[start:end])


def track_pitch(work: Work, sound: Readable, sample_rate: int, net: PitchNet | None = None) -> PitchTrack:
    """Return the pitch of one voice in `sound` `(channels, frames)`; memory is bounded but for the result.

    Quiet sound is brought to a level at which the net hears it, what is far below the voice's own loud
    places counts as silence, and leaps of an octave for a moment are taken back.

    Raises:
        InputError: samples that are not numbers.
        ModelError: the net is missing, damaged or failed.
        Cancelled: within a second.

    """
    frames = sound.shape[1]
    peak = _peak(work.part(0.0, 0.1, "Listening"), sound)
    gain = _WANTED_PEAK / peak if _NOISE_PEAK < peak < _QUIET_PEAK else 1.0
    stream = PitchStream(net or PitchNet(), sample_rate, gain=gain, window_hops=_WINDOW_HOPS)
    pieces = []
    hearing = work.part(0.1, 1.0, "Hearing the pitch")
    for start in range(0, frames, _BLOCK_FRAMES):
        hearing.report(start / frames)
        pieces.append(stream.push(hearing, sound[:, start : start + _BLOCK_FRAMES]))
    pieces.append(stream.finish(hearing))
    return refine_track(join_tracks(pieces))


def join_tracks(pieces: Iterable[PitchTrack]) -> PitchTrack:
    """Return the pieces of one stream as one track; there must be one at least."""
    parts = list(pieces)
    return PitchTrack(
        parts[0].hop_s,
        np.concatenate([part.f0_hz for part in parts]),
        np.concatenate([part.confidence for part in parts]),
        np.concatenate([part.level_db for part in parts]),
    )


def refine_track(track: PitchTrack) -> PitchTrack:
    """Return a whole track without what is far below its voice, and without leaps of an octave."""
    if not track.voiced.any():
        return track
    loud_db = np.percentile(track.level_db[track.voiced], 90)
    f0_hz = np.where(track.level_db > loud_db - _GATE_DB, track.f0_hz, np.float32(0))
    return replace(track, f0_hz=mend_octaves(f0_hz, track.hop_s))


def _measure(audio: Floats, hop: int, hops: int) -> tuple[Floats, Floats]:
    """Return the level in dB of the two hops around each frame, and the peak of the hop after it."""
    padded = np.zeros(hops * hop, np.float32)
    kept = min(len(audio), len(padded))
    padded[:kept] = audio[:kept]
    grouped = padded.reshape(hops, hop)
    power = np.square(grouped, dtype=np.float64).sum(axis=1)
    both = power + np.concatenate(([0.0], power[:-1]))
    level_db = 10 * np.log10(np.maximum(both / (2 * hop), 10 ** (_FLOOR_DB / 10)))
    return level_db.astype(np.float32), np.abs(grouped).max(axis=1)


def _peak(work: Work, sound: Readable) -> float:
    frames = sound.shape[1]
    peak = 0.0
    for start in range(0, frames, _BLOCK_FRAMES):
        work.report(start / frames)
        block = sound[:, start : start + _BLOCK_FRAMES]
        peak = max(peak, float(block.max()), -float(block.min()))
    return peak
