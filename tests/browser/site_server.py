"""A shop's own web site for tests: pages of tests/browser/sites and packages of node_modules, at an origin of its own."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import config

SITES = Path(__file__).with_name("sites")


class _Handler(SimpleHTTPRequestHandler):
    def translate_path(self, path: str) -> str:
        bare = path.partition("?")[0]
        if bare.startswith("/modules/"):
            return str(config.ROOT / "node_modules" / bare.removeprefix("/modules/"))
        return str(SITES / bare.lstrip("/"))

    def log_message(self, *_: Any) -> None:
        """Nothing on stderr."""


@contextmanager
def shop_site() -> Iterator[str]:
    """The address of the site; another host name than the server's, so that cookies are third-party too."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, directory=str(SITES)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://localhost:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
