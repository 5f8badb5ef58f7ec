"""Bringing audio in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from PySide6.QtWidgets import QWidget

from fanstudio.errors import FanstudioError, InputError, TooManyChannels
from fanstudio.gui.appearance import Appearance
from fanstudio.gui.commands.project import ProjectCommands
from fanstudio.gui.commands.split import SplitCommands
from fanstudio.gui.dialogs.declare import DeclareDialog
from fanstudio.gui.dialogs.files import choose_files, choose_folder, music_folder
from fanstudio.gui.dialogs.question import Question
from fanstudio.gui.panels.job_cards import describe_missing
from fanstudio.gui.workspace import Workspace
from fanstudio.jobs import Work
from fanstudio.model.project_file import SUFFIX
from fanstudio.model.session import Clip, Session, Source
from fanstudio.studio.clean_up import clean_up, find_unused
from fanstudio.studio.find_audio import find_in_folder, find_in_projects, missing_sources
from fanstudio.studio.import_audio import Declaration, Imported, Refused, import_usable, place_sources
from fanstudio.studio.project import recent_projects
from fanstudio.studio.song_files import expand_folders, shared_beginning

_MIX_DOWN = "Mix down"
_REMOVE = "Remove"
#: How many of the files that were left out are told by name.
_NAMED = 3


@dataclass(frozen=True, slots=True)
class _Request:
    """Files and folders to import at a frame; `split` has each song split into stems afterwards."""

    paths: tuple[Path, ...]
    position: int
    declaration: Declaration
    split: bool = False
    downmix: bool = False

    @property
    def title(self) -> str:
        count = len(self.paths)
        return f"Importing “{self.paths[0].name}”" if count == 1 else f"Importing {count} files"


class _Placing:
    """Lays files on the timeline as they come, as one undo step, and selects them all.

    What is asked for next is meant for them, so that one click splits them; another choice is respected.
    """

    def __init__(self, workspace: Workspace, position: int) -> None:
        self._workspace = workspace
        self._project = workspace.project
        self._position = position
        self._after: Session | None = None
        self._placed: set[str] = set()
        self.label = self.shared = ""

    @property
    def possible(self) -> bool:
        """Tell whether the project that the files are meant for is still open."""
        return self._workspace.is_open and self._workspace.project is self._project

    @property
    def clips(self) -> tuple[Clip, ...]:
        """Return what was placed and is still there."""
        return tuple(clip for clip in self._workspace.session.clips() if clip.id in self._placed)

    def place(self, imported: Imported) -> None:
        if not self.possible:
            return
        before = {clip.id for clip in self._workspace.session.clips()}
        selecting = not self._placed or self._workspace.selected_clips == self._placed
        self._after = place_sources(
            self._project,
            imported,
            self._position,
            label=self.label,
            shared=self.shared,
            after=self._after,
        )
        self._placed |= {clip.id for clip in self._workspace.session.clips() if clip.id not in before}
        if selecting:
            self._workspace.select_clips(self._placed)


class AudioCommands:
    """Imports files and folders, as jobs; the declaration is asked once a window."""

    def __init__(
        self,
        window: QWidget,
        workspace: Workspace,
        appearance: Appearance,
        project: ProjectCommands,
        split: SplitCommands,
    ) -> None:
        """Work on a workspace, asking on top of `window`."""
        self._window = window
        self._workspace = workspace
        self._appearance = appearance
        self._project = project
        self._split = split
        self._declaration: Declaration | None = None
        self._noted = ""

    def choose_files(self) -> None:
        """Ask for audio files and import them."""
        choose_files(self._window, "Import audio", self.take_paths)

    def take_paths(self, paths: Sequence[Path], position: int = 0) -> None:
        """Import audio files and folders of them at a frame, or open a project that was dropped."""
        projects = [path for path in paths if path.suffix == SUFFIX]
        if projects:
            self._project.when_safe(lambda: self._project.open_path(projects[0]))
            return
        if not paths or not self._workspace.is_open:
            return
        if self._declaration is not None:
            self._import(_Request(tuple(paths), position, self._declaration))
            return

        def declared(declaration: Declaration) -> None:
            self._declaration = declaration
            split = dialog.split.isChecked()
            self._import(_Request(tuple(paths), position, declaration, split))

        names = tuple(path.name for path in paths)
        dialog = DeclareDialog(self._window, self._appearance, names, declared)
        dialog.open()

    def find_missing(self) -> None:
        """Ask for a folder and look there for audio files that the project lacks."""
        project, bridge = self._workspace.project, self._workspace.bridge
        if not missing_sources(project):
            bridge.noted.emit("No audio is missing", "Every clip has its audio file.")
            return

        def look(folder: Path) -> None:
            title = "Finding missing audio"
            bridge.run(title, lambda work: find_in_folder(work, project, folder), done=self._show_found)

        choose_folder(self._window, "Where may the audio be?", look, music_folder())

    def clean_up(self) -> None:
        """Say what the project's unused audio files take, and remove them if the fan wants that."""
        project, bridge = self._workspace.project, self._workspace.bridge
        try:
            unused = find_unused(project)
        except FanstudioError as error:
            bridge.report("Clean up", error)
            return
        if not unused:
            bridge.noted.emit(
                "Nothing to clean up",
                "Every audio file is in use. What undo can bring back stays while the project is open.",
            )
            return

        def chosen(answer: str) -> None:
            if answer == _REMOVE:
                bridge.run("Cleaning up", lambda work: clean_up(work, project, unused), done=say)

        def say(freed: int) -> None:
            bridge.noted.emit("The project is clean", f"That freed {_megabytes(freed)}.")

        size = _megabytes(sum(file.size_bytes for file in unused))
        files = "1 audio file is" if len(unused) == 1 else f"{len(unused)} audio files are"
        Question(
            self._window,
            self._appearance,
            f"Free {size}?",
            f"{files} no longer used by “{project.title}”, such as earlier renderings of a drum pattern. "
            "What is removed is gone for good.",
            ("Keep", _REMOVE),
            chosen,
        ).open()

    def say_what_is_missing(self) -> None:
        """Name the audio files that the project lacks, and look for them in the projects opened lately."""
        project, recent = self._workspace.project, recent_projects(self._workspace.settings)
        missing = missing_sources(project)
        if missing:
            self._note(*describe_missing(missing, project.folder))
            self._workspace.bridge.run(
                "Finding missing audio",
                lambda work: find_in_projects(work, project, recent),
                done=lambda found: self._show_found(found) if found else None,
                shown=False,
            )

    def _show_found(self, found: Sequence[Source]) -> None:
        """Draw and play what was found, and say what is missing still."""
        if not self._workspace.is_open:
            return
        self._workspace.sources_found.emit([source.id for source in found])
        left = missing_sources(self._workspace.project)
        if left:
            title, text = describe_missing(left, self._workspace.project.folder)
            title = f"{title} still" if found else f"Nothing was found: {title[0].lower()}{title[1:]} still"
            self._note(title, text)
        else:
            what = f"“{found[0].name}” is" if len(found) == 1 else f"{len(found)} files are"
            self._note("All audio was found", f"{what} in the project again.")

    def _note(self, title: str, text: str) -> None:
        """Say how it stands with missing files, in place of what was said before."""
        self._workspace.bridge.settled.emit(self._noted)
        self._workspace.bridge.noted.emit(title, text)
        self._noted = title

    def _import(self, request: _Request) -> None:
        project, bridge = self._workspace.project, self._workspace.bridge
        placing = _Placing(self._workspace, request.position)

        def run(work: Work) -> tuple[int, tuple[Refused, ...]]:
            skipped: list[Refused] = []
            songs = expand_folders(request.paths, lambda folder, why: skipped.append(Refused(folder, why)))
            placing.shared = shared_beginning(songs)
            placing.label = f"Import {len(songs)} files" if len(songs) > 1 else ""
            placed = work.heard_by(lambda one: bridge.post(lambda: placing.place(one)))
            imported, refused = import_usable(
                placed, project, songs, request.declaration, downmix=request.downmix
            )
            return len(imported.sources), (*skipped, *refused)

        def done(outcome: tuple[int, tuple[Refused, ...]]) -> None:
            imported, refused = outcome
            if not placing.possible:
                return
            if request.split and placing.clips:
                self._split.split(placing.clips, self._split.options)
            self._tell(refused, request, imported)

        bridge.run(request.title, run, done=done, safe="What is on the timeline stays there.")

    def _tell(self, refused: Sequence[Refused], request: _Request, imported: int) -> None:
        """Offer to mix down what is surround sound, and say what else was left out."""
        surround = [one for one in refused if isinstance(one.error, TooManyChannels)]
        unusable = [one for one in refused if one not in surround]
        if unusable:
            count = "The other file is" if imported == 1 else f"The other {imported} files are"
            safe = f"{count} on the timeline." if imported else "Your project is unchanged."
            self._workspace.bridge.report(request.title, _join(unusable), safe)
        if surround:
            rest = replace(request, paths=tuple(one.path for one in surround), downmix=True)
            self._offer_downmix(surround, lambda: self._import(rest))

    def _offer_downmix(self, surround: Sequence[Refused], again: Callable[[], None]) -> None:
        one = len(surround) == 1
        what = surround[0].error.message if one else f"{len(surround)} files are surround sound."
        Question(
            self._window,
            self._appearance,
            "Mix it down to stereo?" if one else "Mix them down to stereo?",
            f"{what} Mixed down, the middle and the rear loudspeakers sound from the left and the"
            f" right. Your {'file stays as it is' if one else 'files stay as they are'}.",
            ("Cancel", _MIX_DOWN),
            lambda answer: again() if answer == _MIX_DOWN else None,
        ).open()


def _join(refused: Sequence[Refused]) -> FanstudioError:
    """Return one error for files that were left out."""
    if len(refused) == 1:
        return refused[0].error
    names = ", ".join(f"“{one.path.name}”" for one in refused[:_NAMED])
    more = f" and {len(refused) - _NAMED} more" if len(refused) > _NAMED else ""
    return InputError(f"{len(refused)} files cannot be used: {names}{more}.", hint=refused[0].error.hint)


def _megabytes(size_bytes: int) -> str:
    return f"{max(size_bytes, 100_000) / 1e6:.1f} MB"
