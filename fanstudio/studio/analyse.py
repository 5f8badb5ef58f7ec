"""Analyse: a song's tempo, beats, bars, key and loudness, found once and kept in the cache."""

from __future__ import annotations

import contextlib
import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from fanstudio.audio.decode import DecodedInfo, decode_foreign, probe
from fanstudio.audio.digest import hash_file
from fanstudio.audio.loudness import LoudnessMeter
from fanstudio.audio.rendition import RenditionFile
from fanstudio.audio.samples import Readable
from fanstudio.errors import EditError, InputError, StorageError
from fanstudio.files import desk_in, make_folder, write_whole
from fanstudio.inference.beat_net import load_model
from fanstudio.inference.beats import EDITION, find_beats
from fanstudio.inference.key import KeyEstimate, find_key
from fanstudio.jobs import Limits, Work, run_child
from fanstudio.model.beat_grid import BeatGrid
from fanstudio.model.scale import parse_key
from fanstudio.model.session import Clip, Session, Source, Stem
from fanstudio.model.tempo_edits import on_timeline
from fanstudio.paths import cache_dir
from fanstudio.platform.usage import roots
from fanstudio.studio.pitch import is_recorded, semitones
from fanstudio.studio.project import Project

#: Below this, half or double the tempo fits nearly as well.
SURE: Final = 0.5
_FOLDER = "beats"
_LIMITS = Limits(memory_mb=1_536, seconds=1_800)
_BLOCK_FRAMES = 1 << 17


@dataclass(frozen=True, slots=True)
class Analysis:
    """What was found in a song; `key` is None where nothing with a pitch sounds.

    `loudness_lufs` and `true_peak_dbtp` are −inf for silence.
    """

    grid: BeatGrid
    key: KeyEstimate | None
    loudness_lufs: float
    true_peak_dbtp: float
    length_s: float

    def to_json(self) -> dict[str, Any]:
        """Return what `fanstudio analyse --json` prints; what is not known is null."""
        return {
            "tempo_bpm": round(self.grid.tempo_bpm, 2) if self.grid else None,
            "beats_per_bar": self.grid.beats_per_bar if self.grid else None,
            "confidence": round(self.grid.confidence, 3),
            "beats_s": list(self.grid.beats_s),
            "downbeats_s": list(self.grid.downbeats_s),
            "key": str(self.key.key) if self.key else None,
            "key_confidence": round(self.key.confidence, 3) if self.key else None,
            "second_key": str(self.key.second) if self.key else None,
            "tuning_cents": round(self.key.tuning_cents, 1) if self.key else None,
            "loudness_lufs": _number(self.loudness_lufs),
            "true_peak_dbtp": _number(self.true_peak_dbtp),
            "length_s": round(self.length_s, 3),
        }


@dataclass(frozen=True, slots=True)
class SongAnalysis:
    """What was found in an open song: its grid in seconds of the timeline, and the key that it sounds in."""

    name: str
    grid: BeatGrid
    key: KeyEstimate | None


def analyse_file(work: Work, path: Path) -> Analysis:
    """Return what is found in a file, from the cache where its bytes were analysed before.

    Raises:
        AudioFileError: it is not usable audio.
        ModelError: the nets are missing or damaged.
        ChildError: it made its decoder crash or run over its limits.
        StorageError: the cache's disk is full.
        Cancelled: within a second; no file is left.

    """
    digest = hash_file(work.part(0.0, 0.02), path)
    kept = _load(digest)
    if kept is not None:
        return kept
    with desk_in(cache_dir() / _FOLDER) as desk:
        target = desk / "song"
        decoded = run_child(work.part(0.02, 0.15, "Decoding"), _decode, path, target, limits=_LIMITS)
        sound = RenditionFile(target, decoded.channels, decoded.length)
        try:
            return _keep(digest, analyse_sound(work.part(0.15, 1.0), sound, decoded.sample_rate))
        finally:
            sound.close()


def analyse_sound(work: Work, sound: Readable, sample_rate: int) -> Analysis:
    """Return what is found in `sound` `(channels, frames)`.

    Raises:
        InputError: samples that are not numbers.
        ModelError: the nets are missing or damaged.
        Cancelled: within a second.

    """
    grid = find_beats(work.part(0.0, 0.6), sound, sample_rate)
    key = find_key(work.part(0.6, 0.85, "Listening for the key"), sound, sample_rate)
    meter = _measure(work.part(0.85, 1.0, "Measuring the loudness"), sound, sample_rate)
    return Analysis(
        grid, key, meter.integrated_lufs, meter.true_peak_dbtp, sound.shape[1] / max(1, sample_rate)
    )


