"""Edits of drum patterns, and of the clips that were rendered from them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from fanstudio.errors import EditError
from fanstudio.model.edits import add_source
from fanstudio.model.lanes import check_frame, fit_fades, keep_clips, lay, relay, with_track
from fanstudio.model.pattern import MAX_BARS, MAX_ROWS, STEPS_PER_BAR, Pattern, PatternRow, is_whole
from fanstudio.model.session import Clip, Session, Source
from fanstudio.model.warp import Warp

# ── patterns ─────────────────────────────────────────────────────────────────────────────────


def empty_pattern(kit: str, sounds: Iterable[str], bpm: float, bars: int = 1) -> Pattern:
    """Return a pattern of silent rows, one for each sound of a kit."""
    silent = (0.0,) * (bars * STEPS_PER_BAR)
    return Pattern(kit, bpm, tuple(PatternRow(sound, silent) for sound in sounds), bars)


def check_pattern(pattern: Pattern) -> None:
    """Raise EditError where a pattern contradicts itself or cannot be rendered."""
    if not is_whole(pattern):
        raise EditError("The drum pattern contradicts itself.", hint="Make a new drum grid in its place.")


def with_rows(pattern: Pattern, sounds: Iterable[str]) -> Pattern:
    """Return a pattern with a row for each of these sounds, in this order; rows that sound are all kept."""
    known = {row.sound: row for row in pattern.rows}
    silent = (0.0,) * (pattern.bars * STEPS_PER_BAR)
    wanted = tuple(sounds)
    rows = [known.get(sound, PatternRow(sound, silent)) for sound in wanted]
    others = [row for row in pattern.rows if row.sound not in wanted and any(row.steps)]
    return replace(pattern, rows=(*rows, *others)[:MAX_ROWS])


def with_step(pattern: Pattern, sound: str, step: int, force: float) -> Pattern:
    """Return a pattern in which one step of a sound is struck with a force of 0 (not at all) to 1."""
    held = min(1.0, max(0.0, force))

    def struck(row: PatternRow) -> PatternRow:
        return replace(row, steps=(*row.steps[:step], held, *row.steps[step + 1 :]))

    rows = tuple(struck(row) if row.sound == sound else row for row in pattern.rows)
    return replace(pattern, rows=rows)


def with_bars(pattern: Pattern, bars: int) -> Pattern:
    """Return a pattern of another length: what is added repeats what was there."""
    bars = min(max(1, bars), MAX_BARS)
    steps = bars * STEPS_PER_BAR
    rows = tuple(replace(row, steps=(row.steps * bars)[:steps]) for row in pattern.rows)
    return replace(pattern, rows=rows, bars=bars)


def without_strokes(pattern: Pattern) -> Pattern:
    """Return a pattern in which nothing is struck."""
    silent = (0.0,) * (pattern.bars * STEPS_PER_BAR)
    return replace(pattern, rows=tuple(replace(row, steps=silent) for row in pattern.rows))


def sounding(pattern: Pattern) -> Pattern:
    """Return a pattern without the rows that are silent."""
    return replace(pattern, rows=tuple(row for row in pattern.rows if any(row.steps)))


# ── clips ────────────────────────────────────────────────────────────────────────────────────


def repeats_of(session: Session, clip_id: str) -> tuple[str, ...]:
    """Return the ids of the clips that play the same rendering of the same pattern, this one among them."""
    _, clip = session.clip(clip_id)
    alike = (
        other for other in session.clips() if other.source == clip.source and other.pattern == clip.pattern
    )
    return tuple(other.id for other in alike)


def set_pattern(session: Session, clip_ids: Iterable[str], pattern: Pattern, source: Source) -> Session:
    """Let clips play a pattern by the source that was rendered from it.

    A clip that showed all of its old source shows all of the new one; another keeps its part. Where clips
    stand one right behind the other, they still do. A clip stays stretched and transposed, but for a
    pattern in another tempo, which is only transposed. What nothing plays any more leaves the session.

    Raises:
        EditError: the pattern contradicts itself, or a clip is gone.

    """
    check_pattern(pattern)
    chosen = [session.clip(clip_id)[1] for clip_id in clip_ids]
    before = {clip.source for clip in chosen}
    session = add_source(session, source)
    for clip in sorted(chosen, key=lambda clip: clip.position):
        found = session.find_clip(clip.id)
        if found is not None:  # one that got longer may have covered it
            session = _exchange(session, found[1], pattern, source)
    return drop_unused(session, before - {source.id})


def place_clip(session: Session, track_id: str, clip: Clip, source: Source) -> Session:
    """Lay a clip of a source, warped or of a pattern as it may be, on a track."""
    if clip.pattern is not None:
        check_pattern(clip.pattern)
    check_frame(clip.position, clip.length)
    session = add_source(session, source)
    return relay(session, session.track(track_id), clip)


def drop_unused(session: Session, source_ids: Iterable[str]) -> Session:
    """Take sources out of the session that no clip, take or other source needs."""
    needed = {clip.source for clip in session.clips()}
    needed.update(take.source for track in session.tracks for take in track.takes)
    needed.update(parent for source in session.sources if source.lineage for parent in source.lineage.parents)
    gone = set(source_ids) - needed
    if not gone:
        return session
    return replace(session, sources=tuple(source for source in session.sources if source.id not in gone))


def _exchange(session: Session, clip: Clip, pattern: Pattern, source: Source) -> Session:
    track, _ = session.clip(clip.id)
    whole = clip.offset == 0 and clip.length == session.material_length(clip)
    warp = _kept_warp(clip, pattern)
    material = source.length if warp is None else warp.length(source.length)
    offset = min(clip.offset, material - 1)
    length = material if whole else min(clip.length, material - offset)
    follower = next((other for other in track.clips if other.position == clip.end), None)
    changed = fit_fades(
        replace(clip, source=source.id, pattern=pattern, warp=warp, offset=offset, length=length)
    )
    check_frame(changed.position, changed.length)
    moved = changed.end - clip.end
    if moved and follower is not None and follower.source == clip.source:
        return _shifted(session, clip, changed, moved)
    return relay(session, track, changed)


def _kept_warp(clip: Clip, pattern: Pattern) -> Warp | None:
    """Return how a clip is warped then: what is rendered in another tempo is no longer stretched to one."""
    if clip.warp is None or clip.pattern is None or clip.pattern.bpm == pattern.bpm:
        return clip.warp
    warp = replace(clip.warp, stretch=1.0)
    return None if warp.idle else warp


def _shifted(session: Session, old: Clip, changed: Clip, moved: int) -> Session:
    """Lay a clip of another length and let the repeats right behind it follow."""
    track, _ = session.clip(old.id)
    end, behind = old.end, []
    for clip in track.clips:
        if clip.position == end and clip.source == old.source:
            check_frame(clip.position + moved, clip.length)
            behind.append(replace(clip, position=clip.position + moved))
            end = clip.end
    gone = {old.id, *(clip.id for clip in behind)}
    lane = keep_clips(track, lambda clip: clip.id not in gone)
    for clip in (changed, *behind):
        lane = lay(lane, clip)
    return with_track(session, lane)
