"""Speech made to sing: the melody for a pitch, even levels, breaths, and WORLD to sound it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyworld
from numpy.typing import NDArray
from phrasing import STEP_S, Stretch, lay_out, nucleus, spoken_syllables
from score import SAMPLE_RATE, Line, Syllable, frame_of, midi_key
from speech import PERIOD_S, Speech, speak

Samples = NDArray[np.float64]

BREATH_S = 0.3


@dataclass(frozen=True, slots=True)
class Singer:
    """How a part is sung: the flite voice, its octave, its formants and how it strays from the score.

    One of the choir sings the syllables that have a harmony: that harmony, or the melody along with the lead.
    """

    voice: str
    seed: int
    octaves: int = 0
    formant_ratio: float = 1.0
    delay_s: float = 0.0
    detune_cents: float = 0.0
    vibrato_cents: float = 28.0
    choir: bool = False
    harmony: bool = False
    breath_gain: float = 0.0


@dataclass(frozen=True, slots=True)
class Frames:
    """What WORLD sounds, a row every period: pitch (0 for none), power envelope, noisiness; and its start."""

    start_s: float
    pitch_hz: Samples
    envelope: Samples
    noisiness: Samples


def sing_all(lines: tuple[Line, ...], singer: Singer, length_frames: int) -> Samples:
    """Sing lines into one mono track of the given length; peaks at 1 (silence if there are no lines)."""
    track = np.zeros(length_frames)
    for line in lines:
        start, samples = sing(line, singer)
        end = min(start + samples.size, length_frames)
        track[start:end] += samples[: end - start]
    return track / max(float(np.abs(track).max()), 1e-9)


def sing(line: Line, singer: Singer) -> tuple[int, Samples]:
    """Sing one line and return the song's frame it begins at and its samples, mono at the song's rate."""
    speech = speak(line.text, singer.voice)
    frames = _sung(line, singer, speech)
    if singer.breath_gain:
        frames = _breathe_in(frames, line, speech, singer.breath_gain)
    samples = pyworld.synthesize(
        frames.pitch_hz,
        np.ascontiguousarray(_shift_formants(frames.envelope, singer.formant_ratio)),
        np.ascontiguousarray(np.clip(frames.noisiness, 1e-4, 1 - 1e-4)),
        SAMPLE_RATE,
        1000 * PERIOD_S,
    )
    return frame_of(line.bar) + round((frames.start_s + singer.delay_s) * SAMPLE_RATE), samples


def _sung(line: Line, singer: Singer, speech: Speech) -> Frames:
    plan = lay_out(line, speech)
    if singer.choir:
        plan = [piece for piece in plan if line.syllables[piece.syllable].harmony]
    times_s = np.arange(plan[0].start_s - 2 * PERIOD_S, plan[-1].end_s + 0.1, PERIOD_S)
    source_s, voiced, sounding = _follow(plan, times_s)
    rows = np.clip(source_s / PERIOD_S, 0, len(speech.envelope) - 1.001)
    return Frames(
        start_s=float(times_s[0]),
        pitch_hz=np.where(voiced, melody_hz(line, singer, times_s), 0.0),
        envelope=np.exp(_between(np.log(speech.envelope), rows)) * _gain(plan, speech, times_s, sounding),
        noisiness=_between(_voiced_noisiness(speech), rows),
    )


def _breathe_in(frames: Frames, line: Line, speech: Speech, gain: float) -> Frames:
    """Put a breath before a line: its first vowel, without voice and lows."""
    phones = spoken_syllables(line, speech)[0]
    vowel = phones[nucleus(phones)]
    shape = speech.envelope[round((vowel.begin_s + vowel.end_s) / 2 / PERIOD_S)]
    lows = np.minimum(1, np.linspace(0, SAMPLE_RATE / 2, shape.size) / 1800) ** 2
    swell = np.sin(np.linspace(0, np.pi, round(BREATH_S / PERIOD_S))) ** 2
    breath = np.maximum(np.outer(swell, shape * lows), 1e-6 * shape.mean())
    breath *= gain**2 * frames.envelope.mean() / breath.mean()
    return Frames(
        start_s=frames.start_s - len(breath) * PERIOD_S,
        pitch_hz=np.concatenate([np.zeros(len(breath)), frames.pitch_hz]),
        envelope=np.concatenate([breath, frames.envelope]),
        noisiness=np.concatenate([np.ones_like(breath), frames.noisiness]),
    )


def melody_hz(line: Line, singer: Singer, times_s: Samples) -> Samples:
    """Return the sung pitch: the notes with portamento, late vibrato and a slow drift of a few cents."""
    rng = np.random.default_rng(singer.seed + line.bar)
    cents = np.empty_like(times_s)
    vibrato = np.zeros_like(times_s)
    for syllable in line.syllables:
        start_s = syllable.step * STEP_S
        since_s = times_s - start_s
        from_here = since_s > -0.05
        cents[from_here] = _note_cents(syllable, singer)
        if syllable is line.syllables[0]:
            cents[~from_here] = cents[from_here][0] - 120
        cents[from_here] -= (90 * np.exp(-np.maximum(since_s + 0.05, 0) / 0.05))[from_here]
        depth = np.clip((since_s - 0.2) / 0.3, 0, 1)
        vibrato[from_here] = (depth * np.sin(2 * np.pi * 5.4 * since_s))[from_here]
    sung = _smooth(cents, 0.022) + singer.vibrato_cents * _smooth(vibrato, 0.02)
    sung += _wander(rng, times_s.size, 0.12, 6) + _wander(rng, times_s.size, 0.02, 5)
    return 440 * np.exp2((sung + singer.detune_cents - 6900) / 1200 + singer.octaves)


def _note_cents(syllable: Syllable, singer: Singer) -> float:
    return 100.0 * midi_key((singer.harmony and syllable.harmony) or syllable.note)


def _wander(rng: np.random.Generator, count: int, width_s: float, cents: float) -> Samples:
    """Return a random curve of the given standard deviation: nobody holds a note quite still."""
    curve = _smooth(rng.standard_normal(count), width_s)
    return cents * curve / float(curve.std())


def _smooth(curve: Samples, width_s: float) -> Samples:
    """Smooth by a Gaussian of the given standard deviation; the ends are held."""
    width = width_s / PERIOD_S
    reach = int(4 * width) + 1
    bell = np.exp(-0.5 * (np.arange(-reach, reach + 1) / width) ** 2)
    return np.convolve(np.pad(curve, reach, mode="edge"), bell / bell.sum(), mode="valid")


def _follow(plan: list[Stretch], times_s: Samples) -> tuple[Samples, NDArray[np.bool_], Samples]:
    """Return, a frame: the second of speech to take, whether it has pitch, and 1 where anything sounds."""
    source_s = np.full_like(times_s, plan[0].from_s)
    voiced = np.zeros(times_s.size, dtype=bool)
    sounding = np.zeros_like(times_s)
    for piece in plan:
        here = (times_s >= piece.start_s) & (times_s < piece.end_s)
        along = (times_s[here] - piece.start_s) / (piece.end_s - piece.start_s)
        source_s[here] = piece.from_s + along * (piece.to_s - piece.from_s)
        voiced[here] = piece.voiced
        sounding[here] = 1.0
        after = times_s >= piece.end_s
        source_s[after], voiced[after] = piece.to_s, piece.voiced
    return source_s, voiced, sounding


def _between(rows: Samples, positions: Samples) -> Samples:
    low = positions.astype(int)
    part = (positions - low)[:, None]
    return rows[low] * (1 - part) + rows[low + 1] * part


def _voiced_noisiness(speech: Speech) -> Samples:
    """Give frames in which no pitch was heard the noisiness of the nearest frame that has one."""
    heard = np.flatnonzero(speech.pitch_hz > 0)
    nearest = heard[np.abs(np.arange(len(speech.pitch_hz))[:, None] - heard[None, :]).argmin(axis=1)]
    return speech.noisiness[nearest]


def _gain(plan: list[Stretch], speech: Speech, times_s: Samples, sounding: Samples) -> Samples:
    """Return a power gain a frame: syllables about equally loud, each fading a little, silent rests."""
    level_db = np.zeros_like(times_s)
    for number in sorted({piece.syllable for piece in plan}):
        pieces = [piece for piece in plan if piece.syllable == number]
        start_s, end_s = pieces[0].start_s, pieces[-1].end_s
        low, high = (round(edge / PERIOD_S) for edge in (pieces[0].from_s, pieces[-1].to_s))
        power_db = 10 * np.log10(speech.envelope[low : high + 1].mean(axis=1).max())
        fade = np.clip((times_s - start_s - 0.25) / 1.2, 0, 1)
        here = (times_s >= start_s) & (times_s < end_s + 0.1)
        level_db[here] = (-0.8 * power_db - 4 * fade)[here]
    gate = np.clip(_smooth(sounding, 0.012), 0, 1)
    return np.maximum(np.power(10, _smooth(level_db, 0.03) / 10) * gate**2, 1e-9)[:, None]


def _shift_formants(envelope: Samples, ratio: float) -> Samples:
    if ratio == 1.0:
        return envelope
    bins = np.arange(envelope.shape[1], dtype=np.float64)
    return np.stack([np.interp(bins / ratio, bins, frame) for frame in envelope])
