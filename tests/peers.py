"""A real HTTP server of a test's own: remembers what it was told, answers what the test says."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Heard:
    """One request as it arrived."""

    method: str
    path: str
    headers: Message
    body: bytes


@dataclass(frozen=True)
class Answer:
    """What to say next; None as status closes the connection without a word."""

    status: int | None = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


class Peer:
    """`answers` are given one after another, the last one again and again; `heard` grows."""

    def __init__(self, url: str, answers: list[Answer]):
        self.url = url
        self.heard: list[Heard] = []
        self.answers = answers
        self.before: Callable[[Heard], Any] = lambda heard: None

    def next(self) -> Answer:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@contextmanager
def listening(
    *answers: Answer, tls: ssl.SSLContext | None = None, host: str = "127.0.0.1", shown: str = ""
) -> Iterator[Peer]:
    """A peer on a free port of the loopback; `shown` is the host in its address, where it differs."""

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            length = int(self.headers.get("content-length") or 0)
            body = self.rfile.read(length)
            if len(body) < length:  # whoever asked was killed in the middle of the request: nothing was heard
                self.close_connection = True
                return
            heard = Heard(self.command, self.path, self.headers, body)
            peer.before(heard)
            peer.heard.append(heard)
            said = peer.next()
            if said.status is None:
                self.close_connection = True
                return
            self.send_response(said.status)
            for name, value in {"Content-Length": str(len(said.body)), **said.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(said.body)

        do_GET = do_POST = do_PUT = do_DELETE = answer  # noqa: N815  (the names http.server looks for)

        def log_message(self, *_words: object) -> None:
            """Tests read `heard`."""

    class Server(ThreadingHTTPServer):
        def handle_error(self, request: object, client_address: object) -> None:
            """A client that hangs up in the middle is what some tests are about."""

    server = Server((host, 0), Handler)
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    scheme = "https" if tls else "http"
    peer = Peer(f"{scheme}://{shown or host}:{server.server_port}", list(answers) or [Answer()])
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield peer
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def dripping(head: bytes, *, every: float) -> Iterator[str]:
    """Address of a server that reads what comes, says `head`, then a byte `every` so many seconds without end."""
    ended = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(65_536)
                try:
                    connection.sendall(head)
                    while not ended.wait(every):
                        connection.sendall(b"x")
                except OSError:
                    return  # the client went away, as it should

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield f"127.0.0.1:{server.getsockname()[1]}"
        finally:
            ended.set()
            thread.join()
