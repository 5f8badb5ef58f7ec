"""A real HTTP server of model files on loopback, with the faults that real ones have, and models for it."""

from __future__ import annotations

import contextlib
import hashlib
import random
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
from onnx import numpy_helper

from fanstudio.inference.published import PublishedFile, PublishedModel
from fanstudio.inference.pull import pull
from fanstudio.inference.quality import Quality
from fanstudio.jobs import Work
from tests.support.models import constant_masks, manifest_text

PIECE = 1 << 14


@dataclass
class Shop:
    """What the server has, how it misbehaves, and what it was asked for.

    `faults` are used up one a request: `("drop", n)` closes after n bytes, `("stall", n)` sends no more
    after n bytes, `("status", code)`, `("redirect", address)`, `("no range", 0)`, `("wrong range", 0)`,
    `("length", n)` announces n bytes, `("chunked", n)` sends n bytes too many without a length,
    `("short", n)` sends n bytes without a length and ends as if that were all.
    """

    files: dict[str, bytes]
    url: str = ""
    faults: list[tuple[str, object]] = field(default_factory=list)
    asked: list[tuple[str, str]] = field(default_factory=list)
    #: Between pieces.
    pause_s: float = 0.0
    closing: threading.Event = field(default_factory=threading.Event)


class _Handler(BaseHTTPRequestHandler):
    shop: Shop

    def log_message(self, *_args: object) -> None:
        return

    def handle(self) -> None:
        with contextlib.suppress(OSError):
            super().handle()

    def do_GET(self) -> None:
        wanted = self.headers.get("Range", "")
        self.shop.asked.append((self.path, wanted))
        fault, value = self.shop.faults.pop(0) if self.shop.faults else ("", 0)
        data = self.shop.files.get(self.path)
        if fault == "redirect":
            self._refuse(302, Location=str(value))
        elif fault == "status" or data is None:
            self._refuse(value if fault else 404)
        else:
            match = re.fullmatch(r"bytes=(\d+)-", wanted)
            start = int(match[1]) if match and fault != "no range" else 0
            self._send(data, start, fault, value)

    def _refuse(self, status: int, **headers: str) -> None:
        self.send_response(status)
        for name, text in {**headers, "Content-Length": "0"}.items():
            self.send_header(name, text)
        self.end_headers()

    def _send(self, data: bytes, start: int, fault: str, value: object) -> None:
        body = data[start:]
        self.send_response(206 if start else 200)
        if start:
            shown = start + 7 if fault == "wrong range" else start
            self.send_header("Content-Range", f"bytes {shown}-{len(data) - 1}/{len(data)}")
        if fault == "chunked":
            body += b"\0" * int(value)
        elif fault != "short":
            self.send_header("Content-Length", str(value if fault == "length" else len(body)))
        self.end_headers()
        if fault in ("drop", "stall", "short"):
            body = body[: int(value)]
        for at in range(0, len(body), PIECE):
            self.wfile.write(body[at : at + PIECE])
            self.shop.closing.wait(self.shop.pause_s)
        if fault == "stall":
            self.shop.closing.wait(20)


@contextlib.contextmanager
def serving_models(files: dict[str, bytes]) -> Iterator[Shop]:
    """Serve `files`, by path, on a free loopback port."""
    shop = Shop(files)
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"shop": shop}))
    server.daemon_threads = True
    shop.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield shop
    finally:
        shop.closing.set()
        server.shutdown()
        server.server_close()
        thread.join(2)


def padded_graph(size_bytes: int, value: float) -> bytes:
    """A graph whose only mask is `value` everywhere, made larger by weights that it does not use."""
    graph = constant_masks([value])
    padding = random.Random(value).randbytes(size_bytes)
    graph.graph.initializer.append(numpy_helper.from_array(np.frombuffer(padding, np.uint8), "padding"))
    return graph.SerializeToString()


def published_model(url: str, **graphs: bytes) -> PublishedModel:
    """A model of one stem a graph, `NAME.onnx` under `url`/test_model/."""
    files = tuple(
        PublishedFile(
            name=f"{stem}.onnx",
            url=f"{url}/test_model/{stem}.onnx",
            size_bytes=len(data),
            sha256=hashlib.sha256(data).hexdigest(),
        )
        for stem, data in graphs.items()
    )
    text = manifest_text()
    head, tail = text[: text.index("[[files]]")], text[text.index("[input]") :]
    entries = "".join(
        f'[[files]]\nname = "{file.name}"\nsha256 = "{file.sha256}"\n'
        f'stems = ["{file.name.removesuffix(".onnx")}"]\nrows = [0]\n'
        for file in files
    )
    return PublishedModel(
        id="test_model",
        title="A test",
        licence="CC0-1.0",
        source="made by a test",
        hashes="made by a test",
        stems=tuple(graphs),
        files=files,
        quality=Quality("Good enough", "by ear", "nobody", {"vocals": 1.0}),
        manifest=(head + entries + tail).encode(),
    )


def files_of(model: PublishedModel, **graphs: bytes) -> dict[str, bytes]:
    """What a server must have for a model."""
    return {f"/{model.id}/{stem}.onnx": data for stem, data in graphs.items()}


def pull_from(url: str, graphs: dict[str, bytes]) -> None:
    """Fetch the test model; the body of a process that is killed."""
    pull(Work(), published_model(url, **graphs))
