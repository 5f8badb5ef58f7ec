"""Has a stem played anew: its notes by sampled or computed instruments, its drums by a kit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from fanstudio.audio.blend import as_channels, blend, busiest_start, matching_gain
from fanstudio.audio.computed_instruments import computed_instruments
from fanstudio.audio.fitted_notes import fit_notes
from fanstudio.audio.instrument import Instrument, Tones
from fanstudio.audio.instrument_table import read_instruments
from fanstudio.audio.notes_player import play
from fanstudio.audio.octaves import fit_octave
from fanstudio.audio.played_note import PlayedNote
from fanstudio.audio.samples import Readable, Samples
from fanstudio.errors import InputError
from fanstudio.inference import note_net, pitch_net
from fanstudio.inference.line_notes import notes_of_voice
from fanstudio.inference.pitch import PitchTrack, track_pitch
from fanstudio.inference.transcribe import transcribe
from fanstudio.jobs import Work
from fanstudio.model.lineage import HEARD, Lineage
from fanstudio.model.rights import Operation
from fanstudio.model.session import Source, Stem
from fanstudio.studio.project import Project
from fanstudio.studio.sampled_drums import Drummed, drum_as, drummed_source, is_kit, list_kits
from fanstudio.studio.sampled_options import SampledOptions

__all__ = [
    "Drummed",
    "Played",
    "SampledOptions",
    "list_instruments",
    "list_kits",
    "play_as",
    "sampled_source",
]

#: The loudness of a long song is compared over so many seconds, where most notes sound.
_COMPARED_S = 20.0
_HINT = "Choose a stem in which notes are played or sung."


@dataclass(frozen=True, slots=True, eq=False)
class Played:
    """What an instrument plays: blocks `(channels, frames)`, to be taken once, and what it was made from.

    `octave` is where the notes were moved, `model` the id and hash of the net that heard them.
    """

    blocks: Iterator[Samples]
    notes: tuple[PlayedNote, ...]
    octave: int
    model: tuple[str, str]


def list_instruments() -> tuple[Instrument, ...]:
    """Return the instruments that play notes: sampled ones, then computed ones.

    Raises:
        InputError: the table of the sampled ones is missing or damaged.

    """
    return (*read_instruments().instruments, *computed_instruments())


def find_instrument(instrument_id: str) -> Instrument:
    """Return the instrument with this id; the computed ones need no files.

    Raises:
        InputError: there is none, or the table of the sampled ones is missing or damaged.

    """
    for instrument in (*computed_instruments(), *read_instruments().instruments):
        if instrument.id == instrument_id:
            return instrument
    raise InputError(f"There is no instrument “{instrument_id}”.", hint="Choose another instrument.")


def sampled_source(
    work: Work, project: Project, source: Source, instrument_id: str, options: SampledOptions | None = None
) -> Source:
    """Play a source's notes on an instrument, or its drums on a kit, and keep the result in the pool.

    Its lineage tells how, and which net heard the notes; a kit needs none.

    Raises:
        InputError: no notes or strokes are heard in it, or there is no such instrument or kit.
        AudioFileError, ModelError, StorageError: a file, a net or the disk failed.
        Cancelled: within a second; no file is left.

    """
    if is_kit(instrument_id):
        return drummed_source(work, project, source, instrument_id, options)
    options = _settled(options or SampledOptions(), source.stem)
    instrument = find_instrument(instrument_id)
    rate = project.document.session.sample_rate
    sound = project.pool.samples(source, rate)
    played = _play_notes(work.part(0.0, 0.9), sound, rate, instrument, options, None)
    writer = project.pool.writer(rate, source.channels)
    try:
        for block in played.blocks:
            writer.write(block)
        lineage = _lineage(source, instrument, played, options)
        made = writer.finish(work.part(0.9, 1.0), source.name, rate, source.origin, source.stem, lineage)
    finally:
        writer.discard()
    return replace(made, name=f"{source.name} ({instrument.title})")


def play_as(
    work: Work,
    sound: Readable,
    sample_rate: int,
    instrument_id: str,
    options: SampledOptions | None = None,
    *,
    track: PitchTrack | None = None,
) -> Played | Drummed:
    """Return `sound` `(channels, frames)` played on an instrument or a kit, as long and as loud as it was.

    What is heard is heard at once, samples are made as the blocks are taken. `track` is the pitch of a
    single line, where it was heard before.

    Raises:
        InputError: there is no such instrument, no notes are heard, or samples are not numbers.
        AudioFileError, ModelError: an instrument's file or a net is missing, damaged or failed.
        Cancelled: within a second.

    """
    options = options or SampledOptions()
    if is_kit(instrument_id):
        return drum_as(work, sound, sample_rate, instrument_id, options)
    return _play_notes(work, sound, sample_rate, find_instrument(instrument_id), options, track)


def octave_of(notes: Sequence[PlayedNote], instrument_id: str) -> int | None:
    """Return by how many octaves notes are to be moved for an instrument; None where there are none.

    Raises:
        InputError: there is no such instrument.

    """
    instrument = find_instrument(instrument_id)
    return _octave(notes, instrument) if notes else None


def _play_notes(
    work: Work,
    sound: Readable,
    rate: int,
    instrument: Instrument,
    options: SampledOptions,
    track: PitchTrack | None,
) -> Played:
    options.check()
    notes, model = _hear(work.part(0.0, 0.4), sound, rate, options, track)
    if not notes:
        raise InputError("No notes are heard.", hint=_HINT)
    octave = _octave(notes, instrument) if options.octave is None else options.octave
    fitted = fit_notes(notes, instrument, octave)
    tones = Tones(instrument, rate)
    wet, dry = options.gains
    if sound.shape[1] <= round(_COMPARED_S * rate):
        made: Iterable[Samples] = tuple(_blocks(work.part(0.4, 1.0), sound, rate, fitted, tones))
        gain = matching_gain(made, sound, rate)
    else:
        gain = _gain(work.part(0.4, 0.6), sound, rate, fitted, tones)
        made = _blocks(work.part(0.6, 1.0), sound, rate, fitted, tones)
    return Played(blend(made, sound, gain * wet, dry), tuple(fitted), octave, model)


def _octave(notes: Sequence[PlayedNote], instrument: Instrument) -> int:
    lengths = [note.length_s for note in notes]
    return fit_octave([note.note for note in notes], instrument.lowest, instrument.highest, lengths)


def _settled(options: SampledOptions, stem: Stem) -> SampledOptions:
    """Return options that say whether a stem is one line."""
    single = stem is Stem.VOCALS if options.single_line is None else options.single_line
    return replace(options, single_line=single)


def _hear(
    work: Work, sound: Readable, rate: int, options: SampledOptions, track: PitchTrack | None
) -> tuple[tuple[PlayedNote, ...], tuple[str, str]]:
    """Return the notes of a sound, and which net heard them."""
    if not sound.shape[1]:
        return (), ("", "")
    if options.single_line:
        track = track or track_pitch(work, sound, rate)
        return notes_of_voice(track), (pitch_net.MODEL, pitch_net.load_model().sha256)
    return transcribe(work, sound, rate), (note_net.MODEL, note_net.load_model().sha256)


def _blocks(
    work: Work, sound: Readable, rate: int, notes: Sequence[PlayedNote], tones: Tones
) -> Iterator[Samples]:
    """Yield the notes as they are played, with as many channels and frames as the sound has."""
    channels, frames = sound.shape
    for block in play(work, notes, tones, frames):
        yield as_channels(block, channels)


def _gain(work: Work, sound: Readable, rate: int, notes: Sequence[PlayedNote], tones: Tones) -> float:
    """Return the factor that makes the notes as loud as the sound, heard where most of them sound."""
    start = busiest_start([note.start_s for note in notes], _COMPARED_S)
    first, last = (min(sound.shape[1], round(at * rate)) for at in (start, start + _COMPARED_S))
    part = sound[:, first:last]
    moved = [replace(note, start_s=note.start_s - start) for note in notes if start <= note.start_s]
    here = [note for note in moved if note.start_s < _COMPARED_S]
    return matching_gain(_blocks(work, part, rate, here, tones), part, rate)


def _lineage(source: Source, instrument: Instrument, played: Played, options: SampledOptions) -> Lineage:
    wet, dry = options.gains
    settings = (
        HEARD,
        ("instrument", instrument.id),
        ("octave", str(played.octave)),
        ("single_line", "yes" if options.single_line else "no"),
        ("wet", f"{wet:g}"),
        ("dry", f"{dry:g}"),
    )
    return Lineage(Operation.RESTYLE, (source.id,), *played.model, True, settings)
