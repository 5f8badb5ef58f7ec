"""Styles: shown, heard before they are applied, applied in one step, dosed afterwards, kept and shared."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtWidgets import QWidget

from fanstudio.errors import Cancelled, FanstudioError
from fanstudio.gui.appearance import Appearance
from fanstudio.gui.bridge import Task
from fanstudio.gui.commands.split import SplitCommands
from fanstudio.gui.commands.style_after_split import StyleAfterSplit
from fanstudio.gui.commands.style_presets import StylePresets
from fanstudio.gui.dialogs.files import choose_files
from fanstudio.gui.panels.style_foot import PREVIEW_S
from fanstudio.gui.panels.style_offers import Offer
from fanstudio.gui.pitches import PitchHearing
from fanstudio.gui.style_hearing import StyleHearing
from fanstudio.gui.style_lines import StyleLines
from fanstudio.gui.workspace import Workspace
from fanstudio.jobs import Work
from fanstudio.model.recipe_file import SUFFIX
from fanstudio.model.styling import Styling
from fanstudio.studio import styles
from fanstudio.studio.project import Project
from fanstudio.studio.styles import PreviewPair, StyleChoice, Styled

if TYPE_CHECKING:
    from fanstudio.gui.panels.side_panel import SidePanel
    from fanstudio.gui.panels.style import StylePanel

T = TypeVar("T")


class StyleCommands:
    """One style is in the making at a time; `side`, which has the panel, is set by the window."""

    def __init__(
        self,
        window: QWidget,
        workspace: Workspace,
        appearance: Appearance,
        split: SplitCommands,
        hearing: PitchHearing,
    ) -> None:
        """Work on a workspace, asking on top of `window`; `hearing` knows the pitch of voices."""
        self._window = window
        self._workspace = workspace
        self.presets = StylePresets(window, workspace, appearance)
        self.side: SidePanel | None = None
        self.hearing = StyleHearing(workspace, self._show_hearing)
        self.lines = StyleLines(workspace, hearing)
        #: What is in the making, to be heard or applied.
        self.task: Task | None = None
        self._ahead: Task | None = None
        self.after_split = StyleAfterSplit(workspace, split, self._apply, self._say_unsplit)
        workspace.bridge.tick.connect(self._show_work)
        workspace.closing.connect(self._give_up)
        workspace.closing.connect(self._stop_ahead)

    # ── the panel ────────────────────────────────────────────────────────────────────────────

    def toggle(self) -> None:
        """Show the style panel, or hide it."""
        assert self.side is not None
        self.side.show_style(not self.side.style_shown)
        if self.side.style_shown:
            self._hear_ahead()

    def compare(self) -> None:
        """Hear the song without the style, or with it; where nothing is heard yet, begin."""
        if self.hearing.heard:
            self.hearing.compare(after=not self.hearing.after)
        elif self.side is not None and self.side.style_shown:
            self.preview_or_stop()

    def take_files(self, paths: Sequence[Path]) -> None:
        """Take a file that was dropped on the panel: a preset, or a song to sound like."""
        for path in paths[:1]:
            if path.suffix.lower() == SUFFIX:
                self.presets.open(path)
            elif self._panel is not None:
                self._panel.take_record(path)

    def choose_record(self) -> None:
        """Ask for a song to sound like."""
        choose_files(self._window, "Sound like this song", self.take_files, several=False)

    def needs_split(self, offer: Offer | None) -> bool:
        """Tell whether a style works on parts that the song does not have yet."""
        recipe = self._panel.shelf.recipe(offer) if self._panel is not None else None
        return recipe is not None and bool(recipe.stems) and self.after_split.needed

    # ── hearing and applying ─────────────────────────────────────────────────────────────────

    def preview_or_stop(self) -> None:
        """Hear what is chosen from the playhead on, or fall silent."""
        if self.hearing.heard:
            self.hearing.stop()
            return
        choice = self._choice()
        if choice is None or self.task is not None or self._workspace.recording:
            return
        project, start = self._workspace.project, self._workspace.playhead

        def done(pair: PreviewPair) -> None:
            self.hearing.play(project, pair)
            if self._panel is not None:
                self._panel.report.show_steps("What it does", pair.steps, pair.notes)

        def dropped(pair: PreviewPair) -> None:
            styles.end_preview(project, pair)

        def preview(work: Work) -> PreviewPair:
            return styles.preview(work, project, choice, start, PREVIEW_S)

        self._run("Preview", preview, done, dropped=dropped, shown=False)

    def apply(self) -> None:
        """Apply what is chosen, after a split where the song needs one."""
        choice = self._choice()
        if choice is None or self.task is not None:
            return
        self.hearing.stop()
        if self._panel is not None and self.needs_split(self._panel.offer):
            self._panel.report.clear()
            self._say("Splitting the song first; the style follows.")
            self.after_split.begin(choice)
            self._show_state()
        else:
            self._apply(choice)

    def cancel(self) -> None:
        """Give up what is in the making."""
        if self.task is not None:
            self.task.job.cancel()
            if self._panel is not None:
                self._panel.foot.show_cancelling()

    def forget_preview(self) -> None:
        """Fall silent, and wait for no preview: what is chosen is not what is heard any more."""
        if self.task is not None and not self.task.shown:
            self._give_up()
        self.hearing.stop()

    # ── what is applied ──────────────────────────────────────────────────────────────────────

    def set_amount(self, styling_id: str, amount: float) -> None:
        """Do a style that the song has anew, with another amount, in its place."""
        project, styling = self._workspace.project, self._styling(styling_id)
        again = self._panel.shelf.again(styling, amount) if self._panel and styling else None

        def plan(work: Work) -> Styled:
            if again is not None:
                return styles.plan(work, project, again)
            return styles.replan(work, project, styling_id, amount)

        self._make("Changing the style", plan)

    def take_away(self, styling_id: str) -> None:
        """Take a style out of the song."""
        self.hearing.stop()
        try:
            styles.take_away(self._workspace.project, styling_id)
        except FanstudioError as error:
            self._fail(error)
        else:
            self._say("The style is gone. What you changed since then stays.")

    def keep(self, styling_id: str) -> None:
        """Keep a style of the song as a preset of the fan's own."""
        styling = self._styling(styling_id)
        if styling is not None:
            self.presets.keep(styling)

    def share(self, styling_id: str) -> None:
        """Write a style of the song into a file."""
        styling = self._styling(styling_id)
        if styling is not None:
            self.presets.share(styling)

    # ── parts ────────────────────────────────────────────────────────────────────────────────

    def _hear_ahead(self) -> None:
        """Get ready for the first preview; what fails is told by the preview itself."""
        if not self._workspace.is_open or (self._ahead is not None and not self._ahead.job.done):
            return
        project = self._workspace.project
        self._ahead = self._workspace.bridge.run(
            "Get ready for styles",
            lambda work: styles.hear_ahead(work, project),
            failed=lambda _error: True,
            shown=False,
        )

    def _stop_ahead(self) -> None:
        if self._ahead is not None:
            self._ahead.job.cancel()
            self._ahead = None

    @property
    def _panel(self) -> StylePanel | None:
        return self.side.style_panel if self.side is not None else None

    def _choice(self) -> StyleChoice | None:
        return self._panel.choice() if self._panel is not None and self._workspace.is_open else None

    def _styling(self, styling_id: str) -> Styling | None:
        known = {styling.id: styling for styling in self._workspace.session.stylings}
        return known.get(styling_id)

    def _apply(self, choice: StyleChoice) -> None:
        project = self._workspace.project
        self._make("Applying the style", lambda work: styles.plan(work, project, choice))

    def _make(self, title: str, plan: Callable[[Work], Styled]) -> None:
        """Plan in the background, then apply what came of it as one undo step."""
        if self.task is not None:
            return
        self.hearing.stop()
        project = self._workspace.project

        def done(styled: Styled) -> None:
            if self._is_open(project):
                styles.apply(project, styled)
                self._tell(styled)

        self._run(title, plan, done)

    def _tell(self, styled: Styled) -> None:
        if self._panel is not None:
            score = styled.score_before, styled.score_after
            heading = f"{styled.title}: what was done"
            told = styled.styling.id
            self._panel.report.show_steps(heading, styled.steps, styled.notes, score, styling=told)
            self._panel.show_report()
        self._say("Applied. Undo takes it back; every effect and clip can still be changed.")

    def _run(
        self,
        title: str,
        function: Callable[[Work], T],
        done: Callable[[T], None],
        *,
        dropped: Callable[[T], None] = lambda _result: None,
        shown: bool = True,
    ) -> None:
        """Do the one piece of work; what comes of one that was given up meanwhile is `dropped`."""

        def end(result: T) -> None:
            if not self._take_end(task):
                dropped(result)
                return
            try:
                done(result)
            except FanstudioError as error:
                self._fail(error)

        def fail(error: BaseException) -> bool:
            return not self._take_end(task) or self._fail(error)

        self.task = task = self._workspace.bridge.run(title, function, done=end, failed=fail, shown=shown)
        self._say("")
        self._show_state()

    def _take_end(self, task: Task) -> bool:
        """Take note that some work ended; tell whether it is the one that is waited for."""
        if task is not self.task:
            return False
        self.task = None
        self._show_state()
        return True

    def _give_up(self) -> None:
        """Cancel what is in the making and wait for it no more."""
        if self.task is not None:
            self.task.job.cancel()
            self.task = None
            self._show_state()

    def _show_state(self) -> None:
        if self._panel is not None:
            self._panel.foot.show_work(self.task)
            self._panel.show_ready()
            if self.task is None and self._workspace.is_open:
                self._panel.applied.show_session(self._workspace.session)

    def _fail(self, error: BaseException) -> bool:
        """Say in the panel what went wrong, if it is shown; tell whether that was done."""
        if isinstance(error, Cancelled):
            self._say("Cancelled. Nothing was changed.")
            return True
        if self.side is None or not self.side.style_shown or not isinstance(error, FanstudioError):
            return False
        self.side.style_panel.say_error(error)
        return True

    def _say(self, words: str, *, wrong: bool = False) -> None:
        if self._panel is not None:
            self._panel.say(words, wrong=wrong)

    def _show_work(self) -> None:
        if self._panel is not None and self._panel.isVisible():
            self._panel.foot.show_work(self.task)

    def _show_hearing(self) -> None:
        if self._panel is not None:
            self._panel.foot.show_hearing(heard=self.hearing.heard, after=self.hearing.after)
            self._panel.show_ready()

    def _say_unsplit(self) -> None:
        self._say("The song was not split, so the style was not applied.")
        self._show_state()

    def _is_open(self, project: Project) -> bool:
        return self._workspace.is_open and self._workspace.project is project
