"""How a drum pattern is heard while it is written: alone, or in its place in the song."""

from __future__ import annotations

from dataclasses import replace

from fanstudio.audio.samples import Samples
from fanstudio.gui.workspace import Workspace
from fanstudio.model.pattern import STEPS_PER_BAR, Pattern
from fanstudio.model.pattern_edits import set_pattern, sounding
from fanstudio.model.session import LoopRange, Session, Source
from fanstudio.studio.drum_machine import DrumMachine
from fanstudio.studio.preview import Preview

_STEPS_PER_BEAT = 4


class DrumHearing:
    """Plays a pattern round and round and follows its changes; methods raise as `DrumMachine.kit` does."""

    def __init__(self, workspace: Workspace, machine: DrumMachine, preview: Preview) -> None:
        """Play through a preview, at the rate of the session that is open."""
        self._workspace = workspace
        self._machine = machine
        self._preview = preview
        self._clips: tuple[str, ...] = ()
        self._pattern: Pattern | None = None

    @property
    def playing(self) -> bool:
        """Tell whether a pattern is heard."""
        return self._pattern is not None and self._preview.playing

    def start(self, pattern: Pattern, clips: tuple[str, ...] = ()) -> None:
        """Play a pattern: alone, or in place of these clips with the song, around the first of them."""
        self._pattern, self._clips = pattern, clips
        self._preview.play(self._render(pattern), self._arranged, self._start())

    def change(self, pattern: Pattern) -> None:
        """Go on with another pattern, where one is heard."""
        if self._pattern is not None and pattern != self._pattern:
            samples, self._pattern = self._render(pattern), pattern
            self._preview.change(samples, self._arranged)

    def stop(self) -> None:
        """Fall silent."""
        self._pattern = None
        self._preview.stop()

    def step(self) -> int | None:
        """Return the step of the pattern that is heard now, if any."""
        if self._pattern is None or not self._preview.playing:
            return None
        rate = self._workspace.session.sample_rate
        step_frames = rate * 60 / self._pattern.bpm / _STEPS_PER_BEAT
        step = int((self._preview.position - self._start()) / step_frames)
        return step % (self._pattern.bars * STEPS_PER_BAR)

    def audition(self, kit_id: str, sound: str) -> None:
        """Hear one sound of a kit, where no pattern is heard."""
        if self._pattern is None:
            kit = self._machine.kit(kit_id, self._workspace.session.sample_rate)
            if sound in kit:
                self._preview.play(kit[sound].samples, self._preview.once)

    def _render(self, pattern: Pattern) -> Samples:
        return self._machine.render(pattern, self._workspace.session.sample_rate)

    def _arranged(self, source: Source) -> Session:
        session, clips = self._workspace.session, self._clips
        if self._pattern is None or not all(session.find_clip(clip_id) for clip_id in clips) or not clips:
            return self._preview.round_and_round(source)
        session = set_pattern(session, clips, sounding(self._pattern), source)
        clip = session.clip(clips[0])[1]
        return replace(session, loop=LoopRange(clip.position, clip.end))

    def _start(self) -> int:
        found = self._workspace.session.find_clip(self._clips[0]) if self._clips else None
        return found[1].position if found else 0
