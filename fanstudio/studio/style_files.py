"""Style as a file: a song or a stem goes in, another file comes out; nothing half-written stays."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Final

import numpy as np

from fanstudio.audio.mix.tails import mix_end
from fanstudio.audio.pool import Pool
from fanstudio.audio.prepare import prepare_session
from fanstudio.audio.render import bounce
from fanstudio.audio.samples import Readable, Samples
from fanstudio.errors import InputError
from fanstudio.export.formats import format_of
from fanstudio.export.unmarked import check_may_leave, write_unmarked_mix
from fanstudio.files import desk_in
from fanstudio.jobs import Work
from fanstudio.model.document import Document
from fanstudio.model.rights import Origin
from fanstudio.model.session import Session, Stem, new_session
from fanstudio.model.styling import StyleKind
from fanstudio.studio import styles
from fanstudio.studio.import_audio import Declaration, import_files, place_sources
from fanstudio.studio.pitch import Pitches
from fanstudio.studio.project import Project
from fanstudio.studio.sampled_drums import is_kit
from fanstudio.studio.split import place_stems, split_clip
from fanstudio.studio.split_options import SplitOptions
from fanstudio.studio.style.choice import StyleChoice, Styled
from fanstudio.studio.timbre import Done, hear_line
from fanstudio.text import name_of, one_line

_BLOCK_FRAMES: Final = 1 << 16
#: A file is one line where its pitch is so sure, and of what is loud no more than this is several notes.
_SURE, _MOST_SEVERAL = 0.6, 0.25
_SEVERAL: Final = (Done.PASSED, Done.FOLLOWED)


class Material(StrEnum):
    """What a file holds, for an instrument that plays one line of it."""

    AUTO = "auto"
    SONG = "song"
    LINE = "line"


@dataclass(frozen=True, slots=True)
class FileOptions:
    """How a file is taken: on what basis, as what, and by which device it is split."""

    declaration: Declaration = field(default_factory=Declaration)
    material: Material = Material.AUTO
    device: str = "auto"
    downmix: bool = False


@dataclass(frozen=True, slots=True)
class StyledFile:
    """A file that was written, and what was done; `material` is what the file was taken for."""

    output: Path
    choice: StyleChoice
    styled: Styled
    material: Material
    attenuation_db: float
    seconds: float
    audio_seconds: float

    @property
    def times_realtime(self) -> float:
        """Return how many seconds of music one second of work gave."""
        return self.audio_seconds / max(self.seconds, 1e-3)


def style_file(
    work: Work, song: Path, output: Path, choice: StyleChoice, options: FileOptions | None = None
) -> StyledFile:
    """Write a song, or one stem, in another style to `output`, whose suffix says the format.

    A style with parts for stems splits the song first. An instrument plays the vocals of a song, or a
    file that is a single line as it is; a kit plays the drums.

    Raises:
        NotPermitted: the song is a catalogue track.
        InputError: the format cannot be written, there is no such style, nothing to play, or `output` is
            the song itself.
        AudioFileError: the song is not usable audio.
        ModelError, DeviceError: a model is damaged, the device cannot be used.
        StorageError: the folder cannot be written.
        Cancelled: within a second; no file is left.

    """
    started = time.monotonic()
    options = options or FileOptions()
    row = format_of(output)
    declared = options.declaration
    check_may_leave(Origin(declared.basis, name_of(song), licence_url=declared.licence_url))
    _check_free(output, song, choice.reference)
    with desk_in(output.absolute().parent) as desk:
        project = _imported(work.part(0.0, 0.05), desk, song, options)
        choice, material = _prepared(work.part(0.05, 0.45), project, choice, options)
        styled = styles.plan(work.part(0.45, 0.8, "Making the style"), project, choice)
        plain = project.document.session
        styles.apply(project, styled)
        session = project.document.session
        part = work.part(0.8, 1.0, "Writing")
        changed = session is not plain
        blocks, rate = _sound(part.part(0.0, 0.7), project, session) if changed else _unchanged(project)
        attenuation_db = write_unmarked_mix(part.part(0.7, 1.0), blocks, rate, desk, output, row)
        seconds = session.length / session.sample_rate
    return StyledFile(output, choice, styled, material, attenuation_db, time.monotonic() - started, seconds)


def _check_free(output: Path, *read: Path | None) -> None:
    """Raise InputError where a file would be written over what it is made from, or in place of a folder."""
    name = one_line(output.name, 60)
    with suppress(OSError):
        if output.is_dir():
            raise InputError(f"{name} is a folder.", hint="Name the file to write, with its suffix.")
        for path in filter(None, read):
            if output.samefile(path):
                raise InputError(f"{name} would be written over itself.", hint="Write to another file.")


def needed_stems(session: Session, choice: StyleChoice) -> int:
    """Return into how many stems a song is to be split for a style; 0 where it works on the whole."""
    if choice.kind is StyleKind.PRODUCTION or choice.amount == 0:
        return 0
    if choice.kind is StyleKind.TIMBRE:
        return 4 if is_kit(choice.id) else 2
    return 4 if styles.find_recipe(session, choice).stems else 0


def _imported(work: Work, desk: Path, song: Path, options: FileOptions) -> Project:
    """Return a project for this one file, all of it on the desk."""
    project = Project(desk, Document(new_session(name_of(song))), Pool(desk / "audio", desk / "cache"))
    imported = import_files(work, project, [song], options.declaration, downmix=options.downmix)
    place_sources(project, imported)
    return project


def _prepared(
    work: Work, project: Project, choice: StyleChoice, options: FileOptions
) -> tuple[StyleChoice, Material]:
    """Return the choice for the project's tracks, split where that is needed, and what the file holds."""
    session = project.document.session
    (track,) = session.tracks
    if choice.kind is StyleKind.TIMBRE:
        material = options.material
        if material is Material.AUTO:
            kit = is_kit(choice.id)
            material = Material.SONG if kit else _heard_material(work.part(0.0, 0.1), project)
        if material is Material.LINE:
            return replace(choice, target=track.id), material
    count = needed_stems(session, choice)
    if count:
        split = SplitOptions(stems=count, device=options.device)
        result = split_clip(work.part(0.1, 1.0, "Splitting"), project, track.clips[0].id, split)
        place_stems(project, track.clips[0].id, result)
    if choice.kind is StyleKind.TIMBRE:
        wanted = Stem.DRUMS if is_kit(choice.id) else Stem.VOCALS
        played = next(lane.id for lane in project.document.session.tracks if lane.stem is wanted)
        return replace(choice, target=played), Material.SONG
    return choice, Material.SONG


