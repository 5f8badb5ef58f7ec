"""Phrasing: which part of a spoken line fills which part of the sung one."""

from __future__ import annotations

from dataclasses import dataclass

from score import FRAMES_PER_STEP, SAMPLE_RATE, Line
from speech import Phone, Speech

STEP_S = FRAMES_PER_STEP / SAMPLE_RATE
DIPHTHONGS = frozenset(("aw", "ay", "ey", "ow", "oy"))
VOWELS = DIPHTHONGS | {"aa", "ae", "ah", "ao", "ax", "eh", "er", "ih", "iy", "uh", "uw"}
UNVOICED = frozenset(("p", "t", "k", "s", "sh", "f", "hh", "ch", "th", "pau"))


@dataclass(frozen=True, slots=True)
class Stretch:
    """A piece of a sung syllable: where it lies in the line and what part of the speech fills it."""

    start_s: float
    end_s: float
    from_s: float
    to_s: float
    voiced: bool
    syllable: int


def spoken_syllables(line: Line, speech: Speech) -> list[list[Phone]]:
    """Return the spoken phones of each syllable.

    Raises:
        ValueError: the score does not spell the line as flite says it.

    """
    spoken = iter(phone for phone in speech.phones if phone.name != "pau")
    syllables = [[next(spoken) for _ in syllable.phones.split()] for syllable in line.syllables]
    said = [" ".join(name for name, _, _ in phones) for phones in syllables]
    written = [syllable.phones for syllable in line.syllables]
    if said != written:
        raise ValueError(f"flite says {said}, the score says {written}")
    return syllables


def nucleus(phones: list[Phone]) -> int:
    """Return the index of the vowel a syllable is held on."""
    return max(index for index, (name, _, _) in enumerate(phones) if name in VOWELS)


def lay_out(line: Line, speech: Speech) -> list[Stretch]:
    """Lay a line out in time: vowels begin on the beat and stretch, consonants keep their length."""
    spoken = spoken_syllables(line, speech)
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
    return min(phones[nucleus(phones)].begin_s - phones[0].begin_s, 0.17)


def _lay_syllable(index: int, phones: list[Phone], times_s: tuple[float, float, float]) -> list[Stretch]:
    lead_in_s, start_s, end_s = times_s
    held = nucleus(phones)
    onset, coda = phones[:held], phones[held + 1 :]
    coda_length_s = min(sum(end - begin for _, begin, end in coda), 0.45 * (end_s - start_s))
    vowel_end_s = end_s - coda_length_s
    return [
        *_lay_run(index, onset, lead_in_s, start_s),
        *_lay_vowel(index, phones[held], start_s, vowel_end_s),
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
