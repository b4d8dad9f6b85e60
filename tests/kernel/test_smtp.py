"""Handing mail to a real server: every way it can end is told apart, and one connection serves many."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from crm360.kernel import smtp
from tests import mail_servers, processes

MESSAGE = b"Subject: x\r\n\r\n.dot\nline\r.end"


class Sink:
    """A server that answers by the local part of the recipient, and keeps what it takes."""

    def __init__(self, pipelining: bool) -> None:
        self.pipelining = pipelining
        self.kept: list[tuple[str, bytes]] = []
        self.greetings = 0

    async def handle_EHLO(
        self, server: Any, session: Any, envelope: Any, hostname: str, responses: list[str]
    ) -> list[str]:
        self.greetings += 1
        session.host_name = hostname
        return [*responses[:-1], "250-PIPELINING", responses[-1]] if self.pipelining else responses

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        answers = {"nobody": "550 5.1.1 No such user", "full": "452 4.2.2 Mailbox full"}
        answer = answers.get(address.partition("@")[0], "250 OK")
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        to = envelope.rcpt_tos[0]
        if to.startswith("spam"):
            return "554 5.7.1 Refused as spam"
        if to.startswith("busy"):
            return "451 4.3.0 Try again"
        self.kept.append((to, envelope.original_content))
        return "250 2.0.0 Queued"


@pytest.fixture(params=[False, True], ids=["one command at a time", "pipelining"])
def sink(request: pytest.FixtureRequest) -> Iterator[tuple[Sink, smtp.Server]]:
    handler = Sink(request.param)
    with mail_servers.receiving(handler) as port:
        yield handler, smtp.server(f"smtp://127.0.0.1:{port}?tls=none")


def test_each_way_it_ends_is_told_apart_over_one_connection(sink: tuple[Sink, smtp.Server]) -> None:
    handler, server = sink
    with smtp.Carrier(server) as carrier:
        outcomes = [
            carrier.carry(sender="shop@example.com", recipient=f"{name}@example.com", message=MESSAGE)[:2]
            for name in ("anna", "nobody", "full", "spam", "busy", "piotr")
        ]
    assert outcomes == [
        ("sent", 250),
        ("refused", 550),
        ("later", 452),
        ("refused", 554),
        ("later", 451),
        ("sent", 250),
    ]
    assert [to for to, _ in handler.kept] == ["anna@example.com", "piotr@example.com"]
    assert handler.kept[0][1] == b"Subject: x\r\n\r\n.dot\r\nline\r\n.end\r\n"
    assert handler.greetings == 1


def test_a_server_that_is_not_there_is_asked_later() -> None:
    with smtp.Carrier(smtp.server(f"smtp://127.0.0.1:{processes.free_port()}?tls=none")) as carrier:
        assert carrier.carry(sender="a@example.com", recipient="b@example.com", message=MESSAGE).kind == "later"


def test_after_a_broken_connection_the_next_message_goes_over_a_new_one(sink: tuple[Sink, smtp.Server]) -> None:
    handler, server = sink
    with smtp.Carrier(server) as carrier:
        carrier.carry(sender="a@example.com", recipient="anna@example.com", message=MESSAGE)
        assert carrier._connection is not None
        carrier._connection.sock.shutdown(socket.SHUT_RDWR)
        assert carrier.carry(sender="a@example.com", recipient="piotr@example.com", message=MESSAGE).kind == "sent"
    assert (len(handler.kept), handler.greetings) == (2, 2)


@pytest.mark.parametrize("wild", ["b@example.com>\r\nRCPT TO:<c@example.com", "a b@example.com", "", "łoś@example.com"])
def test_no_recipient_adds_a_command(sink: tuple[Sink, smtp.Server], wild: str) -> None:
    handler, server = sink
    with smtp.Carrier(server) as carrier:
        assert carrier.carry(sender="a@example.com", recipient=wild, message=MESSAGE).kind == "refused"
        assert carrier.carry(sender="a@example.com", recipient="anna@żółw.example", message=MESSAGE).kind == "sent"
    assert [to for to, _ in handler.kept] == ["anna@xn--w-uga1v8h.example"]


@contextmanager
def talking(*lines: str, hang_up_after: str) -> Iterator[int]:
    """A server that answers each line of the client with the next of `lines`, and hangs up after reading `hang_up_after`."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        connection, _ = listener.accept()
        with connection, connection.makefile("rb") as reader:
            answers = iter(lines)
            connection.sendall(next(answers).encode() + b"\r\n")
            in_data = False
            for line in reader:
                if line.strip().decode().upper() == hang_up_after.upper():
                    return
                if in_data:
                    continue
                connection.sendall(next(answers).encode() + b"\r\n")
                in_data = line.strip().upper() == b"DATA"

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.close()
        thread.join(90)


GREETED = ("220 hello", "250 hello", "250 ok", "250 ok", "354 go on")


@pytest.mark.parametrize(
    ("hang_up_after", "kind"), [(".", "unknown"), ("DATA", "later"), ("RCPT TO:<b@example.com>", "later")]
)
def test_silence_after_the_whole_message_is_unknown_before_it_is_not(hang_up_after: str, kind: str) -> None:
    with talking(*GREETED, hang_up_after=hang_up_after) as port:
        server = smtp.server(f"smtp://127.0.0.1:{port}?tls=none")
        with smtp.Carrier(server, timeout=90) as carrier:
            outcome = carrier.carry(sender="a@example.com", recipient="b@example.com", message=MESSAGE)
    assert outcome.kind == kind


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("smtp://u%40x:p%2F@mail.example", ("mail.example", 587, "starttls", "u@x", "p/")),
        ("smtps://mail.example", ("mail.example", 465, "implicit", "", "")),
        ("smtp://127.0.0.1:2525?tls=none", ("127.0.0.1", 2525, "none", "", "")),
    ],
)
def test_addresses_of_servers(url: str, expected: tuple[str, int, str, str, str]) -> None:
    found = smtp.server(url)
    assert (found.host, found.port, found.tls, found.user, found.password) == expected


@pytest.mark.parametrize("url", ["mail.example", "http://mail.example", "smtp://", "smtp://x?tls=maybe"])
def test_what_is_no_mail_server_is_refused(url: str) -> None:
    with pytest.raises(smtp.BadAddress):
        smtp.server(url)
