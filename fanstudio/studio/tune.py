"""Tune: a voice gently brought into the song's key, or onto its melody, in place of what was recorded."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from fanstudio.audio.voice_shift import PitchMove, shift_voice
from fanstudio.errors import EditError, InputError
from fanstudio.inference.key import KeyEstimate
from fanstudio.inference.notes import Aim, read_notes
from fanstudio.inference.pitch import PitchTrack
from fanstudio.inference.pitch_net import MODEL, load_model
from fanstudio.inference.tuning import Gentleness, drift, plan_tuning
from fanstudio.jobs import Work
from fanstudio.model.lineage import Lineage
from fanstudio.model.rights import Operation
from fanstudio.model.scale import Key, parse_key
from fanstudio.model.session import Clip, Session, Source
from fanstudio.model.voice_edits import put_in_place, set_key
from fanstudio.studio.pitch import Pitches, melody_along, original_voices, semitones
from fanstudio.studio.project import Project
from fanstudio.studio.song_key import song_key

#: Below this the pitch that was heard is that of chords or noise.
_LEAST_SURE = 0.3
#: A key that is less certain than this is not tuned to.
_LEAST_CERTAIN = 0.05


@dataclass(frozen=True, slots=True)
class TuneOptions:
    """How a voice is tuned: how much, how slowly, whether the original melody is heeded, and in which key.

    Without a `key` it is the session's, or else the one that is heard; an empty text is the one heard.
    """

    strength: float = 0.7
    retune_s: float = 0.25
    along_melody: bool = True
    key: str | None = None

    @property
    def gentleness(self) -> Gentleness:
        """Return strength and time within what makes sense."""
        return Gentleness(self.strength, self.retune_s).held()


@dataclass(frozen=True, slots=True)
class Tuned:
    """A tuned voice in the pool, the song's key, and how far it was and is off its notes, in cents."""

    source: Source
    key: Key | None
    along_melody: bool
    off_before: float
    off_after: float


def tune_clip(
    work: Work, project: Project, pitches: Pitches, clip_id: str, options: TuneOptions | None = None
) -> Tuned:
    """Tune what a clip plays, from its recording on, and keep it in the pool.

    Raises:
        EditError: the clip is gone.
        InputError: no single voice is heard in it, or nothing is to be done.
        AudioFileError, ModelError, StorageError: a file, the net or the disk failed.
        Cancelled: within a second; no file is left.

    """
    options = options or TuneOptions()
    session = project.document.session
    _, clip = session.clip(clip_id)
    voice = recording_of(session, session.source(clip.source))
    track = pitches.hear(work.part(0.0, 0.2, "Hearing the pitch"), voice)
    if not track.voiced.any() or track.sureness < _LEAST_SURE:
        raise InputError(
            f"No single voice is heard in “{voice.name}”.", hint="Tune one voice at a time, without chords."
        )
    estimate = song_key(work.part(0.2, 0.35, "Listening for the key"), project)
    key = _key(session, options, estimate)
    melody = _melody(work.part(0.35, 0.5), session, pitches, clip, track) if options.along_melody else None
    aim = _aim(clip, key, estimate, melody)
    move = plan_tuning(track, aim, options.gentleness)
    if not np.abs(move.cents).max() > 0:
        raise InputError("Nothing is to be tuned at this strength.", hint="Choose more strength.")
    lineage = _lineage(voice, key, aim, options)
    source = _write(work.part(0.5, 0.9), project, voice, move, lineage)
    after = pitches.hear(work.part(0.9, 1.0, "Listening again"), source)
    notes = read_notes(track, aim)
    over = options.gentleness.retune_s
    off = [_mean_off(heard, notes, over) for heard in (track, after)]
    return Tuned(source, key, melody is not None, *off)


def tune_clips(
    work: Work, project: Project, pitches: Pitches, clip_ids: Sequence[str], options: TuneOptions
) -> dict[str, Tuned]:
    """Tune what several clips play, each recording once; return what each clip is to play.

    Raises as `tune_clip` does.
    """
    session = project.document.session
    by_voice: dict[str, list[str]] = {}
    for clip_id in clip_ids:
        voice = recording_of(session, session.source(session.clip(clip_id)[1].source))
        by_voice.setdefault(voice.id, []).append(clip_id)
    tuned: dict[str, Tuned] = {}
    for number, clips in enumerate(by_voice.values()):
        part = work.part(number / len(by_voice), (number + 1) / len(by_voice))
        tuned |= dict.fromkeys(clips, tune_clip(part, project, pitches, clips[0], options))
    return tuned


def place_tuned(project: Project, tuned: Mapping[str, Tuned]) -> bool:
    """Let clips play their tuned voices, and keep the key, as one undo step; False if all are gone."""
    session = project.document.session
    there = {clip_id: voice for clip_id, voice in tuned.items() if session.find_clip(clip_id) is not None}
    if not there:
        return False
    project.document.apply("Tune the voice", lambda before: _placed(before, there))
    return True


