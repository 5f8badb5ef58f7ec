"""The pitch of sources, heard once and kept in the cache; and how well a voice agrees with a melody."""

from __future__ import annotations

import contextlib
import io
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fanstudio.audio.pool import Pool
from fanstudio.errors import StorageError
from fanstudio.files import make_folder, write_whole
from fanstudio.inference.pitch import PitchTrack, track_pitch
from fanstudio.inference.pitch_net import PitchNet, load_model
from fanstudio.jobs import Work
from fanstudio.model.rights import Basis
from fanstudio.model.session import Clip, Session, Source, Stem, Track
from fanstudio.paths import cache_dir
from fanstudio.platform.usage import roots

#: A voice is in tune within this.
IN_TUNE_CENTS = 50.0
_FOLDER = "pitch"
#: Goes up whenever the same sound and net would give another pitch, so that what was kept is heard again.
_EDITION = 1


class Pitches:
    """The pitch tracks of a project's sources; safe to use from several threads."""

    def __init__(self, pool: Pool, sample_rate: int) -> None:
        """Hear sources of `pool` at the session's `sample_rate`."""
        self._pool = pool
        self._rate = sample_rate
        self._known: dict[str, PitchTrack] = {}
        self._net: PitchNet | None = None
        self._hearing = threading.Lock()

    def at_hand(self, source: Source) -> PitchTrack | None:
        """Return a source's pitch where it is in memory."""
        return self._known.get(source.id)

    def hear(self, work: Work, source: Source) -> PitchTrack:
        """Return a source's pitch, from the cache where it was heard before, and keep it there if that works.

        Raises:
            AudioFileError: the source's file is missing, changed or damaged.
            ModelError: the net is missing, damaged or failed.
            StorageError: its rendition cannot be written.
            Cancelled: within a second.

        """
        known = self._known.get(source.id)
        if known is not None:
            return known
        with self._hearing:
            model = load_model()
            path = cache_dir() / _FOLDER / f"{source.id}-{model.sha256[:16]}-{_EDITION}.npy"
            track = _load(path, model.hop_s)
            if track is None:
                self._net = self._net or PitchNet(model, threads=1)
                sound = self._pool.samples(source, self._rate)
                track = track_pitch(work, sound, self._rate, self._net)
                with contextlib.suppress(StorageError):
                    _store(path, track)
        return self._known.setdefault(source.id, track)


def _load(path: Path, hop_s: float) -> PitchTrack | None:
    """Return a kept track, or None where there is none or it is damaged."""
    try:
        rows = np.load(path, allow_pickle=False)
    except (OSError, ValueError, EOFError):
        return None
    if rows.ndim != 2 or len(rows) != 3 or rows.dtype != np.float32 or not np.isfinite(rows).all():
        return None
    return PitchTrack(hop_s, *rows)


def _store(path: Path, track: PitchTrack) -> None:
    stream = io.BytesIO()
    np.save(stream, np.stack((track.f0_hz, track.confidence, track.level_db)))
    make_folder(path.parent)
    write_whole(path, stream.getvalue())


def is_recorded(session: Session, source: Source) -> bool:
    """Tell whether a source was recorded here, tuned or not."""
    return any(root.origin.basis is Basis.RECORDED for root in roots(session, source))


def original_voices(session: Session, besides: Track | None = None) -> tuple[Clip, ...]:
    """Return the clips of the song's own voice, heard or not; `besides` is a track that sings along."""
    others = (track for track in session.tracks if track is not besides)
    return tuple(
        clip
        for track in others
        for clip in track.clips
        if session.source(clip.source).stem is Stem.VOCALS
        and not is_recorded(session, session.source(clip.source))
    )


def entry_frames(clip: Clip, track: PitchTrack, sample_rate: int) -> NDArray[np.float64]:
    """Return where on the timeline the entries of a clip's source lie, in frames, also those not shown."""
    stretch = 1.0 if clip.warp is None else clip.warp.stretch
    hop = track.hop_s * sample_rate * stretch
    return np.arange(len(track), dtype=np.float64) * hop - clip.offset + clip.position


def as_heard(clip: Clip, track: PitchTrack, sample_rate: int) -> tuple[NDArray[np.float64], PitchTrack]:
    """Return what a clip shows of its source's pitch, as it sounds, and the frames of the timeline."""
    frames = entry_frames(clip, track, sample_rate)
    first, last = (int(entry) for entry in np.searchsorted(frames, (clip.position, clip.end)))
    f0_hz = track.f0_hz[first:last] * np.float32(2 ** (semitones(clip) / 12))
    shown = PitchTrack(track.hop_s, f0_hz, track.confidence[first:last], track.level_db[first:last])
    return frames[first:last], shown


def melody_along(
    session: Session, clip: Clip, track: PitchTrack, pitch_of: Callable[[Source], PitchTrack | None]
) -> PitchTrack | None:
    """Return the song's own voice as it sounds along a clip, on the grid of the clip's pitch `track`.

    Where original clips are moved by semitones, so is the melody. None where there is no original voice.
    """
    singer, _ = session.clip(clip.id)
    frames = entry_frames(clip, track, session.sample_rate)
    f0_hz, sure = np.zeros(len(track), np.float32), np.zeros(len(track), np.float32)
    found = False
    for voice in original_voices(session, singer):
        heard = pitch_of(session.source(voice.source))
        if heard is None:
            continue
        found = True
        here = (frames >= voice.position) & (frames < voice.end)
        stretch = 1.0 if voice.warp is None else voice.warp.stretch
        seconds = (frames[here] - voice.position + voice.offset) / stretch / session.sample_rate
        f0_hz[here] = heard.at(seconds) * np.float32(2 ** ((semitones(voice) - semitones(clip)) / 12))
        sure[here] = f0_hz[here] > 0
    return PitchTrack(track.hop_s, f0_hz, sure, np.zeros(len(track), np.float32)) if found else None


def semitones(clip: Clip) -> float:
    """Return how far a clip is moved."""
    return 0.0 if clip.warp is None else clip.warp.semitones


@dataclass(frozen=True, slots=True)
class Agreement:
    """How well a voice is in tune: the share of what was sung along the melody, and for how long it was."""

    in_tune: float
    compared_s: float


def compare(track: PitchTrack, melody: PitchTrack) -> Agreement:
    """Return how much of what both sing is within 50 cents of the melody, in whatever octave."""
    both = track.voiced & melody.voiced
    if not both.any():
        return Agreement(0.0, 0.0)
    off = cents_off(track.semitones[both], melody.semitones[both])
    return Agreement(float((np.abs(off) <= IN_TUNE_CENTS).mean()), float(both.sum() * track.hop_s))


def cents_off(notes: NDArray[np.float32], wanted: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return how far notes are from what is wanted, in cents, −600…600: octaves do not count."""
    off = notes - wanted
    cents: NDArray[np.float32] = 100 * (off - 12 * np.rint(off / 12))
    return cents
