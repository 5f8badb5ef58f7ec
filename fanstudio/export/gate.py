"""Does audio that is about to leave need a permit?"""

from __future__ import annotations

from collections.abc import Iterable

from fanstudio.errors import NotPermitted
from fanstudio.model.rights import Basis, Origin


def check_unmarked(origins: Iterable[Origin]) -> None:
    """Raise NotPermitted if any of the material is a catalogue track.

    Only what the fan declared as their own or open, or recorded here, may leave without a permit and
    unmarked. What this client lets pass proves nothing: see SECURITY.md on where the gate stands.
    """
    for origin in origins:
        if origin.basis is Basis.CATALOGUE:
            raise NotPermitted(
                f"“{origin.title}” is a catalogue track: it leaves fanstudio only with a permit.",
                hint="Put it into a project and export that.",
                kind="not-permitted",
            )
