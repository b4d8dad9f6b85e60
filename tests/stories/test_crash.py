"""kill -9 of server and worker at random moments while events arrive: what was acknowledged is there, once."""

from __future__ import annotations

import base64
import json
import os
import random
import threading
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPException
from itertools import count
from typing import Any

import pytest
from sqlalchemy import select

from crm360.commerce.models import Order
from crm360.inbox.models import Payload
from crm360.profiles.models import TimelineEntry
from tests.processes import Instance, Process, RunningServer, wait_until

pytestmark = [pytest.mark.server]

#: CRASH_KILLS=30 kills more often; every kill costs the start of a process.
KILLS = int(os.environ.get("CRASH_KILLS", "14"))
SENDERS = 2
PER_BATCH = 5
WRITE_KEY = "site-key-0123456789"


def call(number: int) -> dict[str, Any]:
    """Every third event is an order; the others leave a line on the timeline. Few customers, so that they collide."""
    told = {"messageId": f"m-{number}", "type": "track", "userId": f"user-{number % 7}", "event": "Tried"}
    if number % 3 == 0:
        properties = {"order_id": f"O-{number}", "total": 10, "currency": "PLN", "products": []}
        return told | {"event": "Order Completed", "properties": properties}
    return told | {"properties": {"number": number}}


class Sender(threading.Thread):
    """Sends batch after batch as a real client does: again and again until it is acknowledged."""

    def __init__(self, url: str, numbers: Iterator[int], stopping: threading.Event):
        super().__init__(daemon=True)
        self.url, self.numbers, self.stopping = url, numbers, stopping
        self.acknowledged: list[int] = []
        self.failures = 0
        self.answers: Counter[int] = Counter()

    def run(self) -> None:
        while not self.stopping.is_set():
            batch = [next(self.numbers) for _ in range(PER_BATCH)]
            while not self.post(batch) and not self.stopping.wait(0.02):
                self.failures += 1

    def post(self, batch: list[int]) -> bool:
        body = json.dumps({"batch": [call(number) for number in batch]}).encode()
        key = base64.b64encode(f"{WRITE_KEY}:".encode()).decode()
        request = urllib.request.Request(f"{self.url}/v1/batch", body, {"Authorization": f"Basic {key}"})
        try:
            with urllib.request.urlopen(request, timeout=90) as answer:
                answer.read()
        except urllib.error.HTTPError as error:
            self.answers[error.code] += 1
            return False
        except (urllib.error.URLError, HTTPException, OSError):
            return False
        self.acknowledged += batch
        return True


@contextmanager
def sending(url: str) -> Iterator[list[Sender]]:
    stopping, numbers = threading.Event(), count()
    senders = [Sender(url, numbers, stopping) for _ in range(SENDERS)]
    for sender in senders:
        sender.start()
    try:
        yield senders
    finally:
        stopping.set()
        for sender in senders:
            sender.join()


def acknowledged(senders: list[Sender]) -> int:
    return sum(len(sender.acknowledged) for sender in senders)


def test_no_acknowledged_event_is_lost_or_doubled(
    instance: Instance, running_server: Callable[[Instance], RunningServer]
) -> None:
    instance.flask("keys", "create", "--kind", "write", "--name", "web", "--value", WRITE_KEY)
    server = running_server(instance)
    chance, pause = random.Random(instance.database_url.partition(":")[0]), threading.Event()
    killed: Counter[str] = Counter()
    with sending(server.url) as senders:
        for _ in range(KILLS):
            before = acknowledged(senders)
            wait_until(lambda b=before: acknowledged(senders) > b, what="an acknowledgement")
            pause.wait(chance.uniform(0, 0.4))
            victim: Process = chance.choice((server.server, server.worker, server.worker))
            victim.kill()
            victim.start()
            killed[victim.name] += 1
        before = acknowledged(senders)
        wait_until(lambda: acknowledged(senders) > before, what="an acknowledgement")
    wait_until(lambda: not waiting(server), what="an empty inbox")
    assert {code for sender in senders for code in sender.answers} <= {503}  # not kept, come again
    promised = {number for sender in senders for number in sender.acknowledged}
    print(f"{dict(killed)}: {len(promised)} events acknowledged, {sum(s.failures for s in senders)} sent again")
    assert killed["server"] >= KILLS // 6
    assert killed["worker"] >= KILLS // 3
    check(instance, promised)


def waiting(server: RunningServer) -> int:
    with urllib.request.urlopen(f"{server.url}/healthz", timeout=90) as answer:
        return int(json.load(answer)["inbox_waiting"])


def check(instance: Instance, promised: set[int]) -> None:
    """Every promised event once in the inbox, and its effect once in its room."""
    engine = instance.engine()
    with engine.connect() as connection:
        kept = list(connection.execute(select(Payload.dedup_key, Payload.state)))
        orders = Counter(connection.scalars(select(Order.external_id)))
        tried = select(TimelineEntry.properties).where(TimelineEntry.kind == "custom.tried")
        lines = Counter(properties["number"] for properties in connection.scalars(tried))
        placed = list(connection.scalars(select(TimelineEntry.subject).where(TimelineEntry.kind == "order.placed")))
    engine.dispose()
    assert {state for _, state in kept} == {"processed"}
    assert {f"id:m-{number}" for number in promised} <= {key for key, _ in kept}
    assert {f"O-{number}" for number in promised if number % 3 == 0} <= orders.keys()
    assert {number for number in promised if number % 3} <= lines.keys()
    assert len(kept) == len({key for key, _ in kept}) == orders.total() + lines.total()
    assert max(orders.values()) == max(lines.values()) == 1
    assert len(placed) == len(set(placed)) == len(orders)
