"""kill -9 of the worker while webhooks are under way: every event arrives, under its one id, in each customer's order."""

from __future__ import annotations

import json
import random
import threading
from collections.abc import Callable

import pytest
from sqlalchemy import select

from crm360.app import create_app
from crm360.kernel import clock, sealing, signing
from crm360.kernel.db import db
from crm360.webhooks import kinds, operations
from crm360.webhooks.kinds import Happened
from crm360.webhooks.models import Delivery, Event
from crm360.webhooks.outbox import record
from tests import peers
from tests.processes import Instance, RunningServer, wait_until

pytestmark = [pytest.mark.server]

KILLS = 2
CUSTOMERS = 8
EVENTS = 80


def test_a_killed_worker_loses_no_event(
    instance: Instance, running_server: Callable[[Instance], RunningServer]
) -> None:
    chance, pause = random.Random(instance.database_url.partition(":")[0]), threading.Event()
    with peers.listening() as peer:
        peer.before = lambda heard: pause.wait(0.02)
        write_down(instance, peer.url)
        server = running_server(instance)
        for _ in range(KILLS):
            before = len(peer.heard)
            wait_until(lambda b=before: len(peer.heard) > b, what="a delivery")
            pause.wait(chance.uniform(0, 0.1))
            server.worker.kill()
            let_leases_end(instance)  # a minute nobody wants to wait for
            server.worker.start()
        wait_until(lambda: not waiting(instance), what="an empty outbox")
        check(instance, peer)


def write_down(instance: Instance, url: str) -> None:
    app = create_app(instance.settings())
    with app.app_context():
        sealed = sealing.seal(signing.new_webhook_secret(), key=instance.settings().secret_key)
        operations.create(url=url, sealed_secret=sealed, now=clock.now())
        events = [Happened(kinds.CREATED, number % CUSTOMERS + 1) for number in range(EVENTS)]
        record(events=events, now=clock.now())
        db.session.commit()
        db.session.remove()
        db.engine.dispose()


def let_leases_end(instance: Instance) -> None:
    engine = instance.engine()
    with engine.begin() as connection:
        connection.execute(Delivery.__table__.update().values(claimed_until=None))
    engine.dispose()


def waiting(instance: Instance) -> bool:
    engine = instance.engine()
    with engine.connect() as connection:
        found = connection.scalar(select(Delivery.id).where(Delivery.state == "waiting").limit(1))
    engine.dispose()
    return found is not None


def check(instance: Instance, peer: peers.Peer) -> None:
    engine = instance.engine()
    with engine.connect() as connection:
        ids = {message: number for number, message in connection.execute(select(Event.id, Event.message_id))}
    engine.dispose()
    arrived = [ids[heard.headers["webhook-id"]] for heard in peer.heard]
    whose = [json.loads(heard.body)["data"]["profile_id"] for heard in peer.heard]
    print(f"{len(arrived)} requests for {EVENTS} events, {len(arrived) - EVENTS} of them repeats after {KILLS} kills")
    assert set(arrived) == set(ids.values())
    for customer in range(1, CUSTOMERS + 1):
        mine = [number for number, of in zip(arrived, whose, strict=True) if of == customer]
        first_arrivals = list(dict.fromkeys(mine))
        assert first_arrivals == sorted(first_arrivals)
