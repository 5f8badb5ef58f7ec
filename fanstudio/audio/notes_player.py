"""Plays notes on an instrument, in blocks, in memory that does not grow with the song."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from fanstudio.audio.instrument import Tones
from fanstudio.audio.played_note import PlayedNote
from fanstudio.audio.samples import Samples, silence
from fanstudio.audio.voice import Voice
from fanstudio.jobs import Work

#: Voices go on from one stretch to the next, all of this length, counted from the first frame.
_BLOCK_FRAMES = 8192
#: At once; of more, the oldest are cut off.
_MOST_VOICES = 48


def play(
    work: Work,
    notes: Iterable[PlayedNote],
    tones: Tones,
    length_frames: int,
) -> Iterator[Samples]:
    """Yield blocks `(2, frames)` of notes played on an instrument at its tones' rate, `length_frames` in all.

    A note that is struck again ends the one before. Equal notes give equal samples, bit for bit.

    Raises:
        AudioFileError: a file of the instrument is missing or damaged.
        Cancelled: within a block.

    """
    rate = tones.sample_rate
    waiting = sorted(notes, key=lambda note: (note.start_s, note.note), reverse=True)
    sounding: list[Voice] = []
    for first in range(0, length_frames, _BLOCK_FRAMES):
        work.report(first / length_frames, "Playing")
        block = silence(2, min(_BLOCK_FRAMES, length_frames - first))
        while waiting and round(waiting[-1].start_s * rate) < first + block.shape[1]:
            note = waiting.pop()
            voice = Voice(note, tones.instrument, tones.tone(note.note, note.velocity), rate)
            _make_way(sounding, voice)
            sounding.append(voice)
        sounding = [voice for voice in sounding if voice.add(block, first)]
        yield block


def _make_way(sounding: list[Voice], voice: Voice) -> None:
    """Cut off voices of the same key, and the oldest where there are too many."""
    for other in sounding:
        if other.key == voice.key:
            other.cut(voice.start)
    lasting = [other for other in sounding if other.end > voice.start + 1]
    for other in lasting[: max(0, len(lasting) + 1 - _MOST_VOICES)]:
        other.cut(voice.start)
