"""Split: a song becomes stems, in a child process that gives its memory back."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from fanstudio.audio.decode import open_audio
from fanstudio.audio.pool import Pool, open_stem_file
from fanstudio.errors import EditError
from fanstudio.export.unmarked import check_may_leave, write_unmarked
from fanstudio.files import desk_in
from fanstudio.inference import catalogue
from fanstudio.inference.report import SplitReport
from fanstudio.inference.runner import choose_device
from fanstudio.inference.separation import Separator, measure_rms
from fanstudio.jobs import Limits, Work, run_child
from fanstudio.model import edits
from fanstudio.model.lineage import Lineage
from fanstudio.model.rights import Operation, Origin
from fanstudio.model.session import Source, Stem
from fanstudio.studio.project import Project

MODEL = "spleeter_2stems"
_CHILD_LIMITS = Limits(memory_mb=None, seconds=6 * 3600)


@dataclass(frozen=True, slots=True)
class SplitResult:
    """The stems of a clip's source, in the pool, and how they were made."""

    stems: tuple[Source, ...]
    report: SplitReport


@dataclass(frozen=True, slots=True)
class SplitFiles:
    """The stems of a song as files, by stem."""

    song: Path
    stems: dict[str, Path]
    report: SplitReport
    attenuation_db: float


def compute_device(device: str = "auto") -> tuple[str, str]:
    """Return what would split a song now, and why nothing better (or an empty text)."""
    chosen = choose_device(device)
    return chosen.name.upper(), chosen.why_not


def split_clip(work: Work, project: Project, clip_id: str, device: str = "auto") -> SplitResult:
    """Split the source of a clip; the stems are in the pool, `place_stems` lays them on tracks.

    Raises:
        EditError: the clip is gone, or holds a stem already.
        ModelError: the model is damaged.
        DeviceError: the device cannot be used.
        Cancelled: within a second; no file is left.

    """
    session = project.document.session
    source = session.source(session.clip(clip_id)[1].source)
    if source.stem is not Stem.MIX:
        raise EditError(f"“{source.name}” is a stem already.", hint="Split the song that it came from.")
    model = catalogue.find(MODEL)
    with _parts(project.pool, model.stems) as parts:
        stored = project.pool.path(source)
        report = run_child(
            work.part(0.0, 0.9), _split_to_wav, stored, parts, MODEL, device, limits=_CHILD_LIMITS
        )
        lineage = Lineage(
            Operation.SPLIT, (source.id,), report.model, report.sha256, True, (("stems", str(len(parts))),)
        )
        stems = tuple(
            project.pool.adopt(
                work.part(0.9 + 0.05 * number, 0.95 + 0.05 * number, "Keeping the stems"),
                part,
                name.capitalize(),
                session.sample_rate,
                source.origin,
                Stem(name),
                lineage,
            )
            for number, (name, part) in enumerate(parts.items())
        )
    return SplitResult(stems, report)


def place_stems(project: Project, clip_id: str, result: SplitResult) -> bool:
    """Lay the stems on tracks below the clip, as one undo step; False if the clip is gone meanwhile."""
    if project.document.session.find_clip(clip_id) is None:
        return False
    project.document.apply(
        "Split into stems", lambda session: edits.split_into_stems(session, clip_id, result.stems)
    )
    return True


def split_song(
    work: Work,
    song: Path,
    folder: Path,
    origin: Origin,
    *,
    wanted: Sequence[str] = (),
    format_name: str = "wav",
    model_id: str = MODEL,
    device: str = "auto",
) -> SplitFiles:
    """Split a file into files `SONG - Vocals.wav`, `SONG - Accompaniment.wav` in `folder`.

    `wanted` names the stems to keep, all if it is empty. WAV stems are float32; FLAC stems 24 bit,
    all lowered by one attenuation where one of them passes full scale.

    Raises:
        NotPermitted: the song is a catalogue track.
        AudioFileError: the song is not usable audio.
        ModelError, DeviceError: the model is damaged, the device cannot be used.
        StorageError: the folder cannot be written.
        Cancelled: within a second; no file is left.

    """
    check_may_leave(origin)
    model = catalogue.find(model_id)
    with desk_in(folder) as desk:
        parts = {stem: desk / f"{stem}.wav" for stem in model.stems}
        report = run_child(
            work.part(0.0, 0.9), _split_to_wav, song, parts, model_id, device, limits=_CHILD_LIMITS
        )
        kept = {stem: part for stem, part in parts.items() if not wanted or stem in wanted}
        targets = {stem: folder / f"{song.stem} - {stem.capitalize()}.{format_name}" for stem in kept}
        attenuation_db = write_unmarked(
            work.part(0.9, 1.0, "Writing the stems"),
            [(kept[stem], targets[stem]) for stem in kept],
            format_name,
        )
    return SplitFiles(song, targets, report, attenuation_db)


def _split_to_wav(work: Work, song: Path, parts: dict[str, Path], model_id: str, device: str) -> SplitReport:
    """Split `song` into float32 WAV files at its own rate; runs in a child process."""
    import time

    started = time.monotonic()
    with open_audio(song) as reader:
        rms = measure_rms(work.part(0.0, 0.03, "Listening"), reader.blocks())
        rate, channels = reader.sample_rate, reader.channels
    separator = Separator(catalogue.find(model_id), device)
    with open_audio(song) as reader, ExitStack() as stack:
        writers = {
            stem: stack.enter_context(open_stem_file(path, rate, channels)) for stem, path in parts.items()
        }
        pieces = separator.split(
            work.part(0.03, 1.0, "Splitting"),
            reader.blocks(),
            sample_rate=rate,
            length_frames=reader.frames or 0,
            rms=rms,
        )
        frames = 0
        for piece in pieces:
            for stem, samples in piece.items():
                writers[stem].write(samples)
            frames += next(iter(piece.values())).shape[1]
    return separator.report(seconds=time.monotonic() - started, audio_seconds=frames / rate)


@contextlib.contextmanager
def _parts(pool: Pool, stems: Sequence[str]) -> Iterator[dict[str, Path]]:
    """Yield a path for each stem to be written to; whatever is still there afterwards is removed."""
    parts = {stem: pool.new_part() for stem in stems}
    try:
        yield parts
    finally:
        for part in parts.values():
            part.unlink(missing_ok=True)
