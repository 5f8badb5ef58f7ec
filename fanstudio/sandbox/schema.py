"""The tables of the platform; times are seconds since 1970, money is integer minor units."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    Float,
    ForeignKey,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

SCHEMA_VERSION = 1

metadata = MetaData()


def _id(name: str = "id") -> Column[str]:
    return Column(name, String, primary_key=True)


def _to(target: str, name: str) -> Column[str]:
    return Column(name, String, ForeignKey(target), nullable=False)


schema_version = Table("schema_version", metadata, Column("version", Integer, primary_key=True))

user = Table(
    "user",
    metadata,
    _id(),
    Column("sub", String, nullable=False, unique=True),
    Column("name", String, nullable=False),
    Column("password_hash", LargeBinary, nullable=False),
    Column("territory", String, nullable=False),
)
subscription = Table(
    "subscription",
    metadata,
    Column("user_id", String, ForeignKey("user.id"), primary_key=True),
    Column("plan", String, nullable=False),
)
addon = Table(
    "addon",
    metadata,
    Column("user_id", String, ForeignKey("user.id"), primary_key=True),
    Column("name", String, primary_key=True),
)
device_key = Table(
    "device_key",
    metadata,
    Column("user_id", String, ForeignKey("user.id"), primary_key=True),
    Column("jkt", String, primary_key=True),
    Column("first_seen", Integer, nullable=False),
)

party = Table("party", metadata, _id("name"))
recording = Table(
    "recording",
    metadata,
    _id("isrc"),
    Column("title", String, nullable=False),
    Column("artist", String, nullable=False),
    Column("length_frames", Integer, nullable=False),
    Column("sample_rate", Integer, nullable=False),
    Column("tempo_bpm", Float),
    Column("key", String),
    Column("audio_path", String),
    Column("demo", Boolean, nullable=False),
)
work = Table("work", metadata, _id("iswc"), Column("title", String, nullable=False))
recording_work = Table(
    "recording_work",
    metadata,
    Column("isrc", String, ForeignKey("recording.isrc"), primary_key=True),
    Column("iswc", String, ForeignKey("work.iswc"), primary_key=True),
)
split = Table(
    "split",
    metadata,
    Column("code", String, primary_key=True),
    Column("party", String, ForeignKey("party.name"), primary_key=True),
    Column("role", String, primary_key=True),
    Column("share_ppm", Integer, nullable=False),
)
right_grant = Table(
    "right_grant",
    metadata,
    Column("code", String, primary_key=True),
    Column("op", String, primary_key=True),
    Column("destination", String, primary_key=True),
    Column("territory", String, primary_key=True),
    Column("valid_until", Integer),
    Column("approval", Boolean, nullable=False),
)
opt_out = Table(
    "opt_out",
    metadata,
    _id("code"),
    Column("reason", String, nullable=False),
)

export = Table(
    "export",
    metadata,
    _id(),
    _to("user.id", "user_id"),
    Column("idempotency_key", String, nullable=False),
    Column("request_digest", String, nullable=False),
    Column("request", Text, nullable=False),
    Column("state", String, nullable=False),
    Column("created_at", Integer, nullable=False),
    Column("expires_at", Integer, nullable=False),
    Column("finalise_digest", String),
    UniqueConstraint("user_id", "idempotency_key"),
)
export_source = Table(
    "export_source",
    metadata,
    Column("export_id", String, ForeignKey("export.id"), primary_key=True),
    Column("kind", String, primary_key=True),
    Column("code", String, primary_key=True),
)
permit = Table(
    "permit",
    metadata,
    _id("jti"),
    _to("export.id", "export_id"),
    Column("issued_at", Integer, nullable=False),
    Column("spent_at", Integer),
    Column("token", Text, nullable=False),
)
receipt = Table(
    "receipt",
    metadata,
    Column("export_id", String, ForeignKey("export.id"), primary_key=True),
    Column("token", Text, nullable=False),
    Column("status", String, nullable=False),
)
claim_signature = Table(
    "claim_signature",
    metadata,
    Column("export_id", String, ForeignKey("export.id"), primary_key=True),
    Column("claim_digest", String, nullable=False),
    Column("signature", LargeBinary, nullable=False),
)

account = Table(
    "account",
    metadata,
    _id("name"),
    Column("currency", String, nullable=False),
    Column("balance_minor", Integer, nullable=False),
)
txn = Table(
    "txn",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    _to("export.id", "export_id"),
    Column("kind", String, nullable=False),
    Column("created_at", Integer, nullable=False),
    UniqueConstraint("export_id", "kind"),
)
posting = Table(
    "posting",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("txn_id", Integer, ForeignKey("txn.id"), nullable=False),
    _to("account.name", "account"),
    Column("amount_minor", Integer, nullable=False),
)

auth_request = Table(
    "auth_request",
    metadata,
    _id(),
    Column("redirect_uri", String, nullable=False),
    Column("state", String, nullable=False),
    Column("challenge", String, nullable=False),
    Column("user_id", String, ForeignKey("user.id")),
    Column("expires_at", Integer, nullable=False),
)
auth_code = Table(
    "auth_code",
    metadata,
    _id("digest"),
    _to("user.id", "user_id"),
    Column("redirect_uri", String, nullable=False),
    Column("challenge", String, nullable=False),
    Column("expires_at", Integer, nullable=False),
    Column("family_id", String),
)
device_code = Table(
    "device_code",
    metadata,
    _id("digest"),
    Column("user_code", String, nullable=False, unique=True),
    Column("state", String, nullable=False),
    Column("user_id", String, ForeignKey("user.id")),
    Column("expires_at", Integer, nullable=False),
    Column("polled_at", Float),
)
token_family = Table(
    "token_family",
    metadata,
    _id(),
    _to("user.id", "user_id"),
    Column("jkt", String, nullable=False),
    Column("revoked_at", Integer),
)
token = Table(
    "token",
    metadata,
    _id("digest"),
    Column("kind", String, nullable=False),
    _to("token_family.id", "family_id"),
    Column("expires_at", Integer, nullable=False),
    Column("used_at", Integer),
)

audit = Table(
    "audit",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("at", Integer, nullable=False),
    Column("actor", String, nullable=False),
    Column("action", String, nullable=False),
    Column("subject", String, nullable=False),
)
