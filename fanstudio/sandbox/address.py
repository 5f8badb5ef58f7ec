"""The platform's address, which its issuer names and which therefore stays."""

from __future__ import annotations

import json
from pathlib import Path

ADDRESS_FILE = "address.json"


def noted_port(data_dir: Path, host: str) -> int:
    """Return the port that the platform in `data_dir` had before, which its issuer names; 0 if none."""
    try:
        note = json.loads((data_dir / ADDRESS_FILE).read_bytes())
        if note["host"] != host or type(note["port"]) is not int or not 0 < note["port"] < 65536:
            return 0
        return int(note["port"])
    except (OSError, ValueError, KeyError, TypeError):
        return 0
