"""What a gallery shows of a song: every instrument, kit, style and likeness, before and after."""

from __future__ import annotations

import wave
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from songs import RATE, render, sound_of

from fanstudio.audio.samples import Samples
from fanstudio.errors import FanstudioError
from fanstudio.jobs import Work
from fanstudio.model.session import Stem
from fanstudio.model.styling import StyleKind
from fanstudio.studio import sampled, styles, timbre
from fanstudio.studio.project import Project

#: Instruments that play the bass of a song; others play its voice.
_LOW = ("bass",)


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to be shown; `make` returns the sounds before and after, and what else is to be told."""

    id: str
    kind: str
    make: Callable[[], Shown]


@dataclass(frozen=True, slots=True)
class Shown:
    """A sound before and after, `(channels, frames)` each, a few words, and how much longer it plays."""

    before: Samples
    after: Samples
    words: str = ""
    stretch: float = 1.0


def items_of(project: Project, scratch: Path, reference: Path | None) -> Iterator[Item]:
    """Yield all that there is for a song."""
    for instrument in timbre.list_instruments():
        yield Item(f"timbre-{instrument.id}", "timbre", _net(project, instrument.id))
    for row in sampled.list_instruments():
        yield Item(f"sampled-{row.id}", "sampled", _notes(project, row.id))
    for kit in sampled.list_kits():
        yield Item(kit.id, "kit", _kit(project, kit.id))
    mixed = _Mixed(project)
    for recipe in styles.list_presets():
        yield Item(f"preset-{recipe.id}", "preset", mixed.preset(recipe.id))
    yield Item("like", "like", mixed.like(scratch, reference))


def _net(project: Project, instrument: str) -> Callable[[], Shown]:
    def make() -> Shown:
        sound = _stem(project, Stem.VOCALS)
        played = timbre.voice_as(Work(), sound, RATE, timbre.TimbreOptions(instrument))
        after = np.concatenate(list(played.blocks), axis=1)
        spans = sum(span.end_s - span.start_s for span in played.spans)
        return Shown(sound, after, f"octave {played.octave:+d}; not one line for {spans:.1f} s")

    return make


def _notes(project: Project, instrument: str) -> Callable[[], Shown]:
    def make() -> Shown:
        low = any(word in instrument for word in _LOW)
        sound = _stem(project, Stem.BASS if low else Stem.VOCALS)
        played = sampled.play_as(Work(), sound, RATE, instrument, sampled.SampledOptions(single_line=not low))
        after = np.concatenate(list(played.blocks), axis=1)
        words = f"octave {played.octave:+d}; {len(played.notes)} notes" if hasattr(played, "notes") else ""
        return Shown(sound, after, words)

    return make


def _kit(project: Project, kit: str) -> Callable[[], Shown]:
    def make() -> Shown:
        sound = _stem(project, Stem.DRUMS)
        played = sampled.play_as(Work(), sound, RATE, kit)
        return Shown(sound, np.concatenate(list(played.blocks), axis=1))

    return make


class _Mixed:
    """Styles of a whole song, which is mixed once as it was."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._before: Samples | None = None

    def preset(self, recipe_id: str) -> Callable[[], Shown]:
        return lambda: self._styled(styles.StyleChoice(StyleKind.PRESET, recipe_id))

    def like(self, scratch: Path, reference: Path | None) -> Callable[[], Shown]:
        def make() -> Shown:
            path = reference or self._own_reference(scratch / "reference.wav")
            return self._styled(styles.StyleChoice(StyleKind.PRODUCTION, reference=path))

        return make

    def _styled(self, choice: styles.StyleChoice) -> Shown:
        session = self._project.document.session
        if self._before is None:
            self._before = render(self._project, session)
        styled = styles.plan(Work(), self._project, choice)
        changed = styled.change(session)
        after = render(self._project, changed)
        scores = ""
        if styled.score_before is not None and styled.score_after is not None:
            scores = f"match {styled.score_before:.0f} → {styled.score_after:.0f}"
        words = "; ".join(filter(None, (scores, *styled.notes)))
        return Shown(self._before, after, words, changed.length / max(1, session.length))

    def _own_reference(self, path: Path) -> Path:
        """Write the song in the first style that has one sound for all, to be a record to sound like."""
        shown = self._styled(styles.StyleChoice(StyleKind.PRESET, "vintage-60s"))
        with wave.open(str(path), "wb") as file:
            file.setnchannels(2)
            file.setsampwidth(2)
            file.setframerate(RATE)
            file.writeframes((np.clip(shown.after.T, -1, 1) * 32_767).astype("<i2").tobytes())
        return path


def _stem(project: Project, stem: Stem) -> Samples:
    sound = sound_of(project, stem)
    if sound is None:
        raise FanstudioError(f"The song has no {stem.value}.")
    return sound
