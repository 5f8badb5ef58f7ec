"""Steps that bring a project file of an older version forward, one version each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from fanstudio.errors import DamagedProject, NewerProject

#: The version that this fanstudio writes.
VERSION = 1

Plain = dict[str, Any]


#: From version N to N + 1. A new field with a default needs no step; anything else does.
STEPS: Mapping[int, Callable[[Plain], Plain]] = {}


def migrate(version: Any, session: Any) -> Plain:
    """Return the session of a file of `version` as this version writes it."""
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise DamagedProject("The project is damaged: it does not say which version wrote it.")
    if version > VERSION:
        raise NewerProject(
            f"This project was written by a newer fanstudio (format {version}, this one knows {VERSION}).",
            hint="Update fanstudio, then open it again. Nothing was changed.",
        )
    if not isinstance(session, dict):
        raise DamagedProject("The project is damaged: it holds no session.")
    plain: Plain = session
    for step in range(version, VERSION):
        try:
            plain = STEPS[step](plain)
        except (TypeError, ValueError, AttributeError) as error:
            raise DamagedProject(
                f"The project is damaged: format {step} cannot be brought forward."
            ) from error
    return plain
