"""From a session to its usage report: everything a platform is told, derived from lineage."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from fanstudio.errors import InputError
from fanstudio.model.audibility import audible_clips, audible_end
from fanstudio.model.mixer import Automation, EffectSlot
from fanstudio.model.rights import Basis, Operation
from fanstudio.model.session import Clip, Session, Source, Stem, Track
from fanstudio.model.style_edits import stylings_heard
from fanstudio.platform.contract import (
    POLICY_VERSION,
    Declared,
    Ingredient,
    StemUse,
    TrackUse,
    UsageReport,
    WorkUse,
    tidy_title,
)
from fanstudio.platform.vocabulary import ACTION, MOST_ACTIONS

#: Operations that leave their trace in a work as well as in a recording.
_WORK_OPERATIONS = frozenset({Operation.COVER, Operation.MASH_UP, Operation.TEMPO, Operation.PITCH})


@dataclass
class _Usage:
    """What was gathered of one catalogue track."""

    source: Source
    operations: set[Operation] = field(default_factory=set)
    spans: dict[Stem, list[tuple[int, int]]] = field(default_factory=dict)


def derive(session: Session) -> UsageReport:
    """Return what an export of this session is made of; silent clips and tracks do not count.

    Raises:
        InputError: nothing of the session is heard.

    """
    heard = tuple(audible_clips(session))
    if not heard:
        raise InputError("There is nothing to export.", hint="Unmute a track, or add a clip.")
    sources = _heard_sources(session, heard)
    tracks = _catalogue_tracks(session, heard)
    return UsageReport(
        policy_version=POLICY_VERSION,
        sample_rate=session.sample_rate,
        length_frames=audible_end(session),
        tracks=tuple(_track_use(isrc, tracks[isrc], mashed_up=len(tracks) > 1) for isrc in sorted(tracks)),
        works=_work_uses(tracks.values(), mashed_up=len(tracks) > 1),
        declared=_declarations(session, sources),
        ingredients=tuple(_ingredient(session, source) for source in sources),
        actions=tuple(sorted(set(_actions(session, heard)))[:MOST_ACTIONS]),
        ai=any(_generated(session, source) for source in sources),
    )


def ancestry(session: Session, source: Source) -> Iterator[Source]:
    """Yield a source and everything it derives from, each once, nearest first."""
    waiting, seen = deque([source]), {source.id}
    while waiting:
        source = waiting.popleft()
        yield source
        for parent in source.lineage.parents if source.lineage else ():
            if parent not in seen:
                seen.add(parent)
                waiting.append(session.source(parent))


def roots(session: Session, source: Source) -> tuple[Source, ...]:
    """Return the imported or recorded sources that a source derives from; itself if it is one."""
    return tuple(item for item in ancestry(session, source) if item.lineage is None)


def operations_on(session: Session, source: Source) -> frozenset[Operation]:
    """Return the operations that made a source from its roots."""
    return frozenset(item.lineage.operation for item in ancestry(session, source) if item.lineage)


def _heard_sources(session: Session, heard: Iterable[tuple[Track, Clip]]) -> tuple[Source, ...]:
    ids = sorted({clip.source for _track, clip in heard})
    return tuple(session.source(source_id) for source_id in ids)


def _catalogue_tracks(session: Session, heard: Iterable[tuple[Track, Clip]]) -> dict[str, _Usage]:
    found: dict[str, _Usage] = {}
    for track, clip in heard:
        source = session.source(clip.source)
        for root in roots(session, source):
            if root.origin.basis is not Basis.CATALOGUE:
                continue
            usage = found.setdefault(root.origin.isrc, _Usage(root))
            usage.operations |= operations_on(session, source) | _warped(clip) | _styled(session, track)
            usage.spans.setdefault(source.stem, []).append((clip.position, clip.end))
    if any(_recorded(session, session.source(clip.source)) for _track, clip in heard):
        for usage in found.values():
            usage.operations |= {Operation.COVER} if _without_voice(usage) else set()
    return found


def _recorded(session: Session, source: Source) -> bool:
    return any(root.origin.basis is Basis.RECORDED for root in roots(session, source))


def _without_voice(usage: _Usage) -> bool:
    """Tell whether a track sounds without its singer: what the fan recorded over it is then a cover."""
    return usage.spans.keys().isdisjoint((Stem.VOCALS, Stem.MIX))


def _warped(clip: Clip) -> set[Operation]:
    if clip.warp is None:
        return set()
    stretched = {Operation.TEMPO} if clip.warp.stretch != 1 else set()
    return stretched | ({Operation.PITCH} if clip.warp.semitones else set())


def _styled(session: Session, track: Track) -> set[Operation]:
    return {Operation.RESTYLE} if stylings_heard(session, track) else set()


def _track_use(isrc: str, usage: _Usage, *, mashed_up: bool) -> TrackUse:
    """An export is an arrangement at the least, even with nothing moved."""
    operations = usage.operations | {Operation.ARRANGE} | ({Operation.MASH_UP} if mashed_up else set())
    stems = tuple(StemUse(stem.value, _union_length(spans)) for stem, spans in sorted(usage.spans.items()))
    origin = usage.source.origin
    return TrackUse(
        isrc, tidy_title(origin.title), tidy_title(origin.artist), tuple(sorted(operations)), stems
    )


def _work_uses(tracks: Iterable[_Usage], *, mashed_up: bool) -> tuple[WorkUse, ...]:
    found: dict[str, set[str]] = {}
    for usage in tracks:
        operations = usage.operations & _WORK_OPERATIONS
        operations |= {Operation.MASH_UP} if mashed_up else set()
        for work in usage.source.origin.works if operations else ():
            found.setdefault(work, set()).update(operations)
    return tuple(WorkUse(work, tuple(sorted(found[work]))) for work in sorted(found))


def _declarations(session: Session, sources: Iterable[Source]) -> tuple[Declared, ...]:
    found: dict[str, Declared] = {}
    for source in sources:
        for root in roots(session, source):
            origin = root.origin
            if origin.basis is not Basis.CATALOGUE:
                title = tidy_title(origin.title)
                found[root.id] = Declared(root.id, title, origin.basis.value, origin.licence_url)
    return tuple(found[digest] for digest in sorted(found))


def _ingredient(session: Session, source: Source) -> Ingredient:
    isrcs = sorted({root.origin.isrc for root in roots(session, source) if root.origin.isrc})
    return Ingredient(
        digest=source.id,
        title=tidy_title(source.name),
        isrc=isrcs[0] if isrcs else None,
        stem=source.stem.value,
        ai=any(item.lineage.ai for item in ancestry(session, source) if item.lineage),
    )


def _generated(session: Session, source: Source) -> bool:
    """Tell whether generative AI contributed."""
    return any(item.lineage.generative for item in ancestry(session, source) if item.lineage)


def _actions(session: Session, heard: Iterable[tuple[Track, Clip]]) -> Iterator[str]:
    for track, clip in heard:
        source = session.source(clip.source)
        yield "place"
        if clip.length < source.length:
            yield "trim"
        if clip.fade_in or clip.fade_out:
            yield "fade"
        if clip.gain_db or track.gain_db or session.master_gain_db:
            yield "gain"
        if track.pan:
            yield "pan"
        yield from _mixing(track.effects, track.automation)
        yield from (operation.value for operation in _warped(clip))
        yield from (operation.value for operation in operations_on(session, source))
        yield from _styling(session, track)

    for bus in session.buses:
        yield from _mixing(bus.effects, bus.automation)
    yield from _mixing(session.master_effects, session.master_automation)


def _styling(session: Session, track: Track) -> Iterator[str]:
    """Yield that a style is heard, and whether a net chose the values of its effects."""
    stylings = stylings_heard(session, track)
    if stylings:
        yield Operation.RESTYLE.value
    if any(styling.ai for styling in stylings):
        yield "ai_settings"


def _mixing(effects: Iterable[EffectSlot], curves: Iterable[Automation]) -> Iterator[str]:
    """Yield effects by their kinds, as far as the wire has room for a kind's name."""
    yield from (slot.kind for slot in effects if slot.enabled and ACTION.fullmatch(slot.kind))
    if any(curve.enabled for curve in curves):
        yield "automation"


def _union_length(spans: Iterable[tuple[int, int]]) -> int:
    total, reached = 0, 0
    for start, end in sorted(spans):
        total += max(0, end - max(start, reached))
        reached = max(reached, end)
    return total
