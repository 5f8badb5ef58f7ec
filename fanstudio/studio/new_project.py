"""New: a project from audio files, one aligned track each, split if wanted; whole or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from fanstudio.jobs import Work
from fanstudio.studio.import_audio import Declaration, import_files, place_sources
from fanstudio.studio.project import Project, filled_project
from fanstudio.studio.split import place_stems, split_clip
from fanstudio.studio.split_options import SplitOptions
from fanstudio.text import name_of


def make_project(
    work: Work,
    folder: Path,
    audio: Sequence[Path],
    declaration: Declaration,
    *,
    split: SplitOptions | None = None,
    downmix: bool = False,
) -> Project:
    """Make and save a project at `folder`; on failure or cancel nothing is left there.

    With `split`, each song is split into stems as well; `downmix` takes surround sound as stereo.

    Raises:
        ProjectError: there is something at `folder` already.
        AudioFileError, StorageError, ModelError, Cancelled: as import and split.

    """
    with filled_project(folder, _title(folder, audio)) as project:
        imported = import_files(work.part(0.0, 0.3), project, audio, declaration, downmix=downmix)
        place_sources(project, imported)
        clips = [clip.id for clip in project.document.session.clips()] if split else []
        for number, clip_id in enumerate(clips):
            step = work.part(0.3 + 0.7 * number / len(clips), 0.3 + 0.7 * (number + 1) / len(clips))
            place_stems(project, clip_id, split_clip(step, project, clip_id, split))
    return project


def _title(folder: Path, audio: Sequence[Path]) -> str:
    return name_of(audio[0] if len(audio) == 1 else folder)
