"""Double entry: each export one transaction, Σ = 0; nothing is edited, only reversed; it can be replayed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, func, select
from sqlalchemy.dialects.sqlite import insert

from fanstudio.errors import InputError
from fanstudio.platform.contract import Share
from fanstudio.platform.shares import allocate
from fanstudio.sandbox import schema
from fanstudio.sandbox.store import Store

CURRENCY = "SEK"
#: What an export moves from the subscriptions to the right holders, in minor units.
EXPORT_MINOR = 250
SUBSCRIPTIONS = "subscriptions"

_txn, _posting, _account = schema.txn, schema.posting, schema.account


@dataclass(frozen=True, slots=True)
class LedgerReport:
    """The result of a replay: counts, and one line for each fault."""

    transactions: int
    postings: int
    faults: tuple[str, ...]


def book_export(connection: Connection, export_id: str, shares: tuple[Share, ...], now: int) -> None:
    """Book what an export earns its right holders; with no shares, a transaction without postings."""
    amounts: dict[str, int] = {}
    for share, amount in zip(shares, allocate(EXPORT_MINOR, shares), strict=True):
        amounts[f"party:{share.party}"] = amounts.get(f"party:{share.party}", 0) + amount
    if amounts:
        amounts[SUBSCRIPTIONS] = -EXPORT_MINOR
    _book(connection, export_id, "export", amounts, now)


def reverse_export(connection: Connection, export_id: str, now: int) -> None:
    """Book the opposite of an export's transaction."""
    rows = connection.execute(
        select(_posting).join(_txn).where(_txn.c.export_id == export_id, _txn.c.kind == "export")
    )
    _book(connection, export_id, "reversal", {row.account: -row.amount_minor for row in rows}, now)


def check(store: Store) -> LedgerReport:
    """Replay the ledger and compare: every sum is zero, every balance and every export is accounted for."""
    with store.read() as connection:
        return LedgerReport(
            connection.scalar(select(func.count()).select_from(_txn)) or 0,
            connection.scalar(select(func.count()).select_from(_posting)) or 0,
            (*_unbalanced(connection), *_drifted(connection), *_unaccounted(connection)),
        )


def _book(connection: Connection, export_id: str, kind: str, amounts: Mapping[str, int], now: int) -> None:
    if sum(amounts.values()) != 0:
        raise InputError(f"The transaction for {export_id} does not balance.")
    inserted = connection.execute(_txn.insert().values(export_id=export_id, kind=kind, created_at=now))
    txn_id = inserted.inserted_primary_key[0] if inserted.inserted_primary_key else None
    for name, amount in sorted(amounts.items()):
        opened = insert(_account).values(name=name, currency=CURRENCY, balance_minor=amount)
        balance = {"balance_minor": _account.c.balance_minor + amount}
        connection.execute(opened.on_conflict_do_update(index_elements=["name"], set_=balance))
        connection.execute(_posting.insert().values(txn_id=txn_id, account=name, amount_minor=amount))


def _unbalanced(connection: Connection) -> Iterable[str]:
    total = func.sum(_posting.c.amount_minor)
    rows = connection.execute(select(_posting.c.txn_id, total).group_by(_posting.c.txn_id).having(total != 0))
    return [f"Transaction {row.txn_id} does not balance." for row in rows]


def _drifted(connection: Connection) -> Iterable[str]:
    total = func.coalesce(func.sum(_posting.c.amount_minor), 0)
    rows = connection.execute(
        select(_account.c.name)
        .outerjoin(_posting, _posting.c.account == _account.c.name)
        .group_by(_account.c.name, _account.c.balance_minor)
        .having(total != _account.c.balance_minor)
    )
    return [f"The balance of {row.name!r} is not the sum of its postings." for row in rows]


def _unaccounted(connection: Connection) -> Iterable[str]:
    booked: dict[str, set[str]] = {}
    for row in connection.execute(select(_txn.c.export_id, _txn.c.kind)):
        booked.setdefault(row.export_id, set()).add(row.kind)
    expected = {"finalised": {"export"}, "revoked": {"export", "reversal"}}
    states = connection.execute(select(schema.export.c.id, schema.export.c.state))
    return [
        f"The export {row.id} is {row.state}, which its transactions do not say."
        for row in states
        if booked.get(row.id, set()) != expected.get(row.state, set())
    ]
