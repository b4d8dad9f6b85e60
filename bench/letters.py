"""How many letters leave into a mail server on this machine: `python bench/letters.py [LETTERS]` (2,000).

The server is a process of its own that counts what it was given. Letters go as the worker sends them: each is asked about at the
moment it leaves, is marked as spoken before, settled after. Figures are letters a second of this process's processor and of the
wall, and where the processor's time went. They belong to no campaign: caps and quiet hours are not asked. Fails unless the server got each letter exactly once.
"""

from __future__ import annotations

import cProfile
import multiprocessing
import pstats
import socket
import sys
import tempfile
import time
from collections import Counter
from datetime import timedelta
from multiprocessing.connection import Connection
from random import Random
from typing import Any

from aiosmtpd.controller import Controller

import config
from bench import segments
from crm360.app import create_app
from crm360.consents.models import Statement
from crm360.identity.models import Contact, ContactIdentifier, Profile
from crm360.jobs import posting
from crm360.kernel import clock, schema, smtp
from crm360.kernel.db import db
from crm360.outbox import operations as outbox

PARTS = ("_kept", "ask", "begin_speaking", "settle", "follow", "commit", "carry", "_message")


class Sink:
    """A mail server that counts recipients."""

    def __init__(self) -> None:
        self.got: Counter[str] = Counter()

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - what aiosmtpd calls it
        self.got.update(envelope.rcpt_tos)
        return "250 taken"


def serve(port: int, parent: Connection) -> None:
    """Take mail until the parent asks what came."""
    sink = Sink()
    controller = Controller(sink, hostname="127.0.0.1", port=port)
    controller.start()
    parent.send("ready")
    parent.recv()
    controller.stop()
    parent.send(dict(sink.got))


def main(letters: int = 2_000) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    ours, theirs = multiprocessing.get_context("spawn").Pipe()
    server = multiprocessing.get_context("spawn").Process(target=serve, args=(port, theirs))
    server.start()
    ours.recv()
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(config.load({"SECRET_KEY": "x" * 40, "INSTANCE_DIR": folder}))
        with app.app_context():
            schema.upgrade(db.engine)
            fill(letters)
            send(letters, port)
            db.session.remove()
            db.engine.dispose()
    ours.send("end")
    got = ours.recv()
    server.join()
    if len(got) != letters or set(got.values()) != {1}:
        sys.exit(f"{letters:,} letters, {len(got):,} recipients got one, {sum(got.values()):,} came")


def fill(letters: int) -> None:
    """People who agreed, and a letter to each."""
    random, numbers = Random(segments.SEED), range(1, letters + 1)
    segments.write(Profile, ({"id": number, "created_at": segments.NOW} for number in numbers))
    segments.write(Contact, (segments.contact(number, letters) for number in numbers))
    segments.write(ContactIdentifier, (segments.identifier(number) for number in numbers))
    segments.write(Statement, (segments.statement(number, random) | {"state": "given"} for number in numbers))
    promised = [
        outbox.NewLetter(
            dedup_key=f"bench:{number}", subject_of="bench", to_address=f"a{number}@example.com", purpose="offers",
            subject="Nowa kawa", text="Dzień dobry. " * 40, html="<p>Dzień dobry.</p>" * 40, contact_id=number,
        )
        for number in numbers
    ]  # fmt: skip
    outbox.promise(letters=promised, domain="shop.example", now=clock.now() - timedelta(seconds=1))
    db.session.commit()


def send(letters: int, port: int) -> None:
    """The first half is timed, the second is looked into."""
    sender = posting.Sender("shop@shop.example", "Shop", lambda message: message)
    looked = cProfile.Profile()
    with smtp.Carrier(smtp.server(f"smtp://127.0.0.1:{port}?tls=none")) as carrier:

        def some(number: int) -> int:
            sent = 0
            while (
                sent < number and (tally := posting.send_due(carry=carrier.carry, sender=sender, clock=clock.now)).sent
            ):
                sent += tally.sent
            return sent

        used, begun = time.process_time(), time.perf_counter()
        sent = some(letters // 2)
        used, wall = time.process_time() - used, time.perf_counter() - begun
        looked.runcall(some, letters)
    print(f"SQLite: {sent:,} letters, {sent / used:,.0f} a second of the processor, {sent / wall:,.0f} of the wall")
    stats: dict[tuple[str, int, str], tuple[int, int, float, float, Any]] = pstats.Stats(looked).stats  # type: ignore[attr-defined]
    whole = max(cumulated for *_, cumulated, _ in stats.values())
    for (file, _, name), (calls, _, _, cumulated, _) in sorted(stats.items(), key=lambda item: -item[1][3]):
        if name in PARTS and calls and ("crm360" in file or file.endswith("scoping.py")):
            print(f"  {file.rpartition('/')[2]:24}{name:18}{calls:>8,} calls{cumulated / whole:>8.0%} of the time")


if __name__ == "__main__":
    main(*(int(each.replace("_", "")) for each in sys.argv[1:]))
