"""The platform as a process: its port stays, it ends on SIGTERM, its secrets are its owner's alone."""

from __future__ import annotations

import datetime
import signal
import socket
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from fanstudio.errors import InputError, StorageError
from fanstudio.sandbox import keys, schema
from fanstudio.sandbox.app import create_app
from fanstudio.sandbox.keys import open_keys
from fanstudio.sandbox.store import Store
from tests.support.dpop_client import DpopClient
from tests.support.reference_platform import REPOSITORY, ReferencePlatform

_SERVE = (
    "import sys, pathlib; from fanstudio.sandbox.serve import serve; "
    "serve(pathlib.Path(sys.argv[1]), port=int(sys.argv[2]), on_ready=lambda i: print(i, flush=True))"
)


def _start(folder: Path, port: int = 0) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", _SERVE, str(folder), str(port)]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=REPOSITORY
    )


def _stop(process: subprocess.Popen[str], number: int = signal.SIGTERM) -> tuple[int, str]:
    process.send_signal(number)
    _, said = process.communicate(timeout=20)
    return process.returncode, said


def _ready(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def test_a_platform_keeps_its_address_and_ends_quietly(tmp_path: Path) -> None:
    issuers = []
    for number in (signal.SIGTERM, signal.SIGINT):
        process = _start(tmp_path / "platform")
        issuers.append(_ready(process))
        health = requests.get(f"{issuers[-1]}/v1/health", timeout=9).json()
        assert health["issuer"] == issuers[-1]
        assert _stop(process, number) == (0, "")
    assert issuers[0] == issuers[1]


def test_a_taken_port_is_said(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        process = _start(tmp_path, other.getsockname()[1])
        _, said = process.communicate(timeout=20)
    assert process.returncode == 1
    assert "is in use" in said


def test_a_kill_loses_nothing_that_was_answered(tmp_path: Path) -> None:
    process = _start(tmp_path)
    issuer = _ready(process)
    begun = requests.post(f"{issuer}/oauth/device", data={"client_id": "fanstudio-desktop"}, timeout=9).json()
    _stop(process, signal.SIGKILL)
    with sqlite3.connect(tmp_path / "platform.sqlite") as database:
        kept = database.execute("select user_code from device_code").fetchall()
    database.close()
    assert kept == [(begun["user_code"],)]


def test_secrets_are_for_the_owner_alone(tmp_path: Path) -> None:
    open_keys(tmp_path / "keys")
    kept = list((tmp_path / "keys").iterdir())
    assert len(kept) == 6
    assert {path.stat().st_mode & 0o777 for path in kept} == {0o600}
    assert (tmp_path / "keys").stat().st_mode & 0o777 == 0o700


def test_keys_are_made_once(tmp_path: Path) -> None:
    one, two = open_keys(tmp_path), open_keys(tmp_path)
    assert one.jwks() == two.jwks()
    assert one.chain_der() == two.chain_der()
    assert one.operator_secret == two.operator_secret


def test_a_claim_certificate_that_runs_out_is_renewed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(keys, "_LEAF_DAYS", 20)
        old = open_keys(tmp_path)
    new = open_keys(tmp_path)
    assert new.leaf.not_valid_after_utc - old.leaf.not_valid_after_utc > datetime.timedelta(days=700)
    assert new.anchor_pem() == old.anchor_pem()
    assert open_keys(tmp_path).leaf == new.leaf


@pytest.mark.parametrize("name", ["token-key.pem", "claim-key.pem", "leaf.pem"])
def test_a_damaged_key_is_named(tmp_path: Path, name: str) -> None:
    open_keys(tmp_path)
    (tmp_path / name).write_bytes(b"damaged")
    with pytest.raises(StorageError, match="damaged"):
        open_keys(tmp_path)


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "platform.sqlite"
    path.write_bytes(b"not a database, but long enough to look like one" * 40)
    with pytest.raises(StorageError, match="cannot be used"):
        Store(path)


def test_a_newer_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "platform.sqlite"
    store = Store(path)
    with store.write() as connection:
        connection.execute(schema.schema_version.update().values(version=99))
    store.close()
    with pytest.raises(StorageError, match="version 99"):
        Store(path)


@pytest.mark.parametrize("text", ["", "title = 1", 'isrc = "x"\niswc = "y"\nfile = "z"', "\xff"])
def test_a_broken_demo_song_is_refused(tmp_path: Path, text: str) -> None:
    demo = tmp_path / "demo"
    demo.mkdir()
    (demo / "demo.toml").write_bytes(text.encode("latin-1"))
    with pytest.raises(InputError, match="demo song"):
        create_app(tmp_path / "data", "http://127.0.0.1:1", demo=demo)


def test_the_catalogue_says_what_is_permitted(tmp_path: Path) -> None:
    with ReferencePlatform(tmp_path) as platform:
        listed = requests.get(f"{platform.issuer}/v1/catalog", timeout=9).json()["tracks"]
        splittable = requests.get(f"{platform.issuer}/v1/catalog?op=split&territory=SE", timeout=9).json()
        one = requests.get(f"{platform.issuer}/v1/catalog/ZZFAN2600001", timeout=9).json()
        none = requests.get(f"{platform.issuer}/v1/catalog/ZZFAN2600077", timeout=9)
    assert [track["isrc"] for track in listed] == ["ZZFAN2600001", "ZZFAN2600002"]
    assert splittable["tracks"] == [one]
    assert one["demo"] is True
    assert {grant["op"] for grant in one["grants"]} == {
        "arrange",
        "cover",
        "pitch",
        "restyle",
        "split",
        "tempo",
    }
    assert sum(credit["share_ppm"] for credit in one["credits"]) == 2_000_000
    assert listed[1]["grants"] == []
    assert none.status_code == 404


def test_the_audio_is_sent_to_who_is_signed_in(tmp_path: Path) -> None:
    with ReferencePlatform(tmp_path) as platform:
        fan = DpopClient(platform)
        path = "/v1/catalog/ZZFAN2600001/audio"
        assert fan.session.get(platform.issuer + path, timeout=9).status_code == 401
        fan.sign_in()
        sent = fan.send("GET", path)
        silent = fan.send("GET", "/v1/catalog/ZZFAN2600002/audio")
        fan.close()
    assert sent.content == (REPOSITORY / "assets" / "demo" / "song.flac").read_bytes()
    assert silent.status_code == 404
