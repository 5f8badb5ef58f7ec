"""Forgetting what has run out: sign-ins that were never finished, codes and tokens long expired."""

from __future__ import annotations

from sqlalchemy import Table

from fanstudio.sandbox import schema
from fanstudio.sandbox.store import Store

#: Spent codes and tokens are kept for so long after they expire, to recognise their reuse.
_REMEMBERED_S = 24 * 3600
_EXPIRING: tuple[Table, ...] = (
    schema.auth_request,
    schema.auth_code,
    schema.device_code,
    schema.token,
)


def forget_expired(store: Store, now: int) -> None:
    """Delete rows that expired more than a day ago."""
    with store.write() as connection:
        for table in _EXPIRING:
            connection.execute(table.delete().where(table.c.expires_at < now - _REMEMBERED_S))