def _heard_material(work: Work, project: Project) -> Material:
    """Tell a single line from a song by the pitch that is heard."""
    session = project.document.session
    pitches = Pitches(project.pool, session.sample_rate)
    voice = hear_line(work, project, pitches, session.sources[0])
    track = pitches.at_hand(session.sources[0])
    several = sum(span.end_s - span.start_s for span in voice.spans if span.done in _SEVERAL)
    share = several * session.sample_rate / max(1, session.length)
    sure = track is not None and track.sureness >= _SURE
    return Material.LINE if sure and share <= _MOST_SEVERAL else Material.SONG


def _sound(work: Work, project: Project, session: Session) -> tuple[Iterator[Samples], int]:
    prepare_session(work.part(0.0, 0.5), project.pool, session)
    rate, end = session.sample_rate, mix_end(session)
    if not end:
        raise InputError("Nothing is left that sounds.", hint="Choose another style.")
    mixing = work.part(0.5, 1.0)
    return bounce(mixing, session, project.pool.samples_at(rate), 0, end, _BLOCK_FRAMES), rate


def _unchanged(project: Project) -> tuple[Iterator[Samples], int]:
    """Return the song as it came, to the bit."""
    session = project.document.session
    samples = project.pool.samples(session.sources[0], session.sample_rate)
    return _slices(samples), session.sample_rate


def _slices(samples: Readable) -> Iterator[Samples]:
    channels, frames = samples.shape
    for start in range(0, frames, _BLOCK_FRAMES):
        yield np.asarray(samples[0:channels, start : start + _BLOCK_FRAMES])
