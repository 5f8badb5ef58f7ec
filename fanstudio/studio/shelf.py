"""The shelf: finds loops and one-shots, and lets them be heard in the session's tempo."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from fanstudio.audio.digest import hash_file
from fanstudio.audio.kit import read_sound
from fanstudio.audio.samples import Samples
from fanstudio.audio.stretch import stretch
from fanstudio.errors import AudioFileError, EditError
from fanstudio.jobs import Work
from fanstudio.model.scale import parse_key
from fanstudio.model.session import Session
from fanstudio.model.timebase import tempo_at
from fanstudio.model.warp import Warp
from fanstudio.studio.drum_machine import DrumMachine
from fanstudio.studio.shelf_table import Kind, Recording, ShelfItem

#: A loop further away than this changes its character when it is stretched.
_NEAR_STRETCH = 1.2
#: Nobody hears a difference in tempo below this.
_SAME = 5e-4
_TURNS = 3
_SEAM_S = 0.02


@dataclass(frozen=True, slots=True)
class Query:
    """What is looked for; an empty field asks for nothing.

    `bpm` keeps loops that need little stretching to that tempo, `key` those of this key or its relative.
    """

    text: str = ""
    kind: Kind | None = None
    bpm: float | None = None
    key: str = ""


def search(items: Iterable[ShelfItem], query: Query) -> tuple[ShelfItem, ...]:
    """Return the items that a query asks for, in the order of the shelf."""
    return tuple(item for item in items if _matches(item, query))


def session_tempo(session: Session, frame: int) -> float | None:
    """Return the tempo to which loops are fitted at a frame; None where the session has none."""
    return tempo_at(session, frame).bpm if session.tempo else None


def stretch_to(item: ShelfItem, bpm: float | None) -> float:
    """Return to how many times its length a recorded loop is stretched for a tempo.

    A loop may play in half or double time, whichever is nearer. What has no tempo stays as it is, and
    patterns are never stretched.
    """
    if bpm is None or item.bpm is None or item.pattern is not None:
        return 1.0
    nearest = min((item.bpm * factor / bpm for factor in (0.5, 1.0, 2.0)), key=lambda by: abs(math.log(by)))
    return 1.0 if abs(nearest - 1) < _SAME else nearest


def hear(work: Work, machine: DrumMachine, item: ShelfItem, bpm: float | None, sample_rate: int) -> Samples:
    """Return an item as it sounds at a tempo, float32 `(2, frames)`; a loop can be repeated without a seam.

    Raises:
        AudioFileError: its file is missing or damaged.

    """
    if item.pattern is not None:
        return machine.render(replace(item.pattern, bpm=bpm or item.pattern.bpm), sample_rate)
    assert item.recording is not None
    samples = read_recording(item.recording, item.name, sample_rate)
    by = stretch_to(item, bpm)
    return samples if by == 1.0 else _stretched(work, samples, sample_rate, by)


def read_recording(recording: Recording, name: str, sample_rate: int) -> Samples:
    """Return a sound of the shelf at a rate, `(2, frames)`; raise AudioFileError if it is not whole."""
    check_recording(recording, name)
    return read_sound(recording.path, sample_rate)


def check_recording(recording: Recording, name: str) -> None:
    """Raise AudioFileError where a file of the shelf is missing or is not what was shipped."""
    try:
        whole = hash_file(Work(), recording.path) == recording.sha256
    except (OSError, AudioFileError):
        whole = False
    if not whole:
        raise AudioFileError(
            f"“{name}” is missing from the shelf, or damaged.", hint="Install fanstudio again."
        )


def _stretched(work: Work, samples: Samples, sample_rate: int, by: float) -> Samples:
    """Stretch a loop between two copies of itself, and let its end fade into what led to its start.

    A phase vocoder comes back to a place with other phases: cut where it repeats, it would click.
    """
    turns = np.tile(samples, (1, _TURNS))
    warp = Warp(stretch=by)
    stretched = np.concatenate(tuple(stretch(work, turns, sample_rate, warp)), axis=1)
    frames = warp.length(samples.shape[1])
    loop = stretched[:, frames : 2 * frames].copy()
    fade = min(round(_SEAM_S * sample_rate), frames)
    rising = np.sin(np.linspace(0, np.pi / 2, fade, dtype=np.float32))
    before = stretched[:, frames - fade : frames]
    loop[:, frames - fade :] = loop[:, frames - fade :] * rising[::-1] + before * rising
    return loop


def _matches(item: ShelfItem, query: Query) -> bool:
    if query.kind is not None and item.kind is not query.kind:
        return False
    if query.bpm is not None and not _is_near(item, query.bpm):
        return False
    if query.key and item.key and not _fits(item.key, query.key):
        return False
    words = f"{item.name} {item.kind} {item.key} {item.credit.author}".casefold()
    return all(word in words for word in query.text.casefold().split())


def _is_near(item: ShelfItem, bpm: float) -> bool:
    by = stretch_to(item, bpm)
    return 1 / _NEAR_STRETCH <= by <= _NEAR_STRETCH


def _fits(key: str, other: str) -> bool:
    """Tell whether two keys have the same notes, as a key and its relative have; what is no key fits all."""
    try:
        one, two = parse_key(key), parse_key(other)
    except EditError:
        return True
    return one is None or two is None or one.notes == two.notes
