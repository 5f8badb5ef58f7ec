"""Which notes a sound holds, several at once: heard by a net, read by rules, streamed in bounded memory."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from fanstudio.audio.played_note import CURVE_HOP_S, PlayedNote
from fanstudio.audio.samples import Readable
from fanstudio.inference.note_decoder import HeardNote, NoteDecoder
from fanstudio.inference.note_net import Floats, NoteNet
from fanstudio.inference.note_stream import NoteStream
from fanstudio.jobs import Work

_BLOCK_FRAMES = 1 << 16
#: Semitones above a note at which its own harmonics lie.
_HARMONICS = (12, 19, 24, 28, 31, 36)
#: A note there that is less sure than so many times the lower one is a harmonic.
_HARMONIC_SURENESS = 0.75
#: A note that is less sure than this, with a beginning less likely than that, is none.
_UNSURE, _VAGUE = 0.35, 0.75
#: Entries by which a harmonic may seem to begin before its note.
_EARLY = 4
#: What is so far below the loud notes of a song, or below full scale, is bleed or noise.
_BELOW_DB, _NOISE_DB = 26.0, -90.0
#: So is what is so far below notes within so many seconds; an octave higher counts as so much louder.
_BESIDE_DB, _NEAR_S, _HIGHER_DB, _MIDDLE = 15.0, 0.14, 2.0, 60
#: A note of the net's usual sureness, and the least that velocity falls by doubt.
_SURE, _DOUBT = 0.7, 0.7
_SOFTEST, _LOUD = 0.15, 0.85
#: How long after its beginning a note is loudest, in seconds, and the least that it falls to.
_STROKE_S, _WEAKEST = 0.1, 0.2
#: Bends below this are the net's noise, in semitones, and count above twice that.
#: Curves are smoothed over so many entries.
_STILL, _SMOOTH = 0.1, 9


def transcribe(
    work: Work, sound: Readable, sample_rate: int, net: NoteNet | None = None
) -> tuple[PlayedNote, ...]:
    """Return the notes of `sound` `(channels, frames)` by their beginnings; none for silence and noise.

    Raises:
        InputError: samples that are not numbers.
        ModelError: the net is missing, damaged or failed.
        Cancelled: within a second.

    """
    net = net or NoteNet()
    decoder, stream = NoteDecoder(net.model), NoteStream(net, sample_rate)
    frames = sound.shape[1]
    heard: list[HeardNote] = []
    for start in range(0, frames, _BLOCK_FRAMES):
        work.report(start / frames, "Hearing the notes")
        for piece in stream.push(work, sound[:, start : start + _BLOCK_FRAMES]):
            heard += decoder.push(piece)
    for piece in stream.finish(work):
        heard += decoder.push(piece)
    heard += decoder.finish()
    return tuple(_played(without_ghosts(heard), net.model.hop_s))


def without_ghosts(heard: Iterable[HeardNote]) -> list[HeardNote]:
    """Return notes by their beginnings without those that are doubtful, or harmonics of others."""
    notes = sorted(
        (note for note in heard if note.sureness >= _UNSURE or note.onset >= _VAGUE),
        key=lambda note: (note.first, note.note),
    )
    kept: list[HeardNote] = []
    sounding: list[HeardNote] = []
    for note in notes:
        sounding = [other for other in sounding if other.last > note.first]
        soon = [other for other in _soon_after(notes, note) if other.note < note.note]
        if not any(_is_harmonic(note, other) for other in (*sounding, *soon)):
            kept.append(note)
        sounding.append(note)
    return kept


def _soon_after(notes: Sequence[HeardNote], note: HeardNote) -> list[HeardNote]:
    """Return which of `notes`, sorted by their beginnings, begin with one of them or just after."""
    first = bisect_left(notes, note.first, key=_beginning)
    last = bisect_right(notes, note.first + _EARLY, key=_beginning)
    return list(notes[first:last])


def _beginning(note: HeardNote) -> int:
    return note.first


def _is_harmonic(note: HeardNote, lower: HeardNote) -> bool:
    return note.note - lower.note in _HARMONICS and note.sureness < _HARMONIC_SURENESS * lower.sureness


def _played(heard: Sequence[HeardNote], hop_s: float) -> list[PlayedNote]:
    if not heard:
        return []
    tops_db = np.array([_top_db(note, hop_s) for note in heard])
    loud_db = float(np.percentile(tops_db, 90))
    kept = _stands_out(heard, tops_db, round(_NEAR_S / hop_s)) & (
        tops_db >= max(loud_db - _BELOW_DB, _NOISE_DB)
    )
    return [
        PlayedNote(
            start_s=note.first * hop_s,
            length_s=(note.last - note.first) * hop_s,
            note=note.note,
            velocity=_velocity(note, top_db - loud_db),
            bends=_bends(note.bends, hop_s),
            expression=_expression(note.levels_db - note.levels_db.max(), hop_s),
        )
        for note, top_db, stands_out in zip(heard, tops_db.tolist(), kept, strict=True)
        if stands_out
    ]


def _top_db(note: HeardNote, hop_s: float) -> float:
    """Return how strong a note is soon after its beginning; high notes are so with less power."""
    stroke = note.levels_db[: max(1, round(_STROKE_S / hop_s))]
    return float(stroke.max()) + _HIGHER_DB * (note.note - _MIDDLE) / 12


def _stands_out(heard: Sequence[HeardNote], tops_db: NDArray[np.float64], near: int) -> NDArray[np.bool_]:
    """Tell which notes are not far weaker than what sounds with them or just before and after: bleed is."""
    loudest_db = np.full(max(note.last for note in heard) + near + 1, -np.inf)
    for note, top_db in zip(heard, tops_db, strict=True):
        around = slice(max(0, note.first - near), note.last + near)
        np.maximum(loudest_db[around], top_db, out=loudest_db[around])
    beside_db = np.array([loudest_db[note.first : note.last + 1].max() for note in heard])
    stands_out: NDArray[np.bool_] = tops_db >= beside_db - _BESIDE_DB
    return stands_out


def _velocity(note: HeardNote, louder_db: float) -> float:
    """Return how hard a note was struck, as its amplitude goes with the square of it."""
    doubt = _DOUBT + (1 - _DOUBT) * min(1.0, note.sureness / _SURE)
    return float(np.clip(_LOUD * doubt * 10 ** (louder_db / 40), _SOFTEST, 1.0))


def _bends(bends: Floats, hop_s: float) -> Floats:
    """Return bends as a curve, still where the net only wavers."""
    curve = _curve(bends, hop_s)
    moved: Floats = (curve * np.clip(np.abs(curve) / _STILL - 1, 0, 1)).astype(np.float32)
    return moved


def _expression(below_db: Floats, hop_s: float) -> Floats:
    """Return how a note's strength falls with all that sounds, by half its decibels; it never grows."""
    strength: Floats = np.clip(10 ** (_curve(below_db, hop_s) / 40), _WEAKEST, 1.0).astype(np.float32)
    return strength


def _curve(values: Floats, hop_s: float) -> Floats:
    """Return what was heard at each entry on the grid of curves, smooth."""
    padded = np.pad(values, _SMOOTH // 2, mode="edge")
    smooth = np.convolve(padded, np.full(_SMOOTH, 1 / _SMOOTH), "valid")
    times = np.arange(max(1, round(len(values) * hop_s / CURVE_HOP_S))) * CURVE_HOP_S
    curve: Floats = np.interp(times, np.arange(len(smooth)) * hop_s, smooth).astype(np.float32)
    return curve
