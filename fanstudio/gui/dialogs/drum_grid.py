"""The drum grid: writes a beat step by step, heard while it is written."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QWidget

from fanstudio.errors import FanstudioError
from fanstudio.gui.appearance import Appearance
from fanstudio.gui.dialogs.sheet import Sheet
from fanstudio.gui.drum_hearing import DrumHearing
from fanstudio.gui.theme import set_role
from fanstudio.gui.widgets.labels import button, label
from fanstudio.gui.widgets.pattern_choices import PatternChoices
from fanstudio.gui.widgets.pattern_page import PatternPage
from fanstudio.gui.workspace import Workspace
from fanstudio.jobs import Work
from fanstudio.model.pattern import Pattern
from fanstudio.model.pattern_edits import repeats_of, sounding, without_strokes
from fanstudio.model.session import Clip
from fanstudio.studio import drum_grid
from fanstudio.studio.drum_machine import DrumMachine
from fanstudio.studio.preview import Preview

_WIDTH = 900
_MOST_UNDONE = 200
_NEW_NAME = "Drums"


class DrumGridDialog(Sheet):
    """Edits a pattern; the song changes when it is done, in one undo step."""

    def __init__(
        self,
        parent: QWidget,
        appearance: Appearance,
        workspace: Workspace,
        machine: DrumMachine,
        preview: Preview,
        pattern: Pattern,
        clip: Clip | None,
    ) -> None:
        """Show a pattern with a row for each sound: a clip's, or a new one where `clip` is None."""
        title = f"Drum grid: {clip.name}" if clip else "New drum grid"
        super().__init__(parent, appearance, title, width=_WIDTH)
        self._workspace = workspace
        self._machine = machine
        self._clip = clip
        self._pattern = self._before = pattern
        self._past: list[Pattern] = []
        self._undone: list[Pattern] = []
        self.hearing = DrumHearing(workspace, machine, preview, self._fell_silent)
        self.choices = PatternChoices(machine, pattern)
        self.choices.edited.connect(self._change)
        self.page = PatternPage(appearance, pattern)
        self.page.grid.edited.connect(self._change)
        self.page.grid.struck.connect(self._audition)
        self.page.asked.connect(self._audition)
        self.body.addWidget(self.choices)
        self.body.addWidget(self.page)
        self._make_foot()
        self._show()
        self.finished.connect(self._fall_silent)
        workspace.bridge.tick.connect(self._follow)
        self.page.grid.setFocus()

    # ── what the fan does ────────────────────────────────────────────────────────────────────

    @property
    def pattern(self) -> Pattern:
        """Return the pattern as it is now."""
        return self._pattern

    def toggle(self) -> None:
        """Play the beat round and round, or stop."""
        if self.hearing.playing:
            self._fall_silent()
        else:
            self._start()

    def undo(self) -> None:
        """Take the last change to the pattern back."""
        self._step(self._past, self._undone)

    def redo(self) -> None:
        """Bring the change back."""
        self._step(self._undone, self._past)

    def finish(self) -> None:
        """Render the pattern into the project and close; what goes wrong is said here."""
        pattern = sounding(self._pattern)
        if not pattern.rows:
            self._say("Nothing is struck yet: set a step first.", wrong=True)
        elif self._clip is not None and pattern == self._clip.pattern:
            self.accept()
        else:
            self._render(pattern)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Leave Enter to the buttons: in the grid it would end the work by mistake."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.page.grid.hasFocus():
            event.accept()
        else:
            super().keyPressEvent(event)

    def _make_foot(self) -> None:
        self.play = button("Play", self.toggle, "accent", tooltip="Play the beat, or stop (P)")
        self.with_song = QCheckBox("With the song")
        self.with_song.setToolTip("Hear the beat in its place in the song")
        self.with_song.setVisible(self._clip is not None)
        self.with_song.toggled.connect(lambda _on: self._start() if self.hearing.playing else None)
        count = len(self._clips(everywhere=True))
        self.repeats = QCheckBox(f"All {count} repeats")
        self.repeats.setToolTip("Change every clip that plays this pattern, or this one alone")
        self.repeats.setChecked(True)
        self.repeats.setVisible(count > 1)
        self.clear = button("Clear", self._clear, tooltip="Take every step away")
        self.words = label("", "small", wraps=True)
        row = QHBoxLayout()
        row.setSpacing(12)
        for part in (self.play, self.clear, self.with_song, self.repeats):
            row.addWidget(part)
        row.addWidget(self.words, 1)
        self.body.addLayout(row)
        self.add_button("Cancel", self.reject)
        done = "Done" if self._clip else "Add to the song"
        self.done_button = self.add_button(done, self.finish, primary=True)
        self._add_key("P", self.toggle)
        self._add_key("Ctrl+Z", self.undo)
        self._add_key("Ctrl+Shift+Z", self.redo)

    def _add_key(self, keys: str, act: Callable[[], None]) -> None:
        shortcut = QShortcut(QKeySequence(keys), self)
        shortcut.activated.connect(act)

    def _clear(self) -> None:
        self._change(without_strokes(self._pattern))

    def _clips(self, *, everywhere: bool) -> tuple[str, ...]:
        """Return the clips that are edited, the one that was opened first."""
        clip = self._clip
        if clip is None or self._workspace.session.find_clip(clip.id) is None:
            return ()
        others = repeats_of(self._workspace.session, clip.id) if everywhere else ()
        return (clip.id, *(other for other in others if other != clip.id))

    def _render(self, pattern: Pattern) -> None:
        project, clip, at = self._workspace.project, self._clip, self._workspace.playhead
        name, repeats = clip.name if clip else _NEW_NAME, self.repeats.isChecked()
        self.done_button.setEnabled(False)

        def run(work: Work) -> drum_grid.Rendered:
            return drum_grid.render(work, project, self._machine, pattern, name)

        def done(rendered: drum_grid.Rendered) -> None:
            if self._workspace.is_open and self._workspace.project is project:
                self._try(lambda: place(rendered))

        def place(rendered: drum_grid.Rendered) -> None:
            if clip is None:
                self._workspace.select_clips((drum_grid.add_pattern(project, rendered, at, name),))
            else:
                drum_grid.change_pattern(project, clip.id, rendered, repeats=repeats)
            self.accept()

        self.run(self._workspace.bridge, "Rendering drums", run, done=done, failed=self._failed)

    # ── the pattern ──────────────────────────────────────────────────────────────────────────

    def _change(self, pattern: Pattern, going_on: bool = False) -> None:
        """Take another pattern; a gesture that goes on is one step of undo with its end."""
        self._pattern = pattern
        if not going_on:
            self._end_gesture()
        self._show()

    def _end_gesture(self) -> None:
        if self._before != self._pattern:
            self._past = [*self._past, self._before][-_MOST_UNDONE:]
            self._undone.clear()
            self._before = self._pattern

    def _step(self, taken: list[Pattern], given: list[Pattern]) -> None:
        self._end_gesture()
        if taken:
            given.append(self._pattern)
            self._pattern = self._before = taken.pop()
            self._show()

    def _show(self) -> None:
        """Show the pattern as it is, and let what plays follow it."""
        names = {sound.id: sound.name for sound in self._machine.shelf.kit(self._pattern.kit).sounds}
        self.choices.show_pattern(self._pattern)
        self.page.show_pattern(self._pattern, names)
        self._say(f"{self._pattern.bpm:g} bpm")
        self.hearing.change(self._pattern)

    # ── what is heard ────────────────────────────────────────────────────────────────────────

    def _start(self) -> None:
        clips = self._clips(everywhere=self.repeats.isChecked()) if self.with_song.isChecked() else ()
        self.hearing.start(self._pattern, clips)
        self._show_play()

    def _audition(self, sound: str) -> None:
        self.hearing.audition(self._pattern.kit, sound)

    def _fall_silent(self) -> None:
        self.hearing.stop()
        self.page.grid.show_heard(None)
        self._show_play()

    def _follow(self) -> None:
        """Show the step that is heard."""
        self.page.grid.show_heard(self.hearing.step())

    def _show_play(self) -> None:
        self.play.setText("Stop" if self.hearing.playing else "Play")

    def _try(self, act: Callable[[], None]) -> None:
        try:
            act()
        except FanstudioError as error:
            self._failed(error)

    def _fell_silent(self, error: BaseException) -> bool:
        self._show_play()
        return self._failed(error)

    def _failed(self, error: BaseException) -> bool:
        self.done_button.setEnabled(True)
        if not isinstance(error, FanstudioError):
            return False
        self._say(f"{error.message} {error.hint}", wrong=True)
        return True

    def _say(self, words: str, *, wrong: bool = False) -> None:
        set_role(self.words, "error" if wrong else "small")
        self.words.setText(words)
