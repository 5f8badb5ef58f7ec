"""Valid messages of the wire, to vary in tests."""

from __future__ import annotations

import copy
import hashlib
from typing import Any

ISRC = "ZZFAN2600001"
EXPORT_ID = "abcdefghijklmnop"


def sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


_USAGE: dict[str, Any] = {
    "policy_version": "2026-1",
    "sample_rate": 44100,
    "length_frames": 441000,
    "tracks": [
        {
            "isrc": ISRC,
            "title": "Neon Tide",
            "artist": "The Fixture",
            "ops": ["arrange", "split"],
            "stems": [
                {"stem": "accompaniment", "audible_frames": 441000},
                {"stem": "vocals", "audible_frames": 220500},
            ],
        }
    ],
    "works": [],
    "declared": [],
    "ingredients": sorted(
        [
            {"digest": sha("v"), "title": "Neon Tide: vocals", "isrc": ISRC, "stem": "vocals", "ai": True},
            {
                "digest": sha("a"),
                "title": "Neon Tide: rest",
                "isrc": ISRC,
                "stem": "accompaniment",
                "ai": True,
            },
        ],
        key=lambda item: str(item["digest"]),
    ),
    "actions": ["fade", "move", "split_clip"],
    "ai": False,
}


def usage(**changes: Any) -> dict[str, Any]:
    return {**copy.deepcopy(_USAGE), **changes}


def permit(**changes: Any) -> dict[str, Any]:
    claims = {
        "iss": "http://127.0.0.1:4711",
        "aud": "fanstudio-desktop",
        "sub": "fan_0123456789",
        "iat": 1_800_000_000,
        "nbf": 1_800_000_000,
        "exp": 1_800_000_900,
        "jti": "0123456789abcdef",
        "cnf": {"jkt": "A" * 43},
        "addon": "remix",
        "territory": "SE",
        "export_id": EXPORT_ID,
        "project_digest": sha("project"),
        "policy_version": "2026-1",
        "destination": "export_file",
        "tracks": [{"isrc": ISRC, "ops": ["arrange", "split"]}],
        "works": [],
        "declared": [],
    }
    return {**claims, **changes}


def request(jkt: str = "A" * 43, **changes: Any) -> dict[str, Any]:
    body = {
        "title": "My remix",
        "destination": "export_file",
        "territory": "SE",
        "format": "flac",
        "project_digest": sha("project"),
        "device_jkt": jkt,
        "usage": usage(),
    }
    return {**body, **changes}


def finalise(permit: str, **changes: Any) -> dict[str, Any]:
    body = {
        "permit": permit,
        "essence": {"format": "flac", "sha256": sha("essence")},
        "pcm_sha256": sha("pcm"),
        "sample_rate": 44100,
        "length_frames": 441000,
        "loudness_lufs": -14.0,
    }
    return {**body, **changes}


def receipt(**changes: Any) -> dict[str, Any]:
    claims = {
        "iss": "http://127.0.0.1:4711",
        "iat": 1_800_000_000,
        "export_id": EXPORT_ID,
        "title": "My remix",
        "essence": {"format": "flac", "sha256": sha("essence")},
        "pcm_sha256": None,
        "sample_rate": 44100,
        "length_frames": 441000,
        "loudness_lufs": -14.0,
        "destination": "export_file",
        "format": "flac",
        "territory": "SE",
        "policy_version": "2026-1",
        "tracks": [{"isrc": ISRC, "title": "Neon Tide", "artist": "The Fixture", "ops": ["split"]}],
        "works": [],
        "declared": [],
        "shares": [{"party": "A", "role": "performer", "share_ppm": 1_000_000}],
        "fingerprint": None,
    }
    return {**claims, **changes}
