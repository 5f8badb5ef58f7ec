"""How a drum pattern is heard while it is written: alone, or in its place in the song."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TypeVar

from fanstudio.audio.kit import Kit
from fanstudio.audio.samples import Samples
from fanstudio.errors import FanstudioError
from fanstudio.gui.workspace import Workspace
from fanstudio.jobs import Work
from fanstudio.model.pattern import STEPS_PER_BAR, Pattern
from fanstudio.model.pattern_edits import set_pattern, sounding
from fanstudio.model.session import LoopRange, Session, Source
from fanstudio.studio.drum_machine import DrumMachine
from fanstudio.studio.preview import Preview

T = TypeVar("T")

_STEPS_PER_BEAT = 4


class DrumHearing:
    """Plays a pattern round and round and follows its changes; what it plays is rendered in the background.

    While one pattern is rendered, those that follow wait; only the last of them is rendered then.
    """

    def __init__(
        self,
        workspace: Workspace,
        machine: DrumMachine,
        preview: Preview,
        failed: Callable[[BaseException], bool],
    ) -> None:
        """Play through a preview, at the rate of the session that is open; `failed` hears what goes wrong."""
        self._workspace = workspace
        self._machine = machine
        self._preview = preview
        self._failed = failed
        self._clips: tuple[str, ...] = ()
        #: What is to be heard, and what is.
        self._pattern: Pattern | None = None
        self._heard: Pattern | None = None
        self._rendering = False

    @property
    def playing(self) -> bool:
        """Tell whether a pattern is heard, or will be at once."""
        return self._pattern is not None and (self._heard is None or self._preview.playing)

    def start(self, pattern: Pattern, clips: tuple[str, ...] = ()) -> None:
        """Play a pattern: alone, or in place of these clips with the song, around the first of them."""
        self._pattern, self._heard, self._clips = pattern, None, clips
        self._render()

    def change(self, pattern: Pattern) -> None:
        """Go on with another pattern, where one is heard."""
        if self._pattern is not None and pattern != self._pattern:
            self._pattern = pattern
            self._render()

    def stop(self) -> None:
        """Fall silent."""
        self._pattern = self._heard = None
        self._preview.stop()

    def step(self) -> int | None:
        """Return the step of the pattern that is heard now, if any."""
        if self._heard is None or not self._preview.playing:
            return None
        rate = self._workspace.session.sample_rate
        step_frames = rate * 60 / self._heard.bpm / _STEPS_PER_BEAT
        step = int((self._preview.position - self._start()) / step_frames)
        return step % (self._heard.bars * STEPS_PER_BAR)

    def audition(self, kit_id: str, sound: str) -> None:
        """Hear one sound of a kit, where no pattern is heard."""
        if self._pattern is not None:
            return
        rate = self._workspace.session.sample_rate

        def play(kit: Kit) -> None:
            if sound in kit and self._pattern is None and self._workspace.is_open:
                self._try(lambda: self._preview.play(kit[sound].samples, self._preview.once))

        self._run(lambda _work: self._machine.kit(kit_id, rate), play, self._failed)

    def _render(self) -> None:
        """Render what is to be heard, unless that is under way."""
        pattern, rate = self._pattern, self._workspace.session.sample_rate
        if pattern is None or self._rendering:
            return
        self._rendering = True
        self._run(lambda _work: self._machine.render(pattern, rate), partial(self._take, pattern), self._fail)

    def _run(
        self, work: Callable[[Work], T], done: Callable[[T], None], failed: Callable[[BaseException], bool]
    ) -> None:
        self._workspace.bridge.run("Preview", work, done=done, failed=failed, shown=False)

    def _take(self, pattern: Pattern, samples: Samples) -> None:
        """Let a pattern be heard that was rendered, and go on with the one that was wanted meanwhile."""
        self._rendering = False
        if self._pattern is None or not self._workspace.is_open:
            return
        begins, self._heard = self._heard is None, pattern
        if begins:
            self._try(lambda: self._preview.play(samples, self._arranged, self._start()))
        else:
            self._try(lambda: self._preview.change(samples, self._arranged))
        if self._pattern != pattern:
            self._render()

    def _try(self, act: Callable[[], None]) -> None:
        try:
            act()
        except FanstudioError as error:
            self._fail(error)

    def _fail(self, error: BaseException) -> bool:
        """Fall silent and say why, unless nobody wants to hear it any more."""
        self._rendering = False
        if self._pattern is None:
            return True
        self.stop()
        return self._failed(error)

    def _arranged(self, source: Source) -> Session:
        session, clips = self._workspace.session, self._clips
        if self._heard is None or not all(session.find_clip(clip_id) for clip_id in clips) or not clips:
            return self._preview.round_and_round(source)
        session = set_pattern(session, clips, sounding(self._heard), source)
        clip = session.clip(clips[0])[1]
        return replace(session, loop=LoopRange(clip.position, clip.end))

    def _start(self) -> int:
        found = self._workspace.session.find_clip(self._clips[0]) if self._clips else None
        return found[1].position if found else 0
