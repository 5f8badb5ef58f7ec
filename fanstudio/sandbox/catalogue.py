"""The catalogue: tracks with what they permit and whom they credit, and the audio of those that have any."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, or_, select
from starlette.responses import FileResponse, Response

from fanstudio.platform.contract import WORLD
from fanstudio.platform.shares import Catalogue, Credit, Entry
from fanstudio.sandbox import schema
from fanstudio.sandbox.accounts import require_fan
from fanstudio.sandbox.deployment import Deployment
from fanstudio.sandbox.problems import refuse
from fanstudio.sandbox.store import first
from fanstudio.sandbox.web import Call, data

_grants = schema.right_grant.c


def show_tracks(site: Deployment, call: Call) -> Response:
    """Answer the tracks; `op` keeps those that grant it, `territory` the grants that hold there."""
    query = call.arguments()
    with site.store.read() as connection:
        rows = connection.execute(select(schema.recording).order_by(schema.recording.c.isrc)).all()
        tracks = [_track(connection, row, query.get("territory", ""), site.now()) for row in rows]
    wanted = query.get("op")
    shown = [item for item in tracks if not wanted or any(grant["op"] == wanted for grant in item["grants"])]
    return data({"tracks": shown})


def show_track(site: Deployment, call: Call) -> Response:
    """Answer one track."""
    with site.store.read() as connection:
        return data(_track(connection, _recording(connection, call), "", site.now()))


def send_audio(site: Deployment, call: Call) -> Response:
    """Send a track's audio (FLAC) to a signed-in fan."""
    require_fan(site, call)
    with site.store.read() as connection:
        path = _recording(connection, call).audio_path
    if path is None or not Path(path).is_file():
        raise refuse("not-found", "This track has no audio here.")
    return FileResponse(path, media_type="audio/flac", headers={"Cache-Control": "private"})


def credit_entries(connection: Connection, codes: set[str]) -> Catalogue:
    """Return the credits of recordings and works; a recording's works are returned with it."""
    works: dict[str, tuple[str, ...]] = {code: _works(connection, code) for code in codes}
    wanted = codes | {iswc for group in works.values() for iswc in group}
    split = schema.split.c
    rows = connection.execute(select(schema.split).where(split.code.in_(wanted)).order_by(split.party)).all()
    found = {code: [Credit(r.party, r.role, r.share_ppm) for r in rows if r.code == code] for code in wanted}
    return {code: Entry(tuple(credits_), works.get(code, ())) for code, credits_ in found.items() if credits_}


def valid_grants(connection: Connection, code: str, now: int) -> list[Row[Any]]:
    """Return the grants of a recording or work that hold now; none where it has opted out."""
    if first(connection, select(schema.opt_out).where(schema.opt_out.c.code == code)):
        return []
    holds = or_(_grants.valid_until.is_(None), _grants.valid_until > now)
    query = select(schema.right_grant).where(_grants.code == code, holds)
    return list(connection.execute(query.order_by(_grants.op, _grants.destination, _grants.territory)))


def _recording(connection: Connection, call: Call) -> Row[Any]:
    row = first(connection, select(schema.recording).where(schema.recording.c.isrc == call.names["isrc"]))
    if row is None:
        raise refuse("not-found", "The catalogue has no such track.")
    return row


def _track(connection: Connection, row: Row[Any], territory: str, now: int) -> dict[str, Any]:
    works = _works(connection, row.isrc)
    entries = credit_entries(connection, {row.isrc, *works})
    return {
        "isrc": row.isrc,
        "title": row.title,
        "artist": row.artist,
        "length_s": row.length_frames / row.sample_rate,
        "tempo_bpm": row.tempo_bpm,
        "key": row.key,
        "works": list(works),
        "grants": [
            {
                "op": grant.op,
                "destination": grant.destination,
                "territory": grant.territory,
                "until": _date(grant.valid_until),
                "approval": grant.approval,
            }
            for grant in valid_grants(connection, row.isrc, now)
            if not territory or grant.territory in (WORLD, territory)
        ],
        "credits": [
            {"role": credit.role, "name": credit.party, "share_ppm": credit.share_ppm}
            for code in (row.isrc, *works)
            for credit in (entries[code].credits if code in entries else ())
        ],
        "demo": row.demo,
    }


def _works(connection: Connection, isrc: str) -> tuple[str, ...]:
    table = schema.recording_work
    rows = connection.execute(select(table.c.iswc).where(table.c.isrc == isrc).order_by(table.c.iswc))
    return tuple(row.iswc for row in rows)


def _date(seconds: int | None) -> str | None:
    if seconds is None:
        return None
    return datetime.datetime.fromtimestamp(seconds, datetime.UTC).date().isoformat()
