"""A proxy in front of the real server that stumbles: some deliveries it refuses, some it forwards and disowns."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from urllib.parse import urlsplit

#: What becomes of the deliveries, one after another; those after the last go through.
MISHAPS = (
    "503 before", "500 after", "ok", "500 before", "503 after", "ok", "503 before", "ok", "500 after", "ok",
    "503 after", "ok", "500 before",
)  # fmt: skip
_HOP = frozenset({"connection", "keep-alive", "transfer-encoding", "content-length", "host", "date", "server"})


class Stumbling:
    """`url` is where clients send; `mishaps` counts the deliveries spoilt; `forwarded` those that arrived."""

    def __init__(self, url: str, mishaps: tuple[str, ...]):
        self.url = url
        self.fate = dict(enumerate(mishaps))
        self.number = count()
        self.mishaps = 0
        self.forwarded = 0
        self.lock = threading.Lock()

    def is_steady(self) -> bool:
        """Whether every mishap has happened."""
        return self.mishaps == sum(fate != "ok" for fate in self.fate.values())

    def next_fate(self) -> str:
        with self.lock:
            fate = self.fate.get(next(self.number), "ok")
            self.mishaps += fate != "ok"
            self.forwarded += not fate.endswith("before")
        return fate


@contextmanager
def stumbling(port: int, upstream: str, mishaps: tuple[str, ...] = MISHAPS) -> Iterator[Stumbling]:
    """Stumbles over POSTs; everything else passes as it is."""
    proxy = Stumbling(f"http://127.0.0.1:{port}", mishaps)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_any(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            fate = proxy.next_fate() if self.command == "POST" else "ok"
            status, headers, said = (503, [], b"") if fate.endswith("before") else self.forward(body)
            if fate != "ok":
                status, said = int(fate[:3]), b"stumbled"
                origin = self.headers.get("origin")
                headers = [("Access-Control-Allow-Origin", origin)] if origin else []
            self.send_response(status)
            for name, value in headers:
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def forward(self, body: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
            target = urlsplit(upstream)
            connection = http.client.HTTPConnection(target.hostname or "", target.port, timeout=90)
            try:
                headers = {name: value for name, value in self.headers.items() if name.lower() not in _HOP}
                connection.request(self.command, self.path, body or None, headers)
                answer = connection.getresponse()
                kept = [(name, value) for name, value in answer.getheaders() if name.lower() not in _HOP]
                return answer.status, kept, answer.read()
            finally:
                connection.close()

        do_GET = do_POST = do_OPTIONS = handle_any  # noqa: N815  (names the standard library asks for)

        def log_message(self, *_: object) -> None:
            """Nothing on stderr."""

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield proxy
    finally:
        server.shutdown()
        server.server_close()
