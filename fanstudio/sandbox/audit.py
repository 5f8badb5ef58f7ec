"""The audit trail: who did what, when; rows are added, never changed."""

from __future__ import annotations

from sqlalchemy import Connection

from fanstudio.sandbox import schema


def note(connection: Connection, now: int, actor: str, action: str, subject: str) -> None:
    """Add a row within the transaction that does what it tells of."""
    connection.execute(schema.audit.insert().values(at=now, actor=actor, action=action, subject=subject))
