"""Splitting clips into stems: at once as last time, or as the sheet says; one song after another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtWidgets import QWidget

from fanstudio.errors import FanstudioError, InputError
from fanstudio.gui.actions import clips_to_separate
from fanstudio.gui.appearance import Appearance
from fanstudio.gui.commands.models import ModelCommands
from fanstudio.gui.dialogs.split import SplitDialog
from fanstudio.gui.turns import Turns
from fanstudio.gui.workspace import Workspace
from fanstudio.jobs import Work
from fanstudio.model.session import Clip
from fanstudio.settings import Settings
from fanstudio.studio.live_split import LiveSplit
from fanstudio.studio.project import Project
from fanstudio.studio.split import SplitResult
from fanstudio.studio.split_options import QUALITIES, SplitOptions


class SplitCommands:
    """Splits the selected clips' songs, or the song on the timeline, as jobs that wait for one another."""

    def __init__(
        self, window: QWidget, workspace: Workspace, appearance: Appearance, models: ModelCommands
    ) -> None:
        """Work on a workspace, asking on top of `window`; `models` shows what splits."""
        self.models = models
        self._window = window
        self._workspace = workspace
        self._appearance = appearance
        self._turns = Turns()
        #: What was kept last time; the rest is in the settings.
        self._kept: tuple[tuple[str, ...], bool] = ((), False)
        #: What would split a song, and why nothing better; empty until it is known.
        self.device = ""
        self.why_not = ""
        #: What never runs there as it should.
        self.note = ""

    @property
    def options(self) -> SplitOptions:
        """Return what was chosen last, or the default."""
        return remembered_options(self._workspace.settings, self._kept)

    def split_now(self) -> None:
        """Split as last time, without a question."""
        self.split(clips_to_separate(self._workspace.situation), self.options)

    def open_sheet(self) -> None:
        """Ask how to split."""
        clips = clips_to_separate(self._workspace.situation)
        if clips:
            SplitDialog(self._window, self._appearance, self._workspace, self, clips).open()

    def choose(self, clips: Sequence[Clip], options: SplitOptions) -> None:
        """Keep what was chosen for the next time, and split."""
        self._kept = options.wanted, options.keep_rest
        for name, value in (
            ("split_stems", options.count),
            ("split_quality", options.quality),
            ("split_model", options.model_id or ""),
        ):
            if self._workspace.settings.get(name) != value:
                self._workspace.set_setting(name, value)
        self.split(clips, options)

    def split(self, clips: Sequence[Clip], options: SplitOptions) -> None:
        """Split the songs of clips, one after another; each becomes one undo step."""
        for clip in clips:
            self._submit(self._workspace.project, clip, options)

    def _submit(self, project: Project, clip: Clip, options: SplitOptions) -> None:
        """Lay the stems on tracks at once, and make them when it is their turn."""
        workspace, live = self._workspace, self._workspace.live
        title = f"Splitting “{clip.name}”"
        try:
            split = LiveSplit(project, clip.id, options)
            live.begin(split)
        except FanstudioError as error:
            workspace.bridge.report(title, error)
            return
        place = self._turns.join()

        def run(work: Work) -> SplitResult:
            with place.turn(work):
                return split.run(work)

        def done(result: SplitResult) -> None:
            workspace.end_splitting(clip.source)
            live.finish(split, result)
            self._tell(clip, result.report.note)
            if workspace.is_open and workspace.project is project:
                workspace.did.emit("stems")

        def failed(_error: BaseException) -> bool:
            workspace.end_splitting(clip.source)
            live.abandon(split)
            return False

        workspace.begin_splitting(clip.source)
        live.add(split, workspace.bridge.run(title, run, done=done, failed=failed, runs_on=self.device))

    def _tell(self, clip: Clip, note: str) -> None:
        """Say what did not go as it should on the device, unless that is so of every split here."""
        if note and note != self.note:
            self._workspace.bridge.noted.emit(f"“{clip.name}” is split", f"{note[0].upper()}{note[1:]}.")


def remembered_options(settings: Settings, kept: tuple[tuple[str, ...], bool]) -> SplitOptions:
    """Return the options in the settings; what was `kept` counts where such a split has those stems."""
    quality = settings.text("split_quality")
    options = SplitOptions(
        stems=int(settings.get("split_stems")),
        quality=next(known for known in QUALITIES if known == quality),
        model_id=settings.text("split_model") or None,
        device=settings.text("compute_device"),
    )
    try:
        return replace(options, wanted=kept[0], keep_rest=kept[1])
    except InputError:
        return options
