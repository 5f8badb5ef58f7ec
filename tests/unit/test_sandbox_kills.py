"""A platform that is killed at any moment neither counts an export twice nor forgets one it confirmed."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import requests
from sqlalchemy import func, select

from fanstudio.sandbox import ledger, schema
from fanstudio.sandbox.store import Store
from tests.support import wire_samples as samples
from tests.support.dpop_client import DpopClient
from tests.support.reference_platform import REPOSITORY

_SERVE = (
    "import sys, pathlib; from fanstudio.sandbox.serve import serve; "
    "serve(pathlib.Path(sys.argv[1]), on_ready=lambda i: print(i, flush=True))"
)
_END_S = 60.0


class MortalPlatform:
    """A platform in a process that is killed and started again, again and again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.clock: Callable[[], float] = time.time
        self.site = SimpleNamespace(nonces=SimpleNamespace(make=lambda now: ""))
        self.kills = 0
        self.issuer = self._start()

    @property
    def operator_secret(self) -> str:
        return (self.folder / "keys" / "operator-secret").read_text()

    def kill(self) -> None:
        self._process.send_signal(signal.SIGKILL)
        self._process.communicate()
        self.kills += 1
        assert self._start() == self.issuer

    def stop(self) -> None:
        self._process.terminate()
        assert self._process.communicate(timeout=20)[1] == ""

    def _start(self) -> str:
        self._process = subprocess.Popen(
            [sys.executable, "-c", _SERVE, str(self.folder)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=REPOSITORY,
        )
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()


def _persist(client: DpopClient, method: str, path: str, body: Any, **headers: str) -> requests.Response:
    """Send until an answer comes, as the app does: new nonce, same key."""
    end = time.monotonic() + _END_S
    while time.monotonic() < end:
        try:
            answer = client.send(method, path, body, **headers)
        except requests.RequestException:
            time.sleep(0.02)
            continue
        client.nonce = answer.headers.get("dpop-nonce", client.nonce)
        if answer.status_code != 401:
            return answer
    raise AssertionError("the platform never answered")


def _export(client: DpopClient) -> str:
    key, request = uuid.uuid4().hex, samples.request(client.jkt)
    reserved = _persist(client, "POST", "/v1/exports", request, Idempotency_Key=key)
    assert reserved.status_code == 201, reserved.text
    export_id = reserved.json()["export_id"]
    body = samples.finalise(reserved.json()["permit"])
    finalised = _persist(client, "POST", f"/v1/exports/{export_id}/finalise", body)
    assert finalised.status_code == 200, finalised.text
    return str(export_id)


@pytest.mark.soak
def test_kills_neither_lose_nor_double_an_export(tmp_path: Path) -> None:
    platform = MortalPlatform(tmp_path)
    client = DpopClient(platform)
    begun = client.session.post(
        f"{platform.issuer}/oauth/device", data={"client_id": "fanstudio-desktop"}, timeout=9
    )
    client.nonce = begun.headers["dpop-nonce"]
    client.sign_in()
    finalised: list[str] = []
    done = threading.Event()

    def work() -> None:
        while not done.is_set():
            finalised.append(_export(client))

    worker = threading.Thread(target=work)
    worker.start()
    dice = random.Random(11)
    for _ in range(30):
        time.sleep(dice.uniform(0.0, 0.3))
        platform.kill()
    done.set()
    worker.join()
    client.close()
    platform.stop()
    _check_books(tmp_path, finalised)


def _check_books(folder: Path, finalised: list[str]) -> None:
    store = Store(folder / "platform.sqlite")
    report = ledger.check(store)
    with store.read() as connection:
        exports = connection.scalar(select(func.count()).select_from(schema.export))
    store.close()
    assert len(finalised) > 10
    assert len(set(finalised)) == len(finalised) == exports == report.transactions
    assert report.faults == ()
