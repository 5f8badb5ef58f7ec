"""What must hold in every session; a project file from elsewhere is checked against it."""

from __future__ import annotations

import re
from collections.abc import Iterable

from fanstudio.errors import DamagedProject
from fanstudio.model.mixer import MAX_GAIN_DB, MIN_GAIN_DB
from fanstudio.model.mixer_integrity import mixer_faults
from fanstudio.model.pattern import is_whole
from fanstudio.model.rights import Basis, Origin
from fanstudio.model.session import MAX_FRAMES, Clip, Session, Source, Track
from fanstudio.model.tempo import is_tempo
from fanstudio.model.warp import MAX_SEMITONES, MAX_STRETCH, MIN_STRETCH, Warp

_HASH = re.compile(r"[0-9a-f]{64}")
_ISRC = re.compile(r"[A-Z]{2}[A-Z0-9]{3}[0-9]{7}")
_SUFFIX = re.compile(r"(\.[a-z0-9]{1,8})?")
MIN_SAMPLE_RATE = 8_000
MAX_SAMPLE_RATE = 192_000


def check_session(session: Session) -> None:
    """Raise DamagedProject where a session contradicts itself."""
    _require(MIN_SAMPLE_RATE <= session.sample_rate <= MAX_SAMPLE_RATE, "its sample rate is out of range")
    _require(_unique(source.id for source in session.sources), "two sources have one id")
    _require(_unique(track.id for track in session.tracks), "two tracks have one id")
    _require(_unique(clip.id for clip in session.clips()), "two clips have one id")
    _require(_in_gain_range(session.master_gain_db), "the master's gain is out of range")
    _check_sources(session.sources)
    lengths = {source.id: source.length for source in session.sources}
    for track in session.tracks:
        _check_track(track, lengths)
        _check_takes(track, lengths)
    for fault in mixer_faults(session):
        _require(False, fault)
    _check_timeline(session)


def _check_sources(sources: Iterable[Source]) -> None:
    """Parents stand before what derives from them, so that no lineage runs in a circle."""
    known: set[str] = set()
    for source in sources:
        _check_source(source)
        _check_origin(source.origin)
        parents = source.lineage.parents if source.lineage else ()
        _require(known.issuperset(parents), "a source derives from one that is not there")
        known.add(source.id)


def _check_origin(origin: Origin) -> None:
    catalogued = origin.basis is Basis.CATALOGUE
    _require(catalogued == bool(_ISRC.fullmatch(origin.isrc)), "a source's ISRC and origin disagree")
    _require((origin.basis is Basis.OPEN) == bool(origin.licence_url), "an open source names no licence")


def _check_source(source: Source) -> None:
    _require(_HASH.fullmatch(source.id) is not None, "a source's id is not a SHA-256")
    _require(_SUFFIX.fullmatch(source.suffix) is not None, "a source's file suffix is not plain")
    _require(0 < source.length <= MAX_FRAMES, "a source has no usable length")
    _require(source.channels in (1, 2), "a source is neither mono nor stereo")
    _require(4_000 <= source.sample_rate <= 384_000, "a source's rate is out of range")


def _check_track(track: Track, lengths: dict[str, int]) -> None:
    _require(_in_gain_range(track.gain_db), "a track's gain is out of range")
    _require(-1 <= track.pan <= 1, "a track's pan is out of range")
    end = 0
    for clip in track.clips:
        _require(clip.position >= end, "two clips of a track overlap")
        _check_clip(clip, lengths)
        end = clip.end


def _check_clip(clip: Clip, lengths: dict[str, int]) -> None:
    _require(clip.source in lengths, "a clip refers to a source that is not there")
    _require(clip.length > 0 and clip.offset >= 0, "a clip has no length")
    _check_warp(clip.warp)
    material = lengths[clip.source] if clip.warp is None else clip.warp.length(lengths[clip.source])
    _require(clip.offset + clip.length <= material, "a clip reaches beyond its source")
    _require(0 <= clip.position <= MAX_FRAMES - clip.length, "a clip lies off the timeline")
    _require(0 <= clip.fade_in_start <= clip.fade_in <= MAX_FRAMES, "a clip's fade in is out of range")
    _require(0 <= clip.fade_out_cut <= clip.fade_out <= MAX_FRAMES, "a clip's fade out is out of range")
    _require(clip.fade_in_shown + clip.fade_out_shown <= clip.length, "a clip's fades overlap")
    _require(_in_gain_range(clip.gain_db), "a clip's gain is out of range")
    _require(clip.pattern is None or is_whole(clip.pattern), "a drum pattern contradicts itself")


def _check_takes(track: Track, lengths: dict[str, int]) -> None:
    _require(_unique(take.id for take in track.takes), "two takes have one id")
    for take in track.takes:
        _require(take.source in lengths, "a take refers to a source that is not there")
        _require(take.length > 0 and take.offset >= 0, "a take has no length")
        _require(take.offset + take.length <= lengths[take.source], "a take reaches beyond its source")
        _require(0 <= take.position <= MAX_FRAMES - take.length, "a take lies off the timeline")


def _check_warp(warp: Warp | None) -> None:
    if warp is not None:
        _require(MIN_STRETCH <= warp.stretch <= MAX_STRETCH, "a clip's stretch is out of range")
        _require(abs(warp.semitones) <= MAX_SEMITONES, "a clip's pitch is out of range")


def _check_timeline(session: Session) -> None:
    frames = [change.frame for change in session.tempo]
    _require(
        frames == sorted(set(frames)) and min(frames, default=0) >= 0, "its tempo changes are out of order"
    )
    _require(all(is_tempo(change.bpm) for change in session.tempo), "its tempo is out of range")
    _require(all(1 <= change.beats_per_bar <= 16 for change in session.tempo), "its metre is out of range")
    _require(
        all(0 <= marker.position <= MAX_FRAMES for marker in session.markers),
        "a marker lies off the timeline",
    )
    loop = session.loop
    _require(loop is None or 0 <= loop.start < loop.end <= MAX_FRAMES, "its loop ends before it starts")


def _require(holds: bool, otherwise: str) -> None:
    if not holds:
        raise DamagedProject(f"The project is damaged: {otherwise}.")


def _unique(ids: Iterable[str]) -> bool:
    seen = list(ids)
    return len(seen) == len(set(seen))


def _in_gain_range(gain_db: float) -> bool:
    return MIN_GAIN_DB <= gain_db <= MAX_GAIN_DB
