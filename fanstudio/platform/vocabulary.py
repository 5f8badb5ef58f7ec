"""The words, patterns and limits of the wire, the same for every platform and every client."""

from __future__ import annotations

import re
from types import MappingProxyType

CLIENT_ID = "fanstudio-desktop"
PERMIT_TYPE = "fanstudio-ent+jwt"
RECEIPT_TYPE = "fanstudio-receipt+jwt"
#: The add-on that permits remixing, as permits name it.
ADDON = "remix"
SCOPE = "exports catalog"
#: How royalties are shared and usage is counted; a platform refuses reports made under another policy.
POLICY_VERSION = "2026-1"

#: What a fan can do with a recording or a work; grants, usage reports and permits use these words.
OPS = ("arrange", "cover", "mash_up", "pitch", "restyle", "split", "tempo")
DESTINATIONS = ("export_file", "publish_platform")
STEMS = ("accompaniment", "bass", "drums", "mix", "other", "vocals")
FORMATS = ("alac", "flac", "m4a", "mp3", "opus", "wav")
#: Where material that is not from the catalogue comes from, as the fan declares it.
BASES = ("open", "own", "recorded")
WORLD = "world"

ISRC = re.compile(r"[A-Z]{2}[A-Z0-9]{3}[0-9]{7}")
ISWC = re.compile(r"T[0-9]{10}")
#: 80 random bits as 16 characters of lower-case RFC 4648 base32.
EXPORT_ID = re.compile(r"[a-z2-7]{16}")
SHA256_HEX = re.compile(r"[0-9a-f]{64}")
TERRITORY = re.compile(r"[A-Z]{2}")
#: An RFC 7638 thumbprint of a P-256 key, or any SHA-256, as base64url without padding.
THUMBPRINT = re.compile(r"[A-Za-z0-9_-]{43}")
IDENTIFIER = re.compile(r"[A-Za-z0-9_.:-]{8,128}")
#: One kind of edit in a usage report's `actions`, such as `fade` or `time_stretch`.
ACTION = re.compile(r"[a-z][a-z_]{0,31}")
UNPRINTABLE = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")
#: Of so many kinds a usage report tells at most.
MOST_ACTIONS = 64
LONGEST_TITLE = 200
URL = re.compile(r"https?://[!-~]+")
ISSUER = re.compile(r"https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?")

PERMIT_SECONDS = 15 * 60
RESERVATION_SECONDS = 24 * 3600
#: How far two clocks may stand apart.
LEEWAY_SECONDS = 60

MAX_TOKEN_CHARS = 131_072
MAX_BODY_BYTES = 1_048_576
MAX_SIGN_BODY_BYTES = 8 * 1_048_576
MAX_TRACKS = 64
MAX_DECLARED = 128
MAX_INGREDIENTS = 512

PROBLEM_BASE = "https://fanstudio.example/problems/"
#: Kind of RFC 9457 problem (the last segment of its `type`) → its title.
PROBLEMS = MappingProxyType(
    {
        "sign-in-required": "Sign in to go on",
        "addon-required": "This needs Premium with the remix add-on",
        "not-permitted": "A right holder does not permit this",
        "permit-expired": "The permit has expired",
        "permit-invalid": "The permit is not valid",
        "clock-skew": "This machine's clock is wrong",
        "throttled": "Too many requests",
        "quota": "The quota is spent",
        "conflict": "This was already used for something else",
        "claim-refused": "The Content Credentials do not say what the export is",
        "not-found": "There is no such thing here",
        "invalid-request": "The request cannot be understood",
        "too-large": "The request is too large",
        "server-error": "The platform failed",
    }
)


def tidy_title(text: str) -> str:
    """Return any name (of a file, a project) as a title of the wire: one line of 1 to 200 characters."""
    line = " ".join(UNPRINTABLE.sub(" ", text).split())
    return line[:LONGEST_TITLE].strip() or "Untitled"


def normalise_isrc(text: str) -> str:
    """Return an ISRC as the wire wants it: without hyphens or spaces, in capitals; for ingest only."""
    return re.sub(r"[\s-]", "", text).upper()
