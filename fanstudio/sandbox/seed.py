"""What a new platform holds: demo people, the demo song with its grants, and a track that has opted out."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, select
from sqlalchemy.dialects.sqlite import insert

from fanstudio.errors import InputError
from fanstudio.platform.contract import ADDON, ISRC, ISWC, ONE_MILLION, WORLD
from fanstudio.platform.shares import POOLS, apportion
from fanstudio.sandbox import schema
from fanstudio.sandbox.accounts import hash_password
from fanstudio.sandbox.store import Store

#: Of every demo person; the sign-in page says it, for it proves nothing elsewhere.
DEMO_PASSWORD = "demo"
DEMO_FAN = "demo-fan"
FREE_FAN = "free-fan"

_PEOPLE = (
    (DEMO_FAN, "Demo Fan", "premium", (ADDON,)),
    (FREE_FAN, "Free Fan", "free", ()),
)
_DEMO_OPS = ("arrange", "cover", "pitch", "restyle", "split", "tempo")
_OPTED_OUT = {
    "title": "Please Leave It As It Is",
    "artist": "Wet Varnish",
    "isrc": "ZZFAN2600002",
    "iswc": "T0000000021",
    "sample_rate": 44100,
    "length_frames": 44100 * 181,
    "credits": {"artist": "Wet Varnish", "label": "Quiet Street", "writers": ["Mona Lindqvist"]},
}


@dataclass(frozen=True, slots=True)
class Person:
    """A demo person as the sign-in page lists them."""

    user_id: str
    name: str
    plan: str


def seed(store: Store, demo: Path | None) -> None:
    """Put people and catalogue in; what is there already stays, the demo song's entry is brought up to date.

    Args:
        store: the platform's database.
        demo: the folder of `demo.toml` and its song; None for a catalogue without it.

    Raises:
        InputError: `demo.toml` is not what a catalogue entry needs.

    """
    song = _read_song(demo) if demo else None
    with store.write() as connection:
        for user_id, name, plan, addons in _PEOPLE:
            _add_person(connection, user_id, name, plan, addons)
        if demo is not None and song is not None:
            _add_recording(connection, song, audio_path=str(demo / song["file"]))
            for code in (song["isrc"], song["iswc"]):
                _grant(connection, code, _DEMO_OPS)
        _add_recording(connection, _OPTED_OUT, audio_path=None)
        reason = {"reason": "The artist has opted out of remixing."}
        _put(connection, schema.opt_out, {"code": _OPTED_OUT["isrc"]}, reason)


def people(store: Store) -> tuple[Person, ...]:
    """Return the people whom the pages of the demo platform offer."""
    with store.read() as connection:
        rows = connection.execute(
            select(schema.user.c.id, schema.user.c.name, schema.subscription.c.plan)
            .join(schema.subscription)
            .order_by(schema.subscription.c.plan.desc())
        )
        return tuple(Person(row.id, row.name, row.plan) for row in rows)


def _read_song(demo: Path) -> dict[str, Any]:
    try:
        song = tomllib.loads((demo / "demo.toml").read_text("utf-8"))
        good = ISRC.fullmatch(song["isrc"]) and ISWC.fullmatch(song["iswc"])
        if not good or not (demo / song["file"]).is_file():
            raise InputError(f"The demo song in {demo} is incomplete.")
    except (OSError, KeyError, TypeError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError(f"The demo song in {demo} cannot be read: {error}.") from error
    return {**song, "demo": True}


def _add_person(connection: Connection, user_id: str, name: str, plan: str, addons: Iterable[str]) -> None:
    if connection.execute(select(schema.user).where(schema.user.c.id == user_id)).first():
        return
    connection.execute(
        schema.user.insert().values(
            id=user_id,
            sub=f"fan_{user_id}",
            name=name,
            password_hash=hash_password(DEMO_PASSWORD),
            territory="SE",
        )
    )
    connection.execute(schema.subscription.insert().values(user_id=user_id, plan=plan))
    for addon in addons:
        connection.execute(schema.addon.insert().values(user_id=user_id, name=addon))


def _add_recording(connection: Connection, song: Mapping[str, Any], *, audio_path: str | None) -> None:
    described = {name: song.get(name) for name in ("title", "artist", "tempo_bpm", "key")}
    described |= {name: song[name] for name in ("length_frames", "sample_rate")}
    described |= {"audio_path": audio_path, "demo": song.get("demo", False)}
    _put(connection, schema.recording, {"isrc": song["isrc"]}, described)
    _put(connection, schema.work, {"iswc": song["iswc"]}, {"title": song["title"]})
    _put(connection, schema.recording_work, {"isrc": song["isrc"], "iswc": song["iswc"]}, {})
    holders = song["credits"]
    _set_splits(connection, song["isrc"], [(holders["artist"], "performer"), (holders["label"], "label")])
    _set_splits(connection, song["iswc"], [(writer, "composer") for writer in holders["writers"]])


def _set_splits(connection: Connection, code: str, holders: list[tuple[str, str]]) -> None:
    """Give each holder the same part of the code's pool; parts add up to 1,000,000."""
    if len({POOLS[role] for _, role in holders}) != 1:
        raise AssertionError("a code is paid from one pool")
    parts = apportion(ONE_MILLION, {name: 1 for name, _ in holders})
    connection.execute(schema.split.delete().where(schema.split.c.code == code))
    for name, role in holders:
        _put(connection, schema.party, {"name": name}, {})
        _put(
            connection, schema.split, {"code": code, "party": name, "role": role}, {"share_ppm": parts[name]}
        )


def _grant(connection: Connection, code: str, ops: Iterable[str]) -> None:
    for op in ops:
        right = {"code": code, "op": op, "destination": "export_file", "territory": WORLD}
        _put(connection, schema.right_grant, right, {"approval": False})


def _put(connection: Connection, table: Table, key: dict[str, Any], values: dict[str, Any]) -> None:
    """Insert a row, or bring the row with this key up to date."""
    statement = insert(table).values(**key, **values)
    if values:
        statement = statement.on_conflict_do_update(index_elements=list(key), set_=values)
    else:
        statement = statement.on_conflict_do_nothing()
    connection.execute(statement)
