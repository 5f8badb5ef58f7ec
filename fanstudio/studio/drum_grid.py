"""The drum grid: clips whose sound is rendered from steps that stay editable."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from fanstudio.errors import EditError
from fanstudio.jobs import Work
from fanstudio.model import edits
from fanstudio.model.pattern import Pattern
from fanstudio.model.pattern_edits import (
    empty_pattern,
    place_clip,
    repeats_of,
    set_pattern,
    sounding,
    with_rows,
)
from fanstudio.model.rights import Basis, Origin
from fanstudio.model.session import Clip, Session, Source, Stem, new_id
from fanstudio.model.timebase import snap_to_bar, tempo_at
from fanstudio.studio.drum_machine import DrumMachine
from fanstudio.studio.project import Project

DEFAULT_KIT = "garage"


@dataclass(frozen=True, slots=True)
class Rendered:
    """A pattern and the source in the pool that was rendered from it."""

    pattern: Pattern
    source: Source


def new_pattern(session: Session, machine: DrumMachine, frame: int, kit_id: str = DEFAULT_KIT) -> Pattern:
    """Return an empty pattern of one bar in the tempo at a frame; raises InputError without that kit."""
    sounds = (sound.id for sound in machine.shelf.kit(kit_id).sounds)
    return empty_pattern(kit_id, sounds, tempo_at(session, frame).bpm)


def all_rows(machine: DrumMachine, pattern: Pattern) -> Pattern:
    """Return a pattern with a row for every sound of its kit, as the grid shows it."""
    return with_rows(pattern, (sound.id for sound in machine.shelf.kit(pattern.kit).sounds))


def render(work: Work, project: Project, machine: DrumMachine, pattern: Pattern, name: str) -> Rendered:
    """Render a pattern into the project's pool, at the session's rate.

    Raises:
        InputError: there is no such kit, or it is damaged.
        StorageError: the disk is full or gone.

    """
    rate = project.document.session.sample_rate
    kit = machine.shelf.kit(pattern.kit)
    work.report(0.0, "Playing the drums")
    samples = machine.render(pattern, rate)
    origin = Origin(Basis.OPEN, f"{kit.name} drum kit", kit.credit.author, licence_url=kit.credit.licence_url)
    writer = project.pool.writer(rate, samples.shape[0])
    try:
        writer.write(samples)
        source = writer.finish(work.part(0.3, 1.0), name, rate, origin, Stem.DRUMS)
    finally:
        writer.discard()
    return Rendered(sounding(pattern), source)


def add_pattern(project: Project, rendered: Rendered, frame: int, name: str) -> str:
    """Lay what was rendered on a new track, on the bar nearest to a frame; return the clip's id."""
    clip_id = new_id()

    def edit(session: Session) -> Session:
        session = edits.add_track(session, name, Stem.DRUMS)
        position = snap_to_bar(session, frame)
        length = rendered.source.length
        clip = Clip(clip_id, rendered.source.id, name, position, 0, length, pattern=rendered.pattern)
        return place_clip(session, session.tracks[-1].id, clip, rendered.source)

    project.document.apply("New drum grid", edit)
    return clip_id


def change_pattern(
    project: Project, clip_id: str, rendered: Rendered, *, repeats: bool = True, label: str = "Edit drums"
) -> None:
    """Let a clip, and by choice its repeats, play what was rendered, as one undo step.

    Raises:
        EditError: the clip is gone; what was rendered stays in the pool.

    """
    session = project.document.session
    clips = repeats_of(session, clip_id) if repeats else (clip_id,)
    project.document.apply(label, lambda now: set_pattern(now, clips, rendered.pattern, rendered.source))


def out_of_tempo(session: Session) -> tuple[Clip, ...]:
    """Return the clips of patterns that were rendered for another tempo than the one at their place."""
    if not session.tempo:
        return ()
    return tuple(
        clip
        for clip in session.clips()
        if clip.pattern is not None and clip.pattern.bpm != tempo_at(session, clip.position).bpm
    )


def render_in_tempo(
    work: Work, project: Project, machine: DrumMachine, clips: Iterable[Clip]
) -> dict[str, Rendered]:
    """Render the patterns of clips anew in the tempo at their places, by clip id; raises as `render`."""
    session = project.document.session
    made: dict[Pattern, Rendered] = {}
    found: dict[str, Rendered] = {}
    for clip in clips:
        if clip.pattern is None:
            continue
        pattern = replace(clip.pattern, bpm=tempo_at(session, clip.position).bpm)
        if pattern not in made:
            made[pattern] = render(work, project, machine, pattern, session.source(clip.source).name)
        found[clip.id] = made[pattern]
    return found


def follow_tempo(project: Project, rendered: dict[str, Rendered]) -> None:
    """Put patterns that were rendered in a new tempo in place of the old ones, as one undo step."""

    def edit(session: Session) -> Session:
        for clip_id, one in sorted(rendered.items(), key=lambda pair: _place(session, pair[0])):
            if session.find_clip(clip_id) is not None:
                session = set_pattern(session, (clip_id,), one.pattern, one.source)
        return session

    project.document.apply("Fit drums to the tempo", edit)


def _place(session: Session, clip_id: str) -> int:
    try:
        return session.clip(clip_id)[1].position
    except EditError:
        return 0