def analyse_song(work: Work, project: Project) -> SongAnalysis:
    """Return what is found in the open song: in its longest clip that was not recorded here.

    Of a clip that holds a stem, the song that it was split from is heard.

    Raises:
        EditError: there is no song.
        AudioFileError: its file is missing, changed or damaged.
        ModelError: the nets are missing or damaged.
        Cancelled: within a second.

    """
    session = project.document.session
    clip, source = find_song(session)
    found = _load(source.id)
    if found is None:
        sound = project.pool.samples(source, session.sample_rate)
        found = _keep(source.id, analyse_sound(work, sound, session.sample_rate))
    return SongAnalysis(
        source.name, on_timeline(found.grid, clip, session.sample_rate), _moved(found.key, clip)
    )


def find_song(session: Session) -> tuple[Clip, Source]:
    """Return the clip that tells a session's tempo, and the whole song that it plays some of.

    Raises:
        EditError: nothing but recordings and drum patterns lies in the session.

    """
    found: tuple[Clip, Source] | None = None
    for clip in sorted(session.clips(), key=lambda clip: clip.length, reverse=True):
        song = next(iter(roots(session, session.source(clip.source))), None)
        if song is None or clip.pattern is not None or is_recorded(session, song):
            continue
        if song.stem is Stem.MIX:
            return clip, song
        found = found or (clip, song)
    if found is None:
        raise EditError("There is no song whose beats could be found.", hint="Import one first.")
    return found


def _decode(work: Work, path: Path, target: Path) -> DecodedInfo:
    rate = probe(path, downmix=True).sample_rate
    return decode_foreign(work, path, target, rate, True)


def _measure(work: Work, sound: Readable, sample_rate: int) -> LoudnessMeter:
    channels, frames = sound.shape
    meter = LoudnessMeter(sample_rate, channels)
    for start in range(0, frames, _BLOCK_FRAMES):
        work.report(start / frames)
        meter.add(sound[:, start : start + _BLOCK_FRAMES])
    return meter


def _moved(key: KeyEstimate | None, clip: Clip) -> KeyEstimate | None:
    """Return a key as a clip plays it."""
    by = round(semitones(clip))
    if key is None or not by:
        return key
    return KeyEstimate(key.key.moved(by), key.confidence, key.tuning_cents, key.second.moved(by))


def _number(value: float) -> float | None:
    return round(value, 2) if math.isfinite(value) else None


def _path(digest: str) -> Path:
    return cache_dir() / _FOLDER / f"{digest}-{load_model().sha256[:16]}-{EDITION}.json"


def _keep(digest: str, found: Analysis) -> Analysis:
    path = _path(digest)
    with contextlib.suppress(StorageError):
        make_folder(path.parent)
        write_whole(path, json.dumps(found.to_json()).encode())
    return found


def _load(digest: str) -> Analysis | None:
    """Return what was kept, or None where there is nothing or it is damaged."""
    try:
        return _read(json.loads(_path(digest).read_bytes()))
    except (OSError, ValueError, TypeError, KeyError, EditError, InputError):
        return None


def _read(told: dict[str, Any]) -> Analysis:
    beats = tuple(float(beat) for beat in told["beats_s"])
    downbeats = tuple(float(beat) for beat in told["downbeats_s"])
    if list(beats) != sorted(set(beats)) or not set(downbeats) <= set(beats):
        raise ValueError("beats")
    loudness, peak = (
        -math.inf if told[name] is None else float(told[name]) for name in ("loudness_lufs", "true_peak_dbtp")
    )
    return Analysis(
        _read_grid(told, beats, downbeats), _read_key(told), loudness, peak, float(told["length_s"])
    )


def _read_grid(told: dict[str, Any], beats: tuple[float, ...], downbeats: tuple[float, ...]) -> BeatGrid:
    if not beats:
        return BeatGrid()
    tempo_bpm, confidence = float(told["tempo_bpm"]), float(told["confidence"])
    return BeatGrid(beats, downbeats, tempo_bpm, int(told["beats_per_bar"]), confidence)


def _read_key(told: dict[str, Any]) -> KeyEstimate | None:
    key, second = (parse_key(told[name] or "") for name in ("key", "second_key"))
    if key is None or second is None:
        return None
    return KeyEstimate(key, float(told["key_confidence"]), float(told["tuning_cents"]), second)
