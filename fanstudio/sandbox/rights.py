"""May this export be made? The answer of the right holders' grants, with the reason for each refusal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, select

from fanstudio.platform.contract import WORLD, ExportRequest
from fanstudio.sandbox import schema
from fanstudio.sandbox.catalogue import valid_grants
from fanstudio.sandbox.problems import refuse
from fanstudio.sandbox.store import first


def require_grants(connection: Connection, request: ExportRequest, now: int) -> None:
    """Check that everything an export uses is granted.

    Raises:
        PlatformError: `not-permitted`; its member `denied` lists every refusal.

    """
    denied = [*_track_denials(connection, request, now), *_work_denials(connection, request, now)]
    if denied:
        names = sorted({str(item["title"]) for item in denied})
        more = f" and {len(names) - 1} more" if len(names) > 1 else ""
        raise refuse("not-permitted", f"{names[0]!r}{more}: {denied[0]['reason']}", denied=denied)


def _track_denials(connection: Connection, request: ExportRequest, now: int) -> Iterator[dict[str, Any]]:
    for track in request.usage.tracks:
        row = first(connection, select(schema.recording).where(schema.recording.c.isrc == track.isrc))
        title = row.title if row else track.title
        for refusal in _refusals(connection, track.isrc, track.ops, request, now):
            yield {"isrc": track.isrc, "title": title, **refusal}


def _work_denials(connection: Connection, request: ExportRequest, now: int) -> Iterator[dict[str, Any]]:
    for work in request.usage.works:
        row = first(connection, select(schema.work).where(schema.work.c.iswc == work.iswc))
        title = row.title if row else work.iswc
        for refusal in _refusals(connection, work.iswc, work.ops, request, now):
            yield {"iswc": work.iswc, "title": title, **refusal}


def _refusals(
    connection: Connection, code: str, ops: tuple[str, ...], request: ExportRequest, now: int
) -> Iterator[dict[str, str]]:
    opted_out = first(connection, select(schema.opt_out).where(schema.opt_out.c.code == code))
    grants = valid_grants(connection, code, now)
    for op in ops:
        of_op = [grant for grant in grants if grant.op == op]
        there = [grant for grant in of_op if grant.destination == request.destination]
        here = [grant for grant in there if grant.territory in (WORLD, request.territory)]
        if opted_out:
            yield {"op": op, "reason": opted_out.reason}
        elif not of_op:
            yield {"op": op, "reason": f"The right holder has not granted “{op}”."}
        elif not there:
            yield {"destination": request.destination, "reason": f"Granted for {of_op[0].destination} only."}
        elif not here:
            yield {"territory": request.territory, "reason": f"Granted for {there[0].territory} only."}
        elif all(grant.approval for grant in here):
            yield {"op": op, "reason": "The right holder wants to approve this first."}
