"""What decides a render, as one digest: a permit is for this and nothing else."""

from __future__ import annotations

import hashlib
from typing import Any

from fanstudio.model.audibility import audible_tracks
from fanstudio.model.session import Clip, Session, Track
from fanstudio.platform.contract import canonical

#: What of a clip decides how it sounds.
_DECISIVE = (
    "source",
    "position",
    "offset",
    "length",
    "gain_db",
    "fade_in",
    "fade_in_start",
    "fade_out",
    "fade_out_cut",
)


def project_digest(session: Session, format_name: str, loudness_lufs: float | None) -> str:
    """Return the SHA-256 of the RFC 8785 JSON of what decides the render, hexadecimal.

    Names, colours, ids and what is muted change nothing; sources count by content.
    """
    value = {
        "format": format_name,
        "loudness_lufs": loudness_lufs,
        "sample_rate": session.sample_rate,
        "master_gain_db": session.master_gain_db,
        "tracks": [_track(track) for track in audible_tracks(session)],
    }
    return hashlib.sha256(canonical(value)).hexdigest()


def _track(track: Track) -> dict[str, Any]:
    clips = [_clip(clip) for clip in track.clips if not clip.muted]
    return {"gain_db": track.gain_db, "pan": track.pan, "clips": clips}


def _clip(clip: Clip) -> dict[str, Any]:
    return {name: getattr(clip, name) for name in _DECISIVE}
