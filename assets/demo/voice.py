"""Speech made to sing: vowels stretched to the notes, the melody for a pitch, and WORLD to sound it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyworld
from numpy.typing import NDArray
from score import FRAMES_PER_STEP, SAMPLE_RATE, Line, Syllable, frame_of, midi_key
from speech import PERIOD_S, Phone, Speech, speak

Samples = NDArray[np.float64]

STEP_S = FRAMES_PER_STEP / SAMPLE_RATE
DIPHTHONGS = frozenset(("aw", "ay", "ey", "ow", "oy"))
VOWELS = DIPHTHONGS | {"aa", "ae", "ah", "ao", "ax", "eh", "er", "ih", "iy", "uh", "uw"}
UNVOICED = frozenset(("p", "t", "k", "s", "sh", "f", "hh", "ch", "th", "pau"))


@dataclass(frozen=True, slots=True)
class Singer:
    """How a part is sung: the flite voice, its octave, its formants and how it strays from the score."""

    voice: str
    seed: int
    octaves: int = 0
    formant_ratio: float = 1.0
    delay_s: float = 0.0
    detune_cents: float = 0.0
    vibrato_cents: float = 28.0
    harmony: bool = False


@dataclass(frozen=True, slots=True)
class Stretch:
    """A piece of a sung syllable: where it lies in the line and what part of the speech fills it."""

    start_s: float
    end_s: float
    from_s: float
    to_s: float
    voiced: bool
    syllable: int


def _match(line: Line, speech: Speech) -> list[list[Phone]]:
    """Return the spoken phones of each syllable; the score must spell the line as flite says it."""
    spoken = iter(phone for phone in speech.phones if phone.name != "pau")
    syllables = [[next(spoken) for _ in syllable.phones.split()] for syllable in line.syllables]
    said = [" ".join(name for name, _, _ in phones) for phones in syllables]
    written = [syllable.phones for syllable in line.syllables]
    if said != written:
        raise ValueError(f"flite says {said}, the score says {written}")
    return syllables


def _nucleus(phones: list[Phone]) -> int:
    return max(index for index, (name, _, _) in enumerate(phones) if name in VOWELS)


def _plan(line: Line, speech: Speech) -> list[Stretch]:
    """Lay the phones on the line: vowels begin on the beat and stretch, consonants keep their length."""
    spoken = _match(line, speech)
    lead_ins_s = [_lead_in_s(phones) for phones in spoken]
    plan: list[Stretch] = []
    for index, (syllable, phones) in enumerate(zip(line.syllables, spoken, strict=True)):
        start_s = syllable.step * STEP_S
        end_s = (syllable.step + syllable.length_steps) * STEP_S
        if index + 1 < len(spoken):
            end_s = min(end_s, line.syllables[index + 1].step * STEP_S - lead_ins_s[index + 1])
        plan += _lay_syllable(index, phones, (start_s - lead_ins_s[index], start_s, end_s))
    return plan


def _lead_in_s(phones: list[Phone]) -> float:
    """Return how long before its vowel a syllable begins; a crowd of consonants is hurried."""
    return min(phones[_nucleus(phones)].begin_s - phones[0].begin_s, 0.17)


def _lay_syllable(index: int, phones: list[Phone], times_s: tuple[float, float, float]) -> list[Stretch]:
    lead_in_s, start_s, end_s = times_s
    nucleus = _nucleus(phones)
    onset, coda = phones[:nucleus], phones[nucleus + 1 :]
    coda_length_s = min(sum(end - begin for _, begin, end in coda), 0.45 * (end_s - start_s))
    vowel_end_s = end_s - coda_length_s
    return [
        *_lay_run(index, onset, lead_in_s, start_s),
        *_lay_vowel(index, phones[nucleus], start_s, vowel_end_s),
        *_lay_run(index, coda, vowel_end_s, end_s),
    ]


def _lay_run(index: int, phones: list[Phone], start_s: float, end_s: float) -> list[Stretch]:
    """Lay consonants one after the other, all shortened by the same ratio if they must be."""
    if not phones:
        return []
    ratio = (end_s - start_s) / (phones[-1].end_s - phones[0].begin_s)
    laid = []
    for name, begin, end in phones:
        at_s = start_s + ratio * (begin - phones[0].begin_s)
        laid.append(Stretch(at_s, at_s + ratio * (end - begin), begin, end, name not in UNVOICED, index))
    return laid


def _lay_vowel(index: int, phone: Phone, start_s: float, end_s: float) -> list[Stretch]:
    """Keep a vowel's way in and out as spoken and stretch only its middle; a diphthong turns at its end."""
    name, begin, end = phone
    spoken_s, sung_s = end - begin, end_s - start_s
    held_from, held_to = (0.25, 0.42) if name in DIPHTHONGS else (0.35, 0.6)
    hold_s = sung_s - spoken_s * (1 - held_to + held_from)
    if hold_s < spoken_s * (held_to - held_from):
        return [Stretch(start_s, end_s, begin, end, True, index)]
    first_s, second_s = begin + held_from * spoken_s, begin + held_to * spoken_s
    into_s = start_s + held_from * spoken_s
    return [
        Stretch(start_s, into_s, begin, first_s, True, index),
        Stretch(into_s, into_s + hold_s, first_s, second_s, True, index),
        Stretch(into_s + hold_s, end_s, second_s, end, True, index),
    ]


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
    return 100.0 * midi_key(syllable.harmony if singer.harmony else syllable.note)


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


def sing(line: Line, singer: Singer) -> tuple[int, Samples]:
    """Sing one line and return the song's frame it begins at and its samples, mono at the song's rate."""
    speech = speak(line.text, singer.voice)
    plan = _plan(line, speech)
    first_s, last_s = plan[0].start_s - 0.03, plan[-1].end_s + 0.1
    times_s = np.arange(first_s, last_s, PERIOD_S)
    source_s, voiced, sounding = _follow(plan, times_s)
    frames = np.clip(source_s / PERIOD_S, 0, len(speech.envelope) - 1.001)
    envelope = np.exp(_between(np.log(speech.envelope), frames)) * _gain(plan, speech, times_s, sounding)
    noisiness = _between(_voiced_noisiness(speech), frames)
    pitch_hz = np.where(voiced, melody_hz(line, singer, times_s), 0.0)
    samples = pyworld.synthesize(
        pitch_hz,
        np.ascontiguousarray(_shift_formants(envelope, singer.formant_ratio)),
        np.ascontiguousarray(np.clip(noisiness, 1e-4, 1 - 1e-4)),
        SAMPLE_RATE,
        1000 * PERIOD_S,
    )
    return frame_of(line.bar) + round((first_s + singer.delay_s) * SAMPLE_RATE), samples


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


def sing_all(lines: tuple[Line, ...], singer: Singer, length_frames: int) -> Samples:
    """Sing lines into one mono track of the given length; peaks at 1 (silence if there are no lines)."""
    track = np.zeros(length_frames)
    for line in lines:
        start, samples = sing(line, singer)
        end = min(start + samples.size, length_frames)
        track[start:end] += samples[: end - start]
    return track / max(float(np.abs(track).max()), 1e-9)
