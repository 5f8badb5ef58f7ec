"""The database: SQLite in WAL mode; a write holds the lock from the start of its transaction."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Row, create_engine, event, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.sql import Select

from fanstudio.errors import StorageError
from fanstudio.sandbox import schema

_BUSY_MS = 15_000


class Store:
    """Opens the database file, makes its tables, and hands out transactions; safe from any thread."""

    def __init__(self, path: Path) -> None:
        """Open or make the database.

        Raises:
            StorageError: it cannot be opened, is not ours, or is of a newer version.

        """
        self._path = path
        self._engine = create_engine(f"sqlite:///{path}", pool_size=8, max_overflow=32)
        _configure(self._engine)
        try:
            with self.write() as connection:
                schema.metadata.create_all(connection)
                _check_version(connection, path)
            path.chmod(0o600)
        except (SQLAlchemyError, sqlite3.Error, OSError) as error:
            self.close()
            raise StorageError(f"The platform's database {path} cannot be used: {_reason(error)}.") from error
        except StorageError:
            self.close()
            raise

    @contextlib.contextmanager
    def write(self) -> Iterator[Connection]:
        """Yield a connection in a transaction that is committed on leaving, or undone on any error."""
        options = {"begin_with": "BEGIN IMMEDIATE"}
        with self._engine.connect().execution_options(**options) as connection, connection.begin():
            yield connection

    @contextlib.contextmanager
    def read(self) -> Iterator[Connection]:
        """Yield a connection that sees one state of the database."""
        with self._engine.connect() as connection, connection.begin():
            yield connection

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()


def first(connection: Connection, query: Select[Any]) -> Row[Any] | None:
    """Return the first row of a query, or None."""
    return connection.execute(query).first()


def _configure(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def _connect(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"busy_timeout={_BUSY_MS}"):
            connection.execute(f"PRAGMA {pragma}").close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql(connection.get_execution_options().get("begin_with", "BEGIN"))


def _check_version(connection: Connection, path: Path) -> None:
    row = first(connection, select(schema.schema_version.c.version))
    if row is None:
        connection.execute(schema.schema_version.insert().values(version=schema.SCHEMA_VERSION))
    elif row.version != schema.SCHEMA_VERSION:
        raise StorageError(
            f"The platform's database {path} has version {row.version}, not {schema.SCHEMA_VERSION}.",
            hint="Use the fanstudio that made it, or another data folder.",
        )


def _reason(error: Exception) -> str:
    return str(getattr(error, "orig", error)).splitlines()[0]
