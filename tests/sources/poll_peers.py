"""Systems that are polled, as small servers on this machine; and a poll driven against one over real HTTP."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_network
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlsplit

from crm360.kernel import http
from crm360.sources.channel import Call, Item, Page, PollFailed, Reply

NOW = datetime(2026, 3, 2, 10, 30, tzinfo=UTC)
CLIENT = http.Client(private_targets=[ip_network("127.0.0.0/8")])


class Asked(NamedTuple):
    """A request as the peer sees it."""

    method: str
    path: str
    query: dict[str, str]
    headers: Mapping[str, str]
    body: bytes

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True))

    @property
    def json(self) -> Any:
        return json.loads(self.body)


#: What a peer answers: a status and a JSON document.
Answer = Callable[[Asked], tuple[int, Any]]


@contextmanager
def serving(answer: Answer) -> Iterator[str]:
    """The address of a server that answers so."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            asked = Asked(self.command, parts.path, dict(parse_qsl(parts.query)), headers, body)
            status, document = answer(asked)
            said = json.dumps(document).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        do_POST = do_GET  # noqa: N815 - the library's name

        def log_message(self, *_: object) -> None:
            """Silence."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class Polled(NamedTuple):
    """What came of a poll: every item, the last cursor, secrets to be kept, and how it failed."""

    items: list[Item]
    cursor: Mapping[str, Any]
    credentials: dict[str, str]
    calls: list[Call]
    failure: Exception | None = None

    @property
    def keys(self) -> list[str]:
        return [item.key for item in self.items]


def run(
    poll: Callable[..., Any],
    settings: Mapping[str, Any],
    cursor: Mapping[str, Any] | None = None,
    *,
    now: datetime = NOW,
    instead: Mapping[str, str] | None = None,
    most: int = 500,
) -> Polled:
    """Drive a poll over HTTP to its end. `instead`: addresses to speak to in place of the vendor's own.

    After `most` calls the line is cut, as a crash would.
    """
    talk = poll(settings, cursor or {}, now)
    found = Polled([], cursor or {}, {}, [])
    reply: Reply | None = None
    while True:
        try:
            step = talk.send(reply)
        except StopIteration:
            return found
        except PollFailed as error:
            return found._replace(failure=error)
        reply = None
        if isinstance(step, Page):
            found.items.extend(step.items)
            found.credentials.update(step.credentials)
            found = found._replace(cursor=json.loads(json.dumps(dict(step.cursor))))
            continue
        if len(found.calls) == most:
            return found._replace(failure=ConnectionError("cut"))
        found.calls.append(step)
        url = step.url
        for own, other in (instead or {}).items():
            url = other + url.removeprefix(own) if url.startswith(own) else url
        said = CLIENT.send(http.Request(method=step.method, url=url, headers=step.headers, body=step.body))
        reply = Reply(said.status, said.headers, said.body)
