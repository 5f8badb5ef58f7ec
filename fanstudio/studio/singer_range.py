"""The singer's range against the song's: by how many semitones the backing is best moved, and why."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from fanstudio.errors import InputError
from fanstudio.inference.pitch import PitchTrack
from fanstudio.jobs import Work
from fanstudio.model.scale import note_name
from fanstudio.model.session import Session, Source, Track
from fanstudio.model.voice_edits import move_backing
from fanstudio.studio.pitch import Pitches, as_heard, is_recorded, original_voices
from fanstudio.studio.project import Project

#: The backing loses its sound beyond this.
MOST_SEMITONES = 6
#: What of a line is not its range: slips and slides at either end.
_OUTSIDE_PERCENT = 3.0
#: Less than this tells no range.
_LEAST_SUNG_S = 2.0
#: What is beyond the range by less is in it.
_SLACK = 0.5
#: A square semitone above the range strains more than one below it, moving the song is no good in itself,
#: and singing it an octave away is worse.
_ABOVE, _PER_SEMITONE, _PER_OCTAVE = 1.5, 0.2, 1.2


@dataclass(frozen=True, slots=True)
class VoiceRange:
    """From the lowest to the highest note, as MIDI notes."""

    low: float
    high: float

    def __str__(self) -> str:
        """Write the range: "A3 to E5"."""
        return f"{note_name(self.low)} to {note_name(self.high)}"


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What to move the backing by, whether the singer sings it octaves away, and the reason in words."""

    semitones: int
    octaves: int
    #: Semitones of the song that stay out of reach.
    beyond: float
    words: str


def range_of(tracks: Iterable[PitchTrack]) -> VoiceRange:
    """Return the range of what is sung, but for the outermost three percent at either end.

    Raises:
        InputError: less than two seconds are sung.

    """
    sung = [(track.semitones[track.voiced], track.hop_s) for track in tracks]
    if sum(len(notes) * hop_s for notes, hop_s in sung) < _LEAST_SUNG_S:
        raise InputError(
            "Too little is sung to tell a range.", hint="Sing or hum from your lowest to your highest note."
        )
    notes = np.concatenate([notes for notes, _ in sung])
    low, high = np.percentile(notes, (_OUTSIDE_PERCENT, 100 - _OUTSIDE_PERCENT))
    return VoiceRange(float(low), float(high))


def hear_ranges(work: Work, project: Project, pitches: Pitches) -> tuple[VoiceRange | None, VoiceRange]:
    """Return the range of what the fan recorded, or None for too little, and that of the song's own voice.

    The song's is told as it sounds, moved where its clips are.

    Raises:
        InputError: the song has no voice of its own on a track.
        AudioFileError, ModelError, StorageError: a file, the net or the cache failed.
        Cancelled: within a second.

    """
    session = project.document.session
    fans = [source for track in session.tracks for source in recorded_sources(session, track)]
    song = original_voices(session)
    if not song:
        raise InputError("The song has no voice on a track of its own.", hint="Split it into stems first.")
    wanted = [*fans, *(session.source(clip.source) for clip in song)]
    heard = {
        source.id: pitches.hear(work.part(number / len(wanted), (number + 1) / len(wanted)), source)
        for number, source in enumerate(wanted)
    }
    moved = [as_heard(clip, heard[clip.source], session.sample_rate)[1] for clip in song]
    try:
        singer = range_of([heard[source.id] for source in fans])
    except InputError:
        singer = None
    return singer, range_of(moved)


def suggest(singer: VoiceRange, song: VoiceRange) -> Suggestion:
    """Return the move of the backing that brings the song's voice into the singer's range.

    The song may be sung up to two octaves away, as men sing women's songs; the smaller move is preferred.
    """
    choices = [
        (semis, octs) for semis in range(-MOST_SEMITONES, MOST_SEMITONES + 1) for octs in (0, -1, 1, -2, 2)
    ]
    semitones, octaves = min(choices, key=lambda choice: _strain(singer, song, *choice))
    above, below = _beyond(singer, song, semitones, octaves)
    words = _reason(singer, song, semitones, octaves, above, below)
    return Suggestion(semitones, octaves, above + below, words)


def fit_backing(project: Project, semitones: int) -> None:
    """Move all that was not recorded here by semitones, drums apart, and the key, as one undo step.

    Raises:
        EditError: a clip would be moved too far.

    """
    sign = "+" if semitones > 0 else "−"
    project.document.apply(
        f"Transpose {sign}{abs(semitones)} for the singer",
        lambda session: move_backing(session, backing_tracks(session), semitones),
    )


def backing_tracks(session: Session) -> tuple[str, ...]:
    """Return the ids of the tracks on which nothing was recorded here."""
    return tuple(track.id for track in session.tracks if not recorded_sources(session, track))


def recorded_sources(session: Session, track: Track) -> tuple[Source, ...]:
    """Return the sources of a track's clips and takes that were recorded here, each once."""
    played = [clip.source for clip in track.clips] + [take.source for take in track.takes]
    sources = (session.source(source_id) for source_id in dict.fromkeys(played))
    return tuple(source for source in sources if is_recorded(session, source))


def _beyond(singer: VoiceRange, song: VoiceRange, semitones: int, octaves: int) -> tuple[float, float]:
    """Return how far the moved song goes above and below the singer."""
    moved = semitones + 12 * octaves
    return max(0.0, song.high + moved - singer.high), max(0.0, singer.low - song.low - moved)


def _strain(singer: VoiceRange, song: VoiceRange, semitones: int, octaves: int) -> float:
    above, below = (max(0.0, beyond - _SLACK) for beyond in _beyond(singer, song, semitones, octaves))
    return _ABOVE * above**2 + below**2 + _PER_SEMITONE * abs(semitones) + _PER_OCTAVE * abs(octaves)


def _reason(
    singer: VoiceRange, song: VoiceRange, semitones: int, octaves: int, above: float, below: float
) -> str:
    where = f"The song is sung from {song}, you sing from {singer}."
    away = {0: "", -1: ", an octave below the original", 1: ", an octave above the original"}.get(
        octaves, f", {abs(octaves)} octaves {'below' if octaves < 0 else 'above'} the original"
    )
    if not semitones:
        move = "It is best left as it is"
    else:
        count = "a semitone" if abs(semitones) == 1 else f"{abs(semitones)} semitones"
        move = f"It suits you best {count} {'higher' if semitones > 0 else 'lower'}"
    rest = [f"its highest notes are still {_count(above)} too high" if above >= 1 else ""]
    rest += [f"its lowest are still {_count(below)} too low" if below >= 1 else ""]
    left = " and ".join(text for text in rest if text)
    return f"{where} {move}{away}{'; ' + left if left else ''}."


def _count(semitones: float) -> str:
    whole = round(semitones)
    return "a semitone" if whole == 1 else f"{whole} semitones"
