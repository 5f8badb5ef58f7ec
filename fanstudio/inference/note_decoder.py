"""Posteriors of notes read as notes: when each begins and ends, and how its pitch moves."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from fanstudio.inference.note_net import Floats, NoteModel, Posteriors

Flags = NDArray[np.bool_]

#: How likely a beginning must be, that of a note which sounds already, and the note that follows it.
_BEGINS, _AGAIN, _SOUNDS = 0.6, 0.7, 0.33
#: What begins so soon after its note began, in seconds, is the same stroke.
_SAME_STROKE_S = 0.1
#: A note without a beginning must be this likely for so long, in seconds.
_SWELLS, _SWELL_S = 0.45, 0.07
#: A note that is gone for this long has ended.
_GAP_S = 0.09
#: Shorter ones are none; longer ones are cut, so that memory stays bounded. In seconds.
_SHORTEST_S, _LONGEST_S = 0.06, 60.0
#: How sure the net is of low keys, the first and all below, against those from the second on.
_LOW_KEYS, _LOW_SURE = (25, 33), (0.6, 1.0)
#: Entries that a beginning's peak needs on either side.
_CONTEXT = 2
#: How far from a note its pitch is looked for, in semitones.
_REACH = 1.4
_TINY = 1e-9
_FLOOR_DB = -140.0


@dataclass(frozen=True, slots=True, eq=False)
class HeardNote:
    """A note as the net heard it: its first entry, the one after its last, and which.

    `sureness` is the mean of its frames, `onset` how likely its beginning was. `levels_db` tells how strong
    it was at each entry, and `bends` its pitch, in semitones above the note.
    """

    first: int
    last: int
    note: int
    sureness: float
    onset: float
    levels_db: Floats
    bends: Floats


class NoteDecoder:
    """Takes posteriors piece by piece; a note is given out when it has ended.

    A note begins at a peak of the onsets, or where it swells without one, and goes on while it is likely,
    with short gaps. All notes of an entry are looked at together; memory holds the notes that sound.
    """

    def __init__(self, model: NoteModel) -> None:
        """Start before the first entry."""
        self._model = model
        self._gap, self._shortest, self._swell, self._longest, self._stroke = (
            max(1, round(seconds / model.hop_s))
            for seconds in (_GAP_S, _SHORTEST_S, _SWELL_S, _LONGEST_S, _SAME_STROKE_S)
        )
        keys = model.lowest_note + np.arange(model.notes)
        self._typical: Floats = np.interp(keys, _LOW_KEYS, _LOW_SURE).astype(np.float32)
        nothing = np.zeros((_CONTEXT, model.notes), np.float32)
        #: Entries from `_from` on: those of notes that sound, and what is not decided yet.
        self._kept = _Kept(nothing, nothing, nothing, np.full_like(nothing, _FLOOR_DB))
        self._from = -_CONTEXT
        self._at = 0
        self._began = np.full(model.notes, -1)
        self._onset = np.zeros(model.notes, np.float32)
        self._loud = np.zeros(model.notes, np.int64)
        self._swelling = np.zeros(model.notes, np.int64)

    def push(self, heard: Posteriors) -> list[HeardNote]:
        """Take some entries; return the notes that ended in them, as far as that is known."""
        onset, frame = (np.minimum(part / self._typical, 1) for part in (heard.onset, heard.frame))
        told = replace(heard, onset=onset, frame=frame)
        self._kept = self._kept.joined(told, _bends(heard.contour, self._model))
        return self._decide(self._from + len(self._kept) - _CONTEXT)

    def finish(self) -> list[HeardNote]:
        """Return the notes that are left."""
        model = self._model
        after = np.zeros((_CONTEXT, model.notes), np.float32)
        contour = np.zeros((_CONTEXT, model.notes * model.steps_per_note), np.float32)
        ended = self.push(Posteriors(after, after, contour, np.full_like(after, _FLOOR_DB)))
        return ended + self._end(np.flatnonzero(self._began >= 0), self._at)

    def _decide(self, until: int) -> list[HeardNote]:
        ended: list[HeardNote] = []
        first = self._at - self._from
        begins = _beginnings(self._kept, first, until - self._from)
        tops = _tops(self._kept.frame[first : until - self._from])
        for place, (begin, top) in enumerate(zip(begins, tops, strict=True), first):
            ended += self._step(self._kept.frame[place], self._kept.onset[place], begin, top)
        self._forget()
        return ended

    def _step(self, frame: Floats, onset: Floats, begins: Flags, tops: Flags) -> list[HeardNote]:
        """Go one entry on."""
        at = self._at
        sounds = frame >= _SOUNDS
        active = self._began >= 0
        begins = begins & (~active | ((onset >= _AGAIN) & (at - self._began > self._stroke)))
        over = active & (begins | (at - self._loud > self._gap) | (at - self._began >= self._longest))
        ended = self._end(np.flatnonzero(over), at) if over.any() else []
        active &= ~over
        self._swelling = np.where((frame >= _SWELLS) & ~active, self._swelling + 1, 0)
        swelled = (self._swelling >= self._swell) & tops & ~begins
        starts = begins | swelled
        if starts.any():
            self._began[starts] = np.where(swelled, at - self._swell + 1, at)[starts]
            self._onset[starts] = onset[starts]
        self._loud[sounds | starts] = at
        self._at += 1
        return ended

    def _end(self, places: NDArray[np.int64], at: int) -> list[HeardNote]:
        """Return the notes at `places` as ended, and forget them."""
        ended = [self._note(int(place), at) for place in places]
        self._began[places] = -1
        return [note for note in ended if note.last - note.first >= self._shortest]

    def _note(self, place: int, at: int) -> HeardNote:
        first, last = int(self._began[place]), min(at, int(self._loud[place]) + 1)
        kept = slice(first - self._from, max(first + 1, last) - self._from)
        return HeardNote(
            first=first,
            last=last,
            note=self._model.lowest_note + place,
            sureness=float(self._kept.frame[kept, place].mean()),
            onset=float(self._onset[place]),
            levels_db=self._kept.level_db[kept, place].copy(),
            bends=self._kept.bends[kept, place].copy(),
        )

    def _forget(self) -> None:
        """Keep only entries that are needed still."""
        sounding = self._began[self._began >= 0]
        needed = min(int(sounding.min()) if len(sounding) else self._at, self._at - self._swell) - _CONTEXT
        if needed > self._from:
            self._kept = self._kept.after(needed - self._from)
            self._from = needed


@dataclass(frozen=True, slots=True, eq=False)
class _Kept:
    """Entries that are kept, `(entries, notes)` each."""

    onset: Floats
    frame: Floats
    bends: Floats
    level_db: Floats

    def __len__(self) -> int:
        return len(self.frame)

    def joined(self, heard: Posteriors, bends: Floats) -> _Kept:
        return _Kept(
            np.concatenate((self.onset, heard.onset)),
            np.concatenate((self.frame, heard.frame)),
            np.concatenate((self.bends, bends)),
            np.concatenate((self.level_db, heard.level_db)),
        )

    def after(self, first: int) -> _Kept:
        return _Kept(self.onset[first:], self.frame[first:], self.bends[first:], self.level_db[first:])


def _beginnings(kept: _Kept, first: int, last: int) -> Flags:
    """Tell at which entries `first` up to `last` which notes begin: peaks in time, and among neighbours."""
    rise = np.maximum(kept.onset[first - 1 : last + 1], 0)
    here = rise[1:-1]
    peaks = (here >= _BEGINS) & (here > rise[:-2]) & (here >= rise[2:])
    following = np.maximum(kept.frame[first + 1 : last + 1], kept.frame[first + 2 : last + 2])
    return peaks & (following >= _SOUNDS) & _tops(here)


def _tops(values: Floats) -> Flags:
    """Tell which notes are no less likely than their neighbours, a semitone to either side."""
    padded = np.pad(values, [(0, 0)] * (values.ndim - 1) + [(1, 1)])
    tops: Flags = (values >= padded[..., :-2]) & (values >= padded[..., 2:])
    return tops


def _bends(contour: Floats, model: NoteModel) -> Floats:
    """Return the pitch beside each note at each entry, in semitones: the middle of what the contours show."""
    steps = model.steps_per_note
    middle = steps // 2
    reach = int(_REACH * steps)
    padded = np.pad(contour, ((0, 0), (reach, reach + middle)))
    offsets = np.arange(-reach, reach + 1)
    starts = reach + middle + offsets
    weights = np.power([padded[:, start : start + steps * model.notes : steps] for start in starts], 4)
    total = weights.sum(axis=0)
    bends: Floats = (np.tensordot(offsets / steps, weights, axes=1) / (total + _TINY)).astype(np.float32)
    return bends
