"""In which octave an instrument plays: told by places all over a source, for a preview as for the whole."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from fanstudio.audio.played_note import PlayedNote
from fanstudio.audio.samples import Readable, Samples, padded
from fanstudio.inference.line_notes import notes_of_voice
from fanstudio.inference.note_net import NoteNet
from fanstudio.inference.pitch import PitchTrack, track_pitch
from fanstudio.inference.pitch_net import PitchNet
from fanstudio.inference.timbre import octave_of
from fanstudio.inference.transcribe import transcribe
from fanstudio.jobs import Work
from fanstudio.model.recipe import RecipeTimbre, Voice
from fanstudio.model.session import Source, Stem
from fanstudio.studio import sampled, timbre
from fanstudio.studio.project import Project
from fanstudio.studio.sampled_drums import is_kit
from fanstudio.studio.style.remembered import remembered

#: So many places of so many seconds stand for a source; one that is hardly longer is heard whole.
_PLACES: Final = 5
_PLACE_S: Final = 5.0


def with_octave(
    work: Work, project: Project, source: Source, told: RecipeTimbre, options: timbre.TimbreOptions
) -> RecipeTimbre:
    """Return how a source is played with the octave said, where one is to be found and notes are heard.

    Raises:
        InputError: there is no such instrument, or samples are not numbers.
        AudioFileError, ModelError: a file or a net is missing, damaged or failed.
        Cancelled: within a second.

    """
    if told.octave is not None or (told.voice is Voice.SAMPLED and is_kit(told.instrument)):
        return told
    rate = project.document.session.sample_rate
    kept, line = remembered(project.pool), source.stem is Stem.VOCALS
    if told.voice is Voice.NET or line:
        tracks = kept.get_or_make((_tracks, source.id, rate), lambda: _tracks(work, project, source))
        if told.voice is Voice.NET:
            return replace(told, octave=octave_of(tracks, options))
        notes = [note for track in tracks for note in notes_of_voice(track)]
    else:
        notes = kept.get_or_make((_notes, source.id, rate), lambda: _notes(work, project, source))
    return replace(told, octave=sampled.octave_of(notes, told.instrument))


def _tracks(work: Work, project: Project, source: Source) -> list[PitchTrack]:
    """Return the pitch of a line at places all over it."""
    rate, net = project.document.session.sample_rate, PitchNet()
    places = tuple(_places(project.pool.samples(source, rate), rate))
    return [track_pitch(part, place, rate, net) for part, place in _parts(work, places)]


def _notes(work: Work, project: Project, source: Source) -> list[PlayedNote]:
    """Return the notes at places all over a source."""
    rate, net = project.document.session.sample_rate, NoteNet()
    places = tuple(_places(project.pool.samples(source, rate), rate))
    return [note for part, place in _parts(work, places) for note in transcribe(part, place, rate, net)]


def _parts(work: Work, places: tuple[Samples, ...]) -> Iterator[tuple[Work, Samples]]:
    for number, place in enumerate(places):
        yield work.part(number / len(places), (number + 1) / len(places)), place


def _places(sound: Readable, rate: int) -> Iterator[Samples]:
    """Yield what is heard of a sound: places that are spread evenly, or all of it."""
    frames, length = sound.shape[1], round(_PLACE_S * rate)
    if frames <= (_PLACES + 1) * length:
        yield padded(sound, 0, frames)
        return
    for number in range(_PLACES):
        start = round((number + 0.5) * frames / _PLACES - length / 2)
        yield padded(sound, start, start + length)
