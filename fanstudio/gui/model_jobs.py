"""What goes on with models: the list of them, and what is being fetched, added or checked."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from fanstudio.errors import Cancelled, FanstudioError
from fanstudio.gui.bridge import Task
from fanstudio.gui.turns import Turns
from fanstudio.gui.workspace import Workspace
from fanstudio.jobs import Work
from fanstudio.studio.models import (
    Added,
    ModelLine,
    add_model,
    check_model,
    list_models,
    pull_model,
    remove_model,
)

_SAFE = "Nothing was added, and your models are as they were."


class ModelJobs(QObject):
    """Knows the models and runs what is done with them; outlives the sheet that shows it."""

    #: The list, a job or what was said last has changed.
    changed = Signal()

    def __init__(self, workspace: Workspace, parent: QObject | None = None) -> None:
        """Start with an empty list; `refresh` fills it."""
        super().__init__(parent)
        self._workspace = workspace
        self._turns = Turns()
        self.lines: tuple[ModelLine, ...] = ()
        #: The work under way, by the id of its model, or the path of one that is being added.
        self.tasks: dict[str, Task] = {}
        #: What happened last: words, and whether they tell of a failure.
        self.said: tuple[str, bool] = ("", False)
        #: Whether somebody looks, so that failures need no card of their own.
        self.watched = False

    def refresh(self) -> None:
        """Read the list again, in the background."""
        self._workspace.bridge.run("Models", lambda _work: list_models(), done=self._take_lines, shown=False)

    def fetch(self, line: ModelLine) -> None:
        """Fetch a published model."""
        settings = self._workspace.settings
        self._start(
            line.id,
            f"Fetching {line.title}",
            lambda work: pull_model(work, settings, line.id),
            lambda _pulled: f"{line.title} is ready. Choose it as the model when you split.",
            kept="What was fetched is kept for the next time.",
        )

    def add(self, path: Path) -> None:
        """Add a model of the user's own; several are added in turn, for they may be parts of one."""

        def describe(added: Added) -> str:
            return f"{added.conclusion} {added.model.title} is ready.".strip()

        def in_turn(work: Work) -> Added:
            with self._turns.join().turn(work):
                return add_model(work, path)

        title = f"Adding “{path.name}”"
        self._start(str(path), title, in_turn, describe)
        self._say(f"{title}…")

    def check(self, line: ModelLine) -> None:
        """Try an installed model out."""
        device = self._workspace.settings.text("compute_device")
        self._start(
            line.id,
            f"Checking {line.title}",
            lambda work: check_model(work, line.id, device),
            lambda trial: f"{line.title} works: {trial.times_realtime:.1f} × realtime on {trial.device}.",
        )

    def remove(self, line: ModelLine) -> None:
        """Remove one of the user's models."""
        try:
            remove_model(line.id)
        except FanstudioError as error:
            self._say(" ".join(part for part in (error.message, error.hint) if part), failed=True)
        else:
            self._say(f"{line.title} was removed.")
        self.refresh()

    def cancel(self, model_id: str) -> None:
        """Cancel what is done with a model."""
        if model_id in self.tasks:
            self.tasks[model_id].job.cancel()

    def _start(
        self,
        model_id: str,
        title: str,
        function: Callable[[Work], Any],
        describe: Callable[[Any], str],
        *,
        kept: str = "",
    ) -> None:
        """Run something with a model; `describe` says how it went, `kept` what outlives a cancel."""
        if model_id in self.tasks:
            return

        def done(result: Any) -> None:
            self.tasks.pop(model_id, None)
            self._say(describe(result))
            self.refresh()

        def failed(error: BaseException) -> bool:
            self.tasks.pop(model_id, None)
            known = isinstance(error, FanstudioError)
            if isinstance(error, Cancelled):
                self._say(f"Cancelled. {kept}".strip())
            elif isinstance(error, FanstudioError):
                self._say(" ".join(part for part in (error.message, error.hint) if part), failed=True)
            self.refresh()
            return known and self.watched

        self.said = ("", False)
        task = self._workspace.bridge.run(title, function, done=done, failed=failed, safe=_SAFE)
        self.tasks[model_id] = task
        self.changed.emit()

    def _take_lines(self, lines: tuple[ModelLine, ...]) -> None:
        self.lines = lines
        self.changed.emit()

    def _say(self, words: str, *, failed: bool = False) -> None:
        self.said = (words, failed)
        self.changed.emit()