def _placed(session: Session, tuned: Mapping[str, Tuned]) -> Session:
    for clip_id, voice in tuned.items():
        session = put_in_place(session, clip_id, voice.source)
        session = session if voice.key is None else set_key(session, str(voice.key))
    return session


def untune(project: Project, clip_ids: Iterable[str]) -> None:
    """Let clips play their recordings again, as one undo step.

    Raises:
        EditError: a clip is gone, or none is tuned.

    """
    session = project.document.session
    sources = {clip_id: session.source(session.clip(clip_id)[1].source) for clip_id in clip_ids}
    tuned = {clip_id: source for clip_id, source in sources.items() if is_tuned(source)}
    if not tuned:
        raise EditError("Nothing here is tuned.")

    def take_back(before: Session) -> Session:
        for clip_id, source in tuned.items():
            before = put_in_place(before, clip_id, recording_of(before, source))
        return before

    project.document.apply("Take tuning back", take_back)


def is_tuned(source: Source) -> bool:
    """Tell whether a source is a voice that was tuned here."""
    made = source.lineage
    return (
        made is not None
        and made.operation is Operation.PITCH
        and made.model_id == MODEL
        and any(made.parents)
    )


def tuned_with(source: Source) -> TuneOptions:
    """Return how a tuned source was tuned; the defaults where it is not, or does not tell."""
    told = dict(source.lineage.settings) if is_tuned(source) and source.lineage else {}
    with contextlib.suppress(KeyError, ValueError):
        gentle = Gentleness(float(told["strength"]), float(told["retune_s"])).held()
        return TuneOptions(gentle.strength, gentle.retune_s, told["along_melody"] == "yes")
    return TuneOptions()


def recording_of(session: Session, source: Source) -> Source:
    """Return what a tuned source was tuned from; itself where it is not tuned."""
    while is_tuned(source) and source.lineage is not None:
        source = session.source(source.lineage.parents[0])
    return source


def _melody(
    work: Work, session: Session, pitches: Pitches, clip: Clip, track: PitchTrack
) -> PitchTrack | None:
    """Return the song's own voice along a clip, on the grid of the clip's pitch."""
    singer, _ = session.clip(clip.id)
    for voice in original_voices(session, singer):
        pitches.hear(work.part(0.0, 1.0, "Hearing the melody"), session.source(voice.source))
    return melody_along(session, clip, track, pitches.at_hand)


def _aim(clip: Clip, key: Key | None, estimate: KeyEstimate | None, melody: PitchTrack | None) -> Aim:
    """Return what a clip's voice is to agree with, in the pitch that its source has."""
    moved = round(semitones(clip))
    cents = (estimate.tuning_cents if estimate else 0.0) - 100 * (semitones(clip) - moved)
    return Aim(None if key is None else key.moved(-moved), cents, melody)


def _key(session: Session, options: TuneOptions, estimate: KeyEstimate | None) -> Key | None:
    """Return the key that is chosen, or the session's, or the one that was heard, if that is certain."""
    wanted = session.key if options.key is None else options.key
    with contextlib.suppress(EditError):
        written = parse_key(wanted)
        if written is not None:
            return written
    return estimate.key if estimate and estimate.confidence >= _LEAST_CERTAIN else None


def _lineage(voice: Source, key: Key | None, aim: Aim, options: TuneOptions) -> Lineage:
    gentle = options.gentleness
    settings = (
        ("strength", f"{gentle.strength:g}"),
        ("retune_s", f"{gentle.retune_s:g}"),
        ("key", str(key) if key else ""),
        ("tuning_cents", f"{aim.tuning_cents:.1f}"),
        ("along_melody", "yes" if aim.melody is not None else "no"),
    )
    return Lineage(Operation.PITCH, (voice.id,), MODEL, load_model().sha256, True, settings)


def _write(work: Work, project: Project, voice: Source, move: PitchMove, lineage: Lineage) -> Source:
    rate = project.document.session.sample_rate
    sound = project.pool.samples(voice, rate)
    writer = project.pool.writer(rate, voice.channels)
    try:
        for block in shift_voice(work.part(0.0, 0.8, "Tuning"), sound, rate, move):
            writer.write(block)
        source = writer.finish(work.part(0.8, 1.0), voice.name, rate, voice.origin, voice.stem, lineage)
    finally:
        writer.discard()
    return replace(source, name=voice.name)


def _mean_off(
    track: PitchTrack, notes: np.ndarray[tuple[int, ...], np.dtype[np.float32]], over_s: float
) -> float:
    """Return how far a voice is off its notes on the mean, in cents."""
    both = track.voiced & ~np.isnan(notes)
    known = np.where(both, notes, np.float32(np.nan))
    return float(100 * np.abs(drift(track, known, over_s)[both]).mean()) if both.any() else 0.0
